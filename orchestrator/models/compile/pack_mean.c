/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/quantize.h"
#include "pack.h"

/* Sums of up to this many differences from a zero point fit into 32 bits. */
#define MEAN_MAX_POSITIONS (INT32_MAX / 255)

hf_status hf_pack_mean(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    const int64_t positions = (int64_t)op->record.in_height * op->record.in_width;
    if (positions > MEAN_MAX_POSITIONS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: mean over %lld positions, at most %d are supported",
                       node->name, (long long)positions, MEAN_MAX_POSITIONS);
    hf_mean_data data = {.bias = (int32_t)(-positions * in.zero_point)};
    hf_mean_multiplier(in, graph->tensors[node->output].quant, (int32_t)positions, &data.multiplier,
                       &data.shift);
    if (data.shift > 30)
        return hf_pack_output_too_fine(graph, node, err);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
