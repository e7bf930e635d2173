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

static hf_status init_scale(const hf_reference_call *call, double beta, softmax_scale *scale, hf_error *err)
{
    const hf_node *node = call->node;
    const int32_t channels = call->in->channels;
    if (channels > HF_SOFTMAX_MAX_CHANNELS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: softmax over %d values, at most %d are supported",
                       node->name, channels, HF_SOFTMAX_MAX_CHANNELS);
    double real = beta * (double)call->in->quant.scale * (double)(1 << (31 - DIFF_INTEGER_BITS));
    if (!(real > 1.0))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: beta %g and input scale %g are too small for softmax",
                       node->name, beta, (double)call->in->quant.scale);
    hf_quantize_multiplier(fmin(real, 2147483647.0), &scale->multiplier, &scale->shift);
    scale->smallest = -(((1 << DIFF_INTEGER_BITS) - 1) * (1 << (31 - DIFF_INTEGER_BITS)) >> scale->shift);
    return HF_OK;
}

hf_status hf_reference_softmax(const hf_reference_call *call, hf_error *err)
{
    softmax_scale scale = {0};
    hf_status status = init_scale(call, (double)call->node->softmax_beta, &scale, err);
    const int64_t rows = (int64_t)call->in->height * call->in->width;
    const int32_t channels = call->in->channels;
    for (int64_t row = 0; row < rows && !status; row++)
        softmax_row(&scale, call->inputs[0] + row * channels, channels, call->output + row * channels);
    return status;
}

/* ---- Logarithm of the softmax ---- */

#define LOG_INTEGER_BITS 6

static int32_t log_constant(double real)
{
    return (int32_t)lround(real * 2147483648.0);
}

/*
 * ln(x) in Q5 of a Q12 value x >= 1: x = 2^k r, in two ways. With r near 2^(-1/2) times a power of two, k is a whole number and
 * a quarter more; with r near 1, a quarter less. The smaller r is used, the larger k. ln(r 2^(1/4)) comes from a quotient of
 * polynomials in q = 2 (r - 2^(-1/4)).
 */
static int32_t log_of_sum(int32_t x)
{
    const double root = sqrt(sqrt(2.0));
    const int32_t sqrt_half = log_constant(sqrt(0.5));
    const int32_t middle = log_constant(1 / root);
    const int32_t unit = 1 << (31 - LOG_INTEGER_BITS);
    const int32_t a_zeros = __builtin_clz((unsigned)x);
    const int32_t a_rest =
        hf_saturating_shl(hf_doubling_high_mul(hf_saturating_shl(x, a_zeros - 1), sqrt_half), 1);
    const int32_t b_headroom = __builtin_clz((unsigned)hf_doubling_high_mul(x, sqrt_half)) - 1;
    const int32_t b_rest = hf_saturating_shl(x, b_headroom);
    const int32_t a_power = (SUM_INTEGER_BITS - a_zeros) * unit + unit / 4;
    const int32_t b_power = (SUM_INTEGER_BITS - b_headroom) * unit - unit / 4;
    const int32_t r = a_rest < b_rest ? a_rest : b_rest;
    const int32_t power = a_power > b_power ? a_power : b_power;

    const int32_t p = (int32_t)(((int64_t)r + middle + 1) / 2);
    const int32_t q = 2 * (r - middle);
    const int32_t q2 = hf_doubling_high_mul(q, q);
    const int32_t top = hf_doubling_high_mul(q, r) +
                        hf_doubling_high_mul(hf_doubling_high_mul(q, q2), log_constant(11.0 / 240 * root));
    const int32_t inner =
        log_constant(2 / root - root) + q + hf_doubling_high_mul(log_constant(root / 20), q2);
    const int32_t bottom = hf_doubling_high_mul(p, inner) + hf_doubling_high_mul(log_constant(root / 4), q);
    const int32_t fine =
        hf_doubling_high_mul(hf_rounding_shr(top, LOG_INTEGER_BITS), reciprocal_of_one_plus(bottom));
    return hf_saturating_shl(hf_doubling_high_mul(power, log_constant(log(2.0))) + fine, 1);
}

static void log_softmax_row(const softmax_scale *scale, const int8_t *input, int32_t count, int8_t *output)
{
    int32_t largest = INT8_MIN;
    int32_t sum = 0;
    for (int32_t c = 0; c < count; c++)
        largest = input[c] > largest ? input[c] : largest;
    for (int32_t c = 0; c < count; c++)
        if (input[c] - largest >= scale->smallest)
            sum += hf_rounding_shr(exp_of_difference(scale, input[c] - largest), SUM_INTEGER_BITS);
    const int32_t log_sum = log_of_sum(sum);
    int32_t multiplier, shift; /* from Q5 to differences of inputs */
    hf_quantize_multiplier((double)(INT64_C(1) << (31 - scale->shift)) / scale->multiplier, &multiplier,
                           &shift);
    const int32_t least = hf_requantize(hf_wrapping_add(log_sum, INT32_MIN), multiplier, shift);
    for (int32_t c = 0; c < count; c++) {
        const int32_t difference = input[c] - largest;
        output[c] = INT8_MIN;
        if (difference < scale->smallest || difference <= least)
            continue;
        const int32_t fine =
            hf_doubling_high_mul(hf_wrapping_shl(difference, scale->shift), scale->multiplier);
        const int32_t steps = hf_rounding_shr(fine - log_sum, 31 - DIFF_INTEGER_BITS - 4); /* of 1/16 */
        output[c] = (int8_t)hf_clamp(steps + INT8_MAX, INT8_MIN, INT8_MAX);
    }
}

hf_status hf_reference_log_softmax(const hf_reference_call *call, hf_error *err)
{
    softmax_scale scale = {0};
    hf_status status = init_scale(call, 1.0, &scale, err);
    const int64_t rows = (int64_t)call->in->height * call->in->width;
    const int32_t channels = call->in->channels;
    for (int64_t row = 0; row < rows && !status; row++)
        log_softmax_row(&scale, call->inputs[0] + row * channels, channels, call->output + row * channels);
    return status;
}
