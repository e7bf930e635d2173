/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/lstm.h"
#include "pack.h"

_Static_assert((int)HF_LSTM_KIND_INPUT == (int)HF_LSTM_INPUT &&
                   (int)HF_LSTM_KIND_FORGET == (int)HF_LSTM_FORGET &&
                   (int)HF_LSTM_KIND_CELL == (int)HF_LSTM_CELL &&
                   (int)HF_LSTM_KIND_OUTPUT == (int)HF_LSTM_OUTPUT,
               "gates of an image");

static hf_lstm_factor factor_of(hf_lstm_scale scale)
{
    return (hf_lstm_factor){scale.multiplier, scale.shift};
}

/* The bias with the values' zero point folded in, modulo 2^32. */
static int32_t fold(int32_t bias, const int8_t *weights, int32_t count, int32_t zero_point)
{
    uint32_t sum = (uint32_t)bias;
    for (int32_t i = 0; i < count; i++)
        sum -= (uint32_t)(weights[i] * zero_point);
    return (int32_t)sum;
}

/* Of all gates and units. @param bias NULL: none @return behind what was written */
static uint8_t *write_biases(const int8_t *weights, int32_t rows, int32_t count, const int32_t *bias,
                             int32_t zero_point, uint8_t *to)
{
    for (int64_t row = 0; row < rows; row++, to += sizeof(int32_t)) {
        const int32_t folded = fold(bias ? bias[row] : 0, weights + row * count, count, zero_point);
        memcpy(to, &folded, sizeof folded);
    }
    return to;
}

/* Of 16-bit values, which have no zero points: 64 bits each. */
static uint8_t *write_long_biases(const int64_t *bias, int32_t rows, uint8_t *to)
{
    for (int32_t row = 0; row < rows; row++, to += sizeof(int64_t)) {
        const int64_t value = bias ? bias[row] : 0;
        memcpy(to, &value, sizeof value);
    }
    return to;
}

hf_status hf_pack_lstm(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const int32_t rows = HF_LSTM_GATES * node->units;
    hf_lstm_rule rule;
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: no weights", node->name);
    hf_status status = hf_lstm_rule_init(graph, node, &rule, err);
    if (status)
        return status;
    hf_lstm_data data = {.forget = factor_of(rule.forget),
                         .update = factor_of(rule.update),
                         .output = factor_of(rule.output),
                         .tanh_multiplier = rule.tanh_multiplier,
                         .tanh_shift = rule.tanh_shift,
                         .clip = rule.clip};
    for (int gate = 0; gate < HF_LSTM_GATES; gate++) {
        data.gate[gate][0] = factor_of(rule.input[gate]);
        data.gate[gate][1] = factor_of(rule.recurrent[gate]);
    }
    memcpy(to, &data, sizeof data);
    const int8_t *recurrent = node->weights + (int64_t)rows * in->channels;
    to += sizeof data;
    if (hf_lstm_value_bytes_of(node) == 2) {
        to = write_long_biases(node->long_bias, rows, to);
    } else {
        to = write_biases(node->weights, rows, in->channels, node->bias, in->quant.zero_point, to);
        to = write_biases(recurrent, rows, node->units, NULL, graph->tensors[node->output].quant.zero_point,
                          to);
    }
    memcpy(to, node->weights, (size_t)hf_node_weight_count(graph, node));
    return HF_OK;
}
