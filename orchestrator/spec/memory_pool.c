/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/memory_pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)16384)

typedef struct hf_pool_block {
    struct hf_pool_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
} hf_pool_block;

void *hf_pool_alloc(hf_pool *pool, size_t size_bytes)
{
    const size_t unit = alignof(max_align_t);
    if (size_bytes > SIZE_MAX / 2) {
        pool->failed = true;
        return NULL;
    }
    size_t rounded = (size_bytes + unit - 1) / unit * unit;
    hf_pool_block *block = pool->blocks;
    if (!block || block->size - block->used < rounded) {
        size_t size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;
        block = calloc(1, sizeof *block + size);
        if (!block) {
            pool->failed = true;
            return NULL;
        }
        block->size = size;
        block->next = pool->blocks;
        pool->blocks = block;
    }
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memory;
}

char *hf_pool_copy(hf_pool *pool, const char *text, size_t length)
{
    char *copy = hf_pool_alloc(pool, length + 1);
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

char *hf_pool_path(hf_pool *pool, const char *file, const char *name)
{
    const char *slash = name[0] == '/' ? NULL : strrchr(file, '/');
    size_t folder = slash ? (size_t)(slash - file) + 1 : 0;
    size_t length = strlen(name);
    char *path = hf_pool_alloc(pool, folder + length + 1);
    if (!path)
        return NULL;
    memcpy(path, file, folder);
    memcpy(path + folder, name, length + 1);
    return path;
}

void hf_pool_free(hf_pool *pool)
{
    while (pool->blocks) {
        hf_pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
    pool->failed = false;
}
