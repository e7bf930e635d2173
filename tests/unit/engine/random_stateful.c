/* SPDX-License-Identifier: Apache-2.0 */
#include "random_stateful.h"

#include "hf_test.h"

static int32_t append(hf_graph *graph, hf_node node, int32_t channels, hf_quant quant)
{
    int32_t tensor = -1;
    hf_error err = {0};
    if (node.name[0] == '\0')
        snprintf(node.name, sizeof node.name, "%s%d", hf_op_name(node.op), graph->node_count);
    if (hf_graph_add(graph, &node, channels, &tensor, &err))
        fail_msg("%s", err.message);
    graph->tensors[tensor].quant = quant;
    return tensor;
}

static int32_t part_of(hf_graph *graph, int32_t from, int32_t offset, int32_t height, int32_t width,
                       int32_t channels, hf_quant quant)
{
    const hf_node part = {.op = HF_OP_PART,
                          .inputs = {from},
                          .input_count = 1,
                          .kernel_height = height,
                          .kernel_width = width,
                          .part_offset = offset};
    return append(graph, part, channels, quant);
}

static void join(hf_graph *graph, const int32_t *tensors, int32_t count)
{
    hf_node node = {.op = HF_OP_JOIN, .name = "outputs", .input_count = count};
    hf_error err = {0};
    memcpy(node.inputs, tensors, (size_t)count * sizeof *tensors);
    const int32_t output = append(graph, node, 0, (hf_quant){.scale = 1});
    if (hf_graph_finish(graph, output, &err))
        fail_msg("%s", err.message);
}

/* @param tensor of the graph, whose shape the port has */
static hf_model_port port_of(const hf_graph *graph, hf_model_port_kind kind, int32_t tensor, const char *type,
                             int32_t value_bytes)
{
    const hf_tensor *shape = &graph->tensors[tensor];
    hf_model_port port = {.kind = kind,
                          .height = shape->height,
                          .width = shape->width,
                          .channels = shape->channels / value_bytes,
                          .quant = shape->quant,
                          .bytes = (int32_t)hf_tensor_bytes(shape)};
    snprintf(port.type, sizeof port.type, "%s", type);
    return port;
}

static const char *random_type(random_source *r, int32_t value_bytes)
{
    static const char *const types[] = {"int8", "uint8", "float32"};
    if (value_bytes == 2)
        return random_next(r) % 2 ? "int16" : "float32";
    return types[random_next(r) % 3];
}

/* ---- LSTM and SVDF ---- */

hf_graph *random_stateful(random_source *r, hf_op op, random_kind kind)
{
    hf_graph *graph = random_single(r, op, kind);
    const hf_node *node = &graph->nodes[graph->tensors[graph->output].producer];
    const int32_t values = node->inputs[0];
    const int32_t state = node->inputs[1];
    const int32_t all = node->output;
    const hf_quant quant = graph->tensors[all].quant;
    const int32_t units = node->units;
    const bool lstm = op == HF_OP_LSTM;
    const int32_t steps = lstm ? graph->tensors[values].width : 1;
    const int32_t bytes = (int32_t)hf_tensor_bytes(&graph->tensors[state]);
    const int32_t at = graph->nodes[graph->tensors[state].producer].part_offset;
    const hf_quant state_quant = lstm ? quant : (hf_quant){node->cell_scale, node->state_zero_point};
    const bool narrow = lstm || node->narrow_state;
    const int32_t value_bytes = lstm && node->in_bytes == 2 ? 2 : 1;
    const int32_t row = units * value_bytes;
    const int32_t rows = part_of(graph, all, lstm ? 0 : bytes, 1, steps, row, quant);
    const int32_t next = part_of(graph, all, lstm ? (steps - 1) * row : 0, 1, 1, bytes, quant);
    join(graph, (int32_t[]){rows, next}, 2);
    graph->ports = random_allocate(3, sizeof *graph->ports);
    graph->port_count = 3;
    graph->ports[0] = port_of(graph, HF_MODEL_INPUT, values, random_type(r, value_bytes), value_bytes);
    graph->ports[1] = port_of(graph, HF_MODEL_STATE, state, narrow && value_bytes == 1 ? "int8" : "int16", 1);
    graph->ports[1].quant = state_quant;
    graph->ports[1].offset = at;
    graph->ports[1].state_offset = steps * row;
    graph->ports[1].initial = random_allocate(bytes, 1);
    memset(graph->ports[1].initial, lstm ? quant.zero_point : 0, lstm ? (size_t)row : 0);
    graph->ports[2] = port_of(graph, HF_MODEL_OUTPUT, rows, random_type(r, value_bytes), value_bytes);
    return graph;
}

/* ---- Variables ---- */

/* What is added to a variable has its quantisation, so that the sum can be its next value. */
static int32_t sum_of(hf_graph *graph, int32_t a, int32_t b, int32_t value_bytes, hf_quant quant)
{
    const hf_node node = {.op = value_bytes == 2 ? HF_OP_BINARY16 : HF_OP_ADD,
                          .function = HF_BINARY_ADD,
                          .inputs = {a, b},
                          .input_count = 2};
    return append(graph, node, 0, quant);
}

hf_graph *random_variables(random_source *r)
{
    const int32_t value_bytes = random_next(r) % 3 ? 1 : 2;
    const int32_t count = random_between(r, 1, 2);
    const int32_t height = random_between(r, 1, 4);
    const int32_t width = random_between(r, 1, 4);
    const int32_t channels = value_bytes * random_between(r, 1, 9);
    const int32_t bytes = height * width * channels;
    const hf_quant quant = {(float)random_between(r, 1, 16) / 256.0F,
                            value_bytes == 2 ? 0 : random_between(r, -40, 40)};
    hf_graph *graph = NULL;
    hf_error err = {0};
    int32_t leaves[3] = {0};
    int32_t tensors[3] = {0};
    if (hf_graph_new("variables", 1, 1, bytes * (count + 1), &graph, &err))
        fail_msg("%s", err.message);
    graph->tensors[graph->input].quant = (hf_quant){.scale = 1};
    for (int32_t i = 0; i <= count; i++)
        tensors[i] = part_of(graph, graph->input, i * bytes, height, width, channels, quant);
    /* Of two variables the second gets what the first was. */
    const bool delays = random_next(r) % 3 == 0;
    leaves[0] = delays ? tensors[count] : sum_of(graph, tensors[0], tensors[count], value_bytes, quant);
    leaves[1] = delays ? tensors[0] : leaves[0];
    leaves[2] = tensors[1];
    join(graph, leaves, count + 1);
    graph->port_count = count + 2;
    graph->ports = random_allocate(graph->port_count, sizeof *graph->ports);
    graph->ports[0] = port_of(graph, HF_MODEL_INPUT, tensors[0], random_type(r, value_bytes), value_bytes);
    for (int32_t i = 1; i <= count; i++) {
        hf_model_port *port = &graph->ports[i];
        *port = port_of(graph, HF_MODEL_STATE, tensors[i], value_bytes == 2 ? "int16" : "int8", value_bytes);
        port->offset = port->state_offset = i * bytes;
        port->initial = random_allocate(bytes, 1);
        if (random_next(r) % 2)
            random_input(r, port->initial, (size_t)bytes);
    }
    graph->ports[count + 1] =
        port_of(graph, HF_MODEL_OUTPUT, leaves[0], random_type(r, value_bytes), value_bytes);
    return graph;
}

hf_graph *random_model(random_source *r, hf_op op)
{
    if (op == HF_OP_COUNT)
        return random_variables(r);
    if (op == HF_OP_LSTM || op == HF_OP_SVDF)
        return random_stateful(r, op, RANDOM_USUAL);
    return random_single(r, op, RANDOM_USUAL);
}
