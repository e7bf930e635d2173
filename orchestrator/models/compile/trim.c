/* SPDX-License-Identifier: Apache-2.0 */
#include "trim.h"

#include <stdlib.h>

#include "engine/layout.h"

static bool has_windows(const hf_op_record *r)
{
    return hf_record_has(r, HF_TRAIT_WINDOWS);
}

/* Whether every output row depends on the same row of the inputs only, except for a gate. */
static bool is_row_by_row(const hf_op_record *r)
{
    return hf_record_has(r, HF_TRAIT_CHAINS) && !has_windows(r);
}

/* Rows of an input that the operator reads; UINT16_MAX if all. */
static uint32_t rows_read(const hf_lowered_op *op, int32_t input)
{
    const hf_op_record *r = &op->record;
    if (has_windows(r))
        return hf_record_rows_needed(r, r->out_height - 1U);
    const bool gate = input == 1 && hf_record_is_gated(r);
    return is_row_by_row(r) && !gate ? r->out_height : UINT16_MAX;
}

/* How operators use a tensor. */
typedef struct uses {
    uint32_t rows; /* the most that any operator reads */
    int32_t writers;
    uint16_t height, width, step; /* as its readers see it */
} uses;

/* If a reshape makes readers disagree about the shape, all rows are kept.
 * @param height of the input */
static void add_use(uses *tensor, const hf_lowered_op *op, int32_t input, uint16_t height)
{
    const hf_op_record *r = &op->record;
    const uint32_t rows = rows_read(op, input);
    const uint16_t step = input == 0 ? r->in_step : r->in_channels;
    tensor->rows = rows > tensor->rows ? rows : tensor->rows;
    if (tensor->width != 0 &&
        (tensor->height != height || tensor->width != r->in_width || tensor->step != step))
        tensor->rows = UINT16_MAX;
    tensor->height = height;
    tensor->width = r->in_width;
    tensor->step = step;
}

static bool can_trim(const hf_op_record *r, const uses *use)
{
    return (has_windows(r) || is_row_by_row(r)) && use->writers == 1 && use->rows > 0 &&
           use->rows < r->out_height && use->height == r->out_height && use->width == r->out_width &&
           use->step == r->out_step;
}

static void remove_rows(hf_lowered *l, int32_t op, uint32_t rows)
{
    hf_op_record *r = &l->ops[op].record;
    const int32_t tensor = l->ops[op].output.tensor;
    r->out_height = (uint16_t)rows;
    if (is_row_by_row(r))
        r->in_height = (uint16_t)rows;
    l->tensor_bytes[tensor] = (int64_t)rows * r->out_width * r->out_step;
    for (int32_t i = op + 1; i < l->op_count; i++)
        if (l->ops[i].inputs[0].tensor == tensor && has_windows(&l->ops[i].record))
            l->ops[i].record.in_height = (uint16_t)rows;
}

hf_status hf_trim(hf_lowered *l, hf_error *err)
{
    uses *tensors = calloc((size_t)l->tensor_count + 1, sizeof *tensors);
    if (!tensors)
        return HF_FAIL(err, HF_ENOMEM, "no memory to examine %d tensors", l->tensor_count);
    for (int32_t i = 0; i < l->op_count; i++)
        tensors[l->ops[i].output.tensor].writers++;
    tensors[l->output].rows = UINT16_MAX;
    for (int32_t i = l->op_count - 1; i >= 0; i--) {
        hf_lowered_op *op = &l->ops[i];
        const uint16_t height = op->record.in_height; /* before rows are removed */
        const uses *use = &tensors[op->output.tensor];
        if (can_trim(&op->record, use))
            remove_rows(l, i, use->rows);
        for (int32_t k = 0; k < op->input_count; k++)
            add_use(&tensors[op->inputs[k].tensor], op, k, height);
    }
    free(tensors);
    return HF_OK;
}
