/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_MEMORY_POOL_H
#define HF_SPEC_MEMORY_POOL_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file memory_pool.h
 * Allocations freed together: a parsed tree, or everything that a result owns. A failed allocation sets
 * `failed`, so that a reader can continue and the caller checks once.
 */

typedef struct hf_pool {
    struct hf_pool_block *blocks;
    bool failed; /**< an allocation failed */
} hf_pool;

/** Zeroed memory, aligned for any type; NULL when out of memory. */
void *hf_pool_alloc(hf_pool *pool, size_t size_bytes);
/** A NUL-terminated copy of the first `length` bytes; NULL when out of memory. */
char *hf_pool_copy(hf_pool *pool, const char *text, size_t length);
/** A copy of `name`, prefixed with the folder of `file` if it is relative. */
char *hf_pool_path(hf_pool *pool, const char *file, const char *name);
void hf_pool_free(hf_pool *pool);

#endif
