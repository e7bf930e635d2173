/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/quantize.h"
#include "pack.h"

static void mul_scale(const hf_graph *graph, const hf_node *node, int32_t *multiplier, int32_t *shift)
{
    double a = (double)graph->tensors[node->inputs[0]].quant.scale;
    double b = (double)graph->tensors[node->inputs[1]].quant.scale;
    double out = (double)graph->tensors[node->output].quant.scale;
    hf_quantize_multiplier(a * b / out, multiplier, shift);
}

uint8_t hf_pack_mul_params(const hf_graph *graph, const hf_node *node)
{
    int32_t multiplier, shift;
    mul_scale(graph, node, &multiplier, &shift);
    return shift <= -1 && shift >= -1 - HF_COMPACT_SHIFT_MAX ? HF_PARAMS_COMPACT : HF_PARAMS_WIDE;
}

/* A product of two differences has 17 bits; a larger left shift would overflow 32 bits. */
#define MUL_MAX_SHIFT 14

hf_status hf_pack_mul(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    int32_t multiplier, shift;
    mul_scale(graph, node, &multiplier, &shift);
    if (shift > MUL_MAX_SHIFT)
        return hf_pack_output_too_fine(graph, node, err);
    if (op->record.params == HF_PARAMS_COMPACT) {
        const hf_channel_compact data = {multiplier, -shift - 1};
        memcpy(to, &data, sizeof data);
    } else {
        const hf_channel_wide data = {0, multiplier, shift};
        memcpy(to, &data, sizeof data);
    }
    return HF_OK;
}
