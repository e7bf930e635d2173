/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_CACHE_USE_H
#define HF_FARM_PREPARE_CACHE_USE_H

#include "base/file.h"
#include "farm/prepare.h"

/**
 * @file prepare_cache_use.h
 * How hf_prepare() uses a cache.
 */

/** Where a variation is in the cache. */
typedef struct hf_prepare_place {
    char contents[HF_SHA256_HEX_SIZE]; /**< digest of the files that it depends on, before they were used */
    char key[HF_SHA256_HEX_SIZE];      /**< "" = it cannot be kept */
} hf_prepare_place;

/**
 * Looks for a variation that was prepared before. Counts a hit or a miss.
 * @param request with a cache
 * @param out zeroed by the caller; on a hit filled as by hf_prepare(), and from_cache is set; otherwise still zeroed
 * @return where to keep it
 */
hf_prepare_place hf_prepare_recall(const hf_prepare_request *request, hf_prepared *out);

/**
 * Keeps a variation, unless one of its files has changed since its place was determined.
 * @param prepared from hf_prepare(), without a failure
 */
void hf_prepare_keep(const hf_prepare_request *request, const hf_prepare_place *place,
                     const hf_prepared *prepared);

#endif
