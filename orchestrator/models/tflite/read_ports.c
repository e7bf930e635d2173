/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model's inputs, outputs and states. A graph has one input and one output tensor. If the model has more, or
 * variables, they are parts of these: inputs and states of a flat input tensor, outputs and the next states of a
 * flat output tensor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define PART_ALIGNMENT 16 /* of inputs and states, which kernels read as they are */

hf_status hf_tflite_append(hf_tflite *tflite, hf_node *node, hf_op kind, int32_t out_channels,
                           int32_t *tensor)
{
    hf_graph *graph = tflite->graph;
    hf_error cause;
    hf_error_clear(&cause);
    node->op = kind;
    if (node->name[0] == '\0')
        snprintf(node->name, sizeof node->name, "op%d/%s", tflite->operator_index, hf_op_name(kind));
    const hf_quant quant = graph->tensors[node->inputs[0]].quant;
    hf_status status = hf_graph_add(graph, node, out_channels, tensor, &cause);
    if (status)
        return TFLITE_FAIL(tflite, status, "%.300s", cause.message);
    graph->tensors[*tensor].quant = quant;
    return HF_OK;
}

static hf_status add_port(hf_tflite *tflite, const hf_tflite_port *port)
{
    if (tflite->port_count == HF_TFLITE_MAX_PORTS)
        return TFLITE_FAIL(tflite, HF_ELIMIT,
                           "more than %d inputs, outputs and variables in total, which is not supported",
                           HF_TFLITE_MAX_PORTS);
    tflite->ports[tflite->port_count++] = *port;
    return HF_OK;
}

/* @param type of the file's tensor @param values the type of the graph's */
static void describe(hf_tflite_port *port, hf_model_port_kind kind, uint8_t type, uint8_t values,
                     const hf_tensor *shape)
{
    port->port = (hf_model_port){.kind = kind,
                                 .height = shape->height,
                                 .width = shape->width,
                                 .channels = shape->channels / hf_tflite_value_bytes(values),
                                 .quant = shape->quant,
                                 .bytes = (int32_t)hf_tensor_bytes(shape)};
    snprintf(port->port.type, sizeof port->port.type, "%s", hf_tflite_type_name(type));
}

/* The channels of the graph's tensor, which counts bytes. */
static int32_t row_bytes(const hf_model_port *port)
{
    return (int32_t)(port->bytes / ((int64_t)port->height * port->width));
}

/* ---- Inputs ---- */

/* If an operator quantises the input, its output, else -1. */
static hf_status quantised_input(hf_tflite *tflite, int32_t index, int32_t *quantised)
{
    const int32_t reader = tflite->consumers[index];
    int32_t builtin = -1;
    hf_status status = HF_OK;
    hf_flat_table table = {0};
    *quantised = -1;
    if (reader >= 0) {
        table = hf_flat_table_at(&tflite->file, tflite->operators, (uint32_t)reader);
        status = hf_tflite_builtin_code(tflite, table, &builtin);
    }
    if (status || builtin != BUILTIN_QUANTIZE)
        return status;
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    *quantised = hf_flat_i32_at(&tflite->file, outputs, 0);
    return hf_tflite_check(tflite);
}

static hf_status read_input(hf_tflite *tflite, int32_t index, hf_tflite_port *port)
{
    hf_tflite_tensor tensor;
    hf_tensor shape;
    hf_status status = hf_tflite_tensor_read(tflite, index, "model input", &tensor);
    if (status)
        return status;
    const uint8_t type = tensor.type;
    if (type == TYPE_FLOAT32) {
        int32_t quantised = -1;
        if ((status = quantised_input(tflite, index, &quantised)))
            return status;
        if (quantised < 0)
            return TENSOR_FAIL(
                tflite, &tensor, HF_EUNSUPPORTED,
                "type float32 and not quantised by a single QUANTIZE, expected int8: convert the "
                "model with full integer quantisation and inference_input_type=tf.int8");
        index = quantised;
        if ((status = hf_tflite_tensor_read(tflite, index, "model input", &tensor)))
            return status;
    }
    if ((status = hf_tflite_activation(tflite, &tensor, &shape)))
        return status;
    describe(port, HF_MODEL_INPUT, type, tensor.type, &shape);
    port->index = index;
    return HF_OK;
}

static hf_status find_inputs(hf_tflite *tflite, hf_flat_table subgraph)
{
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, subgraph, SUBGRAPH_INPUTS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (!status && inputs.count < 1)
        status = TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "the model has no input, expected at least one");
    for (uint32_t i = 0; i < inputs.count && !status; i++) {
        hf_tflite_port port = {0};
        const int32_t index = hf_flat_i32_at(&tflite->file, inputs, i);
        if (!(status = hf_tflite_check(tflite)) && !(status = read_input(tflite, index, &port)))
            status = add_port(tflite, &port);
    }
    return status;
}

/* The bytes of a state at the first inference. */
static hf_status set_initial(hf_tflite *tflite, const hf_tflite_variable *variable,
                             const hf_tflite_tensor *tensor, hf_model_port *port)
{
    const size_t bytes = (size_t)port->bytes;
    if (variable->initial.count > 0 && variable->initial.count != bytes)
        return TENSOR_FAIL(tflite, tensor, HF_EFORMAT, "%d bytes, but its initial value has %u", port->bytes,
                           variable->initial.count);
    port->initial = calloc(1, bytes);
    if (!port->initial)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %d bytes of a variable", port->bytes);
    memset(port->initial, port->quant.zero_point, (size_t)variable->state_zeros);
    if (variable->initial.count > 0)
        memcpy(port->initial, tflite->file.bytes + variable->initial.at, bytes);
    for (size_t i = 0; tensor->type == TYPE_UINT8 && i < bytes; i++)
        port->initial[i] = (int8_t)(uint8_t)(port->initial[i] ^ 0x80);
    return HF_OK;
}

/* A state for each variable that is read, with the shape of what is read, and for each LSTM. */
static hf_status find_states(hf_tflite *tflite)
{
    hf_status status = HF_OK;
    for (uint32_t v = 0; v < tflite->variable_count && !status; v++) {
        const hf_tflite_variable *variable = &tflite->variables[v];
        hf_tflite_port port = {.index = -1};
        hf_tflite_tensor tensor;
        hf_tensor shape = {0};
        if (variable->read < 0)
            continue;
        if ((status = hf_tflite_tensor_read(tflite, variable->read, "variable", &tensor)))
            return status;
        if (variable->state_tensor >= 0) {
            shape = (hf_tensor){.height = 1, .width = 1, .channels = variable->state_bytes};
            status = hf_tflite_quant(tflite, &tensor, &shape.quant);
        } else {
            status = hf_tflite_activation(tflite, &tensor, &shape);
        }
        if (status)
            return status;
        describe(&port, HF_MODEL_STATE, tensor.type, variable->state_tensor >= 0 ? TYPE_INT8 : tensor.type,
                 &shape);
        if ((status = set_initial(tflite, variable, &tensor, &port.port)) ||
            (status = add_port(tflite, &port)))
            free(port.port.initial);
    }
    return status;
}

/* One dimension of flat tensors is as large as a graph allows, the other what remains. */
static hf_status create_flat(hf_tflite *tflite, int64_t bytes)
{
    const int64_t width = (bytes + HF_GRAPH_MAX_DIMENSION - 1) / HF_GRAPH_MAX_DIMENSION;
    const int64_t channels = width > 0 ? (bytes + width - 1) / width : 0;
    hf_status status =
        hf_graph_new(tflite->name, 1, (int32_t)width, (int32_t)channels, &tflite->graph, tflite->err);
    if (!status)
        tflite->graph->tensors[tflite->graph->input].quant = (hf_quant){.scale = 1};
    return status;
}

static hf_status add_parts(hf_tflite *tflite)
{
    hf_status status = HF_OK;
    uint32_t variable = 0;
    for (uint32_t i = 0; i < tflite->port_count && !status; i++) {
        const hf_model_port *port = &tflite->ports[i].port;
        hf_node node = {.inputs = {tflite->graph->input},
                        .input_count = 1,
                        .kernel_height = port->height,
                        .kernel_width = port->width,
                        .part_offset = port->offset};
        int32_t tensor = -1;
        snprintf(node.name, sizeof node.name, "%s%u", port->kind == HF_MODEL_STATE ? "state" : "input", i);
        if ((status = hf_tflite_append(tflite, &node, HF_OP_PART, row_bytes(port), &tensor)))
            return status;
        tflite->graph->tensors[tensor].quant = port->quant;
        if (port->kind == HF_MODEL_INPUT) {
            tflite->tensor_map[tflite->ports[i].index] = tensor;
            continue;
        }
        while (tflite->variables[variable].read < 0)
            variable++;
        tflite->variables[variable++].current = tensor;
    }
    return status;
}

hf_status hf_tflite_read_inputs(hf_tflite *tflite, hf_flat_table subgraph)
{
    hf_status status;
    if ((status = find_inputs(tflite, subgraph)) || (status = find_states(tflite)))
        return status;
    if (tflite->port_count == 1) {
        const hf_model_port *port = &tflite->ports[0].port;
        if ((status = hf_graph_new(tflite->name, port->height, port->width, row_bytes(port), &tflite->graph,
                                   tflite->err)))
            return status;
        tflite->graph->tensors[tflite->graph->input].quant = port->quant;
        tflite->tensor_map[tflite->ports[0].index] = tflite->graph->input;
        return HF_OK;
    }
    int64_t bytes = 0;
    for (uint32_t i = 0; i < tflite->port_count; i++) {
        tflite->ports[i].port.offset = (int32_t)bytes;
        bytes +=
            ((int64_t)tflite->ports[i].port.bytes + PART_ALIGNMENT - 1) / PART_ALIGNMENT * PART_ALIGNMENT;
        if (bytes > HF_GRAPH_MAX_TENSOR_BYTES)
            return TFLITE_FAIL(tflite, HF_ELIMIT, "inputs and variables take more than %d bytes",
                               HF_GRAPH_MAX_TENSOR_BYTES);
    }
    status = create_flat(tflite, bytes);
    return status ? status : add_parts(tflite);
}

/* ---- Outputs ---- */

static hf_status read_output(hf_tflite *tflite, int32_t index, int32_t *tensor)
{
    hf_tflite_tensor file_tensor;
    hf_tflite_port port = {.index = index};
    hf_status status = hf_tflite_tensor_read(tflite, index, "model output", &file_tensor);
    if (status)
        return status;
    if (tflite->tensor_map[index] < 0)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "model output (tensor %d) is not the output of any operator",
                           index);
    *tensor = tflite->tensor_map[index];
    describe(&port, HF_MODEL_OUTPUT, file_tensor.type,
             file_tensor.type == TYPE_FLOAT32 ? tflite->value_type[index] : file_tensor.type,
             &tflite->graph->tensors[*tensor]);
    port.port.float_tail =
        tflite->float_tail[index] >= 0 ? hf_tflite_builtin_name(tflite->float_tail[index]) : NULL;
    return add_port(tflite, &port);
}

/* Whether a tensor can be the graph's output: it is neither its input nor part of another tensor. */
static bool is_computed(const hf_graph *graph, int32_t tensor)
{
    const hf_node *node = NULL;
    while (graph->tensors[tensor].producer >= 0) {
        node = &graph->nodes[graph->tensors[tensor].producer];
        if (node->op != HF_OP_RESHAPE)
            return node->op != HF_OP_PART;
        tensor = node->inputs[0];
    }
    return node != NULL;
}

/* Appends JOINs of at most HF_NODE_MAX_INPUTS tensors each. @param tensors changed */
static hf_status join(hf_tflite *tflite, int32_t *tensors, uint32_t count, int32_t *joined)
{
    hf_status status = HF_OK;
    tflite->operator_index = -1;
    do {
        uint32_t groups = 0;
        for (uint32_t first = 0; first < count && !status; groups++) {
            hf_node node = {.name = "outputs"};
            while (first < count && node.input_count < HF_NODE_MAX_INPUTS)
                node.inputs[node.input_count++] = tensors[first++];
            status = hf_tflite_append(tflite, &node, HF_OP_JOIN, 0, &tensors[groups]);
            if (!status)
                tflite->graph->tensors[tensors[groups]].quant = (hf_quant){.scale = 1};
        }
        count = groups;
    } while (count > 1 && !status);
    *joined = tensors[0];
    return status;
}

/* Hands the ports to the graph, unless it has one of each kind and no state. */
static hf_status keep_ports(hf_tflite *tflite)
{
    hf_graph *graph = tflite->graph;
    graph->ports = calloc((size_t)tflite->port_count + 1, sizeof *graph->ports);
    if (!graph->ports)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %u inputs and outputs", tflite->port_count);
    graph->port_count = (int32_t)tflite->port_count;
    for (uint32_t i = 0; i < tflite->port_count; i++) {
        graph->ports[i] = tflite->ports[i].port;
        tflite->ports[i].port.initial = NULL;
    }
    return HF_OK;
}

hf_status hf_tflite_read_outputs(hf_tflite *tflite, hf_flat_table subgraph)
{
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, subgraph, SUBGRAPH_OUTPUTS, 4);
    int32_t tensors[HF_TFLITE_MAX_PORTS];
    uint32_t count = 0;
    int32_t offset = 0;
    hf_status status = hf_tflite_check(tflite);
    if (!status && outputs.count < 1)
        status = TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "the model has no output, expected at least one");
    for (uint32_t i = 0; i < outputs.count && !status; i++) {
        const int32_t index = hf_flat_i32_at(&tflite->file, outputs, i);
        if (!(status = hf_tflite_check(tflite)) && !(status = read_output(tflite, index, &tensors[count]))) {
            tflite->ports[tflite->port_count - 1].port.offset = offset;
            offset += tflite->ports[tflite->port_count - 1].port.bytes;
            count++;
        }
    }
    uint32_t variable = 0;
    for (uint32_t i = 0; i < tflite->port_count && !status; i++) {
        hf_model_port *port = &tflite->ports[i].port;
        if (port->kind != HF_MODEL_STATE)
            continue;
        while (tflite->variables[variable].read < 0)
            variable++;
        tensors[count++] = tflite->variables[variable++].current;
        port->state_offset = offset;
        offset += port->bytes;
    }
    int32_t output = -1;
    if (status)
        return status;
    if (count == 1 && is_computed(tflite->graph, tensors[0]))
        output = tensors[0];
    else
        status = join(tflite, tensors, count, &output);
    if (!status)
        status = keep_ports(tflite);
    return status ? status : hf_graph_finish(tflite->graph, output, tflite->err);
}
