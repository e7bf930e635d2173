/* SPDX-License-Identifier: Apache-2.0 */
#include "random_values16.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hf_test.h"

bool random_values16_makes(hf_op op)
{
    switch (op) {
    case HF_OP_SVDF:
    case HF_OP_CONV_GENERAL:
    case HF_OP_BINARY16:
    case HF_OP_BINARY16_CONST:
    case HF_OP_FUNCTION16:
    case HF_OP_POOL16:
    case HF_OP_SOFTMAX16:
    case HF_OP_REDUCE16:
        return true;
    default:
        return false;
    }
}

static hf_graph *new_graph(int32_t height, int32_t width, int32_t channels, hf_quant quant)
{
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_graph_new("values16", height, width, channels, &graph, &err))
        fail_msg("%s", err.message);
    graph->tensors[graph->input].quant = quant;
    return graph;
}

static hf_node *add(hf_graph *graph, hf_node *node, int32_t out_channels, hf_quant quant)
{
    int32_t output = -1;
    hf_error err = {0};
    snprintf(node->name, sizeof node->name, "%s%d", hf_op_name(node->op), graph->node_count);
    if (node->input_count == 0)
        node->input_count = 1;
    if (hf_graph_add(graph, node, out_channels, &output, &err) || hf_graph_finish(graph, output, &err))
        fail_msg("%s", err.message);
    graph->tensors[output].quant = quant;
    return &graph->nodes[graph->node_count - 1];
}

static hf_quant quant16(random_source *r)
{
    return (hf_quant){.scale = (float)random_between(r, 1, 64) / 65536.0F};
}

static hf_quant quant8(random_source *r)
{
    return (hf_quant){.scale = (float)random_between(r, 1, 32) / 512.0F,
                      .zero_point = random_between(r, -128, 127)};
}

/* A factor, mostly near 1. */
static float factor(random_source *r, random_kind kind)
{
    const int32_t most = kind == RANDOM_EXTREME ? 12 : 1;
    return ldexpf(1.0F + (float)random_between(r, 0, 63) / 64.0F, random_between(r, -most, most));
}

static void random_window(random_source *r, hf_node *node, int32_t height, int32_t width)
{
    node->padding = random_next(r) % 2 ? HF_PADDING_SAME : HF_PADDING_VALID;
    node->kernel_height = random_between(r, 1, 4);
    node->kernel_width = random_between(r, 1, 4);
    node->stride_height = random_between(r, 1, 3);
    node->stride_width = random_between(r, 1, 3);
    if (node->padding == HF_PADDING_VALID && node->kernel_height > height)
        node->kernel_height = height;
    if (node->padding == HF_PADDING_VALID && node->kernel_width > width)
        node->kernel_width = width;
}

static void fill_bias(random_source *r, hf_node *node, int32_t channels, random_kind kind)
{
    if (random_next(r) % 4 == 0)
        return;
    node->has_bias = true;
    if (!node->long_sums) {
        node->bias = random_allocate(channels, sizeof *node->bias);
        for (int32_t c = 0; c < channels; c++)
            node->bias[c] = random_between(r, -40000, 40000);
        return;
    }
    node->long_bias = random_allocate(channels, sizeof *node->long_bias);
    for (int32_t c = 0; c < channels; c++)
        node->long_bias[c] =
            (int64_t)random_between(r, -40000, 40000) * (kind == RANDOM_EXTREME ? 1 << 24 : 4);
}

/* Scaled so that sums of the usual size use the output's range. */
static void fill_layer(random_source *r, hf_graph *graph, hf_node *node, random_kind kind)
{
    const int64_t weights = hf_node_weight_count(graph, node);
    const int32_t channels = hf_node_output_channels(graph, node);
    const int64_t taps_of_channel = weights / channels;
    const double taps = (double)taps_of_channel;
    const double ratio = (double)graph->tensors[node->output].quant.scale /
                         (double)graph->tensors[node->inputs[0]].quant.scale;
    const bool per_tensor = node->dense_scale && random_next(r) % 2;
    node->weights = random_allocate(weights, 1);
    node->weight_scales = random_allocate(channels, sizeof(float));
    random_input(r, node->weights, (size_t)weights);
    for (int32_t c = 0; c < channels; c++)
        node->weight_scales[c] = per_tensor && c > 0
                                     ? node->weight_scales[0]
                                     : (float)(ratio / (sqrt(taps) * 60) * (double)factor(r, kind));
    fill_bias(r, node, channels, kind);
}

static hf_graph *random_general(random_source *r, random_kind kind)
{
    const bool wide = random_next(r) % 3 != 0;
    const int32_t value_bytes = wide ? 2 : 1;
    const int32_t height = random_between(r, 1, 9), width = random_between(r, 1, 9);
    const int32_t groups = random_next(r) % 2 ? 1 : random_between(r, 1, 6);
    const int32_t inputs = groups * (random_next(r) % 3 ? random_between(r, 1, 9) : 1);
    const int32_t outputs = groups * random_between(r, 1, 5);
    hf_graph *graph = new_graph(height, width, inputs * value_bytes, wide ? quant16(r) : quant8(r));
    hf_node node = {.op = HF_OP_CONV_GENERAL,
                    .in_bytes = value_bytes,
                    .out_bytes = value_bytes,
                    .groups = groups,
                    .long_sums = wide && random_next(r) % 2,
                    .dense_scale = random_next(r) % 4 == 0,
                    .weight_zero_point = wide ? 0 : random_between(r, -128, 127),
                    .activation = (hf_activation)random_between(r, 0, 3)};
    random_window(r, &node, height, width);
    if (random_next(r) % 3 == 0) {
        node.transposed = true;
        node.operand_shape[0] = height * node.stride_height;
        node.operand_shape[1] = width * node.stride_width;
        if (node.padding == HF_PADDING_VALID) {
            node.operand_shape[0] +=
                node.kernel_height > node.stride_height ? node.kernel_height - node.stride_height : 0;
            node.operand_shape[1] +=
                node.kernel_width > node.stride_width ? node.kernel_width - node.stride_width : 0;
        }
    }
    fill_layer(r, graph, add(graph, &node, outputs * value_bytes, wide ? quant16(r) : quant8(r)), kind);
    return graph;
}

static hf_quant binary_output(random_source *r, hf_binary function, hf_quant a, hf_quant b, random_kind kind)
{
    const float range = function == HF_BINARY_MUL                  ? a.scale * b.scale * 32768.0F
                        : function == HF_BINARY_SQUARED_DIFFERENCE ? a.scale * a.scale * 32768.0F
                                                                   : a.scale + b.scale;
    if (function == HF_BINARY_MAXIMUM || function == HF_BINARY_MINIMUM)
        return a;
    return (hf_quant){.scale = range * factor(r, kind)};
}

static hf_graph *random_binary16(random_source *r, bool constant, random_kind kind)
{
    const hf_binary functions[] = {HF_BINARY_ADD,     HF_BINARY_SUB,     HF_BINARY_MUL,
                                   HF_BINARY_MAXIMUM, HF_BINARY_MINIMUM, HF_BINARY_SQUARED_DIFFERENCE};
    const int32_t shape[] = {random_between(r, 1, 6), random_between(r, 1, 6), 2 * random_between(r, 1, 9)};
    const int32_t other[] = {random_next(r) % 2 ? shape[0] : 1, random_next(r) % 2 ? shape[1] : 1,
                             random_next(r) % 3 ? shape[2] : 2};
    const int32_t bytes = other[0] * other[1] * other[2];
    hf_node node = {.op = constant ? HF_OP_BINARY16_CONST : HF_OP_BINARY16,
                    .function = functions[random_next(r) % 6],
                    .reversed = random_next(r) % 2};
    const bool extreme = node.function == HF_BINARY_MAXIMUM || node.function == HF_BINARY_MINIMUM;
    const hf_quant a = quant16(r);
    const hf_quant b = extreme ? a : quant16(r);
    if (node.function <= HF_BINARY_MUL)
        node.activation = (hf_activation)random_between(r, 0, 3);
    node.constant_quant = b;
    for (int d = 0; d < 3; d++)
        node.operand_shape[d] = other[d];
    if (constant) {
        hf_graph *graph = new_graph(shape[0], shape[1], shape[2], a);
        hf_node *added = add(graph, &node, 0, binary_output(r, node.function, a, b, kind));
        added->operand = random_allocate(bytes, 1);
        random_input(r, added->operand, (size_t)bytes);
        return graph;
    }
    /* The second operand is computed from the first: the same with another scale, or its largest values. */
    hf_graph *graph = new_graph(shape[0], shape[1], shape[2], a);
    const bool rescaled = random_next(r) % 2;
    hf_node second = {.op = rescaled ? HF_OP_FUNCTION16 : HF_OP_REDUCE16,
                      .in_bytes = 2,
                      .out_bytes = 2,
                      .activation = rescaled ? HF_ACTIVATION_RELU : HF_ACTIVATION_NONE,
                      .reduction = HF_REDUCTION_MAXIMUM};
    const hf_quant made = rescaled ? b : a;
    node.inputs[1] = add(graph, &second, 0, made)->output;
    node.input_count = 2;
    add(graph, &node, 0, binary_output(r, node.function, a, made, kind));
    return graph;
}

static hf_graph *random_function16(random_source *r, random_kind kind)
{
    hf_node node = {.op = HF_OP_FUNCTION16,
                    .function16 = (hf_function16)random_between(r, 0, HF_FUNCTION16_COUNT - 1),
                    .in_bytes = 2,
                    .out_bytes = 2,
                    .alpha = (float)random_between(r, 0, 100) / 64.0F};
    hf_quant in = quant16(r);
    hf_quant out = {.scale = in.scale * factor(r, kind)};
    if (node.function16 == HF_FUNCTION16_RESCALE) {
        const uint32_t widths = random_next(r) % 3;
        node.in_bytes = widths == 1 ? 1 : 2;
        node.out_bytes = widths == 2 ? 1 : 2;
        node.activation = widths == 0 ? (hf_activation)random_between(r, 0, 3) : HF_ACTIVATION_NONE;
        in = widths == 1 ? quant8(r) : in;
        out = widths == 1 ? (hf_quant){.scale = in.scale / 256.0F * factor(r, kind)} : out;
        out = widths == 2 ? (hf_quant){.scale = in.scale * 256.0F, .zero_point = random_between(r, -128, 127)}
                          : out;
    }
    if (node.function16 >= HF_FUNCTION16_LOGISTIC) {
        out.scale = 1.0F / 32768;
        if (random_next(r) % 3 == 0)
            in.scale = 1.0F / (float)(random_next(r) % 2 ? 2048 : 4096);
    }
    hf_graph *graph = new_graph(random_between(r, 1, 9), random_between(r, 1, 9),
                                node.in_bytes * random_between(r, 1, 20), in);
    add(graph, &node, 0, out);
    return graph;
}

static hf_graph *random_pool16(random_source *r)
{
    const int32_t height = random_between(r, 1, 9), width = random_between(r, 1, 9);
    const bool bytes = random_next(r) % 3 == 0; /* the average of uint8 values */
    hf_graph *graph =
        new_graph(height, width, (bytes ? 1 : 2) * random_between(r, 1, 20), bytes ? quant8(r) : quant16(r));
    hf_node node = {.op = HF_OP_POOL16,
                    .in_bytes = bytes,
                    .reduction = random_next(r) % 2 ? HF_REDUCTION_MAXIMUM : HF_REDUCTION_MEAN,
                    .activation = (hf_activation)random_between(r, 0, 3)};
    random_window(r, &node, height, width);
    add(graph, &node, 0, graph->tensors[graph->input].quant);
    return graph;
}

static hf_graph *random_reduce16(random_source *r, random_kind kind)
{
    hf_graph *graph =
        new_graph(random_between(r, 1, 9), random_between(r, 1, 9), 2 * random_between(r, 1, 20), quant16(r));
    const hf_quant in = graph->tensors[graph->input].quant;
    hf_node node = {.op = HF_OP_REDUCE16,
                    .reduction = (hf_reduction)random_between(r, 0, HF_REDUCTION_MINIMUM)};
    const bool extreme = node.reduction >= HF_REDUCTION_MAXIMUM;
    add(graph, &node, 0, extreme ? in : (hf_quant){.scale = in.scale * factor(r, kind)});
    return graph;
}

static hf_graph *random_softmax16(random_source *r)
{
    hf_graph *graph =
        new_graph(random_between(r, 1, 4), random_between(r, 1, 4), 2 * random_between(r, 1, 30),
                  (hf_quant){.scale = (float)random_between(r, 1, 64) / 131072.0F});
    hf_node node = {.op = HF_OP_SOFTMAX16, .softmax_beta = random_next(r) % 2 ? 1.0F : 0.5F};
    add(graph, &node, 0, (hf_quant){.scale = 1.0F / 32768});
    return graph;
}

static hf_graph *random_svdf(random_source *r, random_kind kind)
{
    const int32_t inputs = random_between(r, 1, 20);
    const hf_quant in = quant8(r);
    hf_node node = {.op = HF_OP_SVDF,
                    .units = random_between(r, 1, 9),
                    .rank = random_between(r, 1, 3),
                    .memory = random_between(r, 1, 12),
                    .cell_scale = (float)random_between(r, 1, 64) / 4096.0F,
                    .narrow_state = random_next(r) % 3 == 0};
    if (node.narrow_state)
        node.state_zero_point = random_between(r, -20, 20);
    const int32_t filters = node.units * node.rank;
    hf_graph *graph = new_graph(1, 1, inputs + 2 * filters * node.memory, in);
    hf_node part = {.op = HF_OP_PART, .kernel_height = 1, .kernel_width = 1};
    node.inputs[0] = add(graph, &part, inputs, in)->output;
    part = (hf_node){.op = HF_OP_PART, .kernel_height = 1, .kernel_width = 1, .part_offset = inputs};
    node.inputs[1] = add(graph, &part, 2 * filters * node.memory, in)->output;
    node.input_count = 2;
    hf_node *added = add(graph, &node, 0, quant8(r));
    added->weights = random_allocate((int64_t)filters * inputs, 1);
    added->time_weights = random_allocate((int64_t)filters * node.memory, sizeof *added->time_weights);
    added->weight_scales = random_allocate(2, sizeof(float));
    random_input(r, added->weights, (size_t)filters * (size_t)inputs);
    for (int32_t i = 0; i < filters * node.memory; i++)
        added->time_weights[i] =
            (int16_t)(random_between(r, INT16_MIN, INT16_MAX) / (kind == RANDOM_EXTREME ? 1 : 64));
    added->weight_scales[0] = node.cell_scale / in.scale * factor(r, kind);
    added->weight_scales[1] =
        graph->tensors[added->output].quant.scale / node.cell_scale / 65536.0F * factor(r, kind);
    added->bias = random_allocate(node.units, sizeof *added->bias);
    for (int32_t u = 0; u < node.units; u++)
        added->bias[u] = random_between(r, -100000, 100000);
    return graph;
}

hf_graph *random_values16(random_source *r, hf_op op, random_kind kind)
{
    switch (op) {
    case HF_OP_SVDF:
        return random_svdf(r, kind);
    case HF_OP_CONV_GENERAL:
        return random_general(r, kind);
    case HF_OP_BINARY16:
        return random_binary16(r, false, kind);
    case HF_OP_BINARY16_CONST:
        return random_binary16(r, true, kind);
    case HF_OP_FUNCTION16:
        return random_function16(r, kind);
    case HF_OP_POOL16:
        return random_pool16(r);
    case HF_OP_REDUCE16:
        return random_reduce16(r, kind);
    default:
        return random_softmax16(r);
    }
}
