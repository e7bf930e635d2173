/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CACHE_EVICT_H
#define HF_CACHE_EVICT_H

#include <stdint.h>

/**
 * @file evict.h
 * Removes entries that have not been used for a long time.
 */

/**
 * Removes entries, those used longest ago first, until all together have at most `most_bytes`. Also removes what killed
 * processes left behind.
 * @param folder descriptor of the open folder
 * @return bytes of the entries that are left
 */
uint64_t hf_cache_evict(int folder, uint64_t most_bytes);

#endif
