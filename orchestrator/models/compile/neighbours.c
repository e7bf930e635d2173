/* SPDX-License-Identifier: Apache-2.0 */
#include "neighbours.h"

#include <stdbool.h>
#include <stdlib.h>

static bool live_together(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What `placed` forbids for `other`. */
static hf_neighbour relate(const hf_steps *steps, int32_t placed, int32_t other)
{
    hf_neighbour n = {.buffer = placed,
                      .low_bytes = -steps->plan->buffers[other].bytes,
                      .high_bytes = steps->plan->buffers[placed].bytes,
                      .exact_bytes = HF_OVERLAP_NEVER};
    const hf_overlap *overlap = hf_steps_overlap(steps, placed, other);
    if (overlap) {
        if (overlap->distance_bytes != HF_OVERLAP_NEVER)
            n.low_bytes = larger(n.low_bytes, -overlap->distance_bytes);
        if (overlap->exact_bytes != HF_OVERLAP_NEVER)
            n.exact_bytes = -overlap->exact_bytes;
    } else if ((overlap = hf_steps_overlap(steps, other, placed))) {
        if (overlap->distance_bytes != HF_OVERLAP_NEVER)
            n.high_bytes = smaller(n.high_bytes, overlap->distance_bytes);
        n.exact_bytes = overlap->exact_bytes;
    }
    return n;
}

static bool grow(hf_neighbours *all)
{
    const int32_t capacity = all->capacity ? 2 * all->capacity : 64;
    hf_neighbour *items = reallocarray(all->items, (size_t)capacity, sizeof *items);
    if (!items)
        return false;
    all->items = items;
    all->capacity = capacity;
    return true;
}

static bool add(hf_neighbours *all, int32_t to, hf_neighbour neighbour)
{
    if (neighbour.low_bytes >= neighbour.high_bytes)
        return true;
    if (all->count == all->capacity && !grow(all))
        return false;
    neighbour.next = all->first[to];
    all->items[all->count] = neighbour;
    all->first[to] = all->count++;
    return true;
}

hf_status hf_neighbours_find(const hf_steps *steps, hf_neighbours *out, hf_error *err)
{
    const hf_plan_buffer *buffers = steps->plan->buffers;
    const int32_t count = steps->plan->buffer_count;
    *out = (hf_neighbours){.first = calloc((size_t)count + 1, sizeof *out->first)};
    bool fits = out->first != NULL;
    for (int32_t i = 0; fits && i < count; i++)
        out->first[i] = -1;
    for (int32_t i = 0; fits && i < count; i++)
        for (int32_t k = 0; buffers[i].bytes > 0 && fits && k < i; k++)
            if (buffers[k].bytes > 0 && live_together(&buffers[i], &buffers[k]))
                fits = add(out, i, relate(steps, k, i)) && add(out, k, relate(steps, i, k));
    return fits ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory to plan %d buffers", count);
}

void hf_neighbours_free(hf_neighbours *neighbours)
{
    free(neighbours->items);
    free(neighbours->first);
    *neighbours = (hf_neighbours){0};
}
