/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "graph/analysis.h"
#include "graph/graph.h"

static void describe(const hf_graph *graph, const hf_node *node, hf_layer *layer)
{
    const hf_tensor *output = &graph->tensors[node->output];
    snprintf(layer->name, sizeof layer->name, "%s", node->name);
    snprintf(layer->op, sizeof layer->op, "%s", hf_op_name(node->op));
    layer->height = output->height;
    layer->width = output->width;
    layer->channels = output->channels;
}

static void count_parameters(const hf_graph *graph, const hf_node *node, hf_layer *layer,
                             int64_t *non_trainable)
{
    int64_t weights = hf_node_weight_count(graph, node);
    int64_t channels = hf_node_output_channels(graph, node);
    layer->params = weights;
    if (node->has_bias)
        layer->params += channels;
    if (node->has_batch_norm) {
        layer->params += 4 * channels; /* gamma, beta, moving mean, moving variance */
        *non_trainable += 2 * channels;
    }
    /* Batch norm is folded into the bias, so a deployed layer has one. An imported layer may lack it. */
    int64_t biases = node->weights && !node->bias ? 0 : channels;
    layer->params_deployed = weights + biases;
    layer->parameter_bytes = weights + 4 * biases;
}

/* Live bytes at each node: prefix sums of what becomes live and what dies there. */
static hf_status count_live_bytes(const hf_graph *graph, hf_layer *layers, hf_error *err)
{
    int64_t *change = calloc((size_t)graph->node_count + 1, sizeof *change);
    if (!change)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for its analysis", graph->name);
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        const hf_tensor *tensor = &graph->tensors[t];
        int32_t begin = tensor->producer < 0 ? 0 : tensor->producer;
        int32_t end = tensor->last_consumer < begin ? begin : tensor->last_consumer;
        change[begin] += hf_tensor_bytes(tensor);
        change[end + 1] -= hf_tensor_bytes(tensor);
    }
    int64_t live_bytes = 0;
    for (int32_t n = 0; n < graph->node_count; n++) {
        live_bytes += change[n];
        layers[n].live_bytes = live_bytes;
    }
    free(change);
    return HF_OK;
}

hf_status hf_analyze(const hf_graph *graph, hf_analysis *out, hf_error *err)
{
    hf_analysis analysis = {.layer_count = graph->node_count};
    analysis.layers = calloc((size_t)graph->node_count + 1, sizeof *analysis.layers);
    if (!analysis.layers)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for its analysis", graph->name);
    hf_status status = count_live_bytes(graph, analysis.layers, err);
    if (status) {
        free(analysis.layers);
        return status;
    }
    for (int32_t n = 0; n < graph->node_count; n++) {
        hf_layer *layer = &analysis.layers[n];
        describe(graph, &graph->nodes[n], layer);
        layer->macs = hf_node_macs(graph, &graph->nodes[n]);
        count_parameters(graph, &graph->nodes[n], layer, &analysis.params_non_trainable);
        analysis.macs += layer->macs;
        analysis.params += layer->params;
        analysis.params_deployed += layer->params_deployed;
        analysis.parameter_bytes += layer->parameter_bytes;
        if (layer->live_bytes > analysis.peak_memory_bytes) {
            analysis.peak_memory_bytes = layer->live_bytes;
            analysis.peak_memory_node = n;
        }
    }
    *out = analysis;
    return HF_OK;
}

void hf_analysis_free(hf_analysis *analysis)
{
    if (!analysis)
        return;
    free(analysis->layers);
    analysis->layers = NULL;
    analysis->layer_count = 0;
}
