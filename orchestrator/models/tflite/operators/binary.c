/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two operands: of two tensors, one of which may be repeated, or of a tensor and a constant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/binary.h"
#include "graph/values16.h"
#include "operator.h"

enum {
    BUILTIN_SUB = 41,
    BUILTIN_DIV = 42,
    BUILTIN_PRELU = 54,
    BUILTIN_MAXIMUM = 55,
    BUILTIN_MINIMUM = 57,
    BUILTIN_SQUARED_DIFFERENCE = 99
};
enum {
    OPTIONS_ADD = 11,
    OPTIONS_MUL = 21,
    OPTIONS_SUB = 28,
    OPTIONS_DIV = 29,
    OPTIONS_MAXIMUM_MINIMUM = 39,
    OPTIONS_SQUARED_DIFFERENCE = 76
};
enum { BINARY_ACTIVATION }; /* AddOptions, MulOptions, SubOptions, DivOptions */

/* ---- Reading ---- */

/* Whether `small` can be repeated to the shape of `large`. @param value_bytes of a value */
static bool repeats_to(const hf_tensor *small, const hf_tensor *large, int32_t value_bytes)
{
    return (small->height == large->height || small->height == 1) &&
           (small->width == large->width || small->width == 1) &&
           (small->channels == large->channels || small->channels == value_bytes);
}

static hf_status check_rule(hf_tflite_op *op, hf_quant first, hf_quant second)
{
    hf_binary_rule rule;
    hf_binary16_rule rule16;
    hf_error cause;
    hf_error_clear(&cause);
    const bool reversed = op->node.reversed;
    snprintf(op->node.name, sizeof op->node.name, "%s", hf_binary_name(op->node.function));
    const hf_quant left = reversed ? second : first;
    const hf_quant right = reversed ? first : second;
    const hf_quant out = op->output_shape.quant;
    hf_status status = op->type == TYPE_INT16
                           ? hf_binary16_rule_init(&op->node, left, right, out, &rule16, &cause)
                           : hf_binary_rule_init(&op->node, left, right, out, &rule, &cause);
    return status ? TFLITE_OP_FAIL(op, status, "%.300s", cause.message) : HF_OK;
}

static hf_status add_constant(hf_tflite_op *op, const hf_tflite_tensor *constant, const hf_tensor *shape)
{
    hf_tflite *tflite = op->tflite;
    const hf_tensor in = *hf_tflite_op_in(op);
    const int64_t values = hf_tensor_bytes(shape);
    hf_node *node = NULL;
    hf_status status;
    if (constant->data.count != values)
        return TENSOR_FAIL(tflite, constant, HF_EFORMAT, "%u bytes of data, expected %lld",
                           constant->data.count, (long long)values);
    if (!repeats_to(shape, &in, op->value_bytes))
        return TENSOR_FAIL(
            tflite, constant, HF_EUNSUPPORTED,
            "constant of %dx%dx%d with an input of %dx%dx%d, expected equal sizes, or 1 in the "
            "constant",
            shape->height, shape->width, shape->channels, in.height, in.width, in.channels);
    op->node.constant_quant = shape->quant;
    if ((status = check_rule(op, in.quant, shape->quant)))
        return status;
    const uint8_t *bytes = tflite->file.bytes + constant->data.at;
    const uint8_t flip = constant->type == TYPE_UINT8 ? 0x80 : 0;
    if (values == 1) {
        op->node.constant = (int8_t)(uint8_t)(bytes[0] ^ flip);
        return hf_tflite_op_add_elementwise(op, HF_OP_BINARY_SCALAR);
    }
    op->node.operand_shape[0] = shape->height;
    op->node.operand_shape[1] = shape->width;
    op->node.operand_shape[2] = shape->channels;
    if ((status = hf_tflite_count_parameters(tflite, (size_t)values)) ||
        (status =
             hf_tflite_op_add(op, op->type == TYPE_INT16 ? HF_OP_BINARY16_CONST : HF_OP_BINARY_CONST, &node)))
        return status;
    node->operand = malloc((size_t)values);
    if (!node->operand)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %lld values", (long long)values);
    for (int64_t i = 0; i < values; i++)
        node->operand[i] = (int8_t)(uint8_t)(bytes[i] ^ flip);
    return HF_OK;
}

static hf_status read_constant(hf_tflite_op *op, uint32_t constant)
{
    hf_tflite_tensor tensor;
    hf_tensor shape;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 1 - constant)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[constant], "constant input", &tensor)))
        return status;
    op->node.reversed = constant == 0;
    const hf_flat_vector data = tensor.data;
    if (tensor.type != op->type)
        return TENSOR_FAIL(op->tflite, &tensor, HF_EUNSUPPORTED, "type %s, expected %s",
                           hf_tflite_type_name(tensor.type), hf_tflite_type_name(op->type));
    tensor.data.count = 0; /* only its shape and quantisation are read as an activation's */
    if ((status = hf_tflite_activation(op->tflite, &tensor, &shape)))
        return status;
    tensor.data = data;
    return add_constant(op, &tensor, &shape);
}

static hf_status read_tensors(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_input(op, 1)))
        return status;
    const hf_tensor *tensors = op->tflite->graph->tensors;
    const hf_tensor *a = &tensors[op->node.inputs[0]];
    const hf_tensor *b = &tensors[op->node.inputs[1]];
    if (!repeats_to(b, a, op->value_bytes)) { /* the larger one comes first */
        if (!repeats_to(a, b, op->value_bytes))
            return TFLITE_OP_FAIL(
                op, HF_EUNSUPPORTED,
                "inputs of %dx%dx%d and %dx%dx%d, expected equal sizes, or 1 in one of them", a->height,
                a->width, a->channels, b->height, b->width, b->channels);
        const int32_t first = op->node.inputs[0];
        op->node.inputs[0] = op->node.inputs[1];
        op->node.inputs[1] = first;
        op->node.reversed = true;
    }
    if ((status = check_rule(op, tensors[op->node.inputs[0]].quant, tensors[op->node.inputs[1]].quant)))
        return status;
    return hf_tflite_op_add(op, op->type == TYPE_INT16 ? HF_OP_BINARY16 : HF_OP_BINARY, NULL);
}

hf_status hf_tflite_op_binary(hf_tflite_op *op, hf_binary function)
{
    bool constant[2] = {false, false};
    hf_status status;
    if ((status = hf_tflite_op_is_constant(op, 0, &constant[0])) ||
        (status = hf_tflite_op_is_constant(op, 1, &constant[1])) || (status = hf_tflite_op_output(op, 0)))
        return status;
    op->node.function = function;
    if (constant[0] != constant[1])
        return read_constant(op, constant[0] ? 0 : 1);
    return read_tensors(op);
}

static hf_status read_binary(hf_tflite_op *op)
{
    const hf_binary function = op->builtin == BUILTIN_SUB       ? HF_BINARY_SUB
                               : op->builtin == BUILTIN_DIV     ? HF_BINARY_DIV
                               : op->builtin == BUILTIN_PRELU   ? HF_BINARY_PRELU
                               : op->builtin == BUILTIN_MAXIMUM ? HF_BINARY_MAXIMUM
                               : op->builtin == BUILTIN_MINIMUM ? HF_BINARY_MINIMUM
                                                                : HF_BINARY_SQUARED_DIFFERENCE;
    hf_status status = HF_OK;
    if (op->builtin == BUILTIN_SUB || op->builtin == BUILTIN_DIV)
        status = hf_tflite_op_activation(op, BINARY_ACTIVATION);
    return status ? status : hf_tflite_op_binary(op, function);
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
    static const struct {
        int32_t builtin;
        uint8_t options;
        bool activation;
    } kinds[HF_BINARY_COUNT] = {
        [HF_BINARY_ADD] = {0, OPTIONS_ADD, true},
        [HF_BINARY_SUB] = {BUILTIN_SUB, OPTIONS_SUB, true},
        [HF_BINARY_MUL] = {18, OPTIONS_MUL, true},
        [HF_BINARY_MAXIMUM] = {BUILTIN_MAXIMUM, OPTIONS_MAXIMUM_MINIMUM, false},
        [HF_BINARY_MINIMUM] = {BUILTIN_MINIMUM, OPTIONS_MAXIMUM_MINIMUM, false},
        [HF_BINARY_DIV] = {BUILTIN_DIV, OPTIONS_DIV, true},
        [HF_BINARY_SQUARED_DIFFERENCE] = {BUILTIN_SQUARED_DIFFERENCE, OPTIONS_SQUARED_DIFFERENCE, false},
        [HF_BINARY_PRELU] = {BUILTIN_PRELU, OPTIONS_NONE, false},
    };
    const hf_node *node = p->node;
    if ((unsigned)node->function >= HF_BINARY_COUNT)
        return HF_FAIL(err, HF_EINVALID, "%s: binary function %d does not exist", node->name,
                       (int)node->function);
    const bool has_options = kinds[node->function].options != OPTIONS_NONE;
    hf_tflite_planner_set_operator(p, kinds[node->function].builtin, 2, kinds[node->function].options,
                                   !has_options                       ? NULL
                                   : kinds[node->function].activation ? put_options
                                                                      : hf_tflite_put_empty_options);
    int32_t second;
    const int32_t first = hf_tflite_planner_input_4d(p, 0);
    if (node->op == HF_OP_BINARY || node->op == HF_OP_BINARY16) {
        second = hf_tflite_planner_input_4d(p, 1);
    } else {
        const bool scalar = node->op == HF_OP_BINARY_SCALAR;
        const bool wide = node->op == HF_OP_BINARY16_CONST;
        hf_tflite_planned_tensor constant = {.type = wide ? TYPE_INT16 : TYPE_INT8,
                                             .rank = 4,
                                             .shape = {1, 1, 1, 1},
                                             .quant = node->constant_quant,
                                             .bytes = scalar ? &node->constant : (const void *)node->operand};
        if (!constant.bytes || !(node->constant_quant.scale > 0.0f))
            return HF_FAIL(err, HF_EINVALID, "%s: the constant is missing or not quantised", node->name);
        for (int d = 0; d < 3 && !scalar; d++)
            constant.shape[d + 1] = node->operand_shape[d] / (wide && d == 2 ? 2 : 1);
        snprintf(constant.name, sizeof constant.name, "%s/constant", node->name);
        second = hf_tflite_plan_add_tensor(p->plan, &constant);
    }
    hf_tflite_planner_add_input(p, node->reversed ? second : first);
    hf_tflite_planner_add_input(p, node->reversed ? first : second);
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

#define BINARY(builtin, options)                                                                             \
    {                                                                                                        \
        .code = BUILTIN_##builtin, .name = #builtin, .options_type = (options), .min_inputs = 2,             \
        .max_inputs = 2, .more_types = HF_TFLITE_TAKES_INT16, .read = read_binary                            \
    }

static const hf_tflite_builtin builtins[] = {
    BINARY(SUB, OPTIONS_SUB),
    BINARY(DIV, OPTIONS_DIV),
    BINARY(PRELU, OPTIONS_NONE),
    BINARY(MAXIMUM, OPTIONS_MAXIMUM_MINIMUM),
    BINARY(MINIMUM, OPTIONS_MAXIMUM_MINIMUM),
    BINARY(SQUARED_DIFFERENCE, OPTIONS_SQUARED_DIFFERENCE),
};

static const hf_tflite_writer writers[] = {
    {HF_OP_BINARY, plan_binary},   {HF_OP_BINARY_CONST, plan_binary},   {HF_OP_BINARY_SCALAR, plan_binary},
    {HF_OP_BINARY16, plan_binary}, {HF_OP_BINARY16_CONST, plan_binary},
};

HF_TFLITE_OPERATOR(binary);
