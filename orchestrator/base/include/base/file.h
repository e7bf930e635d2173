/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_FILE_H
#define HF_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file file.h
 * Whole files, folders and digests.
 */

/**
 * Reads a whole regular file.
 * @param limit_bytes a larger file fails with HF_ELIMIT
 * @param data, size_bytes set on success; *data is never NULL, is followed by a NUL, and is freed by the
 * caller
 */
hf_status hf_file_read(const char *path, size_t limit_bytes, uint8_t **data, size_t *size_bytes,
                       hf_error *err);

/**
 * Writes a file atomically: a reader sees the old content or all of the new, even after a power cut. Writes
 * a temporary file in the same folder, syncs it and renames it. A new file's mode is 0666 less the umask; an
 * existing file keeps its mode. A symbolic link is followed: its target is replaced. What exists and is not a
 * regular file, such as a device or a FIFO, is written in place, which waits for a FIFO's reader. A path that refers to an
 * open file of this process, such as /dev/stdout or /dev/fd/3, is written where that file is.
 */
hf_status hf_file_write(const char *path, const void *data, size_t size_bytes, hf_error *err);

/** Writes the content of a file to a descriptor. What it returns other than HF_OK leaves the file as it was. */
typedef hf_status hf_file_producer(void *user, int fd, hf_error *err);
/** As hf_file_write(), with a content that is too large for memory. */
hf_status hf_file_produce(const char *path, hf_file_producer *produce, void *user, hf_error *err);
/** Writes all of some bytes to a descriptor. @param path of its file, for messages */
hf_status hf_write_all(int fd, const char *path, const void *data, size_t size_bytes, hf_error *err);

/** Creates a folder and its missing parents; succeeds if it exists. */
hf_status hf_make_dirs(const char *path, hf_error *err);

/** Removes a folder and its contents without following links; succeeds if it does not exist. */
hf_status hf_remove_tree(const char *path, hf_error *err);

#define HF_SHA256_HEX_SIZE 65 /* 64 digits and a NUL */
/** SHA-256 of `size_bytes` bytes as lower-case hexadecimal. */
void hf_sha256_hex(const void *data, size_t size_bytes, char out[HF_SHA256_HEX_SIZE]);
/** The same of a regular file of any size. @param size_bytes set to its size. Outputs are written on HF_OK. */
hf_status hf_sha256_file(const char *path, char out[HF_SHA256_HEX_SIZE], uint64_t *size_bytes, hf_error *err);

#endif
