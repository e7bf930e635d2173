/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/lstm.h"

#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "graph/values16.h"
#include "reference/node.h"
#include "sigmoid16.h"

/* An LSTM while it runs. */
typedef struct lstm {
    const hf_reference_call *call;
    hf_lstm_rule rule;
    int32_t units, inputs, value_bytes;
    hf_sigmoid16 sigmoids;
    int16_t *cell;                 /* owned, per unit */
    int16_t *hidden;               /* owned, per unit */
    int16_t *gates[HF_LSTM_GATES]; /* owned, per unit */
} lstm;

static int16_t saturate16(int32_t value)
{
    return (int16_t)hf_clamp(value, INT16_MIN, INT16_MAX);
}

/* Value i of an array of 8 or 16 bits. */
static int32_t value_at(const lstm *l, const int8_t *values, int64_t i)
{
    return l->value_bytes == 2 ? hf_value16(values, i) : values[i];
}

/* A sum of 8-bit values wraps and has a zero point; one of 16-bit values has 64 bits, of which 15 of the multiplier are
 * used. */
static int16_t scale_sum(const lstm *l, int64_t sum, hf_lstm_scale scale)
{
    if (l->value_bytes == 1)
        return saturate16(
            hf_requantize((int32_t)(uint32_t)((uint64_t)sum & UINT32_MAX), scale.multiplier, scale.shift));
    return saturate16(hf_requantize_long(sum, scale.multiplier, scale.shift));
}

/* What one gate of a unit gets from the inputs. */
static int16_t weigh_inputs(const lstm *l, const int8_t *weights, const int8_t *input, int64_t bias,
                            hf_lstm_scale scale)
{
    int64_t sum = bias;
    for (int32_t i = 0; i < l->inputs; i++)
        sum += (int64_t)(value_at(l, input, i) - l->call->in->quant.zero_point) * weights[i];
    return scale_sum(l, sum, scale);
}

/* And from the hidden state. */
static int16_t weigh_hidden(const lstm *l, const int8_t *weights, hf_lstm_scale scale)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < l->units; i++)
        sum += (int64_t)(l->hidden[i] - l->call->out->quant.zero_point) * weights[i];
    return scale_sum(l, sum, scale);
}

static void run_gate(const lstm *l, int gate, const int8_t *input)
{
    const hf_node *node = l->call->node;
    const int64_t units = l->units;
    for (int64_t u = 0; u < units; u++) {
        const int8_t *weights = node->weights + (gate * units + u) * l->inputs;
        const int8_t *recurrent =
            node->weights + HF_LSTM_GATES * units * l->inputs + (gate * units + u) * units;
        const int64_t bias = node->long_bias ? node->long_bias[gate * units + u]
                             : node->bias    ? node->bias[gate * units + u]
                                             : 0;
        const int32_t a = weigh_inputs(l, weights, input, bias, l->rule.input[gate]);
        const int32_t b = weigh_hidden(l, recurrent, l->rule.recurrent[gate]);
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
        l->hidden[u] = (int16_t)hf_clamp(hf_wrapping_add(scaled, l->call->out->quant.zero_point),
                                         l->value_bytes == 2 ? INT16_MIN : INT8_MIN,
                                         l->value_bytes == 2 ? INT16_MAX : INT8_MAX);
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
    l->hidden = calloc(units, sizeof *l->hidden);
    for (int gate = 0; gate < HF_LSTM_GATES; gate++) {
        l->gates[gate] = calloc(units, sizeof *l->gates[gate]);
        good = good && l->gates[gate];
    }
    hf_sigmoid16_init(&l->sigmoids);
    return good && l->cell && l->hidden;
}

/* Reads the state that follows nothing or the last step. */
static void read_state(lstm *l, const int8_t *state)
{
    for (int32_t u = 0; u < l->units; u++) {
        l->hidden[u] = (int16_t)value_at(l, state, u);
        l->cell[u] = (int16_t)hf_value16(state + (int64_t)l->units * l->value_bytes, u);
    }
}

static int8_t *write_hidden(const lstm *l, int8_t *to)
{
    for (int32_t u = 0; u < l->units; u++)
        if (l->value_bytes == 2)
            hf_set_value16(to, u, l->hidden[u]);
        else
            to[u] = (int8_t)l->hidden[u];
    return to + (int64_t)l->units * l->value_bytes;
}

hf_status hf_reference_lstm(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int32_t steps = hf_lstm_steps(call->graph, node);
    const int32_t value_bytes = hf_lstm_value_bytes_of(node);
    lstm l = {.call = call,
              .units = node->units,
              .inputs = call->in->channels / value_bytes,
              .value_bytes = value_bytes};
    hf_status status = hf_lstm_rule_init(call->graph, node, &l.rule, err);
    if (!status && !prepare(&l))
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d units", node->name, l.units);
    if (!status) {
        int8_t *to = call->output;
        read_state(&l, call->inputs[1]);
        for (int32_t t = 0; t < steps; t++) {
            step(&l, call->inputs[0] + (int64_t)t * call->in->channels);
            to = write_hidden(&l, to);
        }
        for (int32_t u = 0; u < l.units; u++)
            hf_set_value16(to, u, l.cell[u]);
    }
    release(&l);
    return status;
}
