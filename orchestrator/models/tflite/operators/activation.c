/* SPDX-License-Identifier: Apache-2.0 */
/* Activations that are not fused into a layer. */
#include "operator.h"

enum {
    BUILTIN_LOGISTIC = 14,
    BUILTIN_RELU = 19,
    BUILTIN_RELU_N1_TO_1 = 20,
    BUILTIN_RELU6 = 21,
    BUILTIN_TANH = 28,
    BUILTIN_LEAKY_RELU = 98,
    BUILTIN_ABS = 101,
    BUILTIN_ELU = 111,
    BUILTIN_HARD_SWISH = 117
};
enum { OPTIONS_LEAKY_RELU = 75, OPTIONS_ABS = 78, OPTIONS_QUANTIZE = 89, OPTIONS_HARD_SWISH = 91 };
enum { LEAKY_RELU_ALPHA }; /* LeakyReluOptions */

static hf_status read_function16(hf_tflite_op *op, hf_function16 function)
{
    op->node.function16 = function;
    return hf_tflite_op_add_function16(op);
}

static hf_status read_relu(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    op->node.activation = op->builtin == BUILTIN_RELU    ? HF_ACTIVATION_RELU
                          : op->builtin == BUILTIN_RELU6 ? HF_ACTIVATION_RELU6
                                                         : HF_ACTIVATION_RELU_N1_TO_1;
    if (op->type == TYPE_INT16)
        return read_function16(op, HF_FUNCTION16_RESCALE);
    return hf_tflite_op_add_elementwise(op, HF_OP_RELU);
}

/* A function of int8 values whose node has no attribute. */
static hf_status read_function(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    return hf_tflite_op_add_elementwise(op, op->builtin == BUILTIN_HARD_SWISH ? HF_OP_HARD_SWISH
                                            : op->builtin == BUILTIN_ELU      ? HF_OP_ELU
                                                                              : HF_OP_ABS);
}

/* LOGISTIC and TANH, whose output quantisation is prescribed. */
static hf_status read_sigmoid(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    if (op->type == TYPE_INT16)
        return read_function16(op,
                               op->builtin == BUILTIN_LOGISTIC ? HF_FUNCTION16_LOGISTIC : HF_FUNCTION16_TANH);
    return hf_tflite_op_add_elementwise(op, op->builtin == BUILTIN_LOGISTIC ? HF_OP_LOGISTIC : HF_OP_TANH);
}

static hf_status read_leaky_relu(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    op->node.alpha = hf_flat_f32(&op->tflite->file, op->options, LEAKY_RELU_ALPHA, 0.0f);
    if (op->type == TYPE_INT16)
        return read_function16(op, HF_FUNCTION16_LEAKY_RELU);
    return hf_tflite_op_add_elementwise(op, HF_OP_LEAKY_RELU);
}

static hf_status plan_relu(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const hf_activation activation = p->node->activation;
    const int32_t builtin = activation == HF_ACTIVATION_RELU6          ? BUILTIN_RELU6
                            : activation == HF_ACTIVATION_RELU_N1_TO_1 ? BUILTIN_RELU_N1_TO_1
                                                                       : BUILTIN_RELU;
    hf_tflite_planner_set_operator(p, builtin, 2, OPTIONS_NONE, NULL);
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

static hf_status plan_abs(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_ABS, 1, OPTIONS_ABS, hf_tflite_put_empty_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static hf_status plan_elu(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_ELU, 1, OPTIONS_NONE, NULL);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static hf_status plan_sigmoid(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const bool logistic = p->node->op == HF_OP_LOGISTIC || p->node->function16 == HF_FUNCTION16_LOGISTIC;
    hf_tflite_planner_set_operator(p, logistic ? BUILTIN_LOGISTIC : BUILTIN_TANH, 2, OPTIONS_NONE, NULL);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static size_t put_leaky_relu(hf_flat_writer *flat, const hf_tflite_plan *plan,
                             const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4");
    (void)plan;
    hf_flat_set_f32(flat, at, LEAKY_RELU_ALPHA, op->node->alpha);
    return at;
}

static hf_status plan_leaky_relu(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_LEAKY_RELU, 2, OPTIONS_LEAKY_RELU, put_leaky_relu);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static hf_status plan_function16(hf_tflite_planner *p, hf_error *err)
{
    switch (p->node->function16) {
    case HF_FUNCTION16_LEAKY_RELU:
        return plan_leaky_relu(p, err);
    case HF_FUNCTION16_LOGISTIC:
    case HF_FUNCTION16_TANH:
        return plan_sigmoid(p, err);
    default:
        break;
    }
    if (p->node->activation != HF_ACTIVATION_NONE)
        return plan_relu(p, err);
    hf_tflite_planner_set_operator(p, BUILTIN_QUANTIZE, 2, OPTIONS_QUANTIZE, hf_tflite_put_empty_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_LOGISTIC,
     .name = "LOGISTIC",
     .more_types = HF_TFLITE_TAKES_INT16,
     .takes_float = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_sigmoid},
    {.code = BUILTIN_TANH,
     .name = "TANH",
     .more_types = HF_TFLITE_TAKES_INT16,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_sigmoid},
    {.code = BUILTIN_LEAKY_RELU,
     .name = "LEAKY_RELU",
     .more_types = HF_TFLITE_TAKES_INT16,
     .options_type = OPTIONS_LEAKY_RELU,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_leaky_relu},
    {.code = BUILTIN_RELU_N1_TO_1,
     .name = "RELU_N1_TO_1",
     .more_types = HF_TFLITE_MOVES,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_relu},
    {.code = BUILTIN_RELU,
     .name = "RELU",
     .more_types = HF_TFLITE_MOVES,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_relu},
    {.code = BUILTIN_RELU6,
     .name = "RELU6",
     .more_types = HF_TFLITE_MOVES,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_relu},
    {.code = BUILTIN_HARD_SWISH,
     .name = "HARD_SWISH",
     .options_type = OPTIONS_HARD_SWISH,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_function},
    {.code = BUILTIN_ABS,
     .name = "ABS",
     .options_type = OPTIONS_ABS,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_function},
    {.code = BUILTIN_ELU, .name = "ELU", .min_inputs = 1, .max_inputs = 1, .read = read_function},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_FUNCTION16, plan_function16},
    {HF_OP_RELU, plan_relu},
    {HF_OP_HARD_SWISH, plan_hard_swish},
    {HF_OP_LOGISTIC, plan_sigmoid},
    {HF_OP_TANH, plan_sigmoid},
    {HF_OP_LEAKY_RELU, plan_leaky_relu},
    {HF_OP_ELU, plan_elu},
    {HF_OP_ABS, plan_abs},
};

HF_TFLITE_OPERATOR(activation);
