/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/elementwise.h"
#include "reference/node.h"

hf_status hf_reference_pair(const hf_reference_call *call, hf_error *err)
{
    const hf_tensor *other = &call->graph->tensors[call->node->inputs[1]];
    hf_pair_rule rule;
    hf_status status =
        hf_pair_rule_init(call->node, call->in->quant, other->quant, call->out->quant, &rule, err);
    if (status)
        return status;
    const int64_t count = hf_tensor_bytes(call->out);
    const int64_t other_count = hf_tensor_bytes(other); /* a 1 x 1 x C gate repeats at every position */
    for (int64_t i = 0; i < count; i++)
        call->output[i] = hf_pair_value(&rule, call->inputs[0][i], call->inputs[1][i % other_count]);
    return HF_OK;
}

hf_status hf_reference_elementwise(const hf_reference_call *call, hf_error *err)
{
    int8_t table[256];
    hf_status status = hf_elementwise_table(call->graph, call->node, table, err);
    const int64_t count = hf_tensor_bytes(call->out);
    for (int64_t i = 0; i < count && !status; i++)
        call->output[i] = table[call->inputs[0][i] - INT8_MIN];
    return status;
}
