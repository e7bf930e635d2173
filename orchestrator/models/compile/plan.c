/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "neighbours.h"
#include "steps.h"

/*
 * Greedy placement: buffers are placed one after another, each at the lowest offset that no placed buffer
 * forbids. The result depends on the order. So a few heuristic orders are tried, then random changes of the
 * best one (from a generator with a fixed seed). Most changes move the buffer that ends last to an earlier
 * position.
 */

#define MOVES       3000
#define MOVES_LIMIT 200 /* with more buffers, only the heuristic orders are tried */

/* Offsets o with low < o < high are forbidden. */
typedef struct interval {
    int64_t low, high;
} interval;

typedef struct planner {
    const hf_lowered *lowered;
    hf_plan *plan;
    int32_t *order; /* buffers of more than 0 bytes */
    int32_t *best_order;
    int32_t used; /* their number */
    hf_steps steps;
    hf_neighbours neighbours;
    uint32_t *placed_by; /* per buffer: the try that has placed it */
    uint32_t tries;
    interval *forbidden;
    int64_t *best_offsets;
    int64_t best_bytes;
    int32_t best_highest; /* position in best_order of the buffer that ends last */
    bool quick;           /* the most promising orders only */
} planner;

/* Inserts an interval in order of the lower bounds. Not qsort: there are few intervals, and its calls would
 * dominate the planner's time. */
static void insert(interval *intervals, int32_t count, interval added)
{
    int32_t at = count;
    for (; at > 0 && intervals[at - 1].low > added.low; at--)
        intervals[at] = intervals[at - 1];
    intervals[at] = added;
}

/* Gives a buffer the lowest offset that those placed before allow. */
static void place(planner *p, int32_t next)
{
    hf_plan_buffer *buffers = p->plan->buffers;
    int32_t count = 0;
    for (int32_t i = p->neighbours.first[next]; i >= 0; i = p->neighbours.items[i].next) {
        const hf_neighbour *n = &p->neighbours.items[i];
        if (p->placed_by[n->buffer] != p->tries)
            continue;
        const int64_t at = buffers[n->buffer].offset;
        interval forbidden = {at + n->low_bytes, at + n->high_bytes};
        if (n->low_bytes < n->exact_bytes && n->exact_bytes < n->high_bytes) {
            insert(p->forbidden, count++, (interval){at + n->exact_bytes, forbidden.high});
            forbidden.high = at + n->exact_bytes;
        }
        insert(p->forbidden, count++, forbidden);
    }
    int64_t offset = 0;
    for (int32_t i = 0; i < count; i++)
        if (p->forbidden[i].low < offset && offset < p->forbidden[i].high)
            offset = hf_arena_align(p->forbidden[i].high);
    buffers[next].offset = offset;
}

/* Places all buffers in the current order. Keeps order and result unless a better one is known.
 * @param same how many of the first buffers are the same as in the best order: they keep their places */
static void try_order(planner *p, int32_t same)
{
    hf_plan_buffer *buffers = p->plan->buffers;
    int64_t bytes = 0;
    int32_t highest = 0;
    p->tries++;
    for (int32_t i = 0; i < p->used; i++) {
        hf_plan_buffer *buffer = &buffers[p->order[i]];
        if (i < same)
            buffer->offset = p->best_offsets[p->order[i]];
        else
            place(p, p->order[i]);
        p->placed_by[p->order[i]] = p->tries;
        if (buffer->offset + buffer->bytes > bytes) {
            bytes = buffer->offset + buffer->bytes;
            highest = i;
        }
        if (p->best_bytes >= 0 && bytes > p->best_bytes)
            return;
    }
    p->best_bytes = bytes;
    p->best_highest = highest;
    for (int32_t i = 0; i < p->plan->buffer_count; i++)
        p->best_offsets[i] = buffers[i].offset;
    memcpy(p->best_order, p->order, (size_t)p->used * sizeof *p->order);
}

/* Insertion sort, because qsort is not stable; there are few buffers. */
static void sort_order(planner *p, bool (*before)(const hf_plan_buffer *, const hf_plan_buffer *))
{
    for (int32_t i = 1; i < p->used; i++) {
        int32_t moving = p->order[i];
        int32_t at = i;
        for (; at > 0 && before(&p->plan->buffers[moving], &p->plan->buffers[p->order[at - 1]]); at--)
            p->order[at] = p->order[at - 1];
        p->order[at] = moving;
    }
}

static bool larger(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->bytes > b->bytes;
}

/* First the buffers of the step that needs most memory, then those that the next fullest step adds. */
static bool more_crowded(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->peak_bytes > b->peak_bytes || (a->peak_bytes == b->peak_bytes && a->bytes > b->bytes);
}

static bool earlier(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->first < b->first;
}

static bool later(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->last > b->last;
}

/* A pseudo-random number, 0 .. below - 1. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) % below;
}

static void move(int32_t *order, uint32_t from, uint32_t to)
{
    int32_t moving = order[from];
    for (; from < to; from++)
        order[from] = order[from + 1];
    for (; from > to; from--)
        order[from] = order[from - 1];
    order[to] = moving;
}

static void reset_order(planner *p)
{
    p->used = 0;
    for (int32_t i = 0; i < p->plan->buffer_count; i++)
        if (p->plan->buffers[i].bytes > 0)
            p->order[p->used++] = i;
}

static void search(planner *p)
{
    bool (*const orders[])(const hf_plan_buffer *, const hf_plan_buffer *) = {more_crowded, earlier, later,
                                                                              larger};
    const int64_t bound = p->plan->min_bytes;
    const size_t tries = p->quick ? 2 : sizeof orders / sizeof *orders;
    for (size_t i = 0; i < tries && (p->best_bytes < 0 || p->best_bytes > bound); i++) {
        if (i == 1)
            reset_order(p);
        sort_order(p, orders[i]); /* stable: ties keep the previous order */
        try_order(p, 0);
    }
    if (p->used < 2 || p->used > MOVES_LIMIT || p->quick)
        return;
    uint32_t state = 1;
    for (int i = 0; i < MOVES && p->best_bytes > bound; i++) {
        memcpy(p->order, p->best_order, (size_t)p->used * sizeof *p->order);
        uint32_t from = draw(&state, (uint32_t)p->used);
        uint32_t to = draw(&state, (uint32_t)p->used);
        if (i % 4 != 0 && p->best_highest > 0) {
            from = (uint32_t)p->best_highest;
            to = draw(&state, from);
        }
        move(p->order, from, to);
        try_order(p, (int32_t)(from < to ? from : to));
    }
}

static hf_status make(planner *p, hf_error *err)
{
    hf_plan *plan = p->plan;
    hf_status status = hf_steps_find(p->lowered, plan, &p->steps, err);
    if (!status)
        status = hf_neighbours_find(&p->steps, &p->neighbours, err);
    if (status)
        return status;
    reset_order(p);
    search(p);
    if (p->best_bytes > INT32_MAX)
        return HF_FAIL(err, HF_ELIMIT, "arena of %lld bytes, at most %d are supported",
                       (long long)p->best_bytes, INT32_MAX);
    for (int32_t i = 0; i < plan->buffer_count; i++)
        plan->buffers[i].offset = plan->buffers[i].bytes > 0 ? p->best_offsets[i] : 0;
    plan->arena_bytes = (uint32_t)p->best_bytes;
    return HF_OK;
}

hf_status hf_plan_make(const hf_lowered *lowered, bool quick, hf_plan *out, hf_error *err)
{
    hf_plan plan = {.tensor_count = lowered->tensor_count,
                    .buffer_count = lowered->tensor_count + lowered->op_count};
    size_t count = (size_t)plan.buffer_count + 1;
    plan.buffers = calloc(count, sizeof *plan.buffers);
    planner p = {
        .lowered = lowered,
        .plan = &plan,
        .order = calloc(count, sizeof *p.order),
        .best_order = calloc(count, sizeof *p.best_order),
        .placed_by = calloc(count, sizeof *p.placed_by),
        .forbidden = calloc(2 * count, sizeof *p.forbidden),
        .best_offsets = calloc(count, sizeof *p.best_offsets),
        .best_bytes = -1,
        .quick = quick,
    };
    hf_status status;
    if (!plan.buffers || !p.order || !p.best_order || !p.placed_by || !p.forbidden || !p.best_offsets)
        status = HF_FAIL(err, HF_ENOMEM, "no memory to plan %d buffers", plan.buffer_count);
    else
        status = make(&p, err);
    free(p.order);
    free(p.best_order);
    free(p.placed_by);
    hf_neighbours_free(&p.neighbours);
    hf_steps_free(&p.steps);
    free(p.forbidden);
    free(p.best_offsets);
    if (status) {
        hf_plan_free(&plan);
        return status;
    }
    *out = plan;
    return HF_OK;
}

void hf_plan_free(hf_plan *plan)
{
    if (!plan)
        return;
    free(plan->buffers);
    *plan = (hf_plan){0};
}
