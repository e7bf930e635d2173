/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "random_graph.h"
#include "random_rare.h"
#include "random_values16.h"

uint32_t random_next(random_source *r)
{
    r->state = r->state * 1664525U + 1013904223U;
    uint32_t x = r->state;
    x ^= x >> 16;
    x *= 0x7FEB352DU;
    x ^= x >> 15;
    return x;
}

int32_t random_between(random_source *r, int32_t min, int32_t max)
{
    return min + (int32_t)(random_next(r) % (uint32_t)(max - min + 1));
}

static float random_power(random_source *r, int32_t min_exponent, int32_t max_exponent)
{
    float mantissa = 1.0F + (float)(random_next(r) >> 8) / (float)(1 << 24);
    return ldexpf(mantissa, random_between(r, min_exponent, max_exponent));
}

void random_input(random_source *r, int8_t *bytes, size_t size)
{
    static const int8_t corners[] = {-128, 127, 0, -1, 1, -127};
    uint32_t style = random_next(r) % 4;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (int8_t)random_next(r);
        if (style == 0 && random_next(r) % 2)
            bytes[i] = corners[random_next(r) % sizeof corners];
    }
}

static int8_t random_weight(random_source *r, random_kind kind)
{
    if (kind == RANDOM_SATURATING)
        return (int8_t)(127 * (1 - 2 * random_between(r, 0, 1)));
    if (kind == RANDOM_EXTREME && random_next(r) % 3 == 0)
        return INT8_MIN;
    if (kind == RANDOM_EXTREME)
        return (int8_t)random_next(r);
    return (int8_t)random_between(r, -127, 127);
}

static int32_t random_bias(random_source *r, random_kind kind)
{
    switch (kind) {
    case RANDOM_EXTREME:
        return random_next(r) % 2 ? (int32_t)random_next(r) >> random_between(r, 2, 24)
                                  : random_between(r, -100000, 100000);
    case RANDOM_DEAD:
        return random_next(r) % 2 ? (random_next(r) % 2 ? 1073741760 : -1073741824)
                                  : random_between(r, -5000, 5000);
    default:
        return random_between(r, -20000, 20000);
    }
}

void *random_allocate(int64_t count, size_t size)
{
    void *p = calloc((size_t)count, size);
    assert_non_null(p);
    return p;
}

static void fill_weights(random_source *r, hf_graph *graph, hf_node *node, random_kind kind)
{
    int64_t count = hf_node_weight_count(graph, node);
    int32_t channels = hf_node_output_channels(graph, node);
    if (count == 0)
        return;
    node->weights = random_allocate(count, 1);
    node->weight_scales = random_allocate(channels, sizeof(float));
    for (int64_t i = 0; i < count; i++)
        node->weights[i] = random_weight(r, kind);
    if (random_next(r) % 8) {
        node->bias = random_allocate(channels, sizeof(int32_t));
        for (int32_t c = 0; c < channels; c++)
            node->bias[c] = random_bias(r, kind);
    }
    /* Scaled so that sums of the usual size use the output's range. */
    double in = (double)graph->tensors[node->inputs[0]].quant.scale;
    double out = (double)graph->tensors[node->output].quant.scale;
    const int64_t taps = count / channels;
    double usual = out / in / (sqrt((double)taps) * 40.0);
    for (int32_t c = 0; c < channels; c++) {
        float factor = kind == RANDOM_EXTREME      ? random_power(r, -28, 8)
                       : kind == RANDOM_SATURATING ? random_power(r, 0, 6)
                                                   : random_power(r, -2, 1);
        bool dead = kind == RANDOM_DEAD && random_next(r) % 2;
        if (dead) {
            factor = random_power(r, -34, -20);
            bool depthwise = node->op == HF_OP_DEPTHWISE;
            for (int64_t k = 0; k < count / channels; k++)
                node->weights[depthwise ? k * channels + c : c * (count / channels) + k] = 0;
        }
        node->weight_scales[c] = (float)(usual * (double)factor);
    }
}

static hf_quant random_quant(random_source *r)
{
    static const int32_t corners[] = {-128, 127, 0};
    hf_quant q = {random_power(r, -8, -4), random_between(r, -128, 127)};
    if (random_next(r) % 2)
        q.zero_point = corners[random_next(r) % 3];
    return q;
}

static bool is_pool(hf_op op)
{
    return op == HF_OP_AVERAGE_POOL || op == HF_OP_MAX_POOL;
}

static bool keeps_quantisation(hf_op op)
{
    return is_pool(op) || op == HF_OP_RESHAPE || op == HF_OP_SLICE || op == HF_OP_CHANNEL_SHUFFLE ||
           op == HF_OP_PAD;
}

/* Graphs of more inputs to a concatenation would be too large. */
#define MOST_INPUTS 4

/* Scales far apart: products and sums are scaled by any factor, even those that cannot be compiled. */
static void make_extreme(random_source *r, hf_graph *graph, hf_node *node)
{
    node->constant_quant.scale = random_power(r, -30, 16);
    if (!keeps_quantisation(node->op) && !random_rare_keeps_quantisation(node) && node->op != HF_OP_SOFTMAX &&
        node->op != HF_OP_LOG_SOFTMAX)
        graph->tensors[node->output].quant.scale = random_power(r, -30, 10);
}

static void quantise(random_source *r, hf_graph *graph, random_kind kind)
{
    graph->tensors[graph->input].quant = random_quant(r);
    for (int32_t n = 0; n < graph->node_count; n++) {
        hf_node *node = &graph->nodes[n];
        hf_quant in = graph->tensors[node->inputs[0]].quant;
        hf_quant *out = &graph->tensors[node->output].quant;
        const bool kept = keeps_quantisation(node->op) || random_rare_keeps_quantisation(node);
        *out = kept ? in : random_quant(r);
        node->constant = (int8_t)random_next(r);
        node->constant_quant = random_quant(r);
        if (node->op == HF_OP_SOFTMAX)
            *out = (hf_quant){1.0F / 256.0F, -128};
        if (node->op == HF_OP_ADD && out->scale < in.scale / 64.0F)
            out->scale = in.scale;
        if (node->op == HF_OP_MUL || node->op == HF_OP_MUL_CONST)
            out->scale = in.scale * random_power(r, kind == RANDOM_SATURATING ? -6 : -2, 3);
        if (node->op == HF_OP_CONCAT && random_next(r) % 4) /* as in TensorFlow Lite */
            *out = in;
        if (node->op == HF_OP_LSTM) {
            random_rare_quantise(r, graph, node, kind);
            continue;
        }
        bool weighted = hf_node_weight_count(graph, node) > 0;
        if (kind == RANDOM_EXTREME && !weighted && n == graph->node_count - 1 && random_next(r) % 2)
            make_extreme(r, graph, node);
        random_rare_quantise(r, graph, node, kind);
        fill_weights(r, graph, node, kind);
    }
}

/* Shapes: mostly small, channel counts 1 .. 70, sometimes one pixel. */
static void random_shape(random_source *r, int32_t shape[3])
{
    int32_t side = random_next(r) % 8 ? 13 : 1;
    shape[0] = random_between(r, 1, side);
    shape[1] = random_next(r) % 3 ? random_between(r, 1, side) : shape[0];
    shape[2] = random_next(r) % 2 ? random_between(r, 1, 70) : random_between(r, 1, 9);
}

static bool takes_activation(hf_op op)
{
    return op == HF_OP_CONV2D || op == HF_OP_DEPTHWISE || op == HF_OP_DENSE || is_pool(op) ||
           op == HF_OP_ADD || op == HF_OP_MUL || op == HF_OP_ADD_CONST || op == HF_OP_MUL_CONST;
}

static int32_t random_divisor(random_source *r, int32_t of)
{
    int32_t divisor = random_between(r, 1, of < UINT8_MAX ? of : UINT8_MAX); /* the most an image can hold */
    while (of % divisor != 0)
        divisor--;
    return divisor;
}

static hf_node random_node(random_source *r, hf_op op, const hf_tensor *in)
{
    hf_node node = {.op = op,
                    .input_count = 1,
                    .kernel_height = 1,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .softmax_beta = 1.0F,
                    .has_bias = true};
    snprintf(node.name, sizeof node.name, "%s", hf_op_name(op));
    node.padding = random_next(r) % 2 ? HF_PADDING_SAME : HF_PADDING_VALID;
    node.activation = (hf_activation)random_between(r, 0, 2);
    if (!takes_activation(op))
        node.activation = HF_ACTIVATION_NONE;
    if (op == HF_OP_RELU)
        node.activation = (hf_activation)random_between(r, 1, 2);
    if (op == HF_OP_SLICE) {
        node.slice_begin = random_between(r, 0, in->channels - 1);
        node.slice_count = random_between(r, 1, in->channels - node.slice_begin);
    }
    if (op == HF_OP_CHANNEL_SHUFFLE)
        node.groups = random_divisor(r, in->channels);
    if (op == HF_OP_PAD) {
        node.pad_top = random_between(r, 0, 3);
        node.pad_bottom = random_between(r, 0, 3);
        node.pad_left = random_between(r, 0, 3);
        node.pad_right = random_between(r, 0, 3);
    }
    if (op == HF_OP_CONV2D || op == HF_OP_DEPTHWISE || is_pool(op)) {
        bool usual = op == HF_OP_DEPTHWISE && random_next(r) % 2;
        int32_t side = random_next(r) % 2 ? 3 : 5;
        int32_t pointwise = op == HF_OP_CONV2D && random_next(r) % 2;
        node.kernel_height = usual ? side : pointwise ? 1 : random_between(r, 1, 5);
        node.kernel_width = usual ? side : pointwise ? 1 : random_between(r, 1, 5);
        node.stride_height = random_next(r) % 2 ? 1 : random_between(r, 1, 3);
        node.stride_width = random_next(r) % 2 ? node.stride_height : random_between(r, 1, 3);
        if (node.padding == HF_PADDING_VALID && node.kernel_height > in->height)
            node.kernel_height = in->height;
        if (node.padding == HF_PADDING_VALID && node.kernel_width > in->width)
            node.kernel_width = in->width;
    }
    return node;
}

static int32_t add_node(hf_graph *graph, const hf_node *node, int32_t out_channels)
{
    int32_t output;
    hf_error err = {0};
    if (hf_graph_add(graph, node, out_channels, &output, &err))
        fail_msg("%s", err.message);
    return output;
}

static void finish(hf_graph *graph, int32_t output)
{
    hf_error err = {0};
    if (hf_graph_finish(graph, output, &err))
        fail_msg("%s", err.message);
}

/* Appends a node and the node that reads it, if its output cannot be the graph's. */
static int32_t add_last(random_source *r, hf_graph *graph, hf_node *node, int32_t out_channels)
{
    random_rare_attributes(r, node, &graph->tensors[node->inputs[0]], &out_channels);
    const int32_t output = add_node(graph, node, out_channels);
    if (node->op != HF_OP_PART)
        return output;
    hf_node reader = {.op = HF_OP_RELU,
                      .name = "reader",
                      .activation = HF_ACTIVATION_RELU,
                      .inputs = {output},
                      .input_count = 1};
    return add_node(graph, &reader, 0);
}

static hf_graph *new_graph(const char *name, int32_t height, int32_t width, int32_t channels)
{
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_graph_new(name, height, width, channels, &graph, &err))
        fail_msg("%s", err.message);
    return graph;
}

/* A tensor of the same height and width, computed from `from`, so that both are live. */
static int32_t sibling(random_source *r, hf_graph *graph, int32_t from, bool any_channels)
{
    if (any_channels && random_next(r) % 4 == 0)
        return from; /* an operator may have the same input twice */
    hf_op op = any_channels && random_next(r) % 2 ? HF_OP_CONV2D : HF_OP_MAX_POOL;
    hf_node node = random_node(r, op, &graph->tensors[from]);
    node.inputs[0] = from;
    node.padding = HF_PADDING_SAME;
    node.stride_height = node.stride_width = 1;
    return add_node(graph, &node, random_between(r, 1, 20));
}

/* One value per channel, as in squeeze-excite. */
static int32_t gate(random_source *r, hf_graph *graph, int32_t from)
{
    hf_node node = random_node(r, HF_OP_MEAN, &graph->tensors[from]);
    node.inputs[0] = from;
    return add_node(graph, &node, 0);
}

static void add_inputs(random_source *r, hf_graph *graph, hf_node *node)
{
    const int32_t from = node->inputs[0];
    if (node->op == HF_OP_ADD || node->op == HF_OP_MUL) {
        node->input_count = 2;
        node->inputs[1] = node->op == HF_OP_MUL && random_next(r) % 2 ? gate(r, graph, from)
                                                                      : sibling(r, graph, from, false);
    }
    if (node->op == HF_OP_BINARY) {
        hf_node narrow = random_node(r, HF_OP_CONV2D, &graph->tensors[from]);
        narrow.inputs[0] = from;
        narrow.padding = HF_PADDING_SAME;
        narrow.stride_height = narrow.stride_width = 1;
        node->input_count = 2;
        switch (random_next(r) % 3) {
        case 0:
            node->inputs[1] = gate(r, graph, from);
            break;
        case 1:
            node->inputs[1] = add_node(graph, &narrow, 1);
            break;
        default:
            node->inputs[1] = sibling(r, graph, from, false);
        }
    }
    if (node->op == HF_OP_JOIN) {
        node->input_count = random_between(r, 1, MOST_INPUTS);
        for (int32_t i = 1; i < node->input_count; i++)
            node->inputs[i] = sibling(r, graph, from, true);
    }
    if (node->op == HF_OP_CONCAT) {
        node->input_count = random_between(r, 2, MOST_INPUTS);
        for (int32_t i = 1; i < node->input_count; i++)
            node->inputs[i] = sibling(r, graph, from, true);
    }
}

hf_graph *random_sum(random_source *r, float second, float out)
{
    int32_t shape[3];
    random_shape(r, shape);
    hf_graph *graph = new_graph("sum", shape[0], shape[1], shape[2]);
    hf_node relu = random_node(r, HF_OP_RELU, &graph->tensors[graph->input]);
    relu.inputs[0] = graph->input;
    hf_node add = random_node(r, HF_OP_ADD, &graph->tensors[graph->input]);
    add.input_count = 2;
    add.inputs[0] = graph->input;
    add.inputs[1] = add_node(graph, &relu, 0);
    finish(graph, add_node(graph, &add, 0));
    quantise(r, graph, RANDOM_USUAL);
    const float first = graph->tensors[graph->input].quant.scale;
    graph->tensors[add.inputs[1]].quant.scale = first * second;
    graph->tensors[graph->output].quant.scale = first * out;
    return graph;
}

/* An LSTM, whose input and state are parts of the graph's input; the graph is discarded. */
static hf_graph *random_lstm(random_source *r, hf_graph *discarded, hf_node node, random_kind kind)
{
    const int32_t steps = random_between(r, 1, 6);
    const int32_t value_bytes = random_next(r) % 3 ? 1 : 2;
    const int32_t inputs = value_bytes * random_between(r, 1, 20);
    const int32_t units = random_between(r, 1, 12);
    const int32_t state_bytes = (value_bytes + 2) * units;
    hf_graph_free(discarded);
    hf_graph *graph = new_graph("lstm", 1, 1, steps * inputs + state_bytes);
    hf_node values = {
        .op = HF_OP_PART, .name = "values", .input_count = 1, .kernel_height = 1, .kernel_width = steps};
    hf_node state = {.op = HF_OP_PART,
                     .name = "state",
                     .input_count = 1,
                     .kernel_height = 1,
                     .kernel_width = 1,
                     .part_offset = steps * inputs};
    node.input_count = 2;
    node.units = units;
    node.in_bytes = node.out_bytes = value_bytes == 2 ? 2 : 0;
    node.inputs[0] = add_node(graph, &values, inputs);
    node.inputs[1] = add_node(graph, &state, state_bytes);
    finish(graph, add_last(r, graph, &node, 0));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_single(random_source *r, hf_op op, random_kind kind)
{
    int32_t shape[3];
    if (random_values16_makes(op))
        return random_values16(r, op, kind);
    random_shape(r, shape);
    hf_graph *graph = new_graph("single", shape[0], shape[1], shape[2]);
    hf_node node = random_node(r, op, &graph->tensors[graph->input]);
    node.inputs[0] = graph->input;
    if (op == HF_OP_LSTM)
        return random_lstm(r, graph, node, kind);
    add_inputs(r, graph, &node);
    finish(graph, add_last(r, graph, &node,
                           random_next(r) % 2 ? random_between(r, 1, 70) : random_between(r, 1, 9)));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_pointwise(random_source *r, int32_t in_channels, int32_t out_channels)
{
    hf_graph *graph = new_graph("pointwise", 1, random_between(r, 1, 4), in_channels);
    hf_node node = random_node(r, HF_OP_CONV2D, &graph->tensors[graph->input]);
    node.inputs[0] = graph->input;
    node.kernel_height = node.kernel_width = 1;
    node.stride_height = node.stride_width = 1;
    finish(graph, add_node(graph, &node, out_channels));
    quantise(r, graph, random_next(r) % 2 ? RANDOM_USUAL : RANDOM_SATURATING);
    return graph;
}

hf_graph *random_grouped(random_source *r, random_kind kind)
{
    int32_t shape[3];
    random_shape(r, shape);
    const int32_t groups = random_next(r) % 2 ? random_between(r, 2, 8) : random_between(r, 2, 40);
    const int32_t most = 70 / groups;
    hf_graph *graph = new_graph("grouped", shape[0], shape[1], groups * random_between(r, 1, most));
    hf_node node = random_node(r, HF_OP_CONV2D, &graph->tensors[graph->input]);
    node.inputs[0] = graph->input;
    node.groups = groups;
    finish(graph, add_node(graph, &node, groups * random_between(r, 1, most)));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_depthwise(random_source *r, random_kind kind)
{
    const int32_t side = random_next(r) % 2 ? 70 : 30;
    const int32_t channels = random_next(r) % 4 ? random_between(r, 1, 9) : random_between(r, 1, 70);
    hf_graph *graph =
        new_graph("depthwise", random_between(r, 1, side), random_between(r, 1, side), channels);
    const hf_tensor *in = &graph->tensors[graph->input];
    hf_node node = random_node(r, HF_OP_DEPTHWISE, in);
    node.inputs[0] = graph->input;
    if (random_next(r) % 3 == 0) {
        node.kernel_height = random_between(r, 1, 7);
        node.kernel_width = random_next(r) % 2 ? node.kernel_height : random_between(r, 1, 7);
    }
    if (node.padding == HF_PADDING_VALID && node.kernel_height > in->height)
        node.kernel_height = in->height;
    if (node.padding == HF_PADDING_VALID && node.kernel_width > in->width)
        node.kernel_width = in->width;
    finish(graph, add_node(graph, &node, 0));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_rgb(random_source *r, random_kind kind)
{
    hf_graph *graph = new_graph("rgb", random_between(r, 1, 40), random_between(r, 1, 60), 3);
    const hf_tensor *in = &graph->tensors[graph->input];
    hf_node node = random_node(r, HF_OP_CONV2D, in);
    node.inputs[0] = graph->input;
    node.kernel_height = node.kernel_width = 3;
    node.stride_height = node.stride_width = 2;
    if (in->height < 3 || in->width < 3)
        node.padding = HF_PADDING_SAME;
    finish(graph, add_node(graph, &node, random_between(r, 1, 30)));
    quantise(r, graph, kind);
    return graph;
}

static int32_t add_overlapping(random_source *r, hf_graph *graph, int32_t input)
{
    const hf_tensor *in = &graph->tensors[input];
    hf_node node = random_node(r, HF_OP_CONV2D, in);
    node.inputs[0] = input;
    node.kernel_height = random_between(r, 1, 5);
    node.kernel_width = in->width == 1 ? 1 : random_between(r, 2, 5);
    node.stride_height = node.stride_width = random_between(r, 1, 2);
    if (in->height < node.kernel_height || in->width < node.kernel_width)
        node.padding = HF_PADDING_SAME;
    return add_node(graph, &node, 4 * random_between(r, 1, 5));
}

hf_graph *random_overlapping(random_source *r, random_kind kind)
{
    const int32_t width = random_next(r) % 4 ? random_between(r, 2, 24) : 1;
    const int32_t height = random_between(r, 1, width == 1 ? 60 : 16);
    hf_graph *graph = new_graph("overlapping", height, width, 4 * random_between(r, 1, 6));
    int32_t last = add_overlapping(r, graph, graph->input);
    if (random_next(r) % 2)
        last = add_overlapping(r, graph, last);
    finish(graph, last);
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_one_channel(random_source *r, random_kind kind)
{
    hf_graph *graph =
        new_graph("one channel", 2 * random_between(r, 8, 16), 2 * random_between(r, 24, 40), 1);
    hf_node half = random_node(r, HF_OP_CONV2D, &graph->tensors[graph->input]);
    half.inputs[0] = graph->input;
    half.kernel_height = half.kernel_width = 1;
    half.stride_height = half.stride_width = 2;
    const int32_t between = add_node(graph, &half, 1); /* leaves room for a table in the input's place */
    hf_node node = random_node(r, HF_OP_CONV2D, &graph->tensors[between]);
    node.inputs[0] = between;
    node.kernel_height = node.kernel_width = 1;
    node.stride_height = node.stride_width = 1;
    finish(graph, add_node(graph, &node, random_between(r, 1, 6)));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_depthwise_3x3(random_source *r, random_kind kind)
{
    const int32_t width = random_between(r, 1, random_next(r) % 4 ? 8 : 40);
    hf_graph *graph = new_graph("depthwise", random_between(r, 1, 30), width, random_between(r, 1, 14));
    const hf_tensor *in = &graph->tensors[graph->input];
    hf_node node = random_node(r, HF_OP_DEPTHWISE, in);
    node.inputs[0] = graph->input;
    node.kernel_height = node.kernel_width = 3;
    node.stride_height = node.stride_width = random_between(r, 1, 2);
    if (in->height < 3 || in->width < 3 || random_next(r) % 4)
        node.padding = HF_PADDING_SAME;
    finish(graph, add_node(graph, &node, 0));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_depthwise_line(random_source *r, random_kind kind)
{
    const bool is_row = random_next(r) % 4 == 0;
    const int32_t length = random_between(r, 1, random_next(r) % 4 ? 20 : 60);
    const int32_t channels = random_next(r) % 4 ? random_between(r, 1, 12) : random_between(r, 1, 40);
    hf_graph *graph = new_graph("line", is_row ? 1 : length, is_row ? length : 1, channels);
    hf_node node = random_node(r, HF_OP_DEPTHWISE, &graph->tensors[graph->input]);
    node.inputs[0] = graph->input;
    node.padding = random_next(r) % 3 ? HF_PADDING_SAME : HF_PADDING_VALID;
    int32_t taps = random_between(r, 1, 17);
    if (node.padding == HF_PADDING_VALID && taps > length)
        taps = length;
    node.kernel_height = is_row ? 1 : taps;
    node.kernel_width = is_row ? taps : 1;
    node.stride_height = node.stride_width = random_next(r) % 8 ? random_between(r, 1, 2) : 3;
    finish(graph, add_node(graph, &node, 0));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_bottleneck(random_source *r, random_kind kind)
{
    hf_graph *graph = new_graph("bottleneck", random_between(r, 12, 24), random_between(r, 1, 50), 1);
    hf_node expand = random_node(r, HF_OP_CONV2D, &graph->tensors[graph->input]);
    expand.kernel_height = expand.kernel_width = 1;
    expand.stride_height = expand.stride_width = 1;
    expand.inputs[0] = graph->input;
    const int32_t wide = add_node(graph, &expand, random_between(r, 4, 15));
    hf_node depthwise = random_node(r, HF_OP_DEPTHWISE, &graph->tensors[wide]);
    depthwise.kernel_height = depthwise.kernel_width = 3;
    depthwise.stride_height = depthwise.stride_width = random_between(r, 1, 2);
    if (graph->tensors[wide].width < 3)
        depthwise.padding = HF_PADDING_SAME;
    depthwise.inputs[0] = wide;
    const int32_t filtered = add_node(graph, &depthwise, 0);
    hf_node reduce = random_node(r, HF_OP_CONV2D, &graph->tensors[filtered]);
    reduce.kernel_height = reduce.kernel_width = 1;
    reduce.stride_height = reduce.stride_width = 1;
    reduce.inputs[0] = filtered;
    finish(graph, add_node(graph, &reduce, 1));
    quantise(r, graph, kind);
    return graph;
}

hf_graph *random_folded(random_source *r)
{
    int32_t shape[3];
    random_shape(r, shape);
    hf_graph *graph = new_graph("folded", shape[0], shape[1], shape[2]);
    static const hf_op functions[] = {HF_OP_RELU, HF_OP_HARD_SWISH, HF_OP_ADD_CONST, HF_OP_MUL_CONST};
    int32_t last = graph->input;
    for (int32_t length = random_between(r, 1, 5); length > 0; length--) {
        hf_node node = random_node(r, functions[random_next(r) % 4], &graph->tensors[last]);
        node.inputs[0] = last;
        last = add_node(graph, &node, 0);
    }
    hf_node pad = random_node(r, HF_OP_PAD, &graph->tensors[last]);
    pad.inputs[0] = last;
    last = add_node(graph, &pad, 0);
    hf_node conv = random_node(r, random_next(r) % 2 ? HF_OP_CONV2D : HF_OP_DEPTHWISE, &graph->tensors[last]);
    conv.inputs[0] = last;
    finish(graph, add_node(graph, &conv, random_between(r, 1, 20)));
    quantise(r, graph, RANDOM_USUAL);
    return graph;
}

static bool same_shape(const hf_tensor *a, const hf_tensor *b)
{
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

/* Whether a tensor has no memory of its own, perhaps through reshapes. */
static bool is_part(const hf_graph *graph, int32_t tensor)
{
    while (graph->tensors[tensor].producer >= 0) {
        const hf_node *node = &graph->nodes[graph->tensors[tensor].producer];
        if (node->op != HF_OP_RESHAPE)
            return node->op == HF_OP_PART;
        tensor = node->inputs[0];
    }
    return false;
}

/* @param ops to choose from */
static hf_graph *network_of(random_source *r, int32_t nodes, const hf_op *ops, uint32_t op_count)
{
    hf_graph *graph =
        new_graph("network", random_between(r, 8, 20), random_between(r, 8, 20), random_between(r, 1, 6));
    int32_t last = graph->input;
    for (int32_t n = 0; n < nodes; n++) {
        hf_op op = ops[random_next(r) % op_count];
        int32_t from = random_next(r) % 4 ? last : random_between(r, 0, graph->tensor_count - 1);
        hf_node node = random_node(r, op, &graph->tensors[from]);
        node.inputs[0] = from;
        node.padding = random_next(r) % 4 ? HF_PADDING_SAME : node.padding;
        if (graph->tensors[from].channels > 2000 && (op == HF_OP_CONCAT || op == HF_OP_RESHAPE))
            continue; /* graphs have limits */
        if (op == HF_OP_JOIN && hf_tensor_bytes(&graph->tensors[from]) > 2000)
            continue;
        if (op == HF_OP_RESHAPE && hf_tensor_bytes(&graph->tensors[from]) > HF_GRAPH_MAX_DIMENSION)
            continue;
        if (op == HF_OP_ADD) {
            node.inputs[1] = random_between(r, 0, graph->tensor_count - 1);
            node.input_count = 2;
            if (!same_shape(&graph->tensors[from], &graph->tensors[node.inputs[1]]))
                continue;
        } else {
            add_inputs(r, graph, &node);
        }
        last = add_last(r, graph, &node, random_between(r, 1, 24));
    }
    if (last == graph->input || is_part(graph, last)) {
        hf_node node = random_node(r, HF_OP_CONV2D, &graph->tensors[last]);
        node.inputs[0] = last;
        node.padding = HF_PADDING_SAME;
        last = add_node(graph, &node, 5);
    }
    finish(graph, last);
    quantise(r, graph, RANDOM_USUAL);
    return graph;
}

hf_graph *random_network(random_source *r, int32_t nodes)
{
    static const hf_op ops[] = {
        HF_OP_CONV2D,    HF_OP_CONV2D,       HF_OP_CONV2D,    HF_OP_DEPTHWISE, HF_OP_DEPTHWISE,
        HF_OP_MAX_POOL,  HF_OP_AVERAGE_POOL, HF_OP_RESHAPE,   HF_OP_ADD,       HF_OP_ADD,
        HF_OP_MUL,       HF_OP_CONCAT,       HF_OP_CONCAT,    HF_OP_SLICE,     HF_OP_CHANNEL_SHUFFLE,
        HF_OP_MUL_CONST, HF_OP_HARD_SWISH,   HF_OP_ADD_CONST, HF_OP_RELU,      HF_OP_PAD};
    return network_of(r, nodes, ops, sizeof ops / sizeof *ops);
}

hf_graph *random_rare_network(random_source *r, int32_t nodes)
{
    static const hf_op ops[] = {
        HF_OP_CONV2D,       HF_OP_CONV2D,    HF_OP_DEPTHWISE, HF_OP_MAX_POOL, HF_OP_RESHAPE,
        HF_OP_ADD,          HF_OP_MUL,       HF_OP_CONCAT,    HF_OP_SLICE,    HF_OP_CHANNEL_SHUFFLE,
        HF_OP_RELU,         HF_OP_PAD,       HF_OP_BINARY,    HF_OP_BINARY,   HF_OP_BINARY_CONST,
        HF_OP_BINARY_CONST, HF_OP_TRANSPOSE, HF_OP_TAKE,      HF_OP_REDUCE,   HF_OP_PART,
        HF_OP_PART,         HF_OP_JOIN,      HF_OP_JOIN,      HF_OP_LOGISTIC, HF_OP_RESIZE_BILINEAR};
    return network_of(r, nodes, ops, sizeof ops / sizeof *ops);
}
