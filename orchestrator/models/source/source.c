/* SPDX-License-Identifier: Apache-2.0 */
#include "source/source.h"

#include <stdio.h>
#include <string.h>

#include "tflite/tflite.h"
#include "weights/weights.h"

hf_status hf_source_parse(const char *argument, hf_source *out, hf_error *err)
{
    hf_source source = {.weights_seed = HF_WEIGHTS_SEED_DEFAULT};
    hf_status status = HF_OK;
    if (hf_tflite_is_path(argument)) {
        source.tflite_path = argument;
        char name[HF_TFLITE_NAME_SIZE];
        hf_tflite_name(argument, name);
        snprintf(source.name, sizeof source.name, "%s", name);
    } else if (strchr(argument, '/')) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                            "%s: expected a name such as mobilenetv1_0.25_96_c3_o2, or a file ending in "
                            ".tflite",
                            argument);
    } else {
        status = hf_variation_parse(argument, &source.variation, err);
        if (status == HF_OK)
            status = hf_variation_check(&source.variation, err);
        if (status == HF_OK)
            status = hf_variation_name(&source.variation, source.name, err);
    }
    if (status == HF_OK)
        *out = source;
    return status;
}

const char *hf_source_file(const hf_source *source)
{
    return source->tflite_path ? source->tflite_path : source->weights_path;
}

/* What two graphs of one network have in common, however their operators are written. */
typedef struct size_of_network {
    int64_t macs, weights, input_bytes, output_bytes;
} size_of_network;

static size_of_network measure(const hf_graph *graph)
{
    size_of_network size = {.input_bytes = hf_tensor_bytes(&graph->tensors[graph->input]),
                            .output_bytes = hf_tensor_bytes(&graph->tensors[graph->output])};
    for (int32_t n = 0; n < graph->node_count; n++) {
        size.macs += hf_node_macs(graph, &graph->nodes[n]);
        size.weights += hf_node_weight_count(graph, &graph->nodes[n]);
    }
    return size;
}

static hf_status check_weights(const hf_source *source, const hf_graph *read, hf_error *err)
{
    hf_graph *built = NULL;
    hf_status status = hf_variation_build(&source->variation, &built, err);
    if (status != HF_OK)
        return status;
    const size_of_network expected = measure(built), found = measure(read);
    hf_graph_free(built);
    if (expected.macs == found.macs && expected.weights == found.weights &&
        expected.input_bytes == found.input_bytes && expected.output_bytes == found.output_bytes)
        return HF_OK;
    return HF_FAIL_AS(
        err, HF_FAULT_NONE, HF_EINVALID,
        "%s: not the weights of %s: %lld MACs, %lld weights, input of %lld and output of %lld bytes, "
        "expected %lld, %lld, %lld and %lld",
        source->weights_path, source->name, (long long)found.macs, (long long)found.weights,
        (long long)found.input_bytes, (long long)found.output_bytes, (long long)expected.macs,
        (long long)expected.weights, (long long)expected.input_bytes, (long long)expected.output_bytes);
}

hf_status hf_source_build(const hf_source *source, hf_graph **out, hf_error *err)
{
    if (!hf_source_file(source))
        return hf_variation_build(&source->variation, out, err);
    hf_graph *graph = NULL;
    hf_status status = hf_tflite_load(source->name, hf_source_file(source), &graph, err);
    if (status == HF_OK && source->weights_path)
        status = check_weights(source, graph, err);
    if (status == HF_OK)
        *out = graph;
    else
        hf_graph_free(graph);
    return status;
}

hf_status hf_source_load(const hf_source *source, hf_graph **out, hf_error *err)
{
    hf_graph *graph = NULL;
    hf_status status = hf_source_build(source, &graph, err);
    if (status == HF_OK && !hf_source_file(source))
        status = hf_weights_generate(graph, source->weights_seed, err);
    if (status == HF_OK)
        *out = graph;
    else
        hf_graph_free(graph);
    return status;
}
