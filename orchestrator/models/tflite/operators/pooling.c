/* SPDX-License-Identifier: Apache-2.0 */
#include "operator.h"

enum { AVERAGE_POOL_2D = 1, MAX_POOL_2D = 17, POOL_2D_OPTIONS = 5 };
/* Pool2DOptions, after padding and strides. */
enum { POOL_FILTER_W = 3, POOL_FILTER_H, POOL_ACTIVATION };

static hf_status read_pool(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_window(op)) || (status = hf_tflite_op_activation(op, POOL_ACTIVATION)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    op->node.kernel_width = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_W, 0);
    op->node.kernel_height = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_H, 0);
    return hf_tflite_op_add(op, op->builtin == MAX_POOL_2D ? HF_OP_MAX_POOL : HF_OP_AVERAGE_POOL, NULL);
}

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    const hf_node *node = op->node;
    (void)plan;
    size_t at = hf_tflite_put_window(flat, "144441", node);
    hf_flat_set_i32(flat, at, POOL_FILTER_W, node->kernel_width);
    hf_flat_set_i32(flat, at, POOL_FILTER_H, node->kernel_height);
    hf_flat_set_u8(flat, at, POOL_ACTIVATION, hf_tflite_activation_code(node->activation));
    return at;
}

static hf_status plan_pool(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, p->node->op == HF_OP_MAX_POOL ? MAX_POOL_2D : AVERAGE_POOL_2D, 2,
                                   POOL_2D_OPTIONS, put_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = AVERAGE_POOL_2D,
     .name = "AVERAGE_POOL_2D",
     .options_type = POOL_2D_OPTIONS,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_pool},
    {.code = MAX_POOL_2D,
     .name = "MAX_POOL_2D",
     .options_type = POOL_2D_OPTIONS,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_pool},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_AVERAGE_POOL, plan_pool},
    {HF_OP_MAX_POOL, plan_pool},
};

HF_TFLITE_OPERATOR(pooling);
