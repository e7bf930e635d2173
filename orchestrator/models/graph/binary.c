/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/binary.h"

#include <math.h>

#include "elementwise_tables.h"
#include "graph/fixed_exp.h"
#include "graph/quantize.h"

const char *hf_binary_name(hf_binary function)
{
    static const char *const names[HF_BINARY_COUNT] = {
        "add", "sub", "mul", "maximum", "minimum", "div", "squared_difference", "prelu"};
    return (unsigned)function < HF_BINARY_COUNT ? names[function] : "unknown";
}

/* Both operands of a sum are rescaled to twice the larger scale with extra bits. The square of a difference leaves
 * room for fewer. */
#define SUM_LEFT_SHIFT    20
#define SQUARE_LEFT_SHIFT 7
/* A product of two differences has 17 bits; a left shift by 14 still fits into 32. */
#define PRODUCT_MAX_SHIFT 14

static int32_t left_shift_of(hf_binary function)
{
    return function == HF_BINARY_SQUARED_DIFFERENCE ? SQUARE_LEFT_SHIFT : SUM_LEFT_SHIFT;
}

static hf_status too_fine(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_error *err)
{
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                   node->name, (double)out.scale, (double)a.scale, (double)b.scale);
}

/* TensorFlow Lite Micro computes the factors of a sum in double precision, those of a difference in single precision. */
static void scale_sum(hf_binary_rule *rule, double a, double b, double out)
{
    const double common = 2.0 * (a > b ? a : b);
    const double unit = (double)(1 << left_shift_of(rule->function));
    double factors[3] = {a / common, b / common, common / (unit * out)};
    if (rule->function == HF_BINARY_SQUARED_DIFFERENCE)
        factors[2] = common * common / (unit * unit * out);
    for (int i = 0; i < 3; i++) {
        /* The arguments are single precision, so a quotient in double precision rounds to what a division in
         * single precision gives. */
        volatile float single = (float)factors[i];
        if (rule->function == HF_BINARY_SUB && isfinite(single))
            factors[i] = (double)single;
        hf_quantize_multiplier(factors[i], &rule->multiplier[i], &rule->shift[i]);
    }
}

/* Of a quotient, in single precision. */
static double quotient_factor(hf_quant a, hf_quant b, hf_quant out)
{
    volatile float divisor = b.scale * out.scale;
    volatile float factor = a.scale / divisor;
    return isfinite(factor) ? (double)factor : (double)a.scale / ((double)b.scale * (double)out.scale);
}

hf_status hf_binary_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_binary_rule *rule,
                              hf_error *err)
{
    const double left = (double)a.scale;
    const double right = (double)b.scale;
    const double result = (double)out.scale;
    hf_binary_rule r = {.function = node->function,
                        .a_zero_point = a.zero_point,
                        .b_zero_point = b.zero_point,
                        .zero_point = out.zero_point};
    int32_t most = 0; /* shift of the output */
    hf_activation_range(node->activation, out, &r.min, &r.max);
    switch (node->function) {
    case HF_BINARY_ADD:
    case HF_BINARY_SUB:
    case HF_BINARY_SQUARED_DIFFERENCE:
        scale_sum(&r, left, right, result);
        break;
    case HF_BINARY_MUL:
        hf_quantize_multiplier(left * right / result, &r.multiplier[2], &r.shift[2]);
        most = PRODUCT_MAX_SHIFT;
        break;
    case HF_BINARY_DIV:
        hf_quantize_multiplier(quotient_factor(a, b, out), &r.multiplier[2], &r.shift[2]);
        most = PRODUCT_MAX_SHIFT; /* the quotient has at least 23 bits more */
        break;
    case HF_BINARY_PRELU:
        hf_quantize_multiplier(left / result, &r.multiplier[0], &r.shift[0]);
        hf_quantize_multiplier(left * right / result, &r.multiplier[2], &r.shift[2]);
        most = PRODUCT_MAX_SHIFT;
        if (r.shift[0] > PRODUCT_MAX_SHIFT)
            return too_fine(node, a, b, out, err);
        break;
    case HF_BINARY_MAXIMUM:
    case HF_BINARY_MINIMUM:
        if (!hf_quant_same(a, out) || !hf_quant_same(b, out))
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s needs inputs and output of the same quantisation",
                           node->name, hf_binary_name(node->function));
        break;
    default:
        return HF_FAIL(err, HF_EINVALID, "%s: binary function %d does not exist", node->name,
                       (int)node->function);
    }
    if (r.shift[2] > most)
        return too_fine(node, a, b, out, err);
    *rule = r;
    return HF_OK;
}

/* -1, 0 or 1 times the end of the range for a division by zero; else the quotient. */
static int32_t divide(const hf_binary_rule *rule, int32_t a, int32_t b)
{
    if (b == 0)
        return a < 0 ? INT8_MIN - rule->zero_point : a > 0 ? INT8_MAX - rule->zero_point : 0;
    const int32_t dividend = b < 0 ? -a : a;
    int32_t shift = 0;
    const int32_t reciprocal = hf_reciprocal(b < 0 ? -b : b, &shift);
    const int32_t magnitude = dividend < 0 ? ~dividend : dividend;
    const int32_t headroom = magnitude == 0 ? 31 : __builtin_clz((unsigned)magnitude) - 1;
    const int32_t quotient = hf_doubling_high_mul(hf_wrapping_shl(dividend, headroom), reciprocal);
    const int32_t right = headroom + shift - rule->shift[2];
    return hf_rounding_shr(hf_doubling_high_mul(quotient, rule->multiplier[2]), right < 0 ? 0 : right);
}

static int32_t sum(const hf_binary_rule *rule, int32_t a, int32_t b)
{
    const int32_t unit = 1 << left_shift_of(rule->function);
    const int32_t left = hf_requantize(a * unit, rule->multiplier[0], rule->shift[0]);
    const int32_t right = hf_requantize(b * unit, rule->multiplier[1], rule->shift[1]);
    return rule->function == HF_BINARY_ADD ? left + right : left - right;
}

int8_t hf_binary_value(const hf_binary_rule *rule, int8_t a, int8_t b)
{
    const int32_t left = a - rule->a_zero_point;
    const int32_t right = b - rule->b_zero_point;
    int32_t value = 0;
    switch (rule->function) {
    case HF_BINARY_ADD:
    case HF_BINARY_SUB:
        value = hf_requantize(sum(rule, left, right), rule->multiplier[2], rule->shift[2]);
        break;
    case HF_BINARY_SQUARED_DIFFERENCE:
        value = sum(rule, left, right);
        value = hf_requantize(value * value, rule->multiplier[2], rule->shift[2]);
        break;
    case HF_BINARY_MUL:
        value = hf_requantize(left * right, rule->multiplier[2], rule->shift[2]);
        break;
    case HF_BINARY_DIV:
        value = divide(rule, left, right);
        break;
    case HF_BINARY_PRELU:
        value = left >= 0 ? hf_requantize(left, rule->multiplier[0], rule->shift[0])
                          : hf_requantize(left * right, rule->multiplier[2], rule->shift[2]);
        break;
    case HF_BINARY_MAXIMUM:
        value = left > right ? left : right;
        break;
    case HF_BINARY_MINIMUM:
        value = left < right ? left : right;
        break;
    case HF_BINARY_COUNT:
        break;
    }
    return (int8_t)hf_clamp(hf_wrapping_add(value, rule->zero_point), rule->min, rule->max);
}

hf_status hf_scalar_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    const bool left = node->reversed;
    hf_binary_rule rule = {0};
    hf_status status = hf_binary_rule_init(node, left ? node->constant_quant : in,
                                           left ? in : node->constant_quant, out, &rule, err);
    for (int32_t q = INT8_MIN; q <= INT8_MAX && !status; q++) {
        const int8_t value = (int8_t)q;
        if (left)
            table[q - INT8_MIN] = hf_binary_value(&rule, node->constant, value);
        else
            table[q - INT8_MIN] = hf_binary_value(&rule, value, node->constant);
    }
    return status;
}
