/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/lstm.h"

#include <math.h>

#include "graph/quantize.h"

#define GATE_SCALE (1.0 / 4096)  /* 16 bits, 3 of them before the point */
#define UNIT_SCALE (1.0 / 32768) /* of what sigmoid and tanh give */

int32_t hf_lstm_value_bytes_of(const hf_node *node)
{
    return node->in_bytes == 2 ? 2 : 1;
}

int32_t hf_lstm_steps(const hf_graph *graph, const hf_node *node)
{
    return graph->tensors[node->inputs[0]].width;
}

static hf_lstm_scale scale_of(double real)
{
    hf_lstm_scale scale;
    hf_quantize_multiplier(real, &scale.multiplier, &scale.shift);
    return scale;
}

static bool in_range(hf_lstm_scale scale, int32_t most)
{
    return scale.shift <= most && scale.shift >= -31;
}

hf_status hf_lstm_rule_init(const hf_graph *graph, const hf_node *node, hf_lstm_rule *rule, hf_error *err)
{
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    const hf_quant hidden = graph->tensors[node->output].quant;
    const double cell = (double)node->cell_scale;
    hf_lstm_rule r = {0};
    bool good = true;
    const int32_t most = node->in_bytes == 2 ? 7 : 14;
    for (int g = 0; g < HF_LSTM_GATES; g++) {
        volatile float input =
            in.scale * node->weight_scales[g]; /* single precision, as in TensorFlow Lite */
        volatile float recurrent = hidden.scale * node->weight_scales[HF_LSTM_GATES + g];
        r.input[g] = scale_of((double)input / GATE_SCALE);
        r.recurrent[g] = scale_of((double)recurrent / GATE_SCALE);
        good = good && in_range(r.input[g], most) && in_range(r.recurrent[g], most);
    }
    r.forget = scale_of(UNIT_SCALE * cell / cell);
    r.update = scale_of(UNIT_SCALE * UNIT_SCALE / cell);
    r.output = scale_of(UNIT_SCALE * UNIT_SCALE / (double)hidden.scale);
    int exponent = 0;
    const double mantissa = frexp(cell, &exponent); /* 0.5 for a power of two: cell = 2^(exponent - 1) */
    const int32_t shift = 15 + exponent - 1 - 3;
    r.tanh_multiplier = shift < 0 ? 3 : 3 << (shift > 12 ? 12 : shift);
    r.tanh_shift = shift < 0 ? -shift : 0;
    if (node->cell_clip > 0)
        r.clip = (int32_t)fmin((double)node->cell_clip / cell, 32767.0);
    if (!good || !in_range(r.update, 14) || !in_range(r.output, 14) || mantissa != 0.5 || shift > 12 ||
        shift < -15)
        return HF_FAIL(
            err, HF_EUNSUPPORTED,
            "%s: scales of %g for the cell state, %g for inputs and %g for the hidden state are out of range",
            node->name, cell, (double)in.scale, (double)hidden.scale);
    *rule = r;
    return HF_OK;
}
