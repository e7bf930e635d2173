/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/quantize.h"
#include "graph/values16.h"
#include "pack.h"

hf_status hf_pack_general(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const int32_t outputs = hf_node_output_channels(graph, node);
    const int32_t most = node->long_sums ? 7 : HF_REQUANTIZE_MAX_SHIFT;
    hf_general_data data = {.weight_zero_point = node->weight_zero_point};
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: no weights", node->name);
    hf_activation_range16(node->activation, graph->tensors[node->output].quant, node->out_bytes, &data.min,
                          &data.max);
    if (data.min > data.max)
        return HF_FAIL(err, HF_EINVALID, "%s: activation range %d .. %d is empty", node->name, data.min,
                       data.max);
    memcpy(to, &data, sizeof data);
    to += sizeof data;
    for (int32_t o = 0; o < outputs; o++, to += sizeof(hf_general_channel)) {
        const int64_t bias = node->long_bias ? node->long_bias[o] : node->bias ? node->bias[o] : 0;
        hf_general_channel channel = {.bias_low = (uint32_t)((uint64_t)bias & UINT32_MAX),
                                      .bias_high = (int32_t)(bias >> 32)};
        hf_quantize_multiplier(hf_node_effective_scale(graph, node, o), &channel.multiplier, &channel.shift);
        if (channel.shift > most)
            return hf_pack_output_too_fine(graph, node, err);
        memcpy(to, &channel, sizeof channel);
    }
    memcpy(to, node->weights, (size_t)hf_node_weight_count(graph, node));
    return HF_OK;
}
