/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_MEMORY_POOL_H
#define HF_SPEC_MEMORY_POOL_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file memory_pool.h
 * Memory that lives and dies together: a parsed tree, or everything a result owns. A failed allocation
 * sticks, so that a reader can go on and the caller tests once.
 */

typedef struct hf_pool {
    struct hf_pool_block *blocks;
    bool failed; /**< an allocation found no memory */
} hf_pool;

/** Zeroed memory, aligned for anything; NULL when there is none. */
void *hf_pool_alloc(hf_pool *pool, size_t size_bytes);
/** A NUL-terminated copy of the first `length` bytes; NULL when out of memory. */
char *hf_pool_copy(hf_pool *pool, const char *text, size_t length);
/** "folder of `beside`" + name when name is relative, else a copy of name. */
char *hf_pool_path(hf_pool *pool, const char *beside, const char *name);
void hf_pool_free(hf_pool *pool);

#endif
