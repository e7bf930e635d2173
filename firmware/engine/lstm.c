/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer of LSTM units with int8 activations and a 16-bit cell state. Gates are numbers with 12 bits behind the point before
 * their function and 15 bits behind it. Neither input may overlap the output.
 */
#include <string.h>

#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

/* 65536 / (1 + exp(-x)) for x = i / 24, raised by half of the largest error of a linear interpolation. The last entry ends the
 * range. */
static const uint16_t sigmoids[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064,
    42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464,
    50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503,
    56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370,
    60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666,
    62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968,
    64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687,
    64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079,
    65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234, 65246, 65258, 65269, 65280, 65291,
    65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367, 65374, 65381, 65387, 65393, 65399, 65404,
    65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465,
    65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498,
    65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
    65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525, 65525,
    65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530, 65530,
    65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
    65535,
};

/* A layer while it runs. */
typedef struct lstm {
    const hf_op_record *record;
    const hf_lstm_data *data;
    const int32_t *biases; /* [4][units] of the inputs, then of the hidden state */
    const int8_t *weights; /* [4][units][inputs], then [4][units][units] */
    uint8_t *cell;         /* 16 bits per unit, behind the output rows */
    uint32_t units;
} lstm;

static int32_t saturate16(int32_t value)
{
    return value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
}

/* Interpolates; a magnitude beyond the table is `most`. */
static uint32_t look_up(uint32_t magnitude, uint32_t bits, uint32_t most)
{
    const uint32_t entry = magnitude >> bits;
    if (entry >= 255)
        return most;
    const uint32_t rest = magnitude & ((1U << bits) - 1);
    return ((uint32_t)sigmoids[entry] << bits) + rest * (uint32_t)(sigmoids[entry + 1] - sigmoids[entry]);
}

static int16_t sigmoid(int32_t value)
{
    const int32_t scaled = value * 3;
    const uint32_t magnitude = look_up((uint32_t)(scaled < 0 ? -scaled : scaled), 9, 0x7FFFU << 10);
    const uint32_t result = scaled >= 0 ? magnitude + (1U << 9) : (1U << 25) - magnitude + (1U << 9) - 1;
    return (int16_t)(result >> 10);
}

static int16_t hyperbolic_tangent(int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t round = shift > 0 ? 1 << (shift - 1) : 0;
    const int32_t scaled = (value * multiplier + round) >> shift;
    const int32_t magnitude = (int32_t)look_up((uint32_t)(scaled < 0 ? -scaled : scaled), 8, 0xFFFFU << 8);
    const int32_t result =
        scaled >= 0 ? magnitude - (1 << 23) + (1 << 7) : -magnitude + (1 << 23) + (1 << 7) - 1;
    return (int16_t)(result >> 8);
}

/* Adds products of weights and values, four at a time where the processor can. */
static int32_t weigh(const int8_t *weights, const int8_t *values, uint32_t count, int32_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    for (; count >= 4; count -= 4, weights += 4, values += 4) {
        const uint32_t w = hf_load32(weights);
        const uint32_t v = hf_load32(values);
        sum = hf_smlad(hf_sxtb16(w), hf_sxtb16(v), sum);
        sum = hf_smlad(hf_sxtb16_ror8(w), hf_sxtb16_ror8(v), sum);
    }
#endif
    for (; count > 0; count--)
        sum = (int32_t)((uint32_t)sum + (uint32_t)(*weights++ * *values++));
    return sum;
}

/* A gate of unit u. */
static int32_t gate_of(const lstm *l, uint32_t gate, uint32_t u, const int8_t *input, const int8_t *hidden)
{
    const uint32_t inputs = l->record->in_channels;
    const size_t at = (size_t)gate * l->units + u;
    const size_t all = (size_t)HF_LSTM_KINDS * l->units;
    const hf_lstm_factor *factors = l->data->gate[gate];
    const int32_t a = weigh(l->weights + at * inputs, input, inputs, l->biases[at]);
    const int32_t b = weigh(l->weights + all * inputs + at * l->units, hidden, l->units, l->biases[all + at]);
    const int32_t sum =
        saturate16(saturate16(hf_multiply_quantized(a, factors[0].multiplier, factors[0].shift)) +
                   saturate16(hf_multiply_quantized(b, factors[1].multiplier, factors[1].shift)));
    return gate == HF_LSTM_KIND_CELL ? hyperbolic_tangent(sum, 3, 0) : sigmoid(sum);
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
        const int32_t value = hyperbolic_tangent(cell, d->tanh_multiplier, d->tanh_shift);
        out[u] = hf_offset_to_int8(product(value, gates[HF_LSTM_KIND_OUTPUT], &d->output),
                                   l->record->output_zero_point);
    }
}

int hf_lstm_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_lstm_data *d = (const hf_lstm_data *)(const void *)data;
    (void)r;
    for (int gate = 0; gate < HF_LSTM_KINDS; gate++)
        for (int i = 0; i < 2; i++)
            if (!hf_scale_ok(d->gate[gate][i].multiplier, d->gate[gate][i].shift, 14))
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
    const lstm l = {.record = r,
                    .data = (const hf_lstm_data *)(const void *)c->data,
                    .biases = (const int32_t *)(const void *)(c->data + sizeof(hf_lstm_data)),
                    .weights =
                        (const int8_t *)c->data + sizeof(hf_lstm_data) + (size_t)8 * HF_LSTM_KINDS * units,
                    .cell = (uint8_t *)c->output + (size_t)r->in_width * units,
                    .units = units};
    const int8_t *hidden = c->extra;
    const int8_t *input = c->input;
    int8_t *out = c->output;
    hf_copy((int8_t *)l.cell, hidden + units, 2 * (size_t)units);
    for (uint32_t step = 0; step < r->in_width; step++, input += r->in_channels, hidden = out, out += units)
        run_step(&l, input, hidden, out);
}

#endif
