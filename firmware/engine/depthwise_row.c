/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/*
 * 3x3 depthwise over rows of one channel. A word of four columns x0..x3 unpacks to (x0,x2) and (x1,x3), which
 * are the outer taps of outputs 0 and 1; their middle taps x1 and x2 stand in the other word. So a row of two
 * outputs takes one load, two unpackings, two SMLAD and two single multiply-accumulates.
 */

#if defined(__ARM_FEATURE_DSP)

/* Nine weights in five registers: outer taps of each row, middle taps of rows 0 and 1 in one word. */
typedef struct taps {
    uint32_t outer[3];
    uint32_t middle01;
    uint32_t middle2; /* in the bottom half */
} taps;

static inline taps unpack(const int8_t *weights)
{
    uint32_t first = hf_load32(weights);      /* w0 w1 w2 w3 */
    uint32_t second = hf_load32(weights + 3); /* w3 w4 w5 w6 */
    uint32_t third = hf_load32(weights + 5);  /* w5 w6 w7 w8 */
    taps t;
    t.outer[0] = hf_sxtb16(first);
    t.outer[1] = hf_sxtb16(second);
    t.outer[2] = hf_sxtb16_ror8(third);
    t.middle01 = hf_pkhbt(hf_sxtb16_ror8(first), hf_sxtb16_ror8(second));
    t.middle2 = hf_sxtb16_ror16(third);
    return t;
}

void hf_depthwise_row_3x3_s1(const hf_depthwise_row *row)
{
    const taps t = unpack(row->weights);
    const int8_t *r0 = row->rows[0];
    const int8_t *r1 = row->rows[1];
    const int8_t *r2 = row->rows[2];
    int8_t *out = row->out;
    const uint32_t step = row->out_step;
    const int32_t shift = row->channel.bias_shift;
    const int32_t bias = shift >> 8;
    const int32_t addend = (int32_t)((uint32_t)row->zero_half << (shift & 0xFF));
    const int32_t multiplier = row->channel.multiplier;
    for (uint32_t left = row->width;; left -= 2) {
        uint32_t x = hf_load32(r0);
        r0 += 2;
        uint32_t even = hf_sxtb16(x);
        uint32_t odd = hf_sxtb16_ror8(x);
        int32_t a = hf_smlabb(odd, t.middle01, hf_smlad(even, t.outer[0], bias));
        int32_t b = hf_smlatb(even, t.middle01, hf_smlad(odd, t.outer[0], bias));
        x = hf_load32(r1);
        r1 += 2;
        even = hf_sxtb16(x);
        odd = hf_sxtb16_ror8(x);
        a = hf_smlabt(odd, t.middle01, hf_smlad(even, t.outer[1], a));
        b = hf_smlatt(even, t.middle01, hf_smlad(odd, t.outer[1], b));
        x = hf_load32(r2);
        r2 += 2;
        even = hf_sxtb16(x);
        odd = hf_sxtb16_ror8(x);
        a = hf_smlabb(odd, t.middle2, hf_smlad(even, t.outer[2], a));
        b = hf_smlatb(even, t.middle2, hf_smlad(odd, t.outer[2], b));
        *out = (int8_t)hf_requantize_dsp(2 * a, multiplier, shift, addend);
        if (left == 1)
            return;
        out[step] = (int8_t)hf_requantize_dsp(2 * b, multiplier, shift, addend);
        out += (size_t)2 * step;
        if (left == 2)
            return;
    }
}

void hf_depthwise_row_3x3_s2(const hf_depthwise_row *row)
{
    const taps t = unpack(row->weights);
    const int8_t *r0 = row->rows[0];
    const int8_t *r1 = row->rows[1];
    const int8_t *r2 = row->rows[2];
    int8_t *out = row->out;
    const int32_t shift = row->channel.bias_shift;
    const int32_t bias = shift >> 8;
    const int32_t addend = (int32_t)((uint32_t)row->zero_half << (shift & 0xFF));
    const int32_t multiplier = row->channel.multiplier;
    for (uint32_t left = row->width; left > 0; left--) {
        uint32_t x = hf_load32(r0);
        r0 += 2;
        int32_t a = hf_smlad(hf_sxtb16(x), t.outer[0], bias);
        a = hf_smlabb(hf_sxtb16_ror8(x), t.middle01, a);
        x = hf_load32(r1);
        r1 += 2;
        a = hf_smlad(hf_sxtb16(x), t.outer[1], a);
        a = hf_smlabt(hf_sxtb16_ror8(x), t.middle01, a);
        x = hf_load32(r2);
        r2 += 2;
        a = hf_smlad(hf_sxtb16(x), t.outer[2], a);
        a = hf_smlabb(hf_sxtb16_ror8(x), t.middle2, a);
        *out = (int8_t)hf_requantize_dsp(2 * a, multiplier, shift, addend);
        out += row->out_step;
    }
}

#else

static void portable_row(const hf_depthwise_row *row, uint32_t stride)
{
    int8_t *out = row->out;
    for (uint32_t x = 0; x < row->width; x++, out += row->out_step) {
        uint32_t sum = (uint32_t)(row->channel.bias_shift >> 8);
        for (uint32_t k = 0; k < 9; k++)
            sum += (uint32_t)(row->rows[k / 3][x * stride + k % 3] * row->weights[k]);
        *out = hf_requantize_compact((int32_t)(2 * sum), row->channel.multiplier,
                                     row->channel.bias_shift & 0xFF, row->zero_half);
    }
}

void hf_depthwise_row_3x3_s1(const hf_depthwise_row *row)
{
    portable_row(row, 1);
}

void hf_depthwise_row_3x3_s2(const hf_depthwise_row *row)
{
    portable_row(row, 2);
}

#endif
