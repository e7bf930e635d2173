/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_CACHE_H
#define HF_FARM_PREPARE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file prepare_cache.h
 * Prepared variations, kept between runs. They are found by content: a key covers the model, its weights, the input, the
 * data set, what the image is compiled for, and the code that prepares. Limits and chips count only as far as they
 * influence the image; whether it fits is decided anew.
 */

typedef struct hf_prepare_cache hf_prepare_cache;

typedef struct hf_prepare_cache_counts {
    uint32_t hits;      /**< variations that were found */
    uint32_t misses;    /**< variations that had to be prepared */
    uint32_t unwritten; /**< of these: could not be kept */
} hf_prepare_cache_counts;

/** Parameters and errors as hf_cache_open(). Without a cache everything works, only more slowly. */
hf_status hf_prepare_cache_open(const char *folder, uint64_t limit_bytes, hf_prepare_cache **out,
                                hf_error *err);
/** NULL allowed. */
void hf_prepare_cache_close(hf_prepare_cache *cache);
/** What has happened since it was opened. On any thread. @param cache NULL: zeros */
hf_prepare_cache_counts hf_prepare_cache_count(hf_prepare_cache *cache);

#endif
