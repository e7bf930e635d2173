/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/svdf.h"

#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "graph/values16.h"
#include "reference/node.h"

/* All of the state moves by one value: so does each filter's, whose last value is replaced afterwards. */
static void move_state(const int8_t *before, int8_t *state, size_t bytes)
{
    memcpy(state, before + 2, bytes - 2);
    memset(state + bytes - 2, 0, 2);
}

static int32_t newest(const hf_reference_call *call, const hf_svdf_rule *rule, int64_t filter)
{
    const int64_t inputs = hf_tensor_bytes(call->in);
    uint32_t sum = 0;
    for (int64_t i = 0; i < inputs; i++)
        sum += (uint32_t)(call->node->weights[filter * inputs + i] *
                          (call->inputs[0][i] - call->in->quant.zero_point));
    return hf_clamp(hf_requantize((int32_t)sum, rule->multiplier[0], rule->shift[0]), rule->state_min,
                    rule->state_max);
}

static int32_t over_time(const hf_node *node, const int8_t *state, int64_t filter)
{
    uint32_t sum = 0;
    for (int64_t m = 0; m < node->memory; m++) {
        const int64_t at = filter * node->memory + m;
        sum += (uint32_t)(node->time_weights[at] * hf_value16(state, at));
    }
    return (int32_t)sum;
}

hf_status hf_reference_svdf(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int64_t filters = (int64_t)node->units * node->rank;
    const size_t state_bytes = 2 * (size_t)filters * (size_t)node->memory;
    hf_svdf_rule rule;
    if (!node->time_weights)
        return HF_FAIL(err, HF_EINVALID, "%s: no time weights", node->name);
    hf_status status = hf_svdf_rule_init(call->graph, node, &rule, err);
    if (status)
        return status;
    int8_t *state = call->output;
    int8_t *out = call->output + state_bytes;
    move_state(call->inputs[1], state, state_bytes);
    for (int64_t f = 0; f < filters; f++)
        hf_set_value16(state, (f + 1) * node->memory - 1, newest(call, &rule, f));
    for (int64_t u = 0; u < node->units; u++) {
        int32_t sum = node->bias ? node->bias[u] : 0;
        for (int64_t r = 0; r < node->rank; r++)
            sum = hf_wrapping_add(sum, over_time(node, state, u * node->rank + r));
        const int32_t scaled = hf_requantize(sum, rule.multiplier[1], rule.shift[1]);
        out[u] = (int8_t)hf_clamp(hf_wrapping_add(scaled, call->out->quant.zero_point), INT8_MIN, INT8_MAX);
    }
    return HF_OK;
}
