/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX and ARG_MIN, whose output is a tensor of int32 values that only the model's output may be. */
#include "operator.h"

enum { BUILTIN_ARG_MAX = 56, BUILTIN_ARG_MIN = 79, OPTIONS_ARG_MAX = 40, OPTIONS_ARG_MIN = 57 };
enum { ARG_OUTPUT_TYPE };

/* The output's values as bytes; its axis is gone, or has one element. */
static hf_status read_output(hf_tflite_op *op, int64_t values)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = -1;
    hf_status status = hf_tflite_op_raw_output(op, &index);
    if (status)
        return status;
    int64_t declared = 1;
    for (uint32_t d = 0; d < op->output.rank && declared <= HF_GRAPH_MAX_DIMENSION; d++)
        declared *= op->output.shape[d];
    if (op->output.type != TYPE_INT32 || op->output.data.count > 0)
        return TENSOR_FAIL(tflite, &op->output, HF_EUNSUPPORTED, "type %s, expected int32",
                           hf_tflite_type_name(op->output.type));
    if (declared != values)
        return TENSOR_FAIL(tflite, &op->output, HF_EFORMAT, "%lld values, expected %lld", (long long)declared,
                           (long long)values);
    return HF_OK;
}

static hf_status read_arg(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor in;
    int32_t axis = 0, tensor = -1;
    uint32_t count = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &in)) ||
        (status = hf_tflite_op_ints(op, 1, "axis", &axis, 1, &count)))
        return status;
    if (count != 1 || axis < -(int32_t)in.rank || axis >= (int32_t)in.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "axis %d of %u dimensions", axis, in.rank);
    const hf_tflite_axis seen =
        hf_tflite_axis_of(op, in.shape, in.rank, (uint32_t)(axis < 0 ? axis + (int32_t)in.rank : axis));
    hf_node node = {.input_count = 1, .smallest = op->builtin == BUILTIN_ARG_MIN};
    if ((status = read_output(op, seen.outer * seen.inner)) ||
        (status = hf_tflite_reshape(tflite, op->node.inputs[0], seen.outer, seen.size, seen.inner,
                                    &node.inputs[0])) ||
        (status = hf_tflite_append(tflite, &node, HF_OP_ARG, 0, &tensor)))
        return status;
    tflite->graph->tensors[tensor].quant = (hf_quant){.scale = 1};
    tflite->tensor_map[op->output.index] = tensor;
    return HF_OK;
}

/* ---- Writing: over the width of four dimensions, behind which nothing can follow ---- */

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "1");
    (void)plan;
    (void)op;
    hf_flat_set_u8(flat, at, ARG_OUTPUT_TYPE, TYPE_INT32);
    return at;
}

static hf_status plan_arg(hf_tflite_planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_tensor *out = &graph->tensors[p->node->output];
    const int32_t axis = 2;
    if (p->node->output != graph->output)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: another operator reads its output", p->node->name);
    hf_tflite_planned_tensor output = {
        .type = TYPE_INT32, .rank = 3, .shape = {1, out->height, out->channels / 4}};
    const bool smallest = p->node->smallest;
    hf_tflite_planner_set_operator(p, smallest ? BUILTIN_ARG_MIN : BUILTIN_ARG_MAX, 2,
                                   smallest ? OPTIONS_ARG_MIN : OPTIONS_ARG_MAX, put_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "axis", &axis, 1, 0));
    const int32_t made = hf_tflite_plan_add_tensor(p->plan, &output);
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &made, 1);
    p->plan->file_tensors[p->node->output] = made;
    return HF_OK;
}

#define ARG(builtin)                                                                                         \
    {                                                                                                        \
        .code = BUILTIN_##builtin, .name = #builtin, .options_type = OPTIONS_##builtin, .min_inputs = 2,     \
        .max_inputs = 2, .more_types = HF_TFLITE_TAKES_UINT8, .read = read_arg                               \
    }

static const hf_tflite_builtin builtins[] = {ARG(ARG_MAX), ARG(ARG_MIN)};

static const hf_tflite_writer writers[] = {{HF_OP_ARG, plan_arg}};

HF_TFLITE_OPERATOR(arg);
