/* SPDX-License-Identifier: Apache-2.0 */
#include "operator.h"

enum { AVERAGE_POOL_2D = 1, MAX_POOL_2D = 17, POOL_2D_OPTIONS = 5 };
/* Pool2DOptions, after padding and strides. */
enum { POOL_FILTER_W = 3, POOL_FILTER_H, POOL_ACTIVATION };

/* An average of uint8 values rounds halves up, one of int8 values away from zero. Without halves both agree. */
static bool has_halves(const hf_node *node)
{
    return node->kernel_width % 2 == 0 || node->kernel_height % 2 == 0 || node->padding != HF_PADDING_VALID;
}

static hf_status read_pool(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_activation(op, POOL_ACTIVATION)) || (status = hf_tflite_op_same_quant(op)))
        return status;
    op->node.kernel_width = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_W, 0);
    op->node.kernel_height = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_H, 0);
    if ((status = hf_tflite_op_window(op)))
        return status;
    const bool largest = op->builtin == MAX_POOL_2D;
    if (op->type == TYPE_INT16) {
        op->node.reduction = largest ? HF_REDUCTION_MAXIMUM : HF_REDUCTION_MEAN;
        return hf_tflite_op_add(op, HF_OP_POOL16, NULL);
    }
    if (op->type == TYPE_UINT8 && !largest && has_halves(&op->node)) {
        op->node.in_bytes = 1;
        return hf_tflite_op_add(op, HF_OP_POOL16, NULL);
    }
    return hf_tflite_op_add(op, largest ? HF_OP_MAX_POOL : HF_OP_AVERAGE_POOL, NULL);
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
    if (p->node->op == HF_OP_POOL16 && p->node->in_bytes == 1)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: int8 has no average that rounds halves up", p->node->name);
    const bool largest = p->node->op == HF_OP_MAX_POOL ||
                         (p->node->op == HF_OP_POOL16 && p->node->reduction == HF_REDUCTION_MAXIMUM);
    hf_tflite_planner_set_operator(p, largest ? MAX_POOL_2D : AVERAGE_POOL_2D, 2, POOL_2D_OPTIONS,
                                   put_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = AVERAGE_POOL_2D,
     .name = "AVERAGE_POOL_2D",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = POOL_2D_OPTIONS,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_pool},
    {.code = MAX_POOL_2D,
     .name = "MAX_POOL_2D",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = POOL_2D_OPTIONS,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_pool},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_AVERAGE_POOL, plan_pool},
    {HF_OP_MAX_POOL, plan_pool},
    {HF_OP_POOL16, plan_pool},
};

HF_TFLITE_OPERATOR(pooling);
