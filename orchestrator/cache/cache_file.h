/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CACHE_CACHE_FILE_H
#define HF_CACHE_CACHE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file cache_file.h
 * The file of an entry: a header line, then the data.
 *
 *     hilfarm-cache 1 KEY SIZE SHA256\n
 *
 * KEY is the entry's key, SIZE the number of bytes of data in decimal, SHA256 their digest in hexadecimal.
 */

#define HF_CACHE_KEY_DIGITS      64
#define HF_CACHE_HEADER_MAX_SIZE 192

/** Begins the name of a file while it is written. An entry is named by its key. */
#define HF_CACHE_TEMPORARY_PREFIX "new-"

/** Whether a key consists of HF_CACHE_KEY_DIGITS lower-case hexadecimal digits. */
bool hf_cache_key_is_valid(const char *key);
/** @return its length */
size_t hf_cache_header_write(const char *key, const void *data, size_t size_bytes,
                             char header[HF_CACHE_HEADER_MAX_SIZE]);
/**
 * Checks a file. @param key the one that it must have
 * @param data_offset set to where the data begins, if the file is valid
 */
bool hf_cache_file_check(const char *key, const uint8_t *bytes, size_t size_bytes, size_t *data_offset);

#endif
