/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "engine/layout.h"
#include "plan.h"
#include "replay.h"

/* An inference without values: only the addresses that the engine would read and write. */
typedef struct inference {
    const hf_lowered *lowered;
    const hf_plan *plan;
    hf_shadow shadow;
} inference;

static hf_stream stream(const inference *run, hf_place place, uint32_t rows)
{
    return (hf_stream){run->plan->buffers[place.tensor].offset + place.first_byte, place.tensor,
                       place.first_byte, rows};
}

/* Rows of operator i, which belongs to the step that begins with operator `step`. */
static hf_status compute_rows(inference *run, int32_t step, int32_t i, uint32_t first_row, uint32_t end_row,
                              hf_error *err)
{
    const hf_lowered *l = run->lowered;
    const hf_lowered_op *op = &l->ops[i];
    const hf_op_record *r = &op->record;
    const uint32_t in_rows = i > step ? l->ops[i - 1].record.ring_rows : r->in_height;
    const hf_call call = {
        .record = r,
        .input = stream(run, op->inputs[0], in_rows),
        .second = stream(run, op->inputs[op->input_count - 1], r->in_height),
        .output = stream(run, op->output, r->ring_rows > 0 ? r->ring_rows : r->out_height),
        .scratch_address = run->plan->buffers[l->tensor_count + step].offset,
        .scratch_owner = l->tensor_count,
        .first_row = first_row,
        .end_row = end_row,
    };
    hf_replay(&run->shadow, &call);
    if (run->shadow.wrong_address < 0)
        return HF_OK;
    const int32_t tensor = hf_shadow_tensor(run->shadow.wrong_tag);
    return HF_FAIL(
        err, HF_EMISMATCH,
        "memory plan: operator %d, rows %u .. %u: byte %lld of the arena does not hold the expected byte "
        "of %s %d",
        i, first_row, end_row - 1, (long long)run->shadow.wrong_address,
        tensor == l->tensor_count ? "the scratch space of step" : "tensor",
        tensor == l->tensor_count ? step : tensor);
}

/* As firmware/engine/run.c: computes each row as soon as the rows that it needs exist. */
static hf_status run_chain(inference *run, int32_t first, int32_t last, hf_error *err)
{
    uint32_t rows[HF_CHAIN_MAX] = {0}; /* computed so far */
    const hf_lowered_op *ops = run->lowered->ops;
    int32_t i = last;
    hf_status status = HF_OK;
    while (rows[last - first] < ops[last].record.out_height && !status) {
        uint32_t *row = &rows[i - first];
        if (i > first && rows[i - 1 - first] < hf_record_rows_needed(&ops[i].record, *row)) {
            i--;
            continue;
        }
        status = compute_rows(run, first, i, *row, *row + 1, err);
        (*row)++;
        if (i < last)
            i++;
    }
    return status;
}

static hf_status run_all(inference *run, hf_error *err)
{
    const hf_lowered *l = run->lowered;
    const hf_plan_buffer *input = &run->plan->buffers[l->input];
    const hf_plan_buffer *output = &run->plan->buffers[l->output];
    hf_status status = HF_OK;
    hf_shadow_write(&run->shadow, input->offset, hf_shadow_tag(l->input, 0), input->bytes);
    for (int32_t first = 0, last = 0; first < l->op_count && !status; first = last + 1) {
        last = hf_step_last(l, first);
        if (last - first >= HF_CHAIN_MAX)
            return HF_FAIL(err, HF_EMISMATCH, "memory plan: a chain of %d operators", last - first + 1);
        if (last > first)
            status = run_chain(run, first, last, err);
        else
            status = compute_rows(run, first, first, 0, l->ops[first].record.out_height, err);
    }
    if (status)
        return status;
    hf_shadow_read(&run->shadow, output->offset, hf_shadow_tag(l->output, 0), output->bytes);
    if (run->shadow.wrong_address >= 0)
        return HF_FAIL(err, HF_EMISMATCH,
                       "memory plan: byte %lld of the arena does not hold the expected byte of the output",
                       (long long)run->shadow.wrong_address);
    return HF_OK;
}

hf_status hf_plan_check(const hf_lowered *l, const hf_plan *plan, hf_error *err)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (b->offset < 0 || b->offset + b->bytes > plan->arena_bytes || b->offset % HF_IMAGE_ALIGNMENT != 0)
            return HF_FAIL(err, HF_EMISMATCH,
                           "memory plan: buffer %d at %lld + %lld is misaligned or outside the arena of %u "
                           "bytes",
                           i, (long long)b->offset, (long long)b->bytes, plan->arena_bytes);
    }
    inference run = {.lowered = l, .plan = plan, .shadow = {.bytes = plan->arena_bytes, .wrong_address = -1}};
    run.shadow.tags = calloc((size_t)plan->arena_bytes + 1, sizeof *run.shadow.tags);
    if (!run.shadow.tags)
        return HF_FAIL(err, HF_ENOMEM, "no memory to check a plan of %u bytes", plan->arena_bytes);
    hf_status status = run_all(&run, err);
    free(run.shadow.tags);
    return status;
}
