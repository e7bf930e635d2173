/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_HEAP_H
#define HF_SCHEDULE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file heap.h
 * A binary min-heap of nodes that are part of other structures. A node is in at most one heap and knows its place,
 * so that any node can be removed or moved in O(log n). Memory is allocated by heap_reserve() only.
 */

typedef struct heap_node {
    uint64_t key;   /**< smallest first */
    uint32_t order; /**< decides between equal keys */
    uint32_t place; /**< 1 .. count in its heap; 0 = in none */
} heap_node;

typedef struct heap {
    heap_node **nodes;
    uint32_t count, capacity;
} heap;

/** The structure that a node is a member of. */
#define heap_item(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

/** Makes room for `capacity` nodes. @return false when there is no memory; the heap is as before */
bool heap_reserve(heap *h, uint32_t capacity);
/** Frees the heap's own memory, not the nodes. */
void heap_free(heap *h);
/** Adds a node, or moves one that is in this heap already, to where the key belongs. */
void heap_put(heap *h, heap_node *node, uint64_t key, uint32_t order);
/** Removes a node; does nothing if it is in no heap. */
void heap_remove(heap *h, heap_node *node);

static inline heap_node *heap_top(const heap *h)
{
    return h->count ? h->nodes[0] : NULL;
}

/** The node that would be on top without the top. */
heap_node *heap_second(const heap *h);

#endif
