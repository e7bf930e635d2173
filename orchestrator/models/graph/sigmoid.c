/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point exponential, logistic function and hyperbolic tangent, and the tables of LOGISTIC and TANH. */
#include <math.h>

#include "elementwise_tables.h"
#include "graph/fixed_exp.h"

/* Q0 of exp(-2^(i - 2)). */
static const int32_t exp_of_minus_powers[] = {1672461947, 1302514674, 790015084, 290630308,
                                              39332535,   720401,     242};

/* exp(a) in Q0 for a Q0 value in [-1/4, 0): Taylor polynomial of degree 4 around -1/8. */
static int32_t exp_near_zero(int32_t a)
{
    const int32_t exp_minus_eighth = 1895147668;
    const int32_t third = 715827883;
    const int32_t x = a + (1 << 28);
    const int32_t x2 = hf_doubling_high_mul(x, x);
    const int32_t x3 = hf_doubling_high_mul(x2, x);
    const int32_t x4 = hf_doubling_high_mul(x2, x2);
    const int32_t tail = hf_rounding_shr(hf_doubling_high_mul(hf_rounding_shr(x4, 2) + x3, third) + x2, 1);
    return exp_minus_eighth + hf_doubling_high_mul(exp_minus_eighth, x + tail);
}

int32_t hf_exp_of_negative(int32_t a, int32_t integer_bits)
{
    const int32_t quarter = 1 << (31 - integer_bits - 2);
    if (a == 0)
        return INT32_MAX;
    const int32_t small = (a & (quarter - 1)) - quarter; /* in [-1/4, 0) and congruent to a modulo 1/4 */
    const int32_t quarters = hf_wrapping_add(small, -a);
    int32_t result = exp_near_zero(hf_saturating_shl(small, integer_bits));
    for (int32_t i = 0; i < integer_bits + 2; i++)
        if ((uint32_t)quarters & ((uint32_t)quarter << i))
            result = hf_doubling_high_mul(result, exp_of_minus_powers[i]);
    return result;
}

/* 1 / d in Q2 for half a denominator d / 2 in Q0, d in [1, 2): three Newton-Raphson steps from the linear estimate
 * with the least error, 48/17 - 32/17 x (d / 2). */
static int32_t reciprocal_of_half(int32_t half)
{
    int32_t x = 1515870810 + hf_doubling_high_mul(half, -1010580540);
    for (int step = 0; step < 3; step++) {
        const int32_t error = (1 << 29) - hf_doubling_high_mul(half, x);
        x += hf_saturating_shl(hf_doubling_high_mul(x, error), 2);
    }
    return x;
}

/* (a + 1) / 2 in Q0, rounded. */
static int32_t half_of_one_plus(int32_t a)
{
    return (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
}

int32_t hf_reciprocal_of_one_plus(int32_t a)
{
    return hf_saturating_shl(reciprocal_of_half(half_of_one_plus(a)), 1);
}

int32_t hf_fixed_logistic(int32_t a, int32_t integer_bits)
{
    if (a == 0)
        return 1 << 30;
    const int32_t negative = a > 0 ? -a : a;
    const int32_t result = hf_reciprocal_of_one_plus(hf_exp_of_negative(negative, integer_bits));
    return a > 0 ? result : INT32_MAX - result;
}

int32_t hf_fixed_tanh(int32_t a, int32_t integer_bits)
{
    if (a == 0)
        return 0;
    const int32_t negative = a > 0 ? -a : a;
    /* tanh(-a) = -(1 - e) / (1 + e) with e = exp(2 a); one more integer bit doubles a. */
    const int32_t e = hf_exp_of_negative(negative, integer_bits + 1);
    const int32_t x = reciprocal_of_half(half_of_one_plus(e)) - (1 << 29); /* 2 / (1 + e) - 1 in Q2 */
    const int32_t result = hf_saturating_shl(x, 2);
    return a > 0 ? result : -result;
}

int32_t hf_reciprocal(int32_t value, int32_t *shift)
{
    const int32_t zeros = __builtin_clz((unsigned)value);
    *shift = 31 - zeros;
    return hf_reciprocal_of_one_plus((int32_t)(((uint32_t)value << zeros) - (UINT32_C(1) << 31)));
}

/* ---- The tables: the difference from the zero point becomes a Q4 number, whose function has 8 bits ---- */

#define INPUT_INTEGER_BITS 4

typedef struct sigmoid {
    int32_t multiplier, shift;
    int32_t radius; /* larger differences give the end of the output's range */
} sigmoid;

static hf_status sigmoid_of(const hf_node *node, hf_quant in, sigmoid *out, hf_error *err)
{
    int exponent = 0;
    const double real = (double)in.scale * (double)(1 << (31 - INPUT_INTEGER_BITS));
    const double mantissa = frexp(real, &exponent);
    const int64_t multiplier = llround(mantissa * 2147483648.0);
    if (exponent < 0 || exponent > 30 || multiplier > INT32_MAX)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: input scale %g, expected 2^-27 .. 8", node->name,
                       (double)in.scale);
    const double radius = (double)((1 << INPUT_INTEGER_BITS) - 1) *
                          (double)(INT64_C(1) << (31 - INPUT_INTEGER_BITS)) /
                          (double)(INT64_C(1) << exponent);
    *out = (sigmoid){.multiplier = (int32_t)multiplier,
                     .shift = exponent,
                     .radius = radius > 1e6 ? 1000000 : (int32_t)floor(radius)};
    return HF_OK;
}

static hf_status sigmoid_table(const hf_node *node, hf_quant in, int32_t (*function)(int32_t a, int32_t bits),
                               int32_t output_bits, int32_t zero_point, int8_t *table, hf_error *err)
{
    sigmoid s = {0};
    hf_status status = sigmoid_of(node, in, &s, err);
    for (int32_t q = INT8_MIN; q <= INT8_MAX && !status; q++) {
        const int32_t difference = q - in.zero_point;
        int32_t value;
        if (difference <= -s.radius)
            value = INT8_MIN;
        else if (difference >= s.radius)
            value = INT8_MAX;
        else
            value = hf_rounding_shr(
                        function(hf_requantize(difference, s.multiplier, s.shift), INPUT_INTEGER_BITS),
                        31 - output_bits) +
                    zero_point;
        table[q - INT8_MIN] = (int8_t)hf_clamp(value, INT8_MIN, INT8_MAX);
    }
    return status;
}

static hf_status check_output(const hf_node *node, hf_quant out, hf_quant expected, hf_error *err)
{
    if (hf_quant_same(out, expected))
        return HF_OK;
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g and zero point %d, expected %g and %d",
                   node->name, (double)out.scale, out.zero_point, (double)expected.scale,
                   expected.zero_point);
}

hf_status hf_logistic_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    hf_status status = check_output(node, out, (hf_quant){1.0f / 256, -128}, err);
    return status ? status : sigmoid_table(node, in, hf_fixed_logistic, 8, -128, table, err);
}

hf_status hf_tanh_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    hf_status status = check_output(node, out, (hf_quant){1.0f / 128, 0}, err);
    return status ? status : sigmoid_table(node, in, hf_fixed_tanh, 7, 0, table, err);
}
