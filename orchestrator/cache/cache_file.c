/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_file.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define MAGIC "hilfarm-cache 1"

bool hf_cache_key_is_valid(const char *key)
{
    return strlen(key) == HF_CACHE_KEY_DIGITS && strspn(key, "0123456789abcdef") == HF_CACHE_KEY_DIGITS;
}

size_t hf_cache_header_write(const char *key, const void *data, size_t size_bytes,
                             char header[HF_CACHE_HEADER_MAX_SIZE])
{
    char digest[HF_SHA256_HEX_SIZE];
    hf_sha256_hex(data, size_bytes, digest);
    return (size_t)snprintf(header, HF_CACHE_HEADER_MAX_SIZE, MAGIC " %s %zu %s\n", key, size_bytes, digest);
}

bool hf_cache_file_check(const char *key, const uint8_t *bytes, size_t size_bytes, size_t *data_offset)
{
    const uint8_t *end = memchr(bytes, '\n', size_bytes);
    if (!end || (size_t)(end - bytes) >= HF_CACHE_HEADER_MAX_SIZE)
        return false;
    const size_t length = (size_t)(end - bytes) + 1;
    char expected[HF_CACHE_HEADER_MAX_SIZE];
    const size_t expected_length = hf_cache_header_write(key, end + 1, size_bytes - length, expected);
    if (length != expected_length || memcmp(bytes, expected, length) != 0)
        return false;
    *data_offset = length;
    return true;
}
