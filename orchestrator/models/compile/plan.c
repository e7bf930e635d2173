/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/layout.h"

/*
 * Greedy placing: buffers one after the other, each at the lowest offset that no placed buffer forbids. What
 * comes out depends on the order, so a few natural orders are tried, then changes of the best one, drawn from
 * a fixed generator: mostly the buffer that made the arena as large as it is gets its turn earlier.
 */

#define MOVES       3000
#define MOVES_LIMIT 200 /* buffers; beyond, only the natural orders are tried */

/* Offsets o with low < o < high are forbidden. */
typedef struct interval {
    int64_t low, high;
} interval;

typedef struct planner {
    const hf_lowered *lowered;
    hf_plan *plan;
    int32_t *order; /* used buffers */
    int32_t *best_order;
    int32_t used;
    bool *placed;
    interval *forbidden;
    int64_t *best_offsets;
    int64_t best_bytes;
    int32_t best_highest; /* position in best_order of the buffer that ends last */
    bool quick;           /* natural orders only */
} planner;

static bool alive_together(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The operator whose input dies with it as its output is born, if `input` and `output` are such a pair. */
static const hf_lowered_op *handing_over(const planner *p, int32_t input, int32_t output)
{
    const hf_plan_buffer *in = &p->plan->buffers[input];
    const hf_plan_buffer *out = &p->plan->buffers[output];
    if (input >= p->plan->tensor_count || output >= p->plan->tensor_count || in->last != out->first ||
        in->first == in->last)
        return NULL;
    const hf_lowered_op *op = &p->lowered->ops[out->first];
    if (op->output != output)
        return NULL;
    for (int32_t i = 0; i < op->input_count; i++)
        if (op->inputs[i] == input)
            return op;
    return NULL;
}

/* The output may lie over an input as every use of that input allows: an operator may have it twice. */
static hf_overlap overlap_of(const hf_lowered_op *op, int32_t input)
{
    hf_overlap strictest = {HF_OVERLAP_DISTANCE, INT64_MIN};
    for (int32_t i = 0; i < op->input_count; i++) {
        if (op->inputs[i] != input)
            continue;
        hf_overlap overlap = hf_record_overlap(&op->record, (uint32_t)i, op->parts);
        if (overlap.mode != HF_OVERLAP_DISTANCE)
            return overlap;
        if (overlap.distance_bytes > strictest.distance_bytes)
            strictest = overlap;
    }
    return strictest;
}

/* Adds what placed buffer `there` forbids to `next`. @return intervals added, at most 2 */
static int32_t forbid(const planner *p, int32_t there, int32_t next, interval *out)
{
    const hf_plan_buffer *x = &p->plan->buffers[there];
    const hf_plan_buffer *t = &p->plan->buffers[next];
    int64_t low = x->offset - t->bytes;
    int64_t high = x->offset + x->bytes;
    const hf_lowered_op *op = handing_over(p, there, next);
    const bool next_is_output = op != NULL;
    if (!op)
        op = handing_over(p, next, there);
    hf_overlap overlap = {HF_OVERLAP_NONE, 0};
    if (op)
        overlap = overlap_of(op, next_is_output ? there : next);
    switch (overlap.mode) {
    case HF_OVERLAP_SAME:
        out[0] = (interval){low, x->offset};
        out[1] = (interval){x->offset, high};
        return 2;
    case HF_OVERLAP_DISTANCE:
        if (next_is_output && x->offset - overlap.distance_bytes > low)
            low = x->offset - overlap.distance_bytes;
        if (!next_is_output && x->offset + overlap.distance_bytes < high)
            high = x->offset + overlap.distance_bytes;
        break;
    case HF_OVERLAP_NONE:
        break;
    }
    out[0] = (interval){low, high};
    return low < high ? 1 : 0;
}

static int by_low(const void *a, const void *b)
{
    int64_t x = ((const interval *)a)->low;
    int64_t y = ((const interval *)b)->low;
    return (x > y) - (x < y);
}

static int64_t align(int64_t offset)
{
    return (offset + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
}

static void place(planner *p, int32_t next)
{
    hf_plan_buffer *buffers = p->plan->buffers;
    size_t count = 0;
    for (int32_t i = 0; i < p->used; i++) {
        int32_t there = p->order[i];
        if (p->placed[there] && alive_together(&buffers[there], &buffers[next]))
            count += (size_t)forbid(p, there, next, &p->forbidden[count]);
    }
    qsort(p->forbidden, count, sizeof *p->forbidden, by_low);
    int64_t offset = 0;
    for (size_t i = 0; i < count; i++)
        if (p->forbidden[i].low < offset && offset < p->forbidden[i].high)
            offset = align(p->forbidden[i].high);
    buffers[next].offset = offset;
    p->placed[next] = true;
}

/* Places all in the present order and remembers the order and the result unless a better one is known. */
static void try_order(planner *p)
{
    hf_plan_buffer *buffers = p->plan->buffers;
    memset(p->placed, 0, (size_t)p->plan->buffer_count * sizeof *p->placed);
    int64_t bytes = 0;
    int32_t highest = 0;
    for (int32_t i = 0; i < p->used; i++) {
        place(p, p->order[i]);
        int64_t end = buffers[p->order[i]].offset + buffers[p->order[i]].bytes;
        if (end > bytes) {
            bytes = end;
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

/* Stable insertion sort: few buffers, and qsort's order of equals is nobody's promise. */
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

static bool earlier(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->first < b->first;
}

static bool later(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->last > b->last;
}

/* 0 .. below - 1 */
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

/* The least an operator's output and an input that dies as it is born can take together. */
static int64_t shared_bytes(const planner *p, const hf_lowered_op *op, int32_t input, int32_t output)
{
    const int64_t in = p->plan->buffers[input].bytes;
    const int64_t out = p->plan->buffers[output].bytes;
    const hf_overlap overlap = overlap_of(op, input);
    const int64_t apart = in > out ? align(out) + in : align(in) + out;
    const int64_t larger_one = in > out ? in : out;
    if (overlap.mode == HF_OVERLAP_NONE)
        return align(in) + out < apart ? align(in) + out : apart;
    if (overlap.mode == HF_OVERLAP_SAME || overlap.distance_bytes <= 0)
        return larger_one;
    const int64_t span = align(overlap.distance_bytes) + in;
    const int64_t over = span > out ? span : out;
    return over < apart ? over : apart;
}

/* No plan is smaller: while an operator runs, everything alive takes its own space from an aligned offset on,
 * only what it hands over to its output may share the output's. */
static int64_t lower_bound(const planner *p)
{
    int64_t bound = 0;
    for (int32_t i = 0; i < p->lowered->op_count; i++) {
        const int32_t output = p->lowered->ops[i].output;
        int64_t shared = p->plan->buffers[output].bytes;
        int64_t others = 0;
        int64_t slack = 0; /* what rounding up adds to the one that could be last */
        for (int32_t b = 0; b < p->plan->buffer_count; b++) {
            const hf_plan_buffer *buffer = &p->plan->buffers[b];
            if (b == output || buffer->first > i || i > buffer->last)
                continue;
            const hf_lowered_op *op = handing_over(p, b, output);
            if (op) {
                const int64_t together = shared_bytes(p, op, b, output);
                shared = together > shared ? together : shared;
                continue;
            }
            others += align(buffer->bytes);
            if (align(buffer->bytes) - buffer->bytes > slack)
                slack = align(buffer->bytes) - buffer->bytes;
        }
        if (align(shared) - shared > slack)
            slack = align(shared) - shared;
        if (align(shared) + others - slack > bound)
            bound = align(shared) + others - slack;
    }
    return bound;
}

static void search(planner *p)
{
    sort_order(p, earlier);
    try_order(p);
    sort_order(p, later);
    try_order(p);
    sort_order(p, larger);
    try_order(p);
    const int64_t bound = lower_bound(p);
    p->plan->least_bytes = bound;
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
        try_order(p);
    }
}

static void lifetimes(const hf_lowered *l, hf_plan_buffer *buffers)
{
    for (int32_t t = 0; t < l->tensor_count; t++)
        buffers[t] = (hf_plan_buffer){.first = -1, .last = -1};
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        for (int32_t k = 0; k < op->input_count; k++)
            buffers[op->inputs[k]].last = i;
        buffers[op->output] = (hf_plan_buffer){l->tensor_bytes[op->output], i, i, 0};
        hf_plan_buffer *scratch = &buffers[l->tensor_count + i];
        *scratch = (hf_plan_buffer){(int64_t)hf_record_scratch_bytes(&op->record), i, i, 0};
    }
    buffers[l->input].bytes = l->tensor_bytes[l->input];
    buffers[l->output].last = l->op_count;
}

static hf_status make(planner *p, hf_error *err)
{
    hf_plan *plan = p->plan;
    lifetimes(p->lowered, plan->buffers);
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].bytes > 0)
            p->order[p->used++] = i;
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
        .placed = calloc(count, sizeof *p.placed),
        .forbidden = calloc(2 * count, sizeof *p.forbidden),
        .best_offsets = calloc(count, sizeof *p.best_offsets),
        .best_bytes = -1,
        .quick = quick,
    };
    hf_status status;
    if (!plan.buffers || !p.order || !p.best_order || !p.placed || !p.forbidden || !p.best_offsets)
        status = HF_FAIL(err, HF_ENOMEM, "no memory to plan %d buffers", plan.buffer_count);
    else
        status = make(&p, err);
    free(p.order);
    free(p.best_order);
    free(p.placed);
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
