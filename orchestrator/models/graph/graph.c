/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shape.h"

/* Keeps all products and sums of counts well within int64_t: 4096 nodes x 2^40. */
#define MAX_NODE_MACS (INT64_C(1) << 40)

static const hf_tensor *input_of(const hf_graph *graph, const hf_node *node)
{
    return &graph->tensors[node->inputs[0]];
}

static const hf_tensor *output_of(const hf_graph *graph, const hf_node *node)
{
    return &graph->tensors[node->output];
}

int32_t hf_node_output_channels(const hf_graph *graph, const hf_node *node)
{
    if (node->op == HF_OP_CONV_GENERAL)
        return output_of(graph, node)->channels / node->out_bytes;
    return hf_op_has(node->op, HF_NODE_WEIGHTS) ? output_of(graph, node)->channels : 0;
}

/* Multiply-accumulates per output value. */
static int64_t reduction_size(const hf_node *node, const hf_tensor *input)
{
    int64_t area = (int64_t)node->kernel_height * node->kernel_width;
    switch (node->op) {
    case HF_OP_CONV2D:
        return area * (input->channels / node->groups);
    case HF_OP_DEPTHWISE:
        return area;
    case HF_OP_DENSE:
        return hf_tensor_bytes(input);
    case HF_OP_CONV_GENERAL:
        return area * (input->channels / node->in_bytes / node->groups);
    default:
        return 0;
    }
}

static int64_t positions(const hf_tensor *tensor)
{
    return (int64_t)tensor->height * tensor->width;
}

/* Weights of an lstm, of which each is used once in each step. */
static int64_t lstm_weights(const hf_graph *graph, const hf_node *node)
{
    return INT64_C(4) * node->units *
           (input_of(graph, node)->channels / (node->in_bytes == 2 ? 2 : 1) + node->units);
}

int64_t hf_node_weight_count(const hf_graph *graph, const hf_node *node)
{
    if (node->op == HF_OP_LSTM)
        return lstm_weights(graph, node);
    if (node->op == HF_OP_SVDF)
        return (int64_t)node->units * node->rank * hf_tensor_bytes(input_of(graph, node));
    return reduction_size(node, input_of(graph, node)) * hf_node_output_channels(graph, node);
}

int64_t hf_node_macs(const hf_graph *graph, const hf_node *node)
{
    if (node->op == HF_OP_LSTM)
        return lstm_weights(graph, node) * input_of(graph, node)->width;
    if (node->op == HF_OP_SVDF)
        return (int64_t)node->units * node->rank * (hf_tensor_bytes(input_of(graph, node)) + node->memory);
    if (node->op == HF_OP_CONV_GENERAL) /* a transposed one applies its weights to each input position */
        return hf_node_weight_count(graph, node) *
               (node->transposed ? positions(input_of(graph, node)) : positions(output_of(graph, node)));
    return reduction_size(node, input_of(graph, node)) * hf_tensor_bytes(output_of(graph, node));
}

static int32_t same_padding_before(int32_t in, int32_t kernel, int32_t stride)
{
    const int64_t out = ((int64_t)in + stride - 1) / stride;
    const int64_t total = (out - 1) * stride + kernel - in;
    return total > 0 ? (int32_t)(total / 2) : 0; /* an odd row or column goes to the bottom or right */
}

void hf_node_padding(const hf_graph *graph, const hf_node *node, int32_t *top, int32_t *left)
{
    *top = 0;
    *left = 0;
    if (node->padding != HF_PADDING_SAME || node->kernel_height == 0 || node->stride_height == 0 ||
        node->op == HF_OP_RESHAPE)
        return;
    /* A transposed convolution has the padding of the convolution that it is the transpose of. */
    const hf_tensor *in = node->transposed ? output_of(graph, node) : input_of(graph, node);
    *top = same_padding_before(in->height, node->kernel_height, node->stride_height);
    *left = same_padding_before(in->width, node->kernel_width, node->stride_width);
}

/* In single precision as in TensorFlow Lite, so that ties agree. */
static int32_t quantize_bound(float real, hf_quant quant)
{
    float steps = roundf(real / quant.scale);
    if (!(fabsf(steps) < 1024.0f)) /* far outside int8; also true of an unset scale */
        steps = real < 0 ? -1024.0f : 1024.0f;
    return quant.zero_point + (int32_t)steps;
}

void hf_activation_range(hf_activation activation, hf_quant output, int32_t *min, int32_t *max)
{
    *min = INT8_MIN;
    *max = INT8_MAX;
    if (activation == HF_ACTIVATION_NONE)
        return;
    if (activation == HF_ACTIVATION_RELU_N1_TO_1) {
        const int32_t low = quantize_bound(-1.0f, output);
        const int32_t high = quantize_bound(1.0f, output);
        *min = low > *min ? low : *min;
        *max = high < *max ? high : *max;
        return;
    }
    if (output.zero_point > *min)
        *min = output.zero_point;
    if (activation == HF_ACTIVATION_RELU6) {
        int32_t six = quantize_bound(6.0f, output);
        if (six < *max)
            *max = six;
    }
}

hf_status hf_graph_new(const char *name, int32_t height, int32_t width, int32_t channels, hf_graph **out,
                       hf_error *err)
{
    if (height < 1 || width < 1 || channels < 1 || height > HF_GRAPH_MAX_DIMENSION ||
        width > HF_GRAPH_MAX_DIMENSION || channels > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EINVALID, "input: shape %dx%dx%d, expected 1 .. %d in each dimension", height,
                       width, channels, HF_GRAPH_MAX_DIMENSION);
    hf_tensor input = {.height = height, .width = width, .channels = channels, .producer = -1};
    input.last_consumer = -1;
    if (hf_tensor_bytes(&input) > HF_GRAPH_MAX_TENSOR_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "input: %dx%dx%d takes more than %d bytes", height, width, channels,
                       HF_GRAPH_MAX_TENSOR_BYTES);
    hf_graph *graph = calloc(1, sizeof *graph);
    if (!graph)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a graph");
    graph->tensor_capacity = 64;
    graph->node_capacity = 64;
    graph->tensors = calloc((size_t)graph->tensor_capacity, sizeof *graph->tensors);
    graph->nodes = calloc((size_t)graph->node_capacity, sizeof *graph->nodes);
    if (!graph->tensors || !graph->nodes) {
        hf_graph_free(graph);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a graph");
    }
    snprintf(graph->name, sizeof graph->name, "%s", name);
    graph->tensors[0] = input;
    graph->tensor_count = 1;
    graph->input = 0;
    graph->output = -1;
    *out = graph;
    return HF_OK;
}

void hf_graph_free(hf_graph *graph)
{
    if (!graph)
        return;
    for (int32_t i = 0; i < graph->node_count; i++) {
        free(graph->nodes[i].weights);
        free(graph->nodes[i].bias);
        free(graph->nodes[i].weight_scales);
        free(graph->nodes[i].operand);
        free(graph->nodes[i].positions);
        free(graph->nodes[i].time_weights);
        free(graph->nodes[i].long_bias);
    }
    for (int32_t i = 0; i < graph->port_count; i++)
        free(graph->ports[i].initial);
    free(graph->ports);
    free(graph->nodes);
    free(graph->tensors);
    free(graph);
}

void hf_graph_clear_weights(hf_graph *graph)
{
    for (int32_t n = 0; n < graph->node_count; n++) {
        hf_node *node = &graph->nodes[n];
        free(node->weights);
        free(node->bias);
        free(node->weight_scales);
        node->weights = NULL;
        node->bias = NULL;
        node->weight_scales = NULL;
    }
}

static hf_status grow(void **items, int32_t count, int32_t *capacity, size_t size, hf_error *err)
{
    if (count < *capacity)
        return HF_OK;
    void *grown = realloc(*items, (size_t)*capacity * 2 * size);
    if (!grown)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a larger graph");
    *items = grown;
    *capacity *= 2;
    return HF_OK;
}

static hf_status check_input_count(const hf_node *node, hf_error *err)
{
    const hf_op op = node->op;
    const int32_t min_inputs = hf_op_min_inputs(op);
    const int32_t max_inputs = hf_op_max_inputs(op);
    if (node->input_count >= min_inputs && node->input_count <= max_inputs)
        return HF_OK;
    if (min_inputs == max_inputs)
        return HF_FAIL(err, HF_EINVALID, "%s: %d inputs, %s takes %d", node->name, node->input_count,
                       hf_op_name(op), min_inputs);
    return HF_FAIL(err, HF_EINVALID, "%s: %d inputs, %s takes %d .. %d", node->name, node->input_count,
                   hf_op_name(op), min_inputs, max_inputs);
}

hf_status hf_graph_add(hf_graph *graph, const hf_node *node, int32_t out_channels, int32_t *output_tensor,
                       hf_error *err)
{
    if (graph->node_count >= HF_GRAPH_MAX_NODES)
        return HF_FAIL(err, HF_ELIMIT, "%s: more than %d operators", node->name, HF_GRAPH_MAX_NODES);
    hf_status status = check_input_count(node, err);
    if (status)
        return status;
    for (int32_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] < 0 || node->inputs[i] >= graph->tensor_count)
            return HF_FAIL(err, HF_EINVALID, "%s: input %d is tensor %d, but there are %d", node->name, i,
                           node->inputs[i], graph->tensor_count);

    hf_node wanted = *node;
    if (wanted.groups == 0)
        wanted.groups = 1;
    hf_tensor out;
    if ((status = hf_node_output_shape(graph, &wanted, out_channels, &out, err)))
        return status;
    if (hf_tensor_bytes(&out) > HF_GRAPH_MAX_TENSOR_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "%s: output %dx%dx%d takes more than %d bytes", node->name, out.height,
                       out.width, out.channels, HF_GRAPH_MAX_TENSOR_BYTES);
    int64_t reduction = reduction_size(&wanted, input_of(graph, &wanted));
    if (reduction > 0 && hf_tensor_bytes(&out) > MAX_NODE_MACS / reduction)
        return HF_FAIL(err, HF_ELIMIT, "%s: more than 2^40 multiply-accumulates", node->name);

    if ((status = grow((void **)&graph->tensors, graph->tensor_count, &graph->tensor_capacity,
                       sizeof *graph->tensors, err)) ||
        (status = grow((void **)&graph->nodes, graph->node_count, &graph->node_capacity, sizeof *graph->nodes,
                       err)))
        return status;
    out.producer = graph->node_count;
    out.last_consumer = -1;
    hf_node *added = &graph->nodes[graph->node_count++];
    *added = wanted;
    added->output = graph->tensor_count;
    added->weights = NULL;
    added->bias = NULL;
    added->weight_scales = NULL;
    added->operand = NULL;
    added->positions = NULL;
    added->time_weights = NULL;
    added->long_bias = NULL;
    graph->tensors[graph->tensor_count++] = out;
    *output_tensor = added->output;
    return HF_OK;
}

hf_status hf_graph_finish(hf_graph *graph, int32_t output_tensor, hf_error *err)
{
    if (graph->node_count == 0)
        return HF_FAIL(err, HF_EINVALID, "%s: a graph needs at least one operator", graph->name);
    if (output_tensor < 0 || output_tensor >= graph->tensor_count)
        return HF_FAIL(err, HF_EINVALID, "%s: output is tensor %d, but there are %d", graph->name,
                       output_tensor, graph->tensor_count);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        graph->tensors[t].last_consumer = -1;
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; i < graph->nodes[n].input_count; i++)
            graph->tensors[graph->nodes[n].inputs[i]].last_consumer = n;
    graph->tensors[output_tensor].last_consumer = graph->node_count - 1;
    graph->output = output_tensor;
    return HF_OK;
}

double hf_node_effective_scale(const hf_graph *graph, const hf_node *node, int32_t channel)
{
    float input = input_of(graph, node)->quant.scale;
    double output = output_of(graph, node)->quant.scale;
    if (node->op == HF_OP_DENSE || node->dense_scale) {
        bool per_tensor = true;
        for (int32_t c = 1; c < hf_node_output_channels(graph, node) && per_tensor; c++)
            per_tensor = node->weight_scales[c] == node->weight_scales[0];
        if (per_tensor) {
            volatile float product = input * node->weight_scales[0]; /* single precision on every host */
            return (double)product / output;
        }
    }
    return (double)input * (double)node->weight_scales[channel] / output;
}
