/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise addition and multiplication, of two tensors or with a constant. */
#include <math.h>
#include <stdio.h>

#include "graph/quantize.h"
#include "operator.h"

enum { BUILTIN_ADD = 0, BUILTIN_MUL = 18, OPTIONS_ADD = 11, OPTIONS_MUL = 21 };
enum { BINARY_ACTIVATION }; /* AddOptions and MulOptions */

/* Product of two int8 values minus their zero points: 17 bits. A left shift by more than 14 overflows. */
#define PRODUCT_MAX_SHIFT 14

/* ---- Reading ---- */

/* A constant of one value; others are read as any binary function's. */
static hf_status read_with_constant(hf_tflite_op *op, uint32_t constant)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor tensor;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_op_activation(op, BINARY_ACTIVATION)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[constant], "constant input", &tensor)))
        return status;
    if (tensor.data.count != 1 || (tensor.type != TYPE_INT8 && tensor.type != TYPE_UINT8))
        return hf_tflite_op_binary(op, op->builtin == BUILTIN_MUL ? HF_BINARY_MUL : HF_BINARY_ADD);
    if ((status = hf_tflite_quant(tflite, &tensor, &quant)))
        return status;
    for (uint32_t d = 0; d < tensor.rank; d++)
        if (tensor.shape[d] != 1)
            return TENSOR_FAIL(tflite, &tensor, HF_EFORMAT, "one value, but dimension %u is %d", d,
                               tensor.shape[d]);
    op->node.constant =
        (int8_t)(uint8_t)(tflite->file.bytes[tensor.data.at] ^ (tensor.type == TYPE_UINT8 ? 0x80 : 0));
    op->node.constant_quant = quant;
    if ((status = hf_tflite_op_input(op, 1 - constant)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    if (tensor.type != op->type)
        return TENSOR_FAIL(tflite, &tensor, HF_EUNSUPPORTED, "type %s, expected %s",
                           hf_tflite_type_name(tensor.type), hf_tflite_type_name(op->type));
    return hf_tflite_op_add_elementwise(op, op->builtin == BUILTIN_MUL ? HF_OP_MUL_CONST : HF_OP_ADD_CONST);
}

/* Whether ADD or MUL has a node of its own for two tensors: they have the same shape, or the second factor is
 * 1 x 1 x C. */
static bool has_node(const hf_tflite_op *op)
{
    const hf_tensor *a = &op->tflite->graph->tensors[op->node.inputs[0]];
    const hf_tensor *b = &op->tflite->graph->tensors[op->node.inputs[1]];
    const bool same = a->height == b->height && a->width == b->width && a->channels == b->channels;
    return same ||
           (op->builtin == BUILTIN_MUL && a->channels == b->channels && b->height == 1 && b->width == 1);
}

static hf_status check_scales(hf_tflite_op *op, hf_quant a, hf_quant b)
{
    const hf_quant out = op->output_shape.quant;
    bool fits;
    if (op->builtin == BUILTIN_MUL) {
        int32_t multiplier, shift;
        hf_quantize_multiplier((double)a.scale * (double)b.scale / (double)out.scale, &multiplier, &shift);
        fits = shift <= PRODUCT_MAX_SHIFT;
    } else { /* the fixed-point output multiplier must be below 1 */
        fits = 2.0 * fmax((double)a.scale, (double)b.scale) / (double)out.scale < 1 << 20;
    }
    if (fits)
        return HF_OK;
    return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "output scale %g is too small for input scales %g and %g",
                          (double)out.scale, (double)a.scale, (double)b.scale);
}

/* Either input of MUL may be the one with shape 1 x 1 x C; in the graph it is the second. */
static void order_factors(hf_tflite_op *op)
{
    const hf_tensor *a = &op->tflite->graph->tensors[op->node.inputs[0]];
    const hf_tensor *b = &op->tflite->graph->tensors[op->node.inputs[1]];
    if (op->builtin != BUILTIN_MUL || hf_tensor_bytes(a) >= hf_tensor_bytes(b))
        return;
    int32_t first = op->node.inputs[0];
    op->node.inputs[0] = op->node.inputs[1];
    op->node.inputs[1] = first;
}

static hf_status read_binary(hf_tflite_op *op)
{
    bool constant[2] = {false, false};
    hf_status status;
    for (uint32_t i = 0; i < 2; i++)
        if (op->inputs[i] >= 0 && (uint32_t)op->inputs[i] < op->tflite->tensors.count &&
            (status = hf_tflite_op_is_constant(op, i, &constant[i])))
            return status;
    if (constant[0] != constant[1])
        return read_with_constant(op, constant[0] ? 0 : 1);
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_input(op, 1)) ||
        (status = hf_tflite_op_output(op, 0)) || (status = hf_tflite_op_activation(op, BINARY_ACTIVATION)))
        return status;
    order_factors(op);
    if (!has_node(op) || op->type == TYPE_INT16) {
        op->node.input_count = 0;
        return hf_tflite_op_binary(op, op->builtin == BUILTIN_MUL ? HF_BINARY_MUL : HF_BINARY_ADD);
    }
    const hf_tensor *tensors = op->tflite->graph->tensors;
    if ((status = check_scales(op, tensors[op->node.inputs[0]].quant, tensors[op->node.inputs[1]].quant)))
        return status;
    return hf_tflite_op_add(op, op->builtin == BUILTIN_MUL ? HF_OP_MUL : HF_OP_ADD, NULL);
}

/* ---- Writing ---- */

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "1");
    (void)plan;
    hf_flat_set_u8(flat, at, BINARY_ACTIVATION, hf_tflite_activation_code(op->node->activation));
    return at;
}

static hf_status plan_binary(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const hf_graph *graph = p->plan->graph;
    const hf_node *node = p->node;
    if (node->op == HF_OP_ADD) {
        hf_tflite_planner_set_operator(p, BUILTIN_ADD, 2, OPTIONS_ADD, put_options);
    } else {
        const double a = graph->tensors[node->inputs[0]].quant.scale;
        const double b = graph->tensors[node->inputs[1]].quant.scale;
        const double out = graph->tensors[node->output].quant.scale;
        hf_tflite_planner_set_operator(p, BUILTIN_MUL, a * b / out >= 1.0 ? 3 : 2, OPTIONS_MUL, put_options);
    }
    hf_tflite_planner_add_input(p, hf_tflite_planner_input(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_planner_input(p, 1));
    const uint32_t first = hf_tflite_planner_rank(p, p->inputs[0]);
    const uint32_t second = hf_tflite_planner_rank(p, p->inputs[1]);
    hf_tflite_planner_finish(p, first > second ? first : second);
    return HF_OK;
}

static hf_status plan_constant(hf_tflite_planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_node *node = p->node;
    if (!(node->constant_quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: the constant is not quantised", node->name);
    if (node->op == HF_OP_ADD_CONST) {
        hf_tflite_planner_set_operator(p, BUILTIN_ADD, 2, OPTIONS_ADD, put_options);
    } else {
        const double in = graph->tensors[node->inputs[0]].quant.scale;
        const double out = graph->tensors[node->output].quant.scale;
        hf_tflite_planner_set_operator(p, BUILTIN_MUL,
                                       in * (double)node->constant_quant.scale / out >= 1.0 ? 3 : 2,
                                       OPTIONS_MUL, put_options);
    }
    hf_tflite_planned_tensor constant = {
        .type = TYPE_INT8, .quant = node->constant_quant, .bytes = &node->constant};
    snprintf(constant.name, sizeof constant.name, "%s/constant", node->name);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_tensor(p->plan, &constant));
    hf_tflite_planner_finish(p, hf_tflite_planner_rank(p, p->inputs[0]));
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_ADD,
     .name = "ADD",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = OPTIONS_ADD,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_binary},
    {.code = BUILTIN_MUL,
     .name = "MUL",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = OPTIONS_MUL,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_binary},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_ADD, plan_binary},
    {HF_OP_MUL, plan_binary},
    {HF_OP_ADD_CONST, plan_constant},
    {HF_OP_MUL_CONST, plan_constant},
};

HF_TFLITE_OPERATOR(add_mul);
