/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer harness for the .tflite reader. Checks the invariants of an accepted graph, and that it survives
 * a round trip through the writer. */
#include <stdio.h>
#include <stdlib.h>

#include "graph/analysis.h"
#include "graph/graph.h"
#include "tflite/tflite.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_node(const hf_graph *graph, int32_t index)
{
    const hf_node *node = &graph->nodes[index];
    const hf_tensor *out = &graph->tensors[node->output];
    require(out->producer == index && out->quant.scale > 0);
    require(hf_tensor_bytes(out) > 0 && hf_tensor_bytes(out) <= HF_GRAPH_MAX_TENSOR_BYTES);
    for (int32_t i = 0; i < node->input_count; i++)
        require(node->inputs[i] >= 0 && graph->tensors[node->inputs[i]].producer < index);
    require((hf_node_weight_count(graph, node) > 0) == (node->weights && node->weight_scales));
    for (int32_t c = 0; c < hf_node_output_channels(graph, node); c++)
        require(node->weight_scales && node->weight_scales[c] > 0);
}

/* An accepted graph can be written, unless it is too large or has no int8 equivalent, and read back. */
static void check_written(const hf_graph *graph)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_graph *again = NULL;
    hf_error err;
    hf_error_clear(&err);
    hf_status status = hf_tflite_write(graph, &bytes, &size, &err);
    if (status == HF_ELIMIT || status == HF_EUNSUPPORTED || status == HF_ENOMEM)
        return;
    require(status == HF_OK);
    status = hf_tflite_read("written", bytes, size, &again, &err);
    free(bytes);
    if (status)
        fprintf(stderr, "%s\n", err.message);
    require(status == HF_OK && again->node_count >= 1);
    require(hf_tensor_bytes(&again->tensors[again->output]) ==
            hf_tensor_bytes(&graph->tensors[graph->output]));
    hf_graph_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    hf_status status = hf_tflite_read("fuzz", bytes, size, &graph, &err);
    if (status) {
        require(graph == NULL && err.status == status && err.message[0] != '\0');
        return 0;
    }
    for (int32_t n = 0; n < graph->node_count; n++)
        check_node(graph, n);
    hf_analysis analysis;
    require(hf_analyze(graph, &analysis, NULL) == HF_OK);
    require(analysis.macs >= 0 && analysis.peak_memory_bytes > 0);
    hf_analysis_free(&analysis);
    check_written(graph);
    hf_graph_free(graph);
    return 0;
}
