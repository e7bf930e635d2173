/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax in fixed point, int8 to int8, with the number formats and the order of roundings of TensorFlow
 * Lite's reference kernel (which uses gemmlowp's fixedpoint.h). Below, Qn is a 32-bit format with n integer
 * bits: real = raw / 2^(31 - n).
 */
#include <math.h>

#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"

#define DIFF_INTEGER_BITS 5 /* differences from the largest input: Q5 */
#define SUM_INTEGER_BITS  12

/* exp(-2^(i - 2)) in Q0, i = 0 .. 6: the factors of the exponential of a Q5 value. */
static const int32_t exp_of_minus_powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                              39332535,   720401,     242};

/* exp(a) in Q0 for a Q0 value in [-1/4, 0): Taylor polynomial of degree 4 around -1/8. */
static int32_t exp_small(int32_t a)
{
    const int32_t exp_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    int32_t x = a + (1 << 28);
    int32_t x2 = hf_doubling_high_mul(x, x);
    int32_t x3 = hf_doubling_high_mul(x2, x);
    int32_t x4 = hf_doubling_high_mul(x2, x2);
    /* ((x^4 / 4 + x^3) / 3 + x^2) / 2 = x^4/24 + x^3/6 + x^2/2 */
    int32_t tail = hf_rounding_shr(hf_doubling_high_mul(hf_rounding_shr(x4, 2) + x3, third) + x2, 1);
    return exp_minus_eighth + hf_doubling_high_mul(exp_minus_eighth, x + tail);
}

/* exp(a) in Q0 for a Q5 value a <= 0. */
static int32_t exp_negative(int32_t a)
{
    const int32_t fraction_bits = 31 - DIFF_INTEGER_BITS;
    const int32_t quarter = 1 << (fraction_bits - 2);
    if (a == 0)
        return INT32_MAX;
    int32_t small = (a & (quarter - 1)) - quarter; /* in [-1/4, 0) and congruent to a modulo 1/4 */
    int32_t quarters = small - a;
    int32_t result = exp_small(hf_saturating_shl(small, DIFF_INTEGER_BITS));
    for (int32_t i = 0; i < DIFF_INTEGER_BITS + 2; i++)
        if (quarters & (quarter << i))
            result = hf_doubling_high_mul(result, exp_of_minus_powers[i]);
    return result;
}

/* 1 / (1 + a) in Q0 for a Q0 value in [0, 1): three Newton-Raphson steps on the half denominator, in Q2. */
static int32_t reciprocal_of_one_plus(int32_t a)
{
    const int32_t c48_over_17 =
        1515870810; /* 48/17 and -32/17: the linear initial estimate with the least error on [1/2, 1] */
    const int32_t minus_32_over_17 = -1010580540;
    int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
    int32_t x = c48_over_17 + hf_doubling_high_mul(half, minus_32_over_17);
    for (int step = 0; step < 3; step++) {
        int32_t error = (1 << 29) - hf_doubling_high_mul(half, x);
        x += hf_saturating_shl(hf_doubling_high_mul(x, error), 2);
    }
    return hf_saturating_shl(x, 1); /* x / 2 in Q1, converted to Q0 */
}

typedef struct softmax_scale {
    int32_t multiplier, shift;
    int32_t smallest; /* the exponential of smaller differences counts as 0 */
} softmax_scale;

static int32_t exp_of_difference(const softmax_scale *scale, int32_t difference)
{
    return exp_negative(hf_doubling_high_mul(hf_wrapping_shl(difference, scale->shift), scale->multiplier));
}

static void softmax_row(const softmax_scale *scale, const int8_t *input, int32_t count, int8_t *output)
{
    int32_t largest = INT8_MIN;
    for (int32_t c = 0; c < count; c++)
        largest = input[c] > largest ? input[c] : largest;
    int32_t sum = 0;
    for (int32_t c = 0; c < count; c++)
        if (input[c] - largest >= scale->smallest)
            sum += hf_rounding_shr(exp_of_difference(scale, input[c] - largest), SUM_INTEGER_BITS);

    /* sum = (1 + fraction) * 2^bits; it is at least 1, because the largest input contributes exp(0). */
    int32_t leading_zeros = __builtin_clz((unsigned)sum);
    int32_t bits = SUM_INTEGER_BITS - leading_zeros;
    int32_t fraction = (int32_t)(((uint32_t)sum << leading_zeros) - (UINT32_C(1) << 31));
    int32_t reciprocal = reciprocal_of_one_plus(fraction);
    for (int32_t c = 0; c < count; c++) {
        int32_t difference = input[c] - largest;
        output[c] = INT8_MIN;
        if (difference < scale->smallest)
            continue;
        int32_t share = hf_doubling_high_mul(reciprocal, exp_of_difference(scale, difference));
        output[c] = (int8_t)hf_clamp(hf_rounding_shr(share, bits + 31 - 8) + INT8_MIN, INT8_MIN, INT8_MAX);
    }
}

hf_status hf_reference_softmax(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int32_t channels = call->in->channels;
    if (channels > HF_SOFTMAX_MAX_CHANNELS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: softmax over %d values, at most %d are supported",
                       node->name, channels, HF_SOFTMAX_MAX_CHANNELS);
    double real =
        (double)node->softmax_beta * (double)call->in->quant.scale * (double)(1 << (31 - DIFF_INTEGER_BITS));
    if (!(real > 1.0))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: beta %g and input scale %g are too small for softmax",
                       node->name, (double)node->softmax_beta, (double)call->in->quant.scale);
    softmax_scale scale;
    hf_quantize_multiplier(fmin(real, 2147483647.0), &scale.multiplier, &scale.shift);
    scale.smallest = -(((1 << DIFF_INTEGER_BITS) - 1) * (1 << (31 - DIFF_INTEGER_BITS)) >> scale.shift);
    const int64_t rows = (int64_t)call->in->height * call->in->width;
    for (int64_t row = 0; row < rows; row++)
        softmax_row(&scale, call->inputs[0] + row * channels, channels, call->output + row * channels);
    return HF_OK;
}
