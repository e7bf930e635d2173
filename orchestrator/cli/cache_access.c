/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_access.h"

#include <stdio.h>
#include <unistd.h>

#include "locations.h"
#include "output.h"

hf_exit hf_cli_find_cache(bool unwanted, hf_cli_cache *out)
{
    hf_error err = {0};
    hf_prepare_cache *cache = NULL;
    hf_cli_cache found = {.dir = unwanted ? NULL : hf_cli_cache_dir()};
    if (hf_cli_cache_limit(&found.limit_bytes, &err) != HF_OK) {
        hf_cli_fail(&err);
        return HF_EXIT_BAD_INPUT;
    }
    if (found.dir && hf_prepare_cache_open(found.dir, found.limit_bytes, &cache, &err) != HF_OK) {
        fprintf(stderr, "hilfarm: prepared models are not kept for later runs: %s\n", err.message);
        found.dir = NULL;
    }
    hf_prepare_cache_close(cache);
    *out = found;
    return HF_EXIT_OK;
}

hf_cache *hf_cli_training_cache(bool unwanted)
{
    hf_cache *cache = NULL;
    uint64_t limit_bytes = 0;
    const char *dir = unwanted ? NULL : hf_cli_cache_dir();
    if (dir && hf_cli_cache_limit(&limit_bytes, NULL) == HF_OK)
        (void)hf_cache_open(dir, limit_bytes, &cache, NULL); /* the run warns of one that cannot be used */
    return cache;
}

hf_prepare_cache *hf_cli_open_existing_cache(bool unwanted)
{
    hf_prepare_cache *cache = NULL;
    const char *dir = unwanted ? NULL : hf_cli_cache_dir();
    if (dir && access(dir, R_OK | X_OK) == 0)
        (void)hf_prepare_cache_open(dir, UINT64_MAX, &cache, NULL); /* removes nothing */
    return cache;
}
