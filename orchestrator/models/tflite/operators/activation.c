/* SPDX-License-Identifier: Apache-2.0 */
/* Activations that are not fused into a layer. */
#include "operator.h"

enum { BUILTIN_RELU = 19, BUILTIN_RELU6 = 21, BUILTIN_HARD_SWISH = 117, OPTIONS_HARD_SWISH = 91 };

static hf_status read_relu(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    op->node.activation = op->builtin == BUILTIN_RELU ? HF_ACTIVATION_RELU : HF_ACTIVATION_RELU6;
    return hf_tflite_op_add_elementwise(op, HF_OP_RELU);
}

static hf_status read_hard_swish(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    return hf_tflite_op_add_elementwise(op, HF_OP_HARD_SWISH);
}

static hf_status plan_relu(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const bool six = p->node->activation == HF_ACTIVATION_RELU6;
    hf_tflite_planner_set_operator(p, six ? BUILTIN_RELU6 : BUILTIN_RELU, 2, OPTIONS_NONE, NULL);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static hf_status plan_hard_swish(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_HARD_SWISH, 1, OPTIONS_HARD_SWISH, hf_tflite_put_empty_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_RELU, .name = "RELU", .min_inputs = 1, .max_inputs = 1, .read = read_relu},
    {.code = BUILTIN_RELU6, .name = "RELU6", .min_inputs = 1, .max_inputs = 1, .read = read_relu},
    {.code = BUILTIN_HARD_SWISH,
     .name = "HARD_SWISH",
     .options_type = OPTIONS_HARD_SWISH,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_hard_swish},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_RELU, plan_relu},
    {HF_OP_HARD_SWISH, plan_hard_swish},
};

HF_TFLITE_OPERATOR(activation);
