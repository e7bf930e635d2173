/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "graph/graph.h"
#include "reference/node.h"
#include "reference/reference.h"

/* Graphs beyond any microcontroller are rejected instead of being interpreted for hours. */
#define MAX_TOTAL_BYTES (INT64_C(1) << 30)
#define MAX_TOTAL_MACS  (INT64_C(1) << 36)

static hf_status check_quant(const hf_node *node, const char *role, hf_quant quant, hf_error *err)
{
    if (!(quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: the %s is not quantised (scale %g)", node->name, role,
                       (double)quant.scale);
    return HF_OK;
}

hf_reference_call hf_reference_call_of(const hf_graph *graph, const hf_node *node,
                                       const int8_t *const *tensors, int8_t *output)
{
    hf_reference_call call = {.graph = graph,
                              .node = node,
                              .in = &graph->tensors[node->inputs[0]],
                              .out = &graph->tensors[node->output],
                              .output = output};
    for (int32_t i = 0; i < node->input_count; i++)
        call.inputs[i] = tensors[node->inputs[i]];
    return call;
}

static hf_status compute(const hf_reference_call *call, hf_error *err)
{
    switch (call->node->op) {
#define REFERENCE_CASE(name, text, min_inputs, max_inputs, shape, calibration, reference, ...)               \
    case HF_OP_##name:                                                                                       \
        return hf_reference_##reference(call, err);
        HF_OP_MAP(REFERENCE_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef REFERENCE_CASE
    case HF_OP_COUNT:
        break;
    }
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: operator %d does not exist", call->node->name,
                   (int)call->node->op);
}

hf_status hf_reference_node(const hf_graph *graph, const hf_node *node, const int8_t *const *tensors,
                            int8_t *output, hf_error *err)
{
    hf_reference_call call = hf_reference_call_of(graph, node, tensors, output);
    if (node->input_count < 1)
        return HF_FAIL(err, HF_EINVALID, "%s: no inputs", node->name);
    for (int32_t i = 0; i < node->input_count; i++) {
        if (!call.inputs[i])
            return HF_FAIL(err, HF_EINVALID, "%s: input %d is not the output of an earlier operator",
                           node->name, i);
        hf_status status = check_quant(node, "input", graph->tensors[node->inputs[i]].quant, err);
        if (status)
            return status;
    }
    hf_status status = check_quant(node, "output", call.out->quant, err);
    if (status)
        return status;
    if (hf_node_weight_count(graph, node) > 0 && (!node->weights || !node->weight_scales))
        return HF_FAIL(err, HF_EINVALID, "%s: no weights", node->name);
    return compute(&call, err);
}

static hf_status check_size(const hf_graph *graph, hf_error *err)
{
    int64_t bytes = 0;
    int64_t macs = 0;
    for (int32_t n = 0; n < graph->node_count; n++) {
        bytes += hf_tensor_bytes(&graph->tensors[graph->nodes[n].output]);
        macs += hf_node_macs(graph, &graph->nodes[n]);
    }
    if (bytes > MAX_TOTAL_BYTES || macs > MAX_TOTAL_MACS)
        return HF_FAIL(err, HF_ELIMIT,
                       "%s: %lld activation bytes and %lld multiply-accumulates; the reference "
                       "interpreter is limited to %lld and %lld",
                       graph->name, (long long)bytes, (long long)macs, (long long)MAX_TOTAL_BYTES,
                       (long long)MAX_TOTAL_MACS);
    return HF_OK;
}

static hf_status run_nodes(const hf_graph *graph, const int8_t **tensors, hf_reference *run, hf_error *err)
{
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[node->output]);
        run->outputs[n] = malloc(bytes);
        if (!run->outputs[n])
            return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %zu bytes of output", node->name, bytes);
        hf_status status = hf_reference_node(graph, node, tensors, run->outputs[n], err);
        if (status)
            return status;
        tensors[node->output] = run->outputs[n];
    }
    return HF_OK;
}

hf_status hf_reference_run(const hf_graph *graph, const int8_t *input, hf_reference *out, hf_error *err)
{
    hf_status status = check_size(graph, err);
    if (status)
        return status;
    hf_reference run = {.outputs = calloc((size_t)graph->node_count + 1, sizeof(int8_t *)),
                        .node_count = graph->node_count};
    const int8_t **tensors = calloc((size_t)graph->tensor_count, sizeof(int8_t *));
    if (!run.outputs || !tensors) {
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory for an inference", graph->name);
    } else {
        tensors[graph->input] = input;
        status = run_nodes(graph, tensors, &run, err);
    }
    free(tensors);
    if (status)
        hf_reference_free(&run);
    else
        *out = run;
    return status;
}

void hf_reference_free(hf_reference *reference)
{
    if (!reference || !reference->outputs)
        return;
    for (int32_t n = 0; n < reference->node_count; n++)
        free(reference->outputs[n]);
    free(reference->outputs);
    reference->outputs = NULL;
    reference->node_count = 0;
}
