/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_BODIES_H
#define HF_ORDERS_BODIES_H

#include "base/buffer.h"
#include "board/board_line.h"
#include "orders/envelope.h"
#include "worker/worker.h"

/**
 * @file bodies.h
 * What an order tells the agent, and what its answer tells the owner (MESSAGES.md). Whoever decodes trusts nothing:
 * counts are limited and compared with what is left of the message before memory is allocated.
 */

/** A file that is named by its contents. */
typedef struct hf_blob_ref {
    char sha256[HF_SHA256_HEX_SIZE]; /**< "" = there is none */
    uint32_t bytes;                  /**< 1 .. HF_BLOB_MAX_BYTES; 0 = there is none */
} hf_blob_ref;

#define HF_BLOB_MAX_BYTES (64U << 20)

/** HF_ORDER_OPEN. */
typedef struct hf_open_body {
    char chip[32];                /**< of the owner's farm file; the agent refuses another one */
    hf_blob_ref firmware;         /**< hilfarm-<chip>.bin */
    hf_blob_ref small;            /**< small/hilfarm-<chip>.bin; optional */
    hf_board_deadlines deadlines; /**< 0 = the default */
} hf_open_body;

void hf_open_body_encode(const hf_open_body *body, hf_buffer *out);
/** @return HF_OK; HF_EFORMAT. `out` is written on HF_OK. */
hf_status hf_open_body_decode(const void *bytes, size_t size, hf_open_body *out, hf_error *err);

/** HF_ORDER_CONSOLE. The answer comes when the console has ended: that of HF_WORKER_CLOSE, with the reason if it failed. */
typedef struct hf_console_body {
    hf_open_body open;               /**< as when a board is opened; its firmware is what `flash` programs */
    hf_board_line_settings settings; /**< of the line */
} hf_console_body;

void hf_console_body_encode(const hf_console_body *body, hf_buffer *out);
/** @return HF_OK; HF_EFORMAT. `out` is written on HF_OK. */
hf_status hf_console_body_decode(const void *bytes, size_t size, hf_console_body *out, hf_error *err);

/** HF_ORDER_ATTEMPT. */
typedef struct hf_attempt_body {
    /** without `image`, which is named by its contents, `progress` and `deadlines` */
    hf_attempt_request request;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    void *memory; /**< decoded only: what the request points to */
} hf_attempt_body;

/** Encodes a request. @param deadlines NULL = the defaults */
void hf_attempt_body_encode(const hf_attempt_request *request, const hf_board_deadlines *deadlines,
                            const hf_blob_ref *image, hf_buffer *out);
/** @param out written on HF_OK; free with hf_attempt_body_free() @return HF_OK; HF_EFORMAT; HF_ENOMEM */
hf_status hf_attempt_body_decode(const void *bytes, size_t size, hf_attempt_body *out, hf_error *err);
void hf_attempt_body_free(hf_attempt_body *body);

/** The body of an ANSWER: a worker's reply without index and times. `error.file` and `error.line` do not travel. */
void hf_answer_body_encode(const hf_worker_reply *reply, hf_buffer *out);
/**
 * Decodes an answer into a reply.
 * @param reply zeroed by the caller; written on HF_OK; free its members with hf_worker_reply_clear()
 * @return HF_OK: the answer is well-formed, and reply->status says how the order ended; HF_EFORMAT; HF_ENOMEM
 */
hf_status hf_answer_body_decode(const void *bytes, size_t size, hf_worker_reply *reply, hf_error *err);

/**
 * Whether a decoded successful answer to an attempt can be one: counts as requested, output as expected, figures
 * plausible. Everything that an agent says is checked against the request here, because the agent of another host is not
 * trusted with more than its own boards.
 * @param modelled what the farm file says of the board: figures of such a board are always marked as modelled
 * @return HF_OK; HF_EPROTOCOL, class board: an agent that sends such an answer loses its own boards, and no others
 */
hf_status hf_answer_check(const hf_attempt_request *request, bool modelled, hf_worker_reply *reply,
                          hf_error *err);

#endif
