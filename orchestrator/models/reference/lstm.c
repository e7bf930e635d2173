/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/lstm.h"

#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "reference/node.h"
#include "sigmoid16.h"

/* An LSTM while it runs. */
typedef struct lstm {
    const hf_reference_call *call;
    hf_lstm_rule rule;
    int32_t units, inputs;
    hf_sigmoid16 sigmoids;
    int16_t *cell;                 /* owned, per unit */
    int8_t *hidden;                /* owned, per unit */
    int16_t *gates[HF_LSTM_GATES]; /* owned, per unit */
} lstm;

static int16_t saturate16(int32_t value)
{
    return (int16_t)hf_clamp(value, INT16_MIN, INT16_MAX);
}

/* The sum that one gate of a unit gets from some values. */
static int16_t weigh(const int8_t *weights, const int8_t *values, int32_t count, int32_t zero_point,
                     int32_t bias, hf_lstm_scale scale)
{
    uint32_t sum = (uint32_t)bias;
    for (int32_t i = 0; i < count; i++)
        sum += (uint32_t)((values[i] - zero_point) * weights[i]);
    return saturate16(hf_requantize((int32_t)sum, scale.multiplier, scale.shift));
}

static void run_gate(const lstm *l, int gate, const int8_t *input)
{
    const hf_node *node = l->call->node;
    const int64_t units = l->units;
    for (int64_t u = 0; u < units; u++) {
        const int8_t *weights = node->weights + (gate * units + u) * l->inputs;
        const int8_t *recurrent =
            node->weights + HF_LSTM_GATES * units * l->inputs + (gate * units + u) * units;
        const int32_t bias = node->bias ? node->bias[gate * units + u] : 0;
        const int32_t a =
            weigh(weights, input, l->inputs, l->call->in->quant.zero_point, bias, l->rule.input[gate]);
        const int32_t b =
            weigh(recurrent, l->hidden, l->units, l->call->out->quant.zero_point, 0, l->rule.recurrent[gate]);
        const int16_t sum = saturate16(a + b);
        if (gate == HF_LSTM_CELL)
            l->gates[gate][u] = hf_sigmoid16_tanh(&l->sigmoids, sum, 3, 0);
        else
            l->gates[gate][u] = hf_sigmoid16_logistic(&l->sigmoids, sum, 3, 0);
    }
}

static void step(lstm *l, const int8_t *input)
{
    const hf_lstm_rule *r = &l->rule;
    for (int gate = 0; gate < HF_LSTM_GATES; gate++)
        run_gate(l, gate, input);
    for (int32_t u = 0; u < l->units; u++) {
        const int32_t kept = saturate16(
            hf_requantize(l->gates[HF_LSTM_FORGET][u] * l->cell[u], r->forget.multiplier, r->forget.shift));
        const int32_t added = saturate16(hf_requantize(l->gates[HF_LSTM_INPUT][u] * l->gates[HF_LSTM_CELL][u],
                                                       r->update.multiplier, r->update.shift));
        l->cell[u] = saturate16(kept + added);
        if (r->clip > 0)
            l->cell[u] = (int16_t)hf_clamp(l->cell[u], -r->clip, r->clip);
        const int32_t value = hf_sigmoid16_tanh(&l->sigmoids, l->cell[u], r->tanh_multiplier, r->tanh_shift);
        const int32_t scaled =
            hf_requantize(value * l->gates[HF_LSTM_OUTPUT][u], r->output.multiplier, r->output.shift);
        l->hidden[u] =
            (int8_t)hf_clamp(hf_wrapping_add(scaled, l->call->out->quant.zero_point), INT8_MIN, INT8_MAX);
    }
}

static void release(lstm *l)
{
    free(l->cell);
    free(l->hidden);
    for (int gate = 0; gate < HF_LSTM_GATES; gate++)
        free(l->gates[gate]);
}

static bool prepare(lstm *l)
{
    const size_t units = (size_t)l->units;
    bool good = true;
    l->cell = calloc(units, sizeof *l->cell);
    l->hidden = calloc(units, 1);
    for (int gate = 0; gate < HF_LSTM_GATES; gate++) {
        l->gates[gate] = calloc(units, sizeof *l->gates[gate]);
        good = good && l->gates[gate];
    }
    hf_sigmoid16_init(&l->sigmoids);
    return good && l->cell && l->hidden;
}

hf_status hf_reference_lstm(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int32_t steps = hf_lstm_steps(call->graph, node);
    lstm l = {.call = call, .units = node->units, .inputs = call->in->channels};
    const size_t units = (size_t)l.units;
    hf_status status = hf_lstm_rule_init(call->graph, node, &l.rule, err);
    if (!status && !prepare(&l))
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d units", node->name, l.units);
    if (!status) {
        memcpy(l.hidden, call->inputs[1], units);
        for (size_t u = 0; u < units; u++)
            l.cell[u] = (int16_t)((uint8_t)call->inputs[1][units + 2 * u] |
                                  (uint16_t)(uint8_t)call->inputs[1][units + 2 * u + 1] << 8);
        for (int32_t t = 0; t < steps; t++) {
            step(&l, call->inputs[0] + (int64_t)t * l.inputs);
            memcpy(call->output + (size_t)t * units, l.hidden, units);
        }
        int8_t *end = call->output + (size_t)steps * units;
        for (size_t u = 0; u < units; u++) {
            end[2 * u] = (int8_t)(uint8_t)((uint16_t)l.cell[u] & 0xFF);
            end[2 * u + 1] = (int8_t)(uint8_t)((uint16_t)l.cell[u] >> 8);
        }
    }
    release(&l);
    return status;
}
