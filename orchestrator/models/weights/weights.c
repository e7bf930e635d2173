/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeded weights. Latency and memory depend on the shape of a network only, but comparing outputs proves
 * something only if activations vary. So weights are random, and every layer is calibrated on the actual
 * outputs of the layers before it.
 */
#include <stdlib.h>

#include "calibration.h"
#include "graph/graph.h"
#include "graph/quant_groups.h"
#include "weights/weights.h"

#define MAX_SAMPLES 16
/* Calibration runs the network once per sample; this limits it to a few hundredths of a second. */
#define CALIBRATION_MACS INT64_C(60000000)

void hf_input_generate(uint32_t seed, int8_t *bytes, size_t size)
{
    uint32_t state = seed;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223);
        bytes[i] = (int8_t)(uint8_t)(state >> 24);
    }
}

/* The samples' activations: per sample, one pointer per graph tensor. */
typedef struct sample_set {
    int8_t **tensors[MAX_SAMPLES]; /* owned, with the data they point to */
    int32_t count, tensor_count;
} sample_set;

static void samples_free(sample_set *samples)
{
    for (int32_t s = 0; s < samples->count; s++) {
        for (int32_t t = 0; samples->tensors[s] && t < samples->tensor_count; t++)
            free(samples->tensors[s][t]);
        free(samples->tensors[s]);
    }
}

static int32_t sample_count(const hf_graph *graph)
{
    int64_t macs = 1;
    for (int32_t n = 0; n < graph->node_count; n++)
        macs += hf_node_macs(graph, &graph->nodes[n]);
    int64_t count = CALIBRATION_MACS / macs;
    return count < 2 ? 2 : count > MAX_SAMPLES ? MAX_SAMPLES : (int32_t)count;
}

static hf_status samples_begin(sample_set *samples, const hf_graph *graph, uint32_t seed, hf_error *err)
{
    const size_t input_bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    *samples = (sample_set){.count = sample_count(graph), .tensor_count = graph->tensor_count};
    for (int32_t s = 0; s < samples->count; s++) {
        samples->tensors[s] = calloc((size_t)graph->tensor_count, sizeof *samples->tensors[s]);
        int8_t *input = malloc(input_bytes);
        if (!samples->tensors[s] || !input) {
            free(input);
            (void)HF_FAIL(err, HF_ENOMEM, "%s: no memory for calibration", graph->name);
            return HF_ENOMEM;
        }
        hf_input_generate(seed + (uint32_t)s + 1, input, input_bytes);
        samples->tensors[s][graph->input] = input;
    }
    return HF_OK;
}

/* Frees the tensors that no node after `node` reads. */
static void samples_release(sample_set *samples, const hf_graph *graph, int32_t node)
{
    for (int32_t t = 0; t < graph->tensor_count; t++)
        if (graph->tensors[t].last_consumer == node)
            for (int32_t s = 0; s < samples->count; s++) {
                free(samples->tensors[s][t]);
                samples->tensors[s][t] = NULL;
            }
}

/* Approximately normal, with a standard deviation of 37 steps. An output with few weights would hardly depend
 * on its input if they were near zero, so such weights are moved away from it. */
static int8_t draw_weight(hf_random *random, bool few)
{
    uint64_t bits = hf_random_next(random);
    int32_t sum = 0;
    for (int byte = 0; byte < 4; byte++)
        sum += (int8_t)(uint8_t)(bits >> (8 * byte));
    int32_t weight = sum / 4;
    if (few && weight > -8 && weight < 8)
        weight += weight < 0 ? -8 : 8;
    return (int8_t)(weight < -127 ? -127 : weight);
}

static hf_status draw_parameters(const hf_graph *graph, hf_node *node, hf_random *random, hf_error *err)
{
    const int64_t count = hf_node_weight_count(graph, node);
    const int32_t channels = hf_node_output_channels(graph, node);
    node->weights = malloc((size_t)count);
    node->bias = calloc((size_t)channels, sizeof *node->bias);
    node->weight_scales = calloc((size_t)channels, sizeof *node->weight_scales);
    if (!node->weights || !node->bias || !node->weight_scales)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %lld weights", node->name, (long long)count);
    const bool few = count / channels <= 16;
    for (int64_t i = 0; i < count; i++)
        node->weights[i] = draw_weight(random, few);
    return HF_OK;
}

static hf_status allocate_outputs(sample_set *samples, const hf_graph *graph, const hf_node *node,
                                  hf_error *err)
{
    const size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[node->output]);
    for (int32_t s = 0; s < samples->count; s++)
        if (!(samples->tensors[s][node->output] = malloc(bytes)))
            return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %zu bytes of output", node->name, bytes);
    return HF_OK;
}

/* Chooses weights and quantisation of a node, and computes its outputs. */
static hf_status calibrate_weighted(hf_graph *graph, hf_node *node, const sample_set *samples,
                                    const hf_quant *given, hf_random *random, hf_error *err)
{
    hf_accumulation accumulation = {0};
    hf_sampled_sums sampled = {0};
    const int8_t *inputs[MAX_SAMPLES];
    int8_t *outputs[MAX_SAMPLES];
    for (int32_t s = 0; s < samples->count; s++) {
        inputs[s] = samples->tensors[s][node->inputs[0]];
        outputs[s] = samples->tensors[s][node->output];
    }
    hf_status status = draw_parameters(graph, node, random, err);
    if (status == HF_OK)
        status = hf_accumulation_init(graph, node, &accumulation, err);
    if (status == HF_OK)
        status = hf_sampled_sums_make(&accumulation, inputs, samples->count, &sampled, err);
    if (status == HF_OK)
        status = hf_calibrate_weighted(graph, node, &sampled, given, random, err);
    if (status == HF_OK && sampled.all)
        status = hf_accumulation_requantize(graph, &accumulation, sampled.sums, outputs, samples->count, err);
    else if (status == HF_OK)
        status = hf_accumulation_outputs(graph, &accumulation, inputs, outputs, samples->count, err);
    hf_sampled_sums_free(&sampled);
    hf_accumulation_free(&accumulation);
    return status;
}

/* The same for a node without weights. */
static hf_status calibrate_plain(hf_graph *graph, const hf_node *node, const sample_set *samples,
                                 const hf_quant *given, hf_error *err)
{
    const int8_t *const *views[MAX_SAMPLES];
    for (int32_t s = 0; s < samples->count; s++)
        views[s] = (const int8_t *const *)samples->tensors[s];
    hf_calibrate_plain(graph, node, views, samples->count, given);
    hf_status status = HF_OK;
    for (int32_t s = 0; s < samples->count && status == HF_OK; s++)
        status = hf_reference_node(graph, node, views[s], samples->tensors[s][node->output], err);
    return status;
}

static hf_status calibrate_node(hf_graph *graph, int32_t index, sample_set *samples, hf_quant_groups *groups,
                                hf_random *random, hf_error *err)
{
    hf_node *node = &graph->nodes[index];
    const hf_quant *given = hf_quant_groups_get(groups, node->output);
    hf_status status = allocate_outputs(samples, graph, node, err);
    if (status == HF_OK && hf_node_weight_count(graph, node) > 0)
        status = calibrate_weighted(graph, node, samples, given, random, err);
    else if (status == HF_OK)
        status = calibrate_plain(graph, node, samples, given, err);
    if (status == HF_OK) {
        hf_quant_groups_set(groups, node->output, graph->tensors[node->output].quant);
        samples_release(samples, graph, index);
    }
    return status;
}

static void clear_parameters(hf_graph *graph)
{
    hf_graph_clear_weights(graph);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        graph->tensors[t].quant = (hf_quant){0};
}

hf_status hf_weights_generate(hf_graph *graph, uint32_t seed, hf_error *err)
{
    for (int32_t n = 0; n < graph->node_count; n++)
        if (graph->nodes[n].weights)
            return HF_FAIL(err, HF_EINVALID, "%s: %s has weights already", graph->name, graph->nodes[n].name);
    sample_set samples;
    hf_random random = {.state = seed};
    hf_quant_groups groups;
    hf_status status = hf_quant_groups_init(&groups, graph, err);
    if (status)
        return status;
    graph->tensors[graph->input].quant = (hf_quant){.scale = 1.0f / 255, .zero_point = -128};
    hf_quant_groups_set(&groups, graph->input, graph->tensors[graph->input].quant);
    status = samples_begin(&samples, graph, seed, err);
    for (int32_t n = 0; n < graph->node_count && !status; n++)
        status = calibrate_node(graph, n, &samples, &groups, &random, err);
    samples_free(&samples);
    hf_quant_groups_free(&groups);
    if (status)
        clear_parameters(graph);
    return status;
}
