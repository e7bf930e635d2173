/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer of LSTM units with activations of 8 or 16 bits and a 16-bit cell state. Gates are numbers with 12 bits behind the point before
 * their function and 15 bits behind it. Neither input may overlap the output.
 */
#include <string.h>

#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"
#include "sigmoid.h"

#if !defined(HF_ENGINE_SMALL)

/* A layer while it runs. */
typedef struct lstm {
    const hf_op_record *record;
    const hf_lstm_data *data;
    const int32_t *
        biases; /* [4][units] of the inputs, then of the hidden state; of 16-bit values the halves of 64 bits */
    const int8_t *weights; /* [4][units][inputs], then [4][units][units] */
    uint8_t *cell;         /* 16 bits per unit, behind the output rows */
    uint32_t units;
    uint32_t value_bytes;
} lstm;

static int32_t saturate16(int32_t value)
{
    return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

/* What the inputs, or with `recurrent` the hidden state, add to a gate of a unit. @param at gate x units + unit */
static int32_t weigh16(const lstm *l, size_t at, const int8_t *values, int recurrent)
{
    const uint32_t inputs = l->record->in_channels / 2U;
    const uint32_t count = recurrent ? l->units : inputs;
    const hf_lstm_factor *factor = &l->data->gate[at / l->units][recurrent];
    const int8_t *weights = l->weights + at * count;
    const int64_t bias =
        (int64_t)((uint32_t)l->biases[2 * at] | (uint64_t)(uint32_t)l->biases[2 * at + 1] << 32);
    if (recurrent)
        weights += (size_t)HF_LSTM_KINDS * l->units * inputs;
    return saturate16(hf_multiply_quantized_long(hf_dot8x16(weights, values, count, recurrent ? 0 : bias),
                                                 factor->multiplier, factor->shift));
}

static int32_t weigh8(const lstm *l, size_t at, const int8_t *values, int recurrent)
{
    const uint32_t inputs = l->record->in_channels;
    const size_t all = (size_t)HF_LSTM_KINDS * l->units;
    const uint32_t count = recurrent ? l->units : inputs;
    const hf_lstm_factor *factor = &l->data->gate[at / l->units][recurrent];
    const int8_t *weights = l->weights + (recurrent ? all * inputs : 0) + at * count;
    return saturate16(
        hf_multiply_quantized(hf_dot8(weights, values, count, l->biases[(recurrent ? all : 0) + at]),
                              factor->multiplier, factor->shift));
}

/* A gate of unit u. */
static int32_t gate_of(const lstm *l, uint32_t gate, uint32_t u, const int8_t *input, const int8_t *hidden)
{
    const size_t at = (size_t)gate * l->units + u;
    const int32_t sum = saturate16(l->value_bytes == 2 ? weigh16(l, at, input, 0) + weigh16(l, at, hidden, 1)
                                                       : weigh8(l, at, input, 0) + weigh8(l, at, hidden, 1));
    return gate == HF_LSTM_KIND_CELL ? hf_tanh16(sum * 3) : hf_sigmoid16(sum * 3);
}

static int32_t product(int32_t a, int32_t b, const hf_lstm_factor *factor)
{
    return hf_multiply_quantized(a * b, factor->multiplier, factor->shift);
}

/* One step in time. @param hidden before it @param out receives the hidden state after it */
static void run_step(const lstm *l, const int8_t *input, const int8_t *hidden, int8_t *out)
{
    const hf_lstm_data *d = l->data;
    for (uint32_t u = 0; u < l->units; u++) {
        int32_t gates[HF_LSTM_KINDS];
        int16_t kept;
        for (uint32_t gate = 0; gate < HF_LSTM_KINDS; gate++)
            gates[gate] = gate_of(l, gate, u, input, hidden);
        memcpy(&kept, l->cell + 2 * (size_t)u, sizeof kept);
        int32_t cell =
            saturate16(saturate16(product(gates[HF_LSTM_KIND_FORGET], kept, &d->forget)) +
                       saturate16(product(gates[HF_LSTM_KIND_INPUT], gates[HF_LSTM_KIND_CELL], &d->update)));
        if (d->clip > 0)
            cell = cell > d->clip ? d->clip : cell < -d->clip ? -d->clip : cell;
        kept = (int16_t)cell;
        memcpy(l->cell + 2 * (size_t)u, &kept, sizeof kept);
        const int32_t round = d->tanh_shift > 0 ? 1 << (d->tanh_shift - 1) : 0;
        const int32_t value = hf_tanh16((cell * d->tanh_multiplier + round) >> d->tanh_shift);
        const int32_t scaled = product(value, gates[HF_LSTM_KIND_OUTPUT], &d->output);
        if (l->value_bytes == 2)
            hf_store16(out + 2 * (size_t)u, saturate16(scaled));
        else
            out[u] = hf_offset_to_int8(scaled, l->record->output_zero_point);
    }
}

int hf_lstm_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_lstm_data *d = (const hf_lstm_data *)(const void *)data;
    const int32_t most = hf_lstm_value_bytes(r) == 2 ? 7 : 14;
    for (int gate = 0; gate < HF_LSTM_KINDS; gate++)
        for (int i = 0; i < 2; i++)
            if (!hf_scale_ok(d->gate[gate][i].multiplier, d->gate[gate][i].shift, most))
                return 0;
    return hf_scale_ok(d->forget.multiplier, d->forget.shift, 14) &&
           hf_scale_ok(d->update.multiplier, d->update.shift, 14) &&
           hf_scale_ok(d->output.multiplier, d->output.shift, 14) && d->tanh_multiplier >= 0 &&
           d->tanh_multiplier <= 3 << 12 && d->tanh_shift >= 0 && d->tanh_shift <= 15 && d->clip >= 0;
}

void hf_run_lstm(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t units = hf_lstm_units(r);
    const uint32_t value_bytes = hf_lstm_value_bytes(r);
    const size_t row_bytes = (size_t)units * value_bytes;
    const lstm l = {.record = r,
                    .data = (const hf_lstm_data *)(const void *)c->data,
                    .biases = (const int32_t *)(const void *)(c->data + sizeof(hf_lstm_data)),
                    .weights =
                        (const int8_t *)c->data + sizeof(hf_lstm_data) + (size_t)8 * HF_LSTM_KINDS * units,
                    .cell = (uint8_t *)c->output + r->in_width * row_bytes,
                    .units = units,
                    .value_bytes = value_bytes};
    const int8_t *hidden = c->extra;
    const int8_t *input = c->input;
    int8_t *out = c->output;
    hf_copy((int8_t *)l.cell, hidden + row_bytes, 2 * (size_t)units);
    for (uint32_t step = 0; step < r->in_width;
         step++, input += r->in_channels, hidden = out, out += row_bytes)
        run_step(&l, input, hidden, out);
}

#endif
