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

/* A tensor that a step reads for the last time, and one that it makes. */
typedef struct handover {
    int32_t input, output;
    hf_overlap overlap;
} handover;

/* What is alive in a step. */
typedef struct step_sum {
    int64_t shared; /* by the output and what is handed over to it */
    int64_t others;
    int64_t slack; /* what rounding up adds to the one that could be last */
    int64_t total;
} step_sum;

typedef struct planner {
    const hf_lowered *lowered;
    hf_plan *plan;
    int32_t *order; /* used buffers */
    int32_t *best_order;
    int32_t used;
    handover *handovers;   /* by step */
    int32_t *handovers_of; /* per operator, the first of a step: where its handovers begin */
    step_sum *sums;        /* per operator that begins a step */
    int32_t placed;        /* the first so many of `order` */
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

/* What the placing of `input` and `output` must keep if the one dies in the step that makes the other. */
static const hf_overlap *handed_over(const planner *p, int32_t input, int32_t output)
{
    const hf_plan_buffer *out = &p->plan->buffers[output];
    if (output >= p->plan->tensor_count || out->first < 0 || p->plan->buffers[input].last != out->first)
        return NULL;
    for (int32_t i = p->handovers_of[out->first]; i < p->handovers_of[out->first + 1]; i++)
        if (p->handovers[i].input == input && p->handovers[i].output == output)
            return &p->handovers[i].overlap;
    return NULL;
}

/* Adds what placed buffer `there` forbids to `next`. @return intervals added, at most 2 */
static int32_t forbid(const planner *p, int32_t there, int32_t next, interval *out)
{
    const hf_plan_buffer *x = &p->plan->buffers[there];
    const hf_plan_buffer *t = &p->plan->buffers[next];
    int64_t low = x->offset - t->bytes;
    int64_t high = x->offset + x->bytes;
    const hf_overlap *overlap = handed_over(p, there, next);
    int64_t exact = HF_OVERLAP_NEVER;
    if (overlap) {
        if (overlap->distance_bytes != HF_OVERLAP_NEVER && x->offset - overlap->distance_bytes > low)
            low = x->offset - overlap->distance_bytes;
        if (overlap->exact_bytes != HF_OVERLAP_NEVER)
            exact = x->offset - overlap->exact_bytes;
    } else if ((overlap = handed_over(p, next, there))) {
        if (overlap->distance_bytes != HF_OVERLAP_NEVER && x->offset + overlap->distance_bytes < high)
            high = x->offset + overlap->distance_bytes;
        if (overlap->exact_bytes != HF_OVERLAP_NEVER)
            exact = x->offset + overlap->exact_bytes;
    }
    if (low >= high)
        return 0;
    out[0] = (interval){low, high};
    if (low >= exact || exact >= high)
        return 1;
    out[0].high = exact;
    out[1] = (interval){exact, high};
    return 2;
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
    for (int32_t i = 0; i < p->placed; i++) {
        int32_t there = p->order[i];
        if (alive_together(&buffers[there], &buffers[next]))
            count += (size_t)forbid(p, there, next, &p->forbidden[count]);
    }
    qsort(p->forbidden, count, sizeof *p->forbidden, by_low);
    int64_t offset = 0;
    for (size_t i = 0; i < count; i++)
        if (p->forbidden[i].low < offset && offset < p->forbidden[i].high)
            offset = align(p->forbidden[i].high);
    buffers[next].offset = offset;
    p->placed++;
}

/* Places all in the present order and remembers the order and the result unless a better one is known. */
static void try_order(planner *p)
{
    hf_plan_buffer *buffers = p->plan->buffers;
    p->placed = 0;
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

/* First what must be together in the fullest step, then what is in the next one besides. */
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

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A buffer that is alive in a step. */
static void count_in(const planner *p, int32_t buffer, int32_t step)
{
    const int32_t begin = p->handovers_of[step];
    const int32_t output = begin < p->handovers_of[step + 1] ? p->handovers[begin].output : -1;
    const int64_t bytes = p->plan->buffers[buffer].bytes;
    const hf_overlap *overlap = output >= 0 ? handed_over(p, buffer, output) : NULL;
    step_sum *sum = &p->sums[step];
    if (overlap || buffer == output) {
        const int64_t together =
            overlap ? hf_overlap_bytes(overlap, bytes, p->plan->buffers[output].bytes) : bytes;
        sum->shared = max64(together, sum->shared);
        return;
    }
    sum->others += align(bytes);
    sum->slack = max64(sum->slack, align(bytes) - bytes);
}

/* No plan is smaller: during a step, everything alive takes its own space from an aligned offset on, only
 * what is handed over to the output may share the output's. */
static int64_t lower_bound(const planner *p)
{
    const int32_t ops = p->lowered->op_count;
    for (int32_t i = 0; i < p->used; i++) {
        const hf_plan_buffer *buffer = &p->plan->buffers[p->order[i]];
        for (int32_t step = buffer->first > 0 ? buffer->first : 0; step <= buffer->last && step < ops; step++)
            count_in(p, p->order[i], step);
    }
    int64_t bound = 0;
    for (int32_t step = 0; step < ops; step++) {
        step_sum *sum = &p->sums[step];
        const int64_t slack = max64(sum->slack, align(sum->shared) - sum->shared);
        sum->total = align(sum->shared) + sum->others - slack;
        bound = max64(bound, sum->total);
    }
    for (int32_t i = 0; i < p->used; i++) {
        hf_plan_buffer *buffer = &p->plan->buffers[p->order[i]];
        for (int32_t step = buffer->first > 0 ? buffer->first : 0; step <= buffer->last && step < ops; step++)
            buffer->peak_bytes = max64(buffer->peak_bytes, p->sums[step].total);
    }
    return bound;
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
    const int64_t bound = lower_bound(p);
    p->plan->least_bytes = bound;
    for (size_t i = 0; i < sizeof orders / sizeof *orders && (p->best_bytes < 0 || p->best_bytes > bound);
         i++) {
        if (i == 1)
            reset_order(p);
        sort_order(p, orders[i]); /* stable: of equals, the order before decides */
        try_order(p);
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
        try_order(p);
    }
}

/* A step is known by its first operator. */
static void lifetimes(const hf_lowered *l, hf_plan_buffer *buffers)
{
    for (int32_t t = 0; t < l->tensor_count; t++)
        buffers[t] = (hf_plan_buffer){.first = INT32_MAX, .last = -1};
    buffers[l->input] = (hf_plan_buffer){.bytes = l->tensor_bytes[l->input], .first = -1, .last = -1};
    int32_t step = 0;
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        const hf_op_record *r = &op->record;
        for (int32_t k = 0; k < op->input_count; k++)
            buffers[op->inputs[k].tensor].last = step;
        hf_plan_buffer *out = &buffers[op->output.tensor];
        out->bytes =
            r->ring_rows > 0 ? (int64_t)hf_record_output_span(r) : l->tensor_bytes[op->output.tensor];
        if (step < out->first)
            out->first = step;
        if (step > out->last)
            out->last = step;
        hf_plan_buffer *scratch = &buffers[l->tensor_count + step];
        const int64_t bytes = (int64_t)hf_record_scratch_bytes(r);
        if (bytes > scratch->bytes)
            *scratch = (hf_plan_buffer){.bytes = bytes, .first = step, .last = step};
        if (r->ring_rows == 0)
            step = i + 1;
    }
    buffers[l->output].last = l->op_count;
}

/* @return whether `tensor` dies in a step and was not made in it */
static bool dies(const planner *p, int32_t tensor, int32_t step)
{
    const hf_plan_buffer *buffer = &p->plan->buffers[tensor];
    return buffer->last == step && buffer->first < step;
}

static void add_handover(planner *p, int32_t first, int32_t last, int32_t tensor, int32_t *count)
{
    const int32_t output = p->lowered->ops[last].output.tensor;
    if (p->plan->buffers[output].first != first || !dies(p, tensor, first))
        return;
    for (int32_t i = p->handovers_of[first]; i < *count; i++)
        if (p->handovers[i].input == tensor)
            return;
    p->handovers[(*count)++] = (handover){tensor, output, hf_step_overlap(p->lowered, first, last, tensor)};
}

static void find_handovers(planner *p)
{
    const hf_lowered *l = p->lowered;
    int32_t count = 0;
    for (int32_t first = 0; first < l->op_count; first++) {
        const int32_t last = hf_step_last(l, first);
        p->handovers_of[first] = count;
        for (int32_t i = first; i <= last; i++)
            for (int32_t k = 0; k < l->ops[i].input_count; k++)
                add_handover(p, first, last, l->ops[i].inputs[k].tensor, &count);
        for (; first < last; first++)
            p->handovers_of[first + 1] = count;
    }
    p->handovers_of[l->op_count] = count;
}

static hf_status make(planner *p, hf_error *err)
{
    hf_plan *plan = p->plan;
    lifetimes(p->lowered, plan->buffers);
    find_handovers(p);
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
        .handovers = calloc(2 * count, sizeof *p.handovers),
        .handovers_of = calloc(count, sizeof *p.handovers_of),
        .sums = calloc(count, sizeof *p.sums),
        .forbidden = calloc(2 * count, sizeof *p.forbidden),
        .best_offsets = calloc(count, sizeof *p.best_offsets),
        .best_bytes = -1,
        .quick = quick,
    };
    hf_status status;
    if (!plan.buffers || !p.order || !p.best_order || !p.handovers || !p.handovers_of || !p.sums ||
        !p.forbidden || !p.best_offsets)
        status = HF_FAIL(err, HF_ENOMEM, "no memory to plan %d buffers", plan.buffer_count);
    else
        status = make(&p, err);
    free(p.order);
    free(p.best_order);
    free(p.handovers);
    free(p.handovers_of);
    free(p.sums);
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
