/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BROKER_BLOBS_H
#define HF_BROKER_BLOBS_H

#include "base/clock.h"
#include "broker/broker.h"

/**
 * @file blobs.h
 * Files that are too large for a message: fetched in chunks from whoever offers them, by their SHA-256. A file is offered to one
 * receiver, the last part of the subject on which it is asked for; the server lets a host ask with its own name only.
 *
 * A request is the SHA-256 in hexadecimal and the chunk's number in decimal, separated by a space. A reply is one byte, 1 if the
 * file is offered and 0 if it is not, and the chunk.
 */

#define HF_BLOB_CHUNK ((size_t)256 * 1024)

/** A request, taken apart. @return false if it is not one */
bool hf_blob_request(const void *bytes, size_t size, char sha256[HF_SHA256_HEX_SIZE], uint32_t *chunk);
/** The reply to a request for a chunk. @param bytes NULL: not offered */
void hf_blob_reply(const void *bytes, size_t size, uint32_t chunk, hf_buffer *reply);

/** What a process offers. */
typedef struct hf_blobs hf_blobs;

/** @param subject of the requests, such as "hf.v1.blob.OWNER.*" @param out free with hf_blobs_free() after the broker was closed */
hf_status hf_blobs_new(hf_broker *broker, const char *subject, hf_blobs **out, hf_error *err);
void hf_blobs_free(hf_blobs *blobs);
/** Offers bytes until they are withdrawn as often as they were offered. @param to the only one who gets them @param mapped they are a
 * read-only mapping of a file, and leave this process's memory once they were sent @return false when out of memory */
bool hf_blobs_offer(hf_blobs *blobs, const char *to, const char *sha256, const void *bytes, size_t size,
                    bool mapped);
void hf_blobs_withdraw(hf_blobs *blobs, const char *to, const char *sha256);

/**
 * Fetches a file and checks its SHA-256.
 * @param subject HF_SUBJECT_BLOB or HF_SUBJECT_ANSWER, filled in
 * @param out emptied first; holds the file on HF_OK
 * @return HF_OK; class agent: HF_ENOTFOUND if it is not offered (any more), HF_ETIMEOUT, HF_EMISMATCH, HF_EIO
 */
hf_status hf_broker_fetch(hf_broker *broker, const char *subject, const char *sha256, uint32_t bytes,
                          hf_deadline deadline, hf_buffer *out, hf_error *err);

#endif
