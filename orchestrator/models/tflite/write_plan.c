/* SPDX-License-Identifier: Apache-2.0 */
#include "write_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"

static hf_status check_tensors(const hf_graph *graph, hf_error *err)
{
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        const hf_tensor *tensor = &graph->tensors[t];
        if (tensor->quant.scale > 0.0f)
            continue;
        const char *name = tensor->producer < 0 ? "input" : graph->nodes[tensor->producer].name;
        return HF_FAIL(err, HF_EINVALID, "%s: the tensor is not quantised, expected a scale and zero point",
                       name);
    }
    if (graph->output < 0 || graph->output == graph->input)
        return HF_FAIL(err, HF_EINVALID, "%s: the graph's output is not the output of any operator",
                       graph->name);
    return HF_OK;
}

static hf_status plan_node(hf_tflite_plan *plan, int32_t index, hf_error *err)
{
    const hf_node *node = &plan->graph->nodes[index];
    const hf_tflite_writer *writer = hf_tflite_find_writer(node->op);
    if (!writer)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s cannot be written to a .tflite file", node->name,
                       hf_op_name(node->op));
    hf_tflite_planner planner = {.plan = plan, .node = node, .op = {.node = node}};
    return writer->plan(&planner, err);
}

/* Bytes of a node's values; 0 for operators that have values of any width. */
static int32_t values_of(const hf_node *node, int32_t general)
{
    switch (node->op) {
    case HF_OP_BINARY16:
    case HF_OP_BINARY16_CONST:
    case HF_OP_SOFTMAX16:
    case HF_OP_REDUCE16:
        return 2;
    case HF_OP_POOL16:
        return node->in_bytes == 1 ? 0 : 2;
    case HF_OP_LSTM:
        return node->in_bytes == 2 ? 2 : 0;
    case HF_OP_FUNCTION16:
    case HF_OP_CONV_GENERAL:
        return general;
    default:
        return 0;
    }
}

/* A reshape has the same values on both sides. */
static void pass_through_reshapes(hf_tflite_plan *plan)
{
    const hf_graph *graph = plan->graph;
    int32_t *bytes = plan->value_bytes;
    for (int32_t n = graph->node_count - 1; n >= 0; n--)
        if (graph->nodes[n].op == HF_OP_RESHAPE && bytes[graph->nodes[n].output] > 1)
            bytes[graph->nodes[n].inputs[0]] = bytes[graph->nodes[n].output];
    for (int32_t n = 0; n < graph->node_count; n++)
        if (graph->nodes[n].op == HF_OP_RESHAPE)
            bytes[graph->nodes[n].output] = bytes[graph->nodes[n].inputs[0]];
}

/* Whether a node is a PART of an LSTM's output, which the LSTM's form in a file includes. */
static bool reads_lstm(const hf_graph *graph, const hf_node *node)
{
    const int32_t producer = node->op == HF_OP_PART ? graph->tensors[node->inputs[0]].producer : -1;
    return producer >= 0 && graph->nodes[producer].op == HF_OP_LSTM;
}

/* Of each tensor, from the operators that read or compute it, and from the ports. */
static void find_value_bytes(hf_tflite_plan *plan)
{
    const hf_graph *graph = plan->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++)
        plan->value_bytes[t] = 1;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        const int32_t in = values_of(node, node->in_bytes);
        const int32_t out = values_of(node, node->out_bytes);
        for (int32_t i = 0; i < node->input_count && in > 0; i++)
            plan->value_bytes[node->inputs[i]] = in;
        if (out > 0)
            plan->value_bytes[node->output] = out;
        if (reads_lstm(graph, node))
            plan->value_bytes[node->output] = plan->value_bytes[node->inputs[0]];
    }
    for (int32_t p = 0; p < graph->port_count && plan->ports; p++)
        if (strcmp(graph->ports[p].type, "int16") == 0 && !plan->ports[p].kept)
            plan->value_bytes[plan->ports[p].tensor] = 2;
    pass_through_reshapes(plan);
}

/* Operators of this file count channels, an operator that moves bytes does not know how wide values are. */
static hf_status check_widths(const hf_tflite_plan *plan, hf_error *err)
{
    const hf_graph *graph = plan->graph;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        for (int32_t i = 0; i <= node->input_count; i++) {
            const int32_t tensor = i < node->input_count ? node->inputs[i] : node->output;
            const int32_t bytes = plan->value_bytes[tensor];
            const bool knows = values_of(node, 2) > 0 || node->op == HF_OP_RESHAPE || plan->done[n] ||
                               reads_lstm(graph, node);
            if (bytes > 1 && (!knows || graph->tensors[tensor].channels % bytes != 0))
                return HF_FAIL(err, HF_EUNSUPPORTED,
                               "%s: %s of 16-bit values cannot be written to a .tflite file", node->name,
                               hf_op_name(node->op));
        }
    }
    return HF_OK;
}

static hf_status plan_graph(hf_tflite_plan *plan, hf_error *err)
{
    hf_status status;
    const hf_graph *graph = plan->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++)
        plan->file_tensors[t] = -1;
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; i < graph->nodes[n].input_count; i++)
            if (hf_op_has(graph->nodes[n].op, HF_NODE_POSITIONS))
                plan->needs_4d[graph->nodes[n].inputs[i]] = true;
    if ((status = hf_tflite_plan_ports(plan, err)))
        return status;
    find_value_bytes(plan);
    if ((status = hf_tflite_plan_inputs(plan, err)) || (status = check_widths(plan, err)))
        return status;
    for (int32_t n = 0; n < graph->node_count; n++)
        if (!plan->done[n] && (status = plan_node(plan, n, err)))
            return status;
    if ((status = hf_tflite_plan_outputs(plan, err)))
        return status;
    if (plan->tensors.failed || plan->operators.failed || plan->operands.failed)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory to plan a .tflite file", graph->name);
    const size_t operators = plan->operators.size / sizeof(hf_tflite_planned_operator);
    if (operators > HF_GRAPH_MAX_NODES)
        return HF_FAIL(err, HF_ELIMIT, "%s: the .tflite file needs %zu operators, at most %d can be read",
                       graph->name, operators, HF_GRAPH_MAX_NODES);
    return HF_OK;
}

hf_status hf_tflite_plan_make(const hf_graph *graph, hf_tflite_plan *plan, hf_error *err)
{
    hf_status status = check_tensors(graph, err);
    if (status)
        return status;
    hf_tflite_plan built = {.graph = graph,
                            .file_tensors = calloc((size_t)graph->tensor_count, sizeof(int32_t)),
                            .value_bytes = calloc((size_t)graph->tensor_count, sizeof(int32_t)),
                            .needs_4d = calloc((size_t)graph->tensor_count, sizeof(bool)),
                            .done = calloc((size_t)graph->node_count + 1, sizeof(bool))};
    if (!built.file_tensors || !built.value_bytes || !built.needs_4d || !built.done)
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory to plan a .tflite file", graph->name);
    else
        status = plan_graph(&built, err);
    if (status)
        hf_tflite_plan_free(&built);
    else
        *plan = built;
    return status;
}

void hf_tflite_plan_free(hf_tflite_plan *plan)
{
    if (!plan)
        return;
    hf_buffer_free(&plan->tensors);
    hf_buffer_free(&plan->operators);
    hf_buffer_free(&plan->operands);
    free(plan->file_tensors);
    free(plan->value_bytes);
    free(plan->needs_4d);
    free(plan->done);
    free(plan->ports);
    if (plan->once)
        hf_tflite_plan_free(plan->once);
    free(plan->once);
}
