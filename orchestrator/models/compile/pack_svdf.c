/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/svdf.h"
#include "pack.h"

static uint8_t *put(uint8_t *to, int32_t value)
{
    memcpy(to, &value, sizeof value);
    return to + sizeof value;
}

/* What the input's zero point adds to a filter's sum, modulo 2^32. */
static int32_t offset_of(const int8_t *weights, int64_t count, int32_t zero_point)
{
    uint32_t sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum -= (uint32_t)(weights[i] * zero_point);
    return (int32_t)sum;
}

hf_status hf_pack_svdf(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const int64_t filters = (int64_t)node->units * node->rank;
    const int64_t inputs = hf_tensor_bytes(in);
    const size_t time_bytes = 2 * (size_t)filters * (size_t)node->memory;
    hf_svdf_rule rule;
    if (!node->weights || !node->weight_scales || !node->time_weights)
        return HF_FAIL(err, HF_EINVALID, "%s: no weights", node->name);
    hf_status status = hf_svdf_rule_init(graph, node, &rule, err);
    if (status)
        return status;
    const hf_svdf_data data = {.multiplier = {rule.multiplier[0], rule.multiplier[1]},
                               .shift = {rule.shift[0], rule.shift[1]},
                               .state_min = rule.state_min,
                               .state_max = rule.state_max};
    memcpy(to, &data, sizeof data);
    to += sizeof data;
    for (int64_t f = 0; f < filters; f++)
        to = put(to, offset_of(node->weights + f * inputs, inputs, in->quant.zero_point));
    for (int32_t u = 0; u < node->units; u++)
        to = put(to, node->bias ? node->bias[u] : 0);
    memcpy(to, node->time_weights, time_bytes);
    memcpy(to + time_bytes, node->weights, (size_t)(filters * inputs));
    return HF_OK;
}
