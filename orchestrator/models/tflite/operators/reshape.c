/* SPDX-License-Identifier: Apache-2.0 */
/* Reshape and channel shuffle, which consists of two reshapes and a transpose. */
#include <stdio.h>
#include <string.h>

#include "operator.h"

enum {
    OPTIONS_TRANSPOSE = 26,
    BUILTIN_SQUEEZE = 43,
    OPTIONS_SQUEEZE = 30,
    BUILTIN_EXPAND_DIMS = 70,
    OPTIONS_EXPAND_DIMS = 52
};

/* ---- Reading ---- */

/*
 * A channel shuffle is a RESHAPE to [..., G, C/G], a TRANSPOSE of the last two dimensions and a RESHAPE back.
 * The tensors in between are views of the input of the first RESHAPE; the graph does not contain them.
 */
static hf_status read_grouped_view(hf_tflite_op *op, int32_t index)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor view;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) ||
        (status = hf_tflite_tensor_read(tflite, index, "output", &view)) ||
        (status = hf_tflite_quant(tflite, &view, &quant)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    int64_t positions = 1;
    for (uint32_t d = 0; d + 2 < view.rank && positions <= HF_GRAPH_MAX_TENSOR_BYTES; d++)
        positions *= view.shape[d];
    const bool splits_channels =
        view.rank >= 3 && positions == (int64_t)in->height * in->width &&
        (int64_t)view.shape[view.rank - 2] * view.shape[view.rank - 1] == in->channels;
    if (!splits_channels || !hf_quant_same(quant, in->quant) || view.data.count > 0)
        return TENSOR_FAIL(tflite, &view, HF_EUNSUPPORTED,
                           "a TRANSPOSE reads it, expected the start of a channel shuffle: %dx%d positions, "
                           "the input's %d channels split into [groups, channels / groups]",
                           in->height, in->width, in->channels);
    if ((status = hf_tflite_op_check_new(op, index)))
        return status;
    tflite->views[index] =
        (hf_tflite_view){.source = op->node.inputs[0], .groups = view.shape[view.rank - 2]};
    return HF_OK;
}

hf_status hf_tflite_op_swap_view(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor in, out;
    int32_t order[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &in)) ||
        (status = hf_tflite_tensor_read(tflite, index, "output", &out)) ||
        (status = hf_tflite_op_ints(op, 1, "permutation", order, HF_TFLITE_MAX_RANK, &count)))
        return status;
    const hf_tflite_view from = tflite->views[in.index];
    bool swaps = from.groups > 0 && !from.transposed && count == in.rank && out.rank == in.rank;
    for (uint32_t d = 0; swaps && d < count; d++) {
        uint32_t source = d + 2 < count ? d : 2 * count - 3 - d; /* the last two are swapped */
        swaps = order[d] == (int32_t)source && out.shape[d] == in.shape[source];
    }
    hf_quant before, after;
    if (!swaps)
        return TFLITE_OP_FAIL(
            op, HF_EUNSUPPORTED,
            "TRANSPOSE is supported only in a channel shuffle: between two RESHAPEs, swapping "
            "the last two dimensions of [..., groups, channels / groups]");
    if ((status = hf_tflite_quant(tflite, &in, &before)) || (status = hf_tflite_quant(tflite, &out, &after)))
        return status;
    if ((status = hf_tflite_op_check_quants(op, "input", before, after)) ||
        (status = hf_tflite_op_check_new(op, index)))
        return status;
    tflite->views[index] = from;
    tflite->views[index].transposed = true;
    return HF_OK;
}

static hf_status read_shuffle_end(hf_tflite_op *op, hf_tflite_view view)
{
    hf_status status = hf_tflite_op_output(op, 0);
    if (status)
        return status;
    if (!view.transposed)
        return TFLITE_OP_FAIL(
            op, HF_EUNSUPPORTED,
            "input 0 (tensor %d) is also read by a TRANSPOSE, expected the TRANSPOSE's output",
            op->inputs[0]);
    op->node.inputs[0] = view.source;
    op->node.input_count = 1;
    op->node.groups = view.groups;
    if ((status = hf_tflite_op_same_quant(op)))
        return status;
    return hf_tflite_op_add(op, HF_OP_CHANNEL_SHUFFLE, NULL);
}

/* The only operator that reads a tensor, if it is a `builtin`. */
static hf_status only_reader(hf_tflite *tflite, int32_t tensor, int32_t builtin, hf_flat_table *reader,
                             bool *found)
{
    int32_t code = -1;
    *found = false;
    if (tensor < 0 || (uint32_t)tensor >= tflite->tensors.count || tflite->consumers[tensor] < 0)
        return HF_OK;
    *reader = hf_flat_table_at(&tflite->file, tflite->operators, (uint32_t)tflite->consumers[tensor]);
    hf_status status = hf_tflite_builtin_code(tflite, *reader, &code);
    *found = !status && code == builtin;
    return status;
}

/* Whether a RESHAPE begins a channel shuffle: a TRANSPOSE of the last two of at least three dimensions reads its
 * output, and a RESHAPE the TRANSPOSE's. */
static hf_status starts_shuffle(hf_tflite_op *op, int32_t index, bool *out)
{
    hf_tflite *tflite = op->tflite;
    hf_flat_table transpose = {0}, last = {0};
    hf_tflite_tensor grouped;
    hf_status status = only_reader(tflite, index, BUILTIN_TRANSPOSE, &transpose, out);
    if (status || !*out || (status = hf_tflite_tensor_read(tflite, index, "output", &grouped)))
        return status;
    hf_tflite_op next = {.tflite = tflite};
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, transpose, OPERATOR_INPUTS, 4);
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, transpose, OPERATOR_OUTPUTS, 4);
    const int32_t swapped = hf_flat_i32_at(&tflite->file, outputs, 0);
    next.inputs[1] = hf_flat_i32_at(&tflite->file, inputs, 1);
    int32_t order[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    if ((status = hf_tflite_check(tflite)) ||
        (status = only_reader(tflite, swapped, BUILTIN_RESHAPE, &last, out)) ||
        (status = hf_tflite_op_ints(&next, 1, "permutation", order, HF_TFLITE_MAX_RANK, &count)))
        return status;
    *out = *out && count >= 3 && count == grouped.rank;
    for (uint32_t d = 0; d < count && *out; d++)
        *out = order[d] == (int32_t)(d + 2 < count ? d : 2 * count - 3 - d);
    /* The dimensions before the last two must be the input's positions, and the shape in the end the input's. */
    hf_tflite_tensor in, end;
    outputs = hf_flat_subvector(&tflite->file, last, OPERATOR_OUTPUTS, 4);
    if (!*out)
        return HF_OK;
    const int32_t ended = hf_flat_i32_at(&tflite->file, outputs, 0);
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &in)) ||
        (status = hf_tflite_tensor_read(tflite, ended, "output", &end)))
        return status;
    int64_t positions[2] = {1, 1};
    for (uint32_t d = 0; d + 2 < grouped.rank; d++)
        positions[0] *= grouped.shape[d];
    for (uint32_t d = 0; d + 1 < in.rank; d++)
        positions[1] *= in.shape[d];
    *out = positions[0] == positions[1] && end.rank == in.rank &&
           memcmp(in.shape, end.shape, in.rank * sizeof *in.shape) == 0;
    return HF_OK;
}

static hf_status read_reshape(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    const int32_t from_index = op->inputs[0];
    if (from_index >= 0 && (uint32_t)from_index < tflite->tensors.count &&
        tflite->views[from_index].groups > 0)
        return read_shuffle_end(op, tflite->views[from_index]);
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    bool transposed = false;
    hf_status status;
    if ((status = hf_tflite_check(tflite)) || (status = starts_shuffle(op, index, &transposed)))
        return status;
    if (transposed)
        return read_grouped_view(op, index);
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    const hf_tensor *to = &op->output_shape;
    const hf_tensor *from = hf_tflite_op_in(op);
    if (hf_tensor_bytes(to) != hf_tensor_bytes(from))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%dx%dx%d to %dx%dx%d, expected equal numbers of values",
                              from->height, from->width, from->channels, to->height, to->width, to->channels);
    op->node.kernel_height = to->height;
    op->node.kernel_width = to->width;
    return hf_tflite_op_add(op, HF_OP_RESHAPE, NULL);
}

/* ---- Writing ---- */

static hf_status plan_reshape(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const int32_t to = hf_tflite_plan_add_activation(p->plan, p->node->output,
                                                     hf_tflite_planner_output_rank(p), p->node->name);
    hf_tflite_plan_add_reshape(p->plan, p->node, hf_tflite_planner_input(p, 0), to);
    p->plan->file_tensors[p->node->output] = to;
    return HF_OK;
}

static hf_status plan_shuffle(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const hf_tensor *in = &p->plan->graph->tensors[p->node->inputs[0]];
    const int32_t groups = p->node->groups;
    const int32_t rest = in->channels / groups;
    static const int32_t order[] = {0, 1, 2, 4, 3};
    hf_tflite_planned_tensor grouped = {
        .type = TYPE_INT8, .rank = 5, .shape = {1, in->height, in->width, groups, rest}, .quant = in->quant};
    hf_tflite_planned_tensor swapped = grouped;
    swapped.shape[3] = rest;
    swapped.shape[4] = groups;
    snprintf(grouped.name, sizeof grouped.name, "%s/grouped", p->node->name);
    snprintf(swapped.name, sizeof swapped.name, "%s/swapped", p->node->name);
    const int32_t first = hf_tflite_plan_add_tensor(p->plan, &grouped);
    hf_tflite_plan_add_reshape(p->plan, p->node, hf_tflite_planner_input(p, 0), first);
    const int32_t second = hf_tflite_plan_add_tensor(p->plan, &swapped);
    hf_tflite_planner_set_operator(p, BUILTIN_TRANSPOSE, 4, OPTIONS_TRANSPOSE, hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, first);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "order", order, 5, 1));
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &second, 1);
    const int32_t last = hf_tflite_plan_add_activation(p->plan, p->node->output, 4, p->node->name);
    hf_tflite_plan_add_reshape(p->plan, p->node, second, last);
    p->plan->file_tensors[p->node->output] = last;
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_RESHAPE,
     .name = "RESHAPE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_RESHAPE,
     .takes_float = true,
     .min_inputs = 1,
     .max_inputs = 2,
     .read = read_reshape},
    {.code = BUILTIN_SQUEEZE,
     .name = "SQUEEZE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_SQUEEZE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_reshape},
    {.code = BUILTIN_EXPAND_DIMS,
     .name = "EXPAND_DIMS",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_EXPAND_DIMS,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_reshape},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_RESHAPE, plan_reshape},
    {HF_OP_CHANNEL_SHUFFLE, plan_shuffle},
};

HF_TFLITE_OPERATOR(reshape);
