/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CACHE_CACHE_H
#define HF_CACHE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file cache.h
 * A folder of results that were expensive to compute, each under a key that identifies everything that it depends on.
 * Several threads and processes may use it at once. Each may exceed the limit by a tenth; then the entries whose last use
 * is longest ago are removed. An entry that is damaged counts as missing and is removed.
 *
 * A cache never makes its user fail: what cannot be read is computed, what cannot be written is not kept.
 */

#define HF_CACHE_DEFAULT_LIMIT_BYTES (UINT64_C(1) << 30)
#define HF_CACHE_MAX_ENTRY_BYTES     ((size_t)256 << 20)

typedef struct hf_cache hf_cache;

/**
 * Opens a cache; creates the folder if necessary.
 * @param folder must belong to the user of this process, and must not be writable by everybody: entries are trusted
 * @param limit_bytes of all entries together; 0 = HF_CACHE_DEFAULT_LIMIT_BYTES
 * @param out hf_cache_close()
 * @return HF_OK; HF_EIO and HF_EINVALID if the folder cannot be used; HF_ENOMEM
 */
hf_status hf_cache_open(const char *folder, uint64_t limit_bytes, hf_cache **out, hf_error *err);
/** NULL allowed. */
void hf_cache_close(hf_cache *cache);

/*
 * On any thread.
 * @param key 64 hexadecimal digits, such as a SHA-256 (base/file.h)
 */

/**
 * Reads an entry, and marks it as used.
 * @param data, size_bytes set if it is there; *data is the caller's to free()
 * @return whether it is there, undamaged
 */
bool hf_cache_read(hf_cache *cache, const char *key, uint8_t **data, size_t *size_bytes);
/** Whether there is an entry. It may be damaged. */
bool hf_cache_has(const hf_cache *cache, const char *key);
/**
 * Adds or replaces an entry. Readers see the old one or all of the new one.
 * @return false if it could not be written or exceeds HF_CACHE_MAX_ENTRY_BYTES or the limit
 */
bool hf_cache_write(hf_cache *cache, const char *key, const void *data, size_t size_bytes);
/** Removes an entry if it is there. */
void hf_cache_remove(hf_cache *cache, const char *key);

#endif
