/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_FILE_H
#define HF_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Reads a whole regular file.
 * @param limit_bytes a larger file is refused with HF_ELIMIT
 * @param data, size_bytes set on success; *data is the caller's to free(), has a NUL behind it and is never
 * NULL
 */
hf_status hf_file_read(const char *path, size_t limit_bytes, uint8_t **data, size_t *size_bytes,
                       hf_error *err);

/** Writes a file so that a reader sees the old content or all of the new, also after a power cut (temporary
 * file beside it, synced, then renamed). */
hf_status hf_file_write(const char *path, const void *data, size_t size_bytes, hf_error *err);

/** Makes a directory and its missing parents; an existing directory is fine. */
hf_status hf_make_dirs(const char *path, hf_error *err);

/** Removes a folder and everything in it, following no links. A folder that is not there is fine. */
hf_status hf_remove_tree(const char *path, hf_error *err);

#define HF_SHA256_HEX_SIZE 65 /* 64 digits and a NUL */
/** SHA-256 of `size_bytes` bytes as lower-case hexadecimal. */
void hf_sha256_hex(const void *data, size_t size_bytes, char out[HF_SHA256_HEX_SIZE]);

#endif
