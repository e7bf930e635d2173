/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CACHE_ACCESS_H
#define HF_CLI_CACHE_ACCESS_H

#include "cache/cache.h"
#include "exit_status.h"
#include "farm/prepare_cache.h"

/**
 * @file cache_access.h
 * The cache of prepared and trained models of runs in this process.
 */

typedef struct hf_cli_cache {
    const char *dir;      /**< NULL = none */
    uint64_t limit_bytes; /**< 0 = the default */
} hf_cli_cache;

/**
 * Finds the cache and tries whether it can be used. One that cannot be used is reported as a warning: runs do without it.
 * @param unwanted --no-cache
 * @return HF_EXIT_OK; HF_EXIT_BAD_INPUT for a wrong $HILFARM_CACHE_LIMIT, which was printed
 */
hf_exit hf_cli_find_cache(bool unwanted, hf_cli_cache *out);

/** Opens the same cache for trained models; one that cannot be used is done without. @return NULL = none; hf_cache_close() */
hf_cache *hf_cli_training_cache(bool unwanted);

/** Opens the cache if it exists, without creating it. @return NULL = there is none; hf_prepare_cache_close() */
hf_prepare_cache *hf_cli_open_existing_cache(bool unwanted);

#endif
