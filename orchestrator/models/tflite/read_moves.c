/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a .tflite file that move values: reshape, channel shuffle, concatenation, slices, pad. */
#include "read_operator.h"

/* ---- Reshape, alone or as a part of a channel shuffle ---- */

/*
 * A channel shuffle is RESHAPE to [..., G, C/G], TRANSPOSE of the last two dimensions, RESHAPE back. The
 * tensors between them are views of the first one's input and never become the graph's.
 */
static hf_status read_grouped_view(hf_tflite_op *op, int32_t index)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor view;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_tensor_read(tflite, index, &view)) ||
        (status = hf_tflite_quant(tflite, &view, &quant)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    int64_t positions = 1;
    for (uint32_t d = 0; d + 2 < view.rank && positions <= HF_GRAPH_MAX_TENSOR_BYTES; d++)
        positions *= view.shape[d];
    const bool splits_channels =
        view.rank >= 3 && positions == (int64_t)in->height * in->width &&
        (int64_t)view.shape[view.rank - 2] * view.shape[view.rank - 1] == in->channels;
    if (!splits_channels || !hf_tflite_same_quant(quant, in->quant) || view.data.count > 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "its output, tensor %d, is transposed next, but is not the input's %dx%d "
                              "positions with the %d channels in groups (a channel shuffle)",
                              index, in->height, in->width, in->channels);
    if (tflite->tensor_map[index] != HF_TFLITE_UNKNOWN || tflite->views[index].groups > 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its output, tensor %d, was computed before", index);
    tflite->views[index] =
        (hf_tflite_view){.source = op->node.inputs[0], .groups = view.shape[view.rank - 2]};
    return HF_OK;
}

hf_status hf_tflite_read_transpose(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor in, out;
    int32_t order[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_tensor_read(tflite, op->inputs[0], &in)) ||
        (status = hf_tflite_tensor_read(tflite, index, &out)) ||
        (status = hf_tflite_op_ints(op, 1, order, HF_TFLITE_MAX_RANK, &count)))
        return status;
    const hf_tflite_view from = tflite->views[in.index];
    bool swaps = from.groups > 0 && !from.swapped && count == in.rank && out.rank == in.rank;
    for (uint32_t d = 0; swaps && d < count; d++) {
        uint32_t source = d + 2 < count ? d : 2 * count - 3 - d; /* the last two change places */
        swaps = order[d] == (int32_t)source && out.shape[d] == in.shape[source];
    }
    hf_quant before, after;
    if (!swaps)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "a transpose is supported only between two reshapes that make it a channel "
                              "shuffle: the last two dimensions swapped, [..., groups, channels / groups]");
    if ((status = hf_tflite_quant(tflite, &in, &before)) || (status = hf_tflite_quant(tflite, &out, &after)))
        return status;
    if (!hf_tflite_same_quant(before, after))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input and output have different quantisation");
    if (tflite->tensor_map[index] != HF_TFLITE_UNKNOWN || tflite->views[index].groups > 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its output, tensor %d, was computed before", index);
    tflite->views[index] = from;
    tflite->views[index].swapped = true;
    return HF_OK;
}

static hf_status read_shuffle_end(hf_tflite_op *op, hf_tflite_view view)
{
    hf_status status = hf_tflite_op_output(op, 0);
    if (status)
        return status;
    if (!view.swapped)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "reshapes a tensor that another operator transposes");
    op->node.inputs[0] = view.source;
    op->node.input_count = 1;
    op->node.groups = view.groups;
    if ((status = hf_tflite_op_same_quant(op)))
        return status;
    return hf_tflite_op_add(op, HF_OP_CHANNEL_SHUFFLE, NULL);
}

/* Whether the one operator that reads a tensor is a TRANSPOSE. */
static hf_status is_transposed_next(hf_tflite_op *op, int32_t tensor, bool *out)
{
    hf_tflite *tflite = op->tflite;
    *out = false;
    if (tensor < 0 || (uint32_t)tensor >= tflite->tensors.count || tflite->consumers[tensor] < 0)
        return HF_OK;
    int32_t builtin;
    hf_flat_table reader =
        hf_flat_table_at(&tflite->file, tflite->operators, (uint32_t)tflite->consumers[tensor]);
    hf_status status = hf_tflite_builtin(tflite, reader, &builtin);
    if (!status)
        *out = builtin == BUILTIN_TRANSPOSE;
    return status;
}

hf_status hf_tflite_read_reshape(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    const int32_t from_index = op->inputs[0];
    if (from_index >= 0 && (uint32_t)from_index < tflite->tensors.count &&
        tflite->views[from_index].groups > 0)
        return read_shuffle_end(op, tflite->views[from_index]);
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    bool transposed;
    hf_status status;
    if ((status = hf_tflite_check(tflite)) || (status = is_transposed_next(op, index, &transposed)))
        return status;
    if (transposed)
        return read_grouped_view(op, index);
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    const hf_tensor *to = &op->output_shape;
    const hf_tensor *from = hf_tflite_op_in(op);
    if (hf_tensor_bytes(to) != hf_tensor_bytes(from))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "reshapes %dx%dx%d to %dx%dx%d", from->height, from->width,
                              from->channels, to->height, to->width, to->channels);
    op->node.kernel_height = to->height;
    op->node.kernel_width = to->width;
    return hf_tflite_op_add(op, HF_OP_RESHAPE, NULL);
}

hf_status hf_tflite_read_shape_value(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    hf_tflite_tensor output;
    hf_status status;
    if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_tensor_read(tflite, index, &output)))
        return status;
    if (output.type != TYPE_INT32 || output.data.count > 0 || tflite->tensor_map[index] != HF_TFLITE_UNKNOWN)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "its output, tensor %d, is not an int32 shape for a RESHAPE", index);
    tflite->tensor_map[index] = HF_TFLITE_SHAPE_VALUE;
    return HF_OK;
}

/* ---- Concatenation and slices, along channels ---- */

static hf_status input_rank(hf_tflite_op *op, uint32_t i, int32_t *rank)
{
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[i], &tensor);
    if (!status)
        *rank = (int32_t)tensor.rank;
    return status;
}

hf_status hf_tflite_read_concat(hf_tflite_op *op)
{
    hf_status status = hf_tflite_op_output(op, 0);
    if (status)
        return status;
    if (op->input_count > HF_NODE_MAX_INPUTS)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u inputs, at most %d are supported", op->input_count,
                              HF_NODE_MAX_INPUTS);
    for (uint32_t i = 0; i < op->input_count; i++) {
        if ((status = hf_tflite_op_input(op, i)))
            return status;
        if (!hf_tflite_same_quant(op->tflite->graph->tensors[op->node.inputs[i]].quant,
                                  op->output_shape.quant)) /* TensorFlow Lite's own rule for int8 */
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input %u and the output have different quantisation",
                                  i);
    }
    int32_t rank;
    if ((status = hf_tflite_op_activation(op, CONCAT_ACTIVATION)) || (status = input_rank(op, 0, &rank)))
        return status;
    int32_t axis = hf_flat_i32(&op->tflite->file, op->options, CONCAT_AXIS, 0);
    if (axis != rank - 1 && axis != -1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "along axis %d of %d, expected channels, the last", axis,
                              rank);
    if (op->node.activation != HF_ACTIVATION_NONE)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "a fused activation, expected none");
    return hf_tflite_op_add(op, HF_OP_CONCAT, NULL);
}

static hf_status check_split_axis(hf_tflite_op *op, uint32_t data, uint32_t axis_input)
{
    int32_t axis, rank;
    uint32_t count;
    hf_status status;
    if ((status = input_rank(op, data, &rank)) ||
        (status = hf_tflite_op_ints(op, axis_input, &axis, 1, &count)))
        return status;
    if (axis != rank - 1 && axis != -1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "along axis %d of %d, expected channels, the last", axis,
                              rank);
    return HF_OK;
}

/* SPLIT (axis, tensor) into equal parts and SPLIT_V (tensor, sizes, axis): one slice for each part that
 * somebody reads. The sizes are those of the outputs. */
hf_status hf_tflite_read_split(hf_tflite_op *op)
{
    const bool equal = op->builtin == BUILTIN_SPLIT;
    const uint32_t data = equal ? 1 : 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, data)) || (status = check_split_axis(op, data, equal ? 0 : 2)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels;
    int32_t begin = 0;
    for (uint32_t i = 0; i < op->outputs.count; i++) {
        if ((status = hf_tflite_op_output(op, i)) || (status = hf_tflite_op_same_quant(op)))
            return status;
        const int32_t count = op->output_shape.channels;
        if (count > channels - begin || (equal && (int64_t)count * op->outputs.count != channels))
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "output %u has %d of %d channels", i, count, channels);
        op->node.slice_begin = begin;
        op->node.slice_count = count;
        if (op->tflite->consumers[op->output.index] == HF_TFLITE_UNREAD)
            op->tflite->tensor_map[op->output.index] = HF_TFLITE_DROPPED;
        else if ((status = hf_tflite_op_add(op, HF_OP_SLICE, NULL)))
            return status;
        begin += count;
    }
    if (begin != channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its outputs have %d of %d channels", begin, channels);
    return HF_OK;
}

/* A slice that takes `count[d]` from `begin[d]` in every dimension: all of every dimension but channels. */
static hf_status add_slice(hf_tflite_op *op, const int32_t *begin, const int32_t *count, uint32_t rank)
{
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_tensor_read(op->tflite, op->inputs[0], &in)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    if (in.rank != rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%u begins for %u dimensions", rank, in.rank);
    for (uint32_t d = 0; d + 1 < rank; d++)
        if (begin[d] != 0 || count[d] != in.shape[d])
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                  "a slice of dimension %u, expected one of channels, the last", d);
    op->node.slice_begin = begin[rank - 1];
    op->node.slice_count = count[rank - 1];
    return hf_tflite_op_add(op, HF_OP_SLICE, NULL);
}

hf_status hf_tflite_read_slice(hf_tflite_op *op)
{
    int32_t begin[4], count[4];
    uint32_t begins = 0;
    uint32_t counts = 0;
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_ints(op, 1, begin, 4, &begins)) ||
        (status = hf_tflite_op_ints(op, 2, count, 4, &counts)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], &in)))
        return status;
    if (begins != counts || begins != in.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%u begins and %u sizes for %u dimensions", begins, counts,
                              in.rank);
    for (uint32_t d = 0; d < begins; d++) {
        if (begin[d] < 0 || begin[d] >= in.shape[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "begins at %d in dimension %u of %d", begin[d], d,
                                  in.shape[d]);
        if (count[d] == -1) /* all that is left */
            count[d] = in.shape[d] - begin[d];
    }
    return add_slice(op, begin, count, begins);
}

/* Python's rules: a masked or out-of-range bound is the dimension's end, a negative one counts from there. */
static int32_t strided_bound(int32_t value, int32_t size, bool masked, int32_t otherwise)
{
    if (masked)
        return otherwise;
    int64_t bound = value < 0 ? (int64_t)value + size : value;
    return bound < 0 ? 0 : bound > size ? size : (int32_t)bound;
}

static hf_status check_strided_options(hf_tflite_op *op)
{
    for (uint32_t field = STRIDED_ELLIPSIS_MASK; field < STRIDED_FIELDS; field++)
        if (hf_flat_i32(&op->tflite->file, op->options, field, 0) != 0)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "it has %s, expected begin, end and strides alone",
                                  field == STRIDED_ELLIPSIS_MASK   ? "an ellipsis"
                                  : field == STRIDED_NEW_AXIS_MASK ? "a new axis"
                                                                   : "an axis that it drops");
    return HF_OK;
}

hf_status hf_tflite_read_strided_slice(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    const int32_t index = op->inputs[0];
    if (index >= 0 && (uint32_t)index < tflite->tensors.count &&
        tflite->tensor_map[index] == HF_TFLITE_SHAPE_VALUE)
        return hf_tflite_read_shape_value(op);
    int32_t begin[4], end[4], strides[4];
    uint32_t counts[3] = {0};
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = check_strided_options(op)) || (status = hf_tflite_op_ints(op, 1, begin, 4, &counts[0])) ||
        (status = hf_tflite_op_ints(op, 2, end, 4, &counts[1])) ||
        (status = hf_tflite_op_ints(op, 3, strides, 4, &counts[2])) ||
        (status = hf_tflite_tensor_read(tflite, index, &in)))
        return status;
    if (counts[0] != in.rank || counts[1] != in.rank || counts[2] != in.rank)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u begins, %u ends and %u strides for %u dimensions",
                              counts[0], counts[1], counts[2], in.rank);
    const uint32_t begin_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_BEGIN_MASK, 0);
    const uint32_t end_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_END_MASK, 0);
    for (uint32_t d = 0; d < in.rank; d++) {
        if (strides[d] != 1)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "stride %d in dimension %u, expected 1", strides[d],
                                  d);
        begin[d] = strided_bound(begin[d], in.shape[d], (begin_mask >> d) & 1, 0);
        end[d] = strided_bound(end[d], in.shape[d], (end_mask >> d) & 1, in.shape[d]);
        end[d] -= begin[d]; /* now the count */
    }
    return add_slice(op, begin, end, in.rank);
}

/* ---- Pad ---- */

hf_status hf_tflite_read_pad(hf_tflite_op *op)
{
    int32_t pads[8]; /* before and after, per dimension */
    uint32_t count = 0;
    int32_t rank = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) || (status = hf_tflite_op_ints(op, 1, pads, 8, &count)) ||
        (status = input_rank(op, 0, &rank)))
        return status;
    if (rank != 4 || count != 8)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u paddings for %d dimensions, expected 8 for 4", count,
                              rank);
    if (pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "pads batch or channels, expected height and width alone");
    op->node.pad_top = pads[2];
    op->node.pad_bottom = pads[3];
    op->node.pad_left = pads[4];
    op->node.pad_right = pads[5];
    return hf_tflite_op_add(op, HF_OP_PAD, NULL);
}
