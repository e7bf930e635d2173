/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "operator.h"

enum { BUILTIN_CONCATENATION = 2, OPTIONS_CONCATENATION = 10 };
enum { BUILTIN_PACK = 83, OPTIONS_PACK = 59 };
enum { CONCAT_AXIS, CONCAT_ACTIVATION }; /* ConcatenationOptions */
enum { PACK_COUNT, PACK_AXIS };          /* PackOptions */

/* Joins the inputs along an axis of the first one's shape; PACK inserts that axis. */
static hf_status read_joined(hf_tflite_op *op, const int32_t *shape, uint32_t rank, uint32_t axis)
{
    const hf_tflite_axis first = hf_tflite_axis_of(op, shape, rank, axis);
    int32_t joined = -1;
    hf_status status = hf_tflite_join(op->tflite, op->node.inputs, (uint32_t)op->node.input_count,
                                      first.outer, first.inner, &joined);
    if (status)
        return status;
    op->tflite->graph->tensors[joined].quant = op->output_shape.quant;
    return hf_tflite_op_alias(op, joined);
}

static hf_status read_inputs(hf_tflite_op *op)
{
    hf_status status = hf_tflite_op_output(op, 0);
    if (status)
        return status;
    if (op->input_count > HF_NODE_MAX_INPUTS)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "number of inputs is %u, at most %d are supported",
                              op->input_count, HF_NODE_MAX_INPUTS);
    for (uint32_t i = 0; i < op->input_count; i++) {
        if ((status = hf_tflite_op_input(op, i)))
            return status;
        char input[24]; /* TensorFlow Lite has this rule for int8, too */
        snprintf(input, sizeof input, "input %u", i);
        if ((status = hf_tflite_op_check_quants(
                 op, input, op->tflite->graph->tensors[op->node.inputs[i]].quant, op->output_shape.quant)))
            return status;
    }
    return HF_OK;
}

/* @param rank of the input, or of the output for PACK */
static hf_status check_axis(hf_tflite_op *op, int32_t axis, uint32_t rank, uint32_t *out)
{
    if (axis < -(int32_t)rank || axis >= (int32_t)rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "axis %d, expected %d .. %d", axis, -(int32_t)rank,
                              (int32_t)rank - 1);
    *out = (uint32_t)(axis < 0 ? axis + (int32_t)rank : axis);
    return HF_OK;
}

static hf_status read_concat(hf_tflite_op *op)
{
    hf_tflite_tensor first;
    uint32_t axis = 0;
    hf_status status;
    if ((status = read_inputs(op)) || (status = hf_tflite_op_activation(op, CONCAT_ACTIVATION)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &first)) ||
        (status =
             check_axis(op, hf_flat_i32(&op->tflite->file, op->options, CONCAT_AXIS, 0), first.rank, &axis)))
        return status;
    if (op->node.activation != HF_ACTIVATION_NONE)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "fused activation, expected NONE");
    if (axis + 1 < first.rank || op->node.input_count == 1)
        return read_joined(op, first.shape, first.rank, axis);
    return hf_tflite_op_add(op, HF_OP_CONCAT, NULL);
}

static hf_status read_pack(hf_tflite_op *op)
{
    hf_tflite_tensor output;
    uint32_t axis = 0;
    hf_status status;
    const int32_t index = hf_flat_i32_at(&op->tflite->file, op->outputs, 0);
    if ((status = hf_tflite_check(op->tflite)) ||
        (status = hf_tflite_tensor_read(op->tflite, index, "output", &output)))
        return status;
    if (output.type == TYPE_INT32)
        return hf_tflite_op_computed_shape(op);
    if ((status = read_inputs(op)) ||
        (status =
             check_axis(op, hf_flat_i32(&op->tflite->file, op->options, PACK_AXIS, 0), output.rank, &axis)))
        return status;
    return read_joined(op, output.shape, output.rank, axis);
}

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4-"); /* axis, activation */
    (void)plan;
    hf_flat_set_i32(flat, at, CONCAT_AXIS, op->axis);
    return at;
}

static hf_status plan_concat(hf_tflite_planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_quant out = graph->tensors[p->node->output].quant;
    bool vectors = true;
    for (int32_t i = 0; i < p->node->input_count; i++) {
        const hf_quant in = graph->tensors[p->node->inputs[i]].quant;
        if (in.scale != out.scale || in.zero_point != out.zero_point)
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: input %d and output have different quantisation, which TensorFlow Lite's "
                           "int8 CONCATENATION does not support",
                           p->node->name, i);
        vectors = vectors && hf_tflite_planner_rank(p, hf_tflite_planner_input(p, i)) == 2;
    }
    for (int32_t i = 0; i < p->node->input_count; i++)
        hf_tflite_planner_add_input(p, vectors ? hf_tflite_planner_input(p, i)
                                               : hf_tflite_planner_input_4d(p, i));
    hf_tflite_planner_set_operator(p, BUILTIN_CONCATENATION, 2, OPTIONS_CONCATENATION, put_options);
    p->op.axis = vectors ? 1 : 3;
    hf_tflite_planner_finish(p, vectors ? 2 : 4);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_CONCATENATION,
     .name = "CONCATENATION",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_CONCATENATION,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = HF_TFLITE_MAX_INPUTS,
     .read = read_concat},
    {.code = BUILTIN_PACK,
     .name = "PACK",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_PACK,
     .min_inputs = 1,
     .max_inputs = HF_TFLITE_MAX_INPUTS,
     .read = read_pack},
};

/* Inputs as vectors, joined along their only dimension. */
static hf_status plan_join(hf_tflite_planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_quant out = graph->tensors[p->node->output].quant;
    for (int32_t i = 0; i < p->node->input_count; i++) {
        const hf_quant in = graph->tensors[p->node->inputs[i]].quant;
        if (in.scale != out.scale || in.zero_point != out.zero_point)
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: input %d and output have different quantisation, which TensorFlow Lite's "
                           "int8 CONCATENATION does not support",
                           p->node->name, i);
        hf_tflite_planner_add_input(p, hf_tflite_planner_input_flat(p, i));
    }
    hf_tflite_planner_set_operator(p, BUILTIN_CONCATENATION, 2, OPTIONS_CONCATENATION, put_options);
    p->op.axis = 1;
    hf_tflite_planner_finish(p, 2);
    return HF_OK;
}

static const hf_tflite_writer writers[] = {
    {HF_OP_JOIN, plan_join},
    {HF_OP_CONCAT, plan_concat},
};

HF_TFLITE_OPERATOR(concat);
