/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "operator.h"

enum { BUILTIN_CONCATENATION = 2, OPTIONS_CONCATENATION = 10 };
enum { CONCAT_AXIS, CONCAT_ACTIVATION }; /* ConcatenationOptions */

static hf_status read_concat(hf_tflite_op *op)
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
    int32_t rank;
    if ((status = hf_tflite_op_activation(op, CONCAT_ACTIVATION)) ||
        (status = hf_tflite_op_rank(op, 0, &rank)))
        return status;
    int32_t axis = hf_flat_i32(&op->tflite->file, op->options, CONCAT_AXIS, 0);
    if (axis != rank - 1 && axis != -1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "axis %d, expected %d (channels)", axis, rank - 1);
    if (op->node.activation != HF_ACTIVATION_NONE)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "fused activation, expected NONE");
    return hf_tflite_op_add(op, HF_OP_CONCAT, NULL);
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
     .options_type = OPTIONS_CONCATENATION,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = HF_TFLITE_MAX_INPUTS,
     .read = read_concat},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_CONCAT, plan_concat},
};

HF_TFLITE_OPERATOR(concat);
