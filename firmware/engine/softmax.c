/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"
#include "requant.h"

/*
 * TensorFlow Lite's integer softmax. Qn stands for a 32-bit fixed-point number with n integer bits and
 * 31 - n fraction bits. exp() of the difference to the row's maximum (Q5, <= 0) comes from a Taylor
 * polynomial around -1/8 on [-1/4, 0) and a factor per remaining bit; the reciprocal of the sum (Q12) from
 * three Newton-Raphson steps.
 */

#define SUM_INTEGER_BITS 12

static int32_t multiply(int32_t a, int32_t b)
{
    return hf_doubling_high_multiply(a, b);
}

/* Q0 of exp(x), x a Q0 in [-1/4, 0). */
static int32_t exp_near_zero(int32_t x)
{
    const int32_t exp_minus_eighth = 1895147668; /* Q0 */
    const int32_t third = 715827883;             /* Q0 */
    int32_t y = x + (1 << 28);                   /* distance to -1/8 */
    int32_t y2 = multiply(y, y);
    int32_t y3 = multiply(y2, y);
    int32_t y4_quarter = hf_rounding_shift_right(multiply(y2, y2), 2);
    int32_t tail = hf_rounding_shift_right(multiply(y4_quarter + y3, third) + y2, 1);
    return exp_minus_eighth + multiply(exp_minus_eighth, y + tail);
}

/* Q0 of exp(x), x a Q5 <= 0. */
static int32_t exp_negative(int32_t x)
{
    /* Q0 of exp(-1/4), exp(-1/2), exp(-1), exp(-2), exp(-4), exp(-8), exp(-16) */
    static const int32_t powers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = 1 << (31 - HF_SOFTMAX_INTEGER_BITS - 2);
    if (x == 0)
        return INT32_MAX;
    int32_t fine = (x & (quarter - 1)) - quarter;
    int32_t result = exp_near_zero(fine * (1 << HF_SOFTMAX_INTEGER_BITS));
    uint32_t quarters = (uint32_t)(fine - x) / (uint32_t)quarter;
    for (uint32_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (quarters & (1U << i))
            result = multiply(result, powers[i]);
    return result;
}

/* Q0 of 1 / (1 + x), x a Q0 in [0, 1). */
static int32_t reciprocal_of_one_plus(int32_t x)
{
    int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2); /* (1 + x) / 2, Q0 */
    int32_t guess = 1515870810 + multiply(half, -1010580540);   /* 48/17 - 32/17 half, Q2 */
    for (int step = 0; step < 3; step++)
        guess += multiply(guess, (1 << 29) - multiply(half, guess)) * 4;
    return guess > INT32_MAX / 2 ? INT32_MAX : guess * 2;
}

static int32_t exp_of(const hf_softmax_data *data, int32_t diff)
{
    return exp_negative(multiply((int32_t)((uint32_t)diff << data->left_shift), data->multiplier));
}

static void softmax_row(const hf_softmax_data *data, uint32_t count, const int8_t *in, int8_t *out)
{
    int32_t max = INT8_MIN;
    for (uint32_t c = 0; c < count; c++)
        if (in[c] > max)
            max = (int32_t)in[c];
    uint32_t sum = 0; /* Q12; the maximum itself contributes 1 */
    for (uint32_t c = 0; c < count; c++)
        if (in[c] - max >= data->diff_min)
            sum += (uint32_t)hf_rounding_shift_right(exp_of(data, in[c] - max), SUM_INTEGER_BITS);
    int32_t zeros = __builtin_clz(sum);
    int32_t scale = reciprocal_of_one_plus((int32_t)((sum << zeros) - (1U << 31)));
    int32_t shift = SUM_INTEGER_BITS - zeros + 31 - 8;
    for (uint32_t c = 0; c < count; c++) {
        int32_t diff = in[c] - max;
        out[c] = INT8_MIN;
        if (diff >= data->diff_min)
            out[c] =
                hf_offset_to_int8(hf_rounding_shift_right(multiply(scale, exp_of(data, diff)), shift), -128);
    }
}

int hf_softmax_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_softmax_data *softmax = (const hf_softmax_data *)(const void *)data;
    /* Differences down to diff_min, shifted, must stay above -32 in Q5, or exp() is out of its range. */
    return r->in_channels <= HF_SOFTMAX_MAX_CHANNELS && softmax->multiplier >= 0 &&
           softmax->left_shift >= 0 && softmax->left_shift <= 31 && softmax->diff_min <= 0 &&
           -(int64_t)softmax->diff_min <=
               ((int64_t)(31U << (31 - HF_SOFTMAX_INTEGER_BITS)) >> softmax->left_shift);
}

void hf_run_softmax(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const int8_t *in = context->input;
    int8_t *out = context->output;
    for (uint32_t rows = (uint32_t)r->in_height * r->in_width; rows > 0; rows--) {
        softmax_row((const hf_softmax_data *)(const void *)context->data, r->in_channels, in, out);
        in += r->in_channels;
        out += r->in_channels;
    }
}

#if !defined(HF_ENGINE_SMALL)

/* ---- Logarithm of the softmax: the difference minus the logarithm of the sum of exponentials ---- */

/* value * 2^bits, saturating. */
static int32_t shift_left(int32_t value, int32_t bits)
{
    const int64_t wide = (int64_t)value * (INT64_C(1) << bits);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

static int32_t add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* Half of a sum, rounded away from 0. */
static int32_t half_sum(int32_t a, int32_t b)
{
    const int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

#define LOG_INTEGER_BITS 6 /* of its terms; one less remains */

/*
 * Q5 of ln(x), x a Q12 >= 1. It is a power of 2^(1/4) times a rest near 2^(-1/4), whose logarithm is a quotient of
 * polynomials. Of two such splits the one with the smaller rest is used, which has the larger power.
 */
static int32_t logarithm(int32_t x)
{
    const int32_t ln_2 = 1488522236, half_root = 1518500250,
                  fourth_root = 1805811301; /* Q0: ln 2, 2^(-1/2), 2^(-1/4) */
    const int32_t n = 117049297, d = 127690142, i = 1057819769,
                  f = 638450708; /* Q0: coefficients of the polynomials */
    const int32_t quarter = 1 << (31 - LOG_INTEGER_BITS - 2);
    const int32_t zeros = __builtin_clz((unsigned)x);
    const int32_t scaled = multiply(x, half_root);
    const int32_t headroom = __builtin_clz((unsigned)scaled) - 1;
    const int32_t rests[2] = {shift_left(multiply(shift_left(x, zeros - 1), half_root), 1),
                              shift_left(x, headroom)};
    const int32_t powers[2] = {(SUM_INTEGER_BITS - zeros) * (1 << (31 - LOG_INTEGER_BITS)) + quarter,
                               (SUM_INTEGER_BITS - headroom) * (1 << (31 - LOG_INTEGER_BITS)) - quarter};
    const int32_t rest = rests[0] < rests[1] ? rests[0] : rests[1];
    const int32_t power = powers[0] > powers[1] ? powers[0] : powers[1];
    const int32_t mean = half_sum(rest, fourth_root);
    const int32_t distance = add(rest - fourth_root, rest - fourth_root);
    const int32_t square = multiply(distance, distance);
    const int32_t numerator = add(multiply(distance, rest), multiply(multiply(distance, square), n));
    const int32_t denominator =
        add(multiply(mean, add(add(i, distance), multiply(d, square))), multiply(f, distance));
    const int32_t near =
        multiply(hf_rounding_shift_right(numerator, LOG_INTEGER_BITS), reciprocal_of_one_plus(denominator));
    return shift_left(add(multiply(power, ln_2), near), 1);
}

static void log_softmax_row(const hf_log_softmax_data *d, uint32_t count, const int8_t *in, int8_t *out)
{
    const hf_softmax_data *e = &d->exponent;
    int32_t max = INT8_MIN;
    int32_t sum = 0; /* Q12; the maximum itself contributes 1 */
    for (uint32_t c = 0; c < count; c++)
        if (in[c] > max)
            max = (int32_t)in[c];
    for (uint32_t c = 0; c < count; c++)
        if (in[c] - max >= e->diff_min)
            sum += hf_rounding_shift_right(exp_of(e, in[c] - max), SUM_INTEGER_BITS);
    const int32_t log_sum = logarithm(sum);
    /* Smaller differences would leave the range. */
    const int32_t least = hf_multiply_quantized(add(log_sum, INT32_MIN), d->back_multiplier, d->back_shift);
    const int32_t limit = least > e->diff_min - 1 ? least : e->diff_min - 1;
    for (uint32_t c = 0; c < count; c++) {
        const int32_t diff = in[c] - max;
        out[c] = INT8_MIN;
        if (diff <= limit)
            continue;
        const int32_t fine = multiply((int32_t)((uint32_t)diff << e->left_shift), e->multiplier);
        out[c] = hf_offset_to_int8(
            hf_rounding_shift_right(add(fine, -log_sum), 31 - HF_SOFTMAX_INTEGER_BITS - 4), 127);
    }
}

int hf_log_softmax_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_log_softmax_data *d = (const hf_log_softmax_data *)(const void *)data;
    return hf_softmax_data_ok(r, data) && hf_scale_ok(d->back_multiplier, d->back_shift, 0);
}

void hf_run_log_softmax(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const int8_t *in = context->input;
    int8_t *out = context->output;
    for (uint32_t rows = (uint32_t)r->in_height * r->in_width; rows > 0; rows--) {
        log_softmax_row((const hf_log_softmax_data *)(const void *)context->data, r->in_channels, in, out);
        in += r->in_channels;
        out += r->in_channels;
    }
}

#endif
