/* SPDX-License-Identifier: Apache-2.0 */
#include "heap.h"

#include <assert.h>
#include <stdlib.h>

static bool before(const heap_node *a, const heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void set(heap *h, uint32_t index, heap_node *node)
{
    h->nodes[index] = node;
    node->place = index + 1;
}

static void move_up(heap *h, uint32_t index, heap_node *node)
{
    for (; index && before(node, h->nodes[(index - 1) / 2]); index = (index - 1) / 2)
        set(h, index, h->nodes[(index - 1) / 2]);
    set(h, index, node);
}

static void move_down(heap *h, uint32_t index, heap_node *node)
{
    for (uint32_t child; (child = 2 * index + 1) < h->count; index = child) {
        if (child + 1 < h->count && before(h->nodes[child + 1], h->nodes[child]))
            child++;
        if (!before(h->nodes[child], node))
            break;
        set(h, index, h->nodes[child]);
    }
    set(h, index, node);
}

static void restore(heap *h, uint32_t index, heap_node *node)
{
    if (index && before(node, h->nodes[(index - 1) / 2]))
        move_up(h, index, node);
    else
        move_down(h, index, node);
}

bool heap_reserve(heap *h, uint32_t capacity)
{
    if (capacity <= h->capacity)
        return true;
    heap_node **nodes = realloc(h->nodes, capacity * sizeof(heap_node *));
    if (!nodes)
        return false;
    h->nodes = nodes;
    h->capacity = capacity;
    return true;
}

void heap_free(heap *h)
{
    free(h->nodes);
    *h = (heap){0};
}

void heap_put(heap *h, heap_node *node, uint64_t key, uint32_t order)
{
    node->key = key;
    node->order = order;
    if (node->place) {
        assert(h->nodes[node->place - 1] == node);
        restore(h, node->place - 1, node);
        return;
    }
    assert(h->count < h->capacity);
    move_up(h, h->count++, node);
}

void heap_remove(heap *h, heap_node *node)
{
    if (!node->place)
        return;
    const uint32_t index = node->place - 1;
    assert(index < h->count && h->nodes[index] == node);
    heap_node *last = h->nodes[--h->count];
    node->place = 0;
    if (last != node)
        restore(h, index, last);
}

heap_node *heap_second(const heap *h)
{
    if (h->count < 2)
        return NULL;
    return h->count > 2 && before(h->nodes[2], h->nodes[1]) ? h->nodes[2] : h->nodes[1];
}
