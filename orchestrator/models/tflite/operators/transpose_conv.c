/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV; and writing of layers of 16-bit values and transposed ones, which only the graph has as one operator. */
#include <stdio.h>

#include "operator.h"

enum { BUILTIN_TRANSPOSE_CONV = 67, OPTIONS_TRANSPOSE_CONV = 49 };
enum { CONV_2D = 3, CONV_OPTIONS = 1 };
enum { SHAPE, WEIGHTS, INPUT, BIAS, INPUTS };
enum { TRANSPOSE_ACTIVATION = 3 }; /* after padding and strides; as in Conv2DOptions */

static hf_status read_transpose_conv(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_node *node = NULL;
    hf_status status;
    op->data_input = INPUT;
    op->node.transposed = true;
    if ((status = hf_tflite_op_input(op, INPUT)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[WEIGHTS], "weights", &weights)) ||
        (status = hf_tflite_op_window(op)) || (status = hf_tflite_op_activation(op, TRANSPOSE_ACTIVATION)))
        return status;
    if (op->node.activation != HF_ACTIVATION_NONE)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "a fused activation, expected NONE");
    if (weights.rank != 4 || weights.shape[3] * op->value_bytes != hf_tflite_op_in(op)->channels)
        return TENSOR_FAIL(op->tflite, &weights, HF_EFORMAT, "expected 4 dimensions, the last of %d channels",
                           hf_tflite_op_in(op)->channels / op->value_bytes);
    op->node.kernel_height = weights.shape[1];
    op->node.kernel_width = weights.shape[2];
    op->node.operand_shape[0] = op->output_shape.height;
    op->node.operand_shape[1] = op->output_shape.width;
    op->out_channels = weights.shape[0];
    if ((status = hf_tflite_add_layer(op, HF_OP_CONV_GENERAL, &weights, &node)))
        return status;
    return hf_tflite_fill_layer(op, &weights, 0, node);
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_TRANSPOSE_CONV,
     .name = "TRANSPOSE_CONV",
     .options_type = OPTIONS_TRANSPOSE_CONV,
     .options_required = true,
     .more_types = HF_TFLITE_TAKES_INT16,
     .min_inputs = 3,
     .max_inputs = INPUTS,
     .read = read_transpose_conv},
};

/* ---- Writing ---- */

static size_t put_transpose(hf_flat_writer *flat, const hf_tflite_plan *plan,
                            const hf_tflite_planned_operator *op)
{
    (void)plan;
    return hf_tflite_put_window(flat, "144", op->node);
}

static size_t put_conv(hf_flat_writer *flat, const hf_tflite_plan *plan, const hf_tflite_planned_operator *op)
{
    size_t at = hf_tflite_put_window(flat, "144144", op->node);
    (void)plan;
    hf_flat_set_u8(flat, at, TRANSPOSE_ACTIVATION, hf_tflite_activation_code(op->node->activation));
    hf_flat_set_i32(flat, at, TRANSPOSE_ACTIVATION + 1, 1); /* dilations */
    hf_flat_set_i32(flat, at, TRANSPOSE_ACTIVATION + 2, 1);
    return at;
}

/* Files have other sums or factors for some of the graph's forms. */
static hf_status check_form(const hf_node *node, hf_error *err)
{
    const bool wide = node->in_bytes == 2;
    const bool no_bias = node->long_sums && !node->long_bias && !node->transposed;
    if (node->dense_scale || node->weight_zero_point != 0 || (!wide && !node->transposed) || no_bias ||
        (node->transposed &&
         (node->long_sums != wide || node->groups > 1 || node->activation != HF_ACTIVATION_NONE)))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: a file has no such layer of int8 or int16 values",
                       node->name);
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: it has no weights", node->name);
    return HF_OK;
}

static void add_bias(hf_tflite_planner *p, int32_t channels)
{
    const hf_node *node = p->node;
    hf_tflite_planned_tensor bias = {.type = node->long_bias ? TYPE_INT64 : TYPE_INT32,
                                     .rank = 1,
                                     .shape = {channels},
                                     .bytes = node->long_bias,
                                     .bias = node->bias,
                                     .channels = node,
                                     .channel_count = channels,
                                     .channel_factor = p->plan->graph->tensors[node->inputs[0]].quant.scale};
    snprintf(bias.name, sizeof bias.name, "%s/bias", node->name);
    if (node->long_bias || node->bias)
        hf_tflite_planner_add_input(p, hf_tflite_plan_add_tensor(p->plan, &bias));
}

static hf_status plan_general(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_tensor *in = &p->plan->graph->tensors[node->inputs[0]];
    const int32_t channels = hf_node_output_channels(p->plan->graph, node);
    hf_status status = check_form(node, err);
    if (status)
        return status;
    hf_tflite_planned_tensor weights = {.type = TYPE_INT8,
                                        .rank = 4,
                                        .shape = {channels, node->kernel_height, node->kernel_width,
                                                  in->channels / node->in_bytes / node->groups},
                                        .bytes = node->weights,
                                        .channels = node,
                                        .channel_count = channels,
                                        .channel_factor = 1.0f};
    snprintf(weights.name, sizeof weights.name, "%s/weights", node->name);
    const int32_t from = hf_tflite_planner_input_4d(p, 0);
    const int32_t filter = hf_tflite_plan_add_tensor(p->plan, &weights);
    if (node->transposed) {
        const int32_t shape[] = {1, node->operand_shape[0], node->operand_shape[1], channels};
        hf_tflite_planner_set_operator(p, BUILTIN_TRANSPOSE_CONV, 3, OPTIONS_TRANSPOSE_CONV, put_transpose);
        hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, node, "shape", shape, 4, 1));
        hf_tflite_planner_add_input(p, filter);
        hf_tflite_planner_add_input(p, from);
    } else {
        hf_tflite_planner_set_operator(p, CONV_2D, node->groups > 1 ? 6 : 4, CONV_OPTIONS, put_conv);
        hf_tflite_planner_add_input(p, from);
        hf_tflite_planner_add_input(p, filter);
    }
    add_bias(p, channels);
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static const hf_tflite_writer writers[] = {{HF_OP_CONV_GENERAL, plan_general}};

HF_TFLITE_OPERATOR(transpose_conv);
