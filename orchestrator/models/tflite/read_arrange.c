/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that rearrange tensors of any rank, built from nodes of the graph. Such an operator works along one axis:
 * the tensor is seen as [outer, size, inner], and reshapes cost nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "operator.h"

hf_status hf_tflite_reshape(hf_tflite *tflite, int32_t tensor, int64_t height, int64_t width,
                            int64_t channels, int32_t *out)
{
    const hf_tensor *in = &tflite->graph->tensors[tensor];
    *out = tensor;
    if (in->height == height && in->width == width && in->channels == channels)
        return HF_OK;
    if (height > HF_GRAPH_MAX_DIMENSION || width > HF_GRAPH_MAX_DIMENSION ||
        channels > HF_GRAPH_MAX_DIMENSION)
        return TFLITE_FAIL(tflite, HF_ELIMIT,
                           "an array of %lldx%lldx%lld values, at most %d are supported in each "
                           "dimension",
                           (long long)height, (long long)width, (long long)channels, HF_GRAPH_MAX_DIMENSION);
    hf_node node = {.inputs = {tensor},
                    .input_count = 1,
                    .kernel_height = (int32_t)height,
                    .kernel_width = (int32_t)width};
    return hf_tflite_append(tflite, &node, HF_OP_RESHAPE, 0, out);
}

hf_status hf_tflite_slice(hf_tflite *tflite, int32_t tensor, hf_tflite_axis axis, int64_t begin,
                          int64_t count, int32_t *out)
{
    hf_status status;
    if (axis.outer == 1 && count < axis.size) {
        hf_node node = {.inputs = {tensor},
                        .input_count = 1,
                        .kernel_height = 1,
                        .kernel_width = (int32_t)count,
                        .part_offset = (int32_t)(begin * axis.inner)};
        return hf_tflite_append(tflite, &node, HF_OP_PART, (int32_t)axis.inner, out);
    }
    if (count < axis.size) {
        hf_node node = {.input_count = 1,
                        .slice_begin = (int32_t)(begin * axis.inner),
                        .slice_count = (int32_t)(count * axis.inner)};
        if ((status =
                 hf_tflite_reshape(tflite, tensor, axis.outer, 1, axis.size * axis.inner, &node.inputs[0])) ||
            (status = hf_tflite_append(tflite, &node, HF_OP_SLICE, 0, &tensor)))
            return status;
    }
    return hf_tflite_reshape(tflite, tensor, axis.outer, count, axis.inner, out);
}

hf_status hf_tflite_take(hf_tflite *tflite, int32_t tensor, hf_tflite_axis axis, const int32_t *positions,
                         int32_t count, int32_t *out)
{
    hf_node node = {.input_count = 1, .kernel_height = (int32_t)axis.outer, .kernel_width = count};
    hf_status status;
    if ((status = hf_tflite_reshape(tflite, tensor, axis.outer, axis.size, axis.inner, &node.inputs[0])) ||
        (status = hf_tflite_append(tflite, &node, HF_OP_TAKE, 0, out)))
        return status;
    return hf_tflite_positions(tflite, NULL, positions);
}

hf_status hf_tflite_positions(hf_tflite *tflite, const int32_t *rows, const int32_t *columns)
{
    hf_node *node = &tflite->graph->nodes[tflite->graph->node_count - 1];
    const int32_t height = node->kernel_height;
    const int32_t width = node->kernel_width;
    node->positions = malloc(((size_t)height + (size_t)width) * sizeof *node->positions);
    if (!node->positions)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %d positions", height + width);
    for (int32_t y = 0; y < height; y++)
        node->positions[y] = rows ? rows[y] : y;
    for (int32_t x = 0; x < width; x++)
        node->positions[height + x] = columns ? columns[x] : x;
    return HF_OK;
}

hf_status hf_tflite_join(hf_tflite *tflite, const int32_t *tensors, uint32_t count, int64_t outer,
                         int64_t inner, int32_t *out)
{
    hf_node node = {0};
    hf_status status = HF_OK;
    const bool adjacent = outer == 1;
    if (count == 1) {
        *out = tensors[0];
        return HF_OK;
    }
    for (uint32_t i = 0; i < count && !status; i++) {
        const int64_t bytes = hf_tensor_bytes(&tflite->graph->tensors[tensors[i]]);
        (void)inner;
        node.inputs[node.input_count] = tensors[i];
        if (!adjacent)
            status = hf_tflite_reshape(tflite, tensors[i], outer, 1, bytes / outer,
                                       &node.inputs[node.input_count]);
        node.input_count++;
    }
    return status ? status : hf_tflite_append(tflite, &node, adjacent ? HF_OP_JOIN : HF_OP_CONCAT, 0, out);
}

hf_tflite_axis hf_tflite_axis_of(const hf_tflite_op *op, const int32_t *shape, uint32_t rank, uint32_t axis)
{
    hf_tflite_axis found = {1, shape[axis], op->value_bytes};
    for (uint32_t d = 0; d < rank; d++) {
        if (d < axis)
            found.outer *= shape[d];
        if (d > axis)
            found.inner *= shape[d];
    }
    return found;
}

hf_status hf_tflite_op_alias(hf_tflite_op *op, int32_t tensor)
{
    hf_tflite *tflite = op->tflite;
    const hf_tensor *in = &tflite->graph->tensors[tensor];
    const hf_tensor *to = &op->output_shape;
    hf_status status;
    if (hf_tensor_bytes(in) != hf_tensor_bytes(to))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "computes %dx%dx%d values, but output (tensor %d) has %dx%dx%d",
                              in->height, in->width, in->channels, op->output.index, to->height, to->width,
                              to->channels);
    if ((status = hf_tflite_op_check_quants(op, "input", in->quant, to->quant)) ||
        (status = hf_tflite_reshape(tflite, tensor, to->height, to->width, to->channels, &tensor)))
        return status;
    tflite->tensor_map[op->output.index] = tensor;
    return HF_OK;
}
