/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <stdlib.h>

#include "engine/layout.h"

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A step is identified by its first operator. */
static void find_lifetimes(const hf_lowered *l, hf_plan_buffer *buffers)
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

/* Whether `tensor` was created before a step and dies in it. */
static bool dies(const hf_steps *s, int32_t tensor, int32_t step)
{
    const hf_plan_buffer *buffer = &s->plan->buffers[tensor];
    return buffer->last == step && buffer->first < step;
}

static void add_pair(hf_steps *s, int32_t first, int32_t last, int32_t tensor, int32_t *count)
{
    const int32_t output = s->lowered->ops[last].output.tensor;
    if (s->plan->buffers[output].first != first || !dies(s, tensor, first))
        return;
    for (int32_t i = s->first_pair[first]; i < *count; i++)
        if (s->pairs[i].input == tensor)
            return;
    s->pairs[(*count)++] =
        (hf_overlap_pair){tensor, output, hf_step_overlap(s->lowered, first, last, tensor)};
}

static void find_pairs(hf_steps *s)
{
    const hf_lowered *l = s->lowered;
    int32_t count = 0;
    for (int32_t first = 0; first < l->op_count; first++) {
        const int32_t last = hf_step_last(l, first);
        s->first_pair[first] = count;
        for (int32_t i = first; i <= last; i++)
            for (int32_t k = 0; k < l->ops[i].input_count; k++)
                add_pair(s, first, last, l->ops[i].inputs[k].tensor, &count);
        for (; first < last; first++)
            s->first_pair[first + 1] = count;
    }
    s->first_pair[l->op_count] = count;
}

const hf_overlap *hf_steps_overlap(const hf_steps *s, int32_t input, int32_t output)
{
    const hf_plan_buffer *out = &s->plan->buffers[output];
    if (output >= s->plan->tensor_count || out->first < 0 || s->plan->buffers[input].last != out->first)
        return NULL;
    for (int32_t i = s->first_pair[out->first]; i < s->first_pair[out->first + 1]; i++)
        if (s->pairs[i].input == input && s->pairs[i].output == output)
            return &s->pairs[i].overlap;
    return NULL;
}

/* Adds a buffer that is live in a step. */
static void add_live_buffer(const hf_steps *s, int32_t buffer, int32_t step)
{
    const int32_t begin = s->first_pair[step];
    const int32_t output = begin < s->first_pair[step + 1] ? s->pairs[begin].output : -1;
    const int64_t bytes = s->plan->buffers[buffer].bytes;
    const hf_overlap *overlap = output >= 0 ? hf_steps_overlap(s, buffer, output) : NULL;
    hf_step_memory *memory = &s->memory[step];
    if (overlap || buffer == output) {
        const int64_t together =
            overlap ? hf_overlap_bytes(overlap, bytes, s->plan->buffers[output].bytes) : bytes;
        memory->shared = max64(together, memory->shared);
        return;
    }
    memory->others += hf_arena_align(bytes);
    memory->slack = max64(memory->slack, hf_arena_align(bytes) - bytes);
}

/* No plan is smaller: during a step, every live buffer occupies space of its own from an aligned offset on,
 * except that inputs that die may share the output's. */
static int64_t lower_bound(const hf_steps *s)
{
    const int32_t ops = s->lowered->op_count;
    for (int32_t i = 0; i < s->plan->buffer_count; i++) {
        const hf_plan_buffer *buffer = &s->plan->buffers[i];
        if (buffer->bytes == 0)
            continue;
        for (int32_t step = buffer->first > 0 ? buffer->first : 0; step <= buffer->last && step < ops; step++)
            add_live_buffer(s, i, step);
    }
    int64_t bound = 0;
    for (int32_t step = 0; step < ops; step++) {
        hf_step_memory *memory = &s->memory[step];
        const int64_t slack = max64(memory->slack, hf_arena_align(memory->shared) - memory->shared);
        memory->total = hf_arena_align(memory->shared) + memory->others - slack;
        bound = max64(bound, memory->total);
    }
    for (int32_t i = 0; i < s->plan->buffer_count; i++) {
        hf_plan_buffer *buffer = &s->plan->buffers[i];
        if (buffer->bytes == 0)
            continue;
        for (int32_t step = buffer->first > 0 ? buffer->first : 0; step <= buffer->last && step < ops; step++)
            buffer->peak_bytes = max64(buffer->peak_bytes, s->memory[step].total);
    }
    return bound;
}

hf_status hf_steps_find(const hf_lowered *lowered, hf_plan *plan, hf_steps *out, hf_error *err)
{
    const size_t steps = (size_t)lowered->op_count + 1;
    hf_steps s = {
        .lowered = lowered,
        .plan = plan,
        .pairs = calloc(2 * steps, sizeof *s.pairs),
        .first_pair = calloc(steps, sizeof *s.first_pair),
        .memory = calloc(steps, sizeof *s.memory),
    };
    *out = s;
    if (!s.pairs || !s.first_pair || !s.memory)
        return HF_FAIL(err, HF_ENOMEM, "no memory to plan %d operators", lowered->op_count);
    find_lifetimes(lowered, plan->buffers);
    find_pairs(out);
    plan->min_bytes = lower_bound(out);
    return HF_OK;
}

void hf_steps_free(hf_steps *s)
{
    free(s->pairs);
    free(s->first_pair);
    free(s->memory);
    *s = (hf_steps){0};
}
