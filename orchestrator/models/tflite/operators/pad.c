/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "operator.h"

enum { BUILTIN_PAD = 34, BUILTIN_PADV2 = 60 };
enum { OPTIONS_PAD = 22, OPTIONS_PADV2 = 43 };

/* The tensor as [outer, size, inner], whose rows are outer. */
hf_status hf_tflite_pad_axis(hf_tflite_op *op, int32_t *shape, uint32_t rank, uint32_t axis, int32_t before,
                             int32_t after, int32_t *tensor)
{
    const hf_tflite_axis seen = hf_tflite_axis_of(op, shape, rank, axis);
    hf_node node = {.input_count = 1, .pad_left = before, .pad_right = after};
    hf_status status =
        hf_tflite_reshape(op->tflite, *tensor, seen.outer, seen.size, seen.inner, &node.inputs[0]);
    shape[axis] += before + after;
    return status ? status : hf_tflite_append(op->tflite, &node, HF_OP_PAD, 0, tensor);
}

/* The same bytes with another quantisation: the whole tensor as a PART. */
static hf_status relabel(hf_tflite_op *op, int32_t *tensor, hf_quant quant)
{
    hf_graph *graph = op->tflite->graph;
    const hf_tensor *in = &graph->tensors[*tensor];
    hf_node node = {
        .inputs = {*tensor}, .input_count = 1, .kernel_height = in->height, .kernel_width = in->width};
    hf_status status = hf_tflite_append(op->tflite, &node, HF_OP_PART, in->channels, tensor);
    if (!status)
        graph->tensors[*tensor].quant = quant;
    return status;
}

/* The int8 value of PADV2's third input, which has the input's quantisation. */
static hf_status read_value(hf_tflite_op *op, int32_t *value)
{
    hf_tflite_tensor tensor;
    hf_quant quant;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[2], "value", &tensor);
    if (status)
        return status;
    if (tensor.type != op->type || op->type == TYPE_INT16 || tensor.data.count != 1)
        return TENSOR_FAIL(op->tflite, &tensor, HF_EUNSUPPORTED,
                           "%u bytes of type %s, expected one int8 constant", tensor.data.count,
                           hf_tflite_type_name(tensor.type));
    if ((status = hf_tflite_quant(op->tflite, &tensor, &quant)) ||
        (status = hf_tflite_op_check_quants(op, "value", quant, op->output_shape.quant)))
        return status;
    const uint8_t byte = op->tflite->file.bytes[tensor.data.at];
    *value = op->type == TYPE_UINT8 ? byte - 128 : (int8_t)byte;
    return HF_OK;
}

/* A PAD fills with the zero point; another value of PADV2 is the zero point of a quantisation of its own. */
static hf_status read_pad(hf_tflite_op *op)
{
    int32_t pads[2 * HF_TFLITE_MAX_RANK]; /* before and after, per dimension */
    uint32_t count = 0;
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) ||
        (status = hf_tflite_op_ints(op, 1, "paddings", pads, 2 * HF_TFLITE_MAX_RANK, &count)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &in)))
        return status;
    const hf_quant quant = op->output_shape.quant;
    int32_t value = quant.zero_point;
    if (op->builtin == BUILTIN_PADV2 && (status = read_value(op, &value)))
        return status;
    if (count != 2 * in.rank)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u padding values for %u dimensions, expected %u", count,
                              in.rank, 2 * in.rank);
    for (uint32_t i = 0; i < count; i++)
        if (pads[i] < 0 || pads[i] > HF_GRAPH_MAX_DIMENSION)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "pads dimension %u by %d, expected 0 .. %d", i / 2, pads[i],
                                  HF_GRAPH_MAX_DIMENSION);
    const bool plain = value == quant.zero_point;
    if (plain && in.rank == 4 && in.shape[0] == 1 && pads[0] + pads[1] + pads[6] + pads[7] == 0) {
        op->node.pad_top = pads[2];
        op->node.pad_bottom = pads[3];
        op->node.pad_left = pads[4];
        op->node.pad_right = pads[5];
        return hf_tflite_op_add(op, HF_OP_PAD, NULL);
    }
    int32_t tensor = op->node.inputs[0];
    if (!plain && (status = relabel(op, &tensor, (hf_quant){quant.scale, value})))
        return status;
    for (size_t d = 0; d < in.rank && !status; d++)
        if (pads[2 * d] + pads[2 * d + 1] > 0)
            status =
                hf_tflite_pad_axis(op, in.shape, in.rank, (uint32_t)d, pads[2 * d], pads[2 * d + 1], &tensor);
    if (!status && !plain)
        status = relabel(op, &tensor, quant);
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status plan_pad(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const hf_node *node = p->node;
    const int32_t pads[] = {0, 0, node->pad_top, node->pad_bottom, node->pad_left, node->pad_right, 0, 0};
    hf_tflite_planner_set_operator(p, BUILTIN_PAD, 2, OPTIONS_PAD, hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    const int32_t paddings = hf_tflite_plan_add_ints(p->plan, node, "paddings", pads, 8, 2);
    if (!p->plan->tensors.failed)
        memcpy(hf_tflite_plan_tensor(p->plan, paddings)->shape, (int32_t[]){4, 2}, 2 * sizeof(int32_t));
    hf_tflite_planner_add_input(p, paddings);
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_PAD,
     .name = "PAD",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_PAD,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_pad},
    {.code = BUILTIN_PADV2,
     .name = "PADV2",
     .more_types = HF_TFLITE_TAKES_UINT8,
     .options_type = OPTIONS_PADV2,
     .min_inputs = 3,
     .max_inputs = 3,
     .read = read_pad},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_PAD, plan_pad},
};

HF_TFLITE_OPERATOR(pad);
