/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model's inputs, outputs and variables in the plan of a file: the reverse of read_ports.c. What the graph has as parts of
 * its input and output tensor become tensors of their own. Float and uint8 ends get a QUANTIZE or DEQUANTIZE; a float operator
 * behind the outputs, which the graph does not have, is not written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"

enum {
    OPTIONS_DEQUANTIZE = 38,
    OPTIONS_QUANTIZE = 89,
    OPTIONS_CALL_ONCE = 103,
    OPTIONS_VAR_HANDLE = 111,
    OPTIONS_READ_VARIABLE = 112,
    OPTIONS_ASSIGN_VARIABLE = 113
};
enum { BUILTIN_DEQUANTIZE = 6 };
enum { VAR_HANDLE_CONTAINER, VAR_HANDLE_SHARED_NAME };
enum { CALL_ONCE_SUBGRAPH };

static bool has_type(const hf_model_port *port, const char *type)
{
    return strcmp(port->type, type) == 0;
}

/* ---- Variables ---- */

static size_t put_handle(hf_flat_writer *flat, const hf_tflite_plan *plan,
                         const hf_tflite_planned_operator *op)
{
    char name[24];
    size_t at = hf_flat_put_table(flat, "44");
    (void)plan;
    snprintf(name, sizeof name, "variable%d", op->variable);
    hf_flat_link(flat, at, VAR_HANDLE_CONTAINER, hf_flat_put_string(flat, ""));
    hf_flat_link(flat, at, VAR_HANDLE_SHARED_NAME, hf_flat_put_string(flat, name));
    return at;
}

static size_t put_call_once(hf_flat_writer *flat, const hf_tflite_plan *plan,
                            const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4");
    (void)plan;
    (void)op;
    hf_flat_set_i32(flat, at, CALL_ONCE_SUBGRAPH, 1);
    return at;
}

static int32_t add_handle(hf_tflite_plan *plan, int32_t variable)
{
    hf_tflite_planned_tensor handle = {.type = TYPE_RESOURCE};
    snprintf(handle.name, sizeof handle.name, "variable%d", variable);
    const int32_t tensor = hf_tflite_plan_add_tensor(plan, &handle);
    hf_tflite_plan_add_operator(plan,
                                (hf_tflite_planned_operator){.builtin = BUILTIN_VAR_HANDLE,
                                                             .version = 1,
                                                             .options_type = OPTIONS_VAR_HANDLE,
                                                             .put_options = put_handle,
                                                             .variable = variable},
                                NULL, 0, &tensor, 1);
    return tensor;
}

static void add_assignment(hf_tflite_plan *plan, int32_t handle, int32_t value)
{
    hf_tflite_plan_add_operator(plan,
                                (hf_tflite_planned_operator){.builtin = BUILTIN_ASSIGN_VARIABLE,
                                                             .version = 1,
                                                             .options_type = OPTIONS_ASSIGN_VARIABLE,
                                                             .put_options = hf_tflite_put_empty_options},
                                (int32_t[]){handle, value}, 2, NULL, 0);
}

static bool begins_as_zeros(const hf_model_port *port)
{
    for (int32_t i = 0; port->initial && i < port->bytes; i++)
        if (port->initial[i] != 0)
            return false;
    return true;
}

/* A variable of which the first inference finds other values than zeros is assigned these once. */
static hf_status add_initial(hf_tflite_plan *plan, int32_t index, int32_t tensor, hf_error *err)
{
    const hf_model_port *port = &plan->graph->ports[index];
    if (begins_as_zeros(port))
        return HF_OK;
    if (!plan->once) {
        plan->once = calloc(1, sizeof *plan->once);
        if (!plan->once)
            return HF_FAIL(err, HF_ENOMEM, "%s: no memory to plan a .tflite file", plan->graph->name);
        plan->once->graph = plan->graph;
    }
    if (plan->tensors.failed)
        return HF_OK; /* noticed at the end */
    hf_tflite_planned_tensor value = *hf_tflite_plan_tensor(plan, tensor);
    value.bytes = port->initial;
    snprintf(value.name, sizeof value.name, "initial%d", index);
    const int32_t handle = add_handle(plan->once, index);
    add_assignment(plan->once, handle, hf_tflite_plan_add_tensor(plan->once, &value));
    return HF_OK;
}

/* Whether a state belongs to the operator that reads it, which is the only one. */
static bool is_kept_by_operator(const hf_graph *graph, int32_t tensor)
{
    int32_t readers = 0;
    bool kept = false;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        for (int32_t i = 0; i < node->input_count; i++)
            if (node->inputs[i] == tensor) {
                readers++;
                kept = i == 1 && (node->op == HF_OP_LSTM || node->op == HF_OP_SVDF);
            }
    }
    return kept && readers == 1;
}

/* ---- Inputs ---- */

/* A tensor of the model's own type with the shape of one of the graph's. */
static int32_t add_end(hf_tflite_plan *plan, const hf_model_port *port, int32_t file_tensor, const char *name)
{
    if (plan->tensors.failed)
        return 0;
    hf_tflite_planned_tensor end = *hf_tflite_plan_tensor(plan, file_tensor);
    snprintf(end.name, sizeof end.name, "%s", name);
    end.type = has_type(port, "float32") ? TYPE_FLOAT32 : TYPE_UINT8;
    end.quant.zero_point += 128; /* of uint8 */
    if (end.type == TYPE_FLOAT32)
        end.quant = (hf_quant){0};
    return hf_tflite_plan_add_tensor(plan, &end);
}

static void add_conversion(hf_tflite_plan *plan, int32_t builtin, uint8_t options, int32_t from, int32_t to)
{
    hf_tflite_plan_add_operator(plan,
                                (hf_tflite_planned_operator){.builtin = builtin,
                                                             .version = 2,
                                                             .options_type = options,
                                                             .put_options = hf_tflite_put_empty_options},
                                &from, 1, &to, 1);
}

static uint32_t rank_of(const hf_tflite_plan *plan, int32_t tensor)
{
    const hf_tensor *shape = &plan->graph->tensors[tensor];
    return shape->height == 1 && shape->width == 1 && !plan->needs_4d[tensor] ? 2 : 4;
}

static void add_input(hf_tflite_plan *plan, const hf_model_port *port, int32_t tensor, const char *name)
{
    const int32_t values = hf_tflite_plan_add_activation(plan, tensor, rank_of(plan, tensor), name);
    int32_t input = values;
    plan->file_tensors[tensor] = values;
    if (port && (has_type(port, "float32") || has_type(port, "uint8"))) {
        input = add_end(plan, port, values, "own");
        add_conversion(plan, BUILTIN_QUANTIZE, OPTIONS_QUANTIZE, input, values);
    }
    plan->inputs[plan->input_count++] = input;
}

/* The only PART of the graph's input that is a port's bytes; it needs no operator then. @return its output, -1: none */
static int32_t take_part(hf_tflite_plan *plan, const hf_model_port *port)
{
    const hf_graph *graph = plan->graph;
    int32_t found = -1;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        if (node->op != HF_OP_PART || node->inputs[0] != graph->input || node->part_offset != port->offset ||
            hf_tensor_bytes(&graph->tensors[node->output]) != port->bytes)
            continue;
        if (found >= 0)
            return -1;
        found = node->output;
        plan->done[n] = true;
    }
    return found;
}

/* The tensor of a port whose bytes begin at `offset` of a flat output. JOINs above it need no operator. */
static int32_t find_leaf(hf_tflite_plan *plan, int32_t tensor, int64_t begin, int64_t offset, int64_t bytes)
{
    const hf_graph *graph = plan->graph;
    for (;;) {
        const int32_t producer = graph->tensors[tensor].producer;
        if (begin == offset && hf_tensor_bytes(&graph->tensors[tensor]) == bytes)
            return tensor;
        if (producer < 0 || graph->nodes[producer].op != HF_OP_JOIN)
            return -1;
        const hf_node *join = &graph->nodes[producer];
        plan->done[producer] = true;
        tensor = -1;
        for (int32_t i = 0; i < join->input_count && tensor < 0; i++) {
            const int64_t size = hf_tensor_bytes(&graph->tensors[join->inputs[i]]);
            if (offset < begin + size)
                tensor = join->inputs[i];
            else
                begin += size;
        }
        if (tensor < 0)
            return -1;
    }
}

/* A JOIN that became outputs has no tensor in the file, so no operator may read it. */
static bool joins_are_unread(const hf_tflite_plan *plan)
{
    const hf_graph *graph = plan->graph;
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; i < graph->nodes[n].input_count && !plan->done[n]; i++) {
            const int32_t producer = graph->tensors[graph->nodes[n].inputs[i]].producer;
            if (producer >= 0 && plan->done[producer] && graph->nodes[producer].op == HF_OP_JOIN)
                return false;
        }
    return true;
}

static int32_t count_ports(const hf_graph *graph, bool outputs)
{
    int32_t count = 0;
    for (int32_t p = 0; p < graph->port_count; p++) {
        const hf_model_port_kind kind = graph->ports[p].kind;
        count += kind == HF_MODEL_STATE || (kind == HF_MODEL_OUTPUT) == outputs;
    }
    return count;
}

static hf_status find_tensors(hf_tflite_plan *plan, hf_error *err)
{
    const hf_graph *graph = plan->graph;
    const bool whole_input = count_ports(graph, false) == 1;
    const bool whole_output = count_ports(graph, true) == 1;
    for (int32_t p = 0; p < graph->port_count; p++) {
        const hf_model_port *port = &graph->ports[p];
        const bool output = port->kind == HF_MODEL_OUTPUT;
        const int64_t at = output ? port->offset : port->state_offset;
        hf_tflite_planned_port *planned = &plan->ports[p];
        *planned = (hf_tflite_planned_port){.tensor = -1, .next = -1, .handle = -1};
        if (!output)
            planned->tensor = whole_input ? graph->input : take_part(plan, port);
        if (port->kind != HF_MODEL_INPUT)
            planned->next = whole_output ? graph->output : find_leaf(plan, graph->output, 0, at, port->bytes);
        if (output)
            planned->tensor = planned->next;
        planned->kept = port->kind == HF_MODEL_STATE && is_kept_by_operator(graph, planned->tensor);
        if (planned->tensor < 0 || (port->kind == HF_MODEL_STATE && planned->next < 0))
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: input, output or state %d is not a part of its own",
                           graph->name, p);
    }
    if (!joins_are_unread(plan))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: an operator reads several outputs at once", graph->name);
    return HF_OK;
}

hf_status hf_tflite_plan_ports(hf_tflite_plan *plan, hf_error *err)
{
    const hf_graph *graph = plan->graph;
    if (graph->port_count == 0)
        return HF_OK;
    if (graph->port_count > HF_TFLITE_MAX_PORTS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: more than %d inputs, outputs and states", graph->name,
                       HF_TFLITE_MAX_PORTS);
    plan->ports = calloc((size_t)graph->port_count, sizeof *plan->ports);
    if (!plan->ports)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory to plan a .tflite file", graph->name);
    return find_tensors(plan, err);
}

static hf_status add_variable(hf_tflite_plan *plan, int32_t index, hf_error *err)
{
    char name[24];
    const int32_t tensor = plan->ports[index].tensor;
    snprintf(name, sizeof name, "state%d", index);
    const int32_t value = hf_tflite_plan_add_activation(plan, tensor, rank_of(plan, tensor), name);
    const int32_t handle = add_handle(plan, index);
    hf_tflite_plan_add_operator(plan,
                                (hf_tflite_planned_operator){.builtin = BUILTIN_READ_VARIABLE,
                                                             .version = 1,
                                                             .options_type = OPTIONS_READ_VARIABLE,
                                                             .put_options = hf_tflite_put_empty_options},
                                &handle, 1, &value, 1);
    plan->file_tensors[tensor] = value;
    plan->ports[index].handle = handle;
    return add_initial(plan, index, value, err);
}

hf_status hf_tflite_plan_inputs(hf_tflite_plan *plan, hf_error *err)
{
    const hf_graph *graph = plan->graph;
    hf_status status = HF_OK;
    if (graph->port_count == 0)
        add_input(plan, NULL, graph->input, "input");
    for (int32_t p = 0; p < graph->port_count && !status; p++) {
        const hf_model_port *port = &graph->ports[p];
        char name[24];
        snprintf(name, sizeof name, "input%d", p);
        if (port->kind == HF_MODEL_INPUT)
            add_input(plan, port, plan->ports[p].tensor, name);
        else if (port->kind == HF_MODEL_STATE && !plan->ports[p].kept)
            status = add_variable(plan, p, err);
    }
    if (!status && plan->once)
        hf_tflite_plan_add_operator(plan,
                                    (hf_tflite_planned_operator){.builtin = BUILTIN_CALL_ONCE,
                                                                 .version = 1,
                                                                 .options_type = OPTIONS_CALL_ONCE,
                                                                 .put_options = put_call_once},
                                    NULL, 0, NULL, 0);
    return status;
}

/* ---- Outputs ---- */

static hf_status add_output(hf_tflite_plan *plan, const hf_model_port *port, int32_t tensor, hf_error *err)
{
    int32_t file_tensor = plan->file_tensors[tensor];
    if (file_tensor < 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: an output that no operator of a .tflite file computes",
                       plan->graph->name);
    if (port && (has_type(port, "float32") || has_type(port, "uint8"))) {
        const bool real = has_type(port, "float32");
        const int32_t end = add_end(plan, port, file_tensor, "output");
        add_conversion(plan, real ? BUILTIN_DEQUANTIZE : BUILTIN_QUANTIZE,
                       real ? OPTIONS_DEQUANTIZE : OPTIONS_QUANTIZE, file_tensor, end);
        file_tensor = end;
    }
    plan->outputs[plan->output_count++] = file_tensor;
    return HF_OK;
}

hf_status hf_tflite_plan_outputs(hf_tflite_plan *plan, hf_error *err)
{
    const hf_graph *graph = plan->graph;
    hf_status status = HF_OK;
    if (graph->port_count == 0)
        return add_output(plan, NULL, graph->output, err);
    for (int32_t p = 0; p < graph->port_count && !status; p++) {
        const hf_tflite_planned_port *planned = &plan->ports[p];
        const hf_model_port *port = &graph->ports[p];
        if (port->kind == HF_MODEL_OUTPUT) {
            status = add_output(plan, port, planned->tensor, err);
        } else if (planned->handle >= 0 && planned->next != planned->tensor) {
            if (plan->file_tensors[planned->next] < 0)
                return HF_FAIL(err, HF_EUNSUPPORTED,
                               "%s: a state that no operator of a .tflite file computes", graph->name);
            add_assignment(plan, planned->handle, plan->file_tensors[planned->next]);
        }
    }
    return status;
}

/* ---- States that an operator keeps ---- */

/* The output of the PART that takes some bytes of a node's output. @return -1: there is none */
static int32_t part_of(const hf_tflite_planner *p, int64_t at, int64_t bytes)
{
    const hf_graph *graph = p->plan->graph;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *part = &graph->nodes[n];
        if (part->op == HF_OP_PART && part->inputs[0] == p->node->output && part->part_offset == at &&
            hf_tensor_bytes(&graph->tensors[part->output]) == bytes && !p->plan->done[n]) {
            p->plan->done[n] = true;
            return part->output;
        }
    }
    return -1;
}

static bool is_read_by_others(const hf_tflite_planner *p)
{
    const hf_graph *graph = p->plan->graph;
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; i < graph->nodes[n].input_count; i++)
            if (graph->nodes[n].inputs[i] == p->node->output && !p->plan->done[n])
                return true;
    return p->node->output == graph->output;
}

hf_status hf_tflite_planner_finish_state(hf_tflite_planner *p, int32_t output, int64_t at, int64_t bytes,
                                         int64_t values_at, int64_t values, hf_error *err)
{
    hf_tflite_plan *plan = p->plan;
    const hf_graph *graph = plan->graph;
    const int32_t next = part_of(p, at, bytes);
    const int32_t out = part_of(p, values_at, values);
    bool kept = false;
    for (int32_t i = 0; i < graph->port_count; i++)
        kept = kept || (graph->ports[i].kind == HF_MODEL_STATE && plan->ports[i].kept &&
                        plan->ports[i].tensor == p->node->inputs[1] && plan->ports[i].next == next);
    if (next < 0 || out < 0 || !kept || is_read_by_others(p))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: its state is not one that the operator keeps by itself",
                       p->node->name);
    hf_tflite_plan_add_operator(plan, p->op, p->inputs, p->input_count, &output, 1);
    const int32_t to = hf_tflite_plan_add_activation(plan, out, rank_of(plan, out), p->node->name);
    hf_tflite_plan_add_reshape(plan, p->node, output, to);
    plan->file_tensors[out] = to;
    return HF_OK;
}
