/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/lstm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "reference/node.h"

#define TABLE_SIZE 256

/* An LSTM while it runs. */
typedef struct lstm {
    const hf_reference_call *call;
    hf_lstm_rule rule;
    int32_t units, inputs;
    int32_t sigmoids[TABLE_SIZE];  /* of i / 24, 16 bits behind the point */
    int16_t *cell;                 /* owned, per unit */
    int8_t *hidden;                /* owned, per unit */
    int16_t *gates[HF_LSTM_GATES]; /* owned, per unit */
} lstm;

static int16_t saturate16(int32_t value)
{
    return (int16_t)hf_clamp(value, INT16_MIN, INT16_MAX);
}

/* The sigmoid of i / 24, raised by half of the largest error of a linear interpolation between entries: it is a sixteenth of
 * the second derivative times the square of their distance. */
static int32_t table_entry(int i)
{
    const double step = 1.0 / 24;
    const double f = 1.0 / (1.0 + exp(-i * step));
    return (int32_t)lround(65536.0 * (f - f * (1 - f) * (1 - 2 * f) * step * step / 16));
}

/* Between two entries of the table; `bits` are behind the entry's number. */
static int32_t interpolate(const lstm *l, int32_t magnitude, int32_t bits)
{
    const int32_t entry = magnitude >> bits;
    if (entry >= TABLE_SIZE - 1)
        return -1;
    const int32_t rest = magnitude & ((1 << bits) - 1);
    return (l->sigmoids[entry] << bits) + rest * (l->sigmoids[entry + 1] - l->sigmoids[entry]);
}

/* The sigmoid of a number with 12 bits behind the point, 15 bits behind the point. */
static int16_t sigmoid(const lstm *l, int16_t value)
{
    const int32_t scaled = value * 3; /* 2^12 * 3 / 2^9 = 24 steps of the table for 1 */
    const int32_t found = interpolate(l, abs(scaled), 9);
    const int64_t magnitude = found < 0 ? 0x7FFF << 10 : found;
    const int64_t result = scaled >= 0 ? magnitude + (1 << 9) : (1 << 25) - magnitude + (1 << 9) - 1;
    return (int16_t)(result >> 10);
}

/* tanh(x) = 2 sigmoid(2 x) - 1 of value * multiplier * 2^-shift / 3. */
static int16_t tanh16(const lstm *l, int16_t value, int32_t multiplier, int32_t shift)
{
    const int64_t round = shift > 0 ? INT64_C(1) << (shift - 1) : 0;
    const int32_t scaled = (int32_t)(((int64_t)value * multiplier + round) >> shift);
    const int32_t found = interpolate(l, abs(scaled), 8);
    const int32_t magnitude = found < 0 ? 0xFFFF << 8 : found;
    const int32_t result =
        scaled >= 0 ? magnitude - (1 << 23) + (1 << 7) : -magnitude + (1 << 23) + (1 << 7) - 1;
    return (int16_t)(result >> 8);
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
            l->gates[gate][u] = tanh16(l, sum, 3, 0);
        else
            l->gates[gate][u] = sigmoid(l, sum);
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
        const int32_t value = tanh16(l, l->cell[u], r->tanh_multiplier, r->tanh_shift);
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
    for (int i = 0; i < TABLE_SIZE; i++)
        l->sigmoids[i] = table_entry(i);
    l->sigmoids[TABLE_SIZE - 1] = 65535;
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
