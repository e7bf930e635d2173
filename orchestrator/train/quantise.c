/* SPDX-License-Identifier: Apache-2.0 */
#include "train/quantise.h"

#include <math.h>
#include <stdlib.h>

#define MAX_WEIGHT   127
#define MAX_BIAS     1073741823.0 /* 2^30 - 1: leaves room for the sum that it is added to */
#define MIN_SCALE    1e-6
#define WEIGHT_FLOOR 1e-12

static hf_status quantise_tensors(hf_graph *graph, const hf_trained *trained, hf_quant input, hf_error *err)
{
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        hf_tensor *tensor = &graph->tensors[t];
        if (t == graph->input) {
            tensor->quant = input;
            continue;
        }
        if (graph->nodes[tensor->producer].op == HF_OP_SOFTMAX) {
            tensor->quant = (hf_quant){.scale = 1.0f / 256, .zero_point = -128};
            continue;
        }
        if (!isfinite(trained->min[t]) || !isfinite(trained->max[t]))
            return HF_FAIL(err, HF_EINVALID, "%s: its output has no finite range",
                           graph->nodes[tensor->producer].name);
        const double min = fmin(trained->min[t], 0), max = fmax(trained->max[t], 0);
        const double scale = fmax((max - min) / 255, MIN_SCALE);
        tensor->quant = (hf_quant){.scale = (float)scale, .zero_point = (int32_t)lround(-128 - min / scale)};
    }
    return HF_OK;
}

/* Where the weights of an output channel are: those of a depthwise convolution lie a whole pixel apart. */
typedef struct channel {
    int64_t first, step, count;
} channel;

static channel channel_of(const hf_graph *graph, const hf_node *node, int32_t c)
{
    const int64_t channels = hf_node_output_channels(graph, node);
    const int64_t count = hf_node_weight_count(graph, node) / channels;
    if (node->op == HF_OP_DEPTHWISE)
        return (channel){.first = c, .step = channels, .count = count};
    return (channel){.first = c * count, .step = 1, .count = count};
}

static double largest(const float *weights, channel of)
{
    double most = 0;
    for (int64_t i = 0; i < of.count; i++)
        most = fmax(most, fabs((double)weights[of.first + i * of.step]));
    return most;
}

/* The smallest scale for weights and bias of a channel. */
static double scale_of(double weight, double bias, double input_scale)
{
    return fmax(fmax(weight / MAX_WEIGHT, fabs(bias) / (input_scale * MAX_BIAS)), WEIGHT_FLOOR);
}

static void quantise_channel(hf_node *node, const float *weights, double bias, channel of, double input_scale,
                             int32_t c)
{
    const double scale = (double)node->weight_scales[c];
    for (int64_t i = 0; i < of.count; i++) {
        const int64_t at = of.first + i * of.step;
        const double steps = round((double)weights[at] / scale);
        node->weights[at] = (int8_t)fmax(fmin(steps, MAX_WEIGHT), -MAX_WEIGHT);
    }
    node->bias[c] = (int32_t)lround(bias / (input_scale * scale));
}

static hf_status quantise_node(hf_graph *graph, hf_node *node, const float *weights, const float *biases,
                               hf_error *err)
{
    const int32_t channels = hf_node_output_channels(graph, node);
    const int64_t count = hf_node_weight_count(graph, node);
    const double input_scale = (double)graph->tensors[node->inputs[0]].quant.scale;
    if (channels < 1 || count < channels)
        return HF_FAIL(err, HF_EINVALID, "%s: %lld weights for %d channels", node->name, (long long)count,
                       channels);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(weights[i]))
            return HF_FAIL(err, HF_EINVALID, "%s: a weight is not finite", node->name);
    for (int32_t c = 0; c < channels; c++)
        if (!isfinite(biases[c]))
            return HF_FAIL(err, HF_EINVALID, "%s: a bias is not finite", node->name);
    node->weights = malloc((size_t)count);
    node->bias = calloc((size_t)channels, sizeof *node->bias);
    node->weight_scales = calloc((size_t)channels, sizeof *node->weight_scales);
    if (!node->weights || !node->bias || !node->weight_scales)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %lld weights", node->name, (long long)count);
    double shared = 0;
    for (int32_t c = 0; c < channels; c++) {
        const double scale =
            scale_of(largest(weights, channel_of(graph, node, c)), (double)biases[c], input_scale);
        node->weight_scales[c] = (float)scale;
        shared = fmax(shared, scale);
    }
    for (int32_t c = 0; c < channels; c++) {
        if (node->op == HF_OP_DENSE)
            node->weight_scales[c] = (float)shared;
        quantise_channel(node, weights, (double)biases[c], channel_of(graph, node, c), input_scale, c);
    }
    return HF_OK;
}

hf_status hf_trained_quantise(hf_graph *graph, const hf_trained *trained, hf_quant input, hf_error *err)
{
    for (int32_t n = 0; n < graph->node_count; n++)
        if (graph->nodes[n].weights)
            return HF_FAIL(err, HF_EINVALID, "%s: %s has weights already", graph->name, graph->nodes[n].name);
    hf_status status = quantise_tensors(graph, trained, input, err);
    for (int32_t n = 0; n < graph->node_count && status == HF_OK; n++)
        if (hf_node_weight_count(graph, &graph->nodes[n]) > 0)
            status = quantise_node(graph, &graph->nodes[n], trained->weights[n], trained->biases[n], err);
    if (status != HF_OK)
        hf_graph_clear_weights(graph);
    return status;
}
