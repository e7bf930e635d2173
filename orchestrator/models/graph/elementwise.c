/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of element-wise operators: sums and products of two quantised values, and functions of one
 * int8 value as tables of 256 values.
 */
#include "graph/elementwise.h"

#include <math.h>

#include "elementwise_tables.h"
#include "graph/fixed_point.h"
#include "graph/quantize.h"

/* ---- Sums and products of two quantised values ---- */

/* Both operands are rescaled to a common scale, twice the larger one, with 20 extra bits. */
#define ADD_LEFT_SHIFT 20

static hf_status sum_rule(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_pair_rule *rule,
                          hf_error *err)
{
    const double common = 2.0 * (double)(a.scale > b.scale ? a.scale : b.scale);
    *rule = (hf_pair_rule){.a = a, .b = b, .zero_point = out.zero_point};
    hf_quantize_multiplier((double)a.scale / common, &rule->a_multiplier, &rule->a_shift);
    hf_quantize_multiplier((double)b.scale / common, &rule->b_multiplier, &rule->b_shift);
    hf_quantize_multiplier(common / ((double)(1 << ADD_LEFT_SHIFT) * (double)out.scale), &rule->multiplier,
                           &rule->shift);
    if (rule->shift > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       node->name, (double)out.scale, (double)a.scale, (double)b.scale);
    hf_activation_range(node->activation, out, &rule->min, &rule->max);
    return HF_OK;
}

/* A product of two differences has 17 bits; a left shift by 14 still fits into 32. */
#define PRODUCT_MAX_SHIFT 14

static hf_status product_rule(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_pair_rule *rule,
                              hf_error *err)
{
    *rule = (hf_pair_rule){.product = true, .a = a, .b = b, .zero_point = out.zero_point};
    hf_quantize_multiplier((double)a.scale * (double)b.scale / (double)out.scale, &rule->multiplier,
                           &rule->shift);
    if (rule->shift > PRODUCT_MAX_SHIFT)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       node->name, (double)out.scale, (double)a.scale, (double)b.scale);
    hf_activation_range(node->activation, out, &rule->min, &rule->max);
    return HF_OK;
}

int8_t hf_pair_value(const hf_pair_rule *rule, int8_t a, int8_t b)
{
    int32_t left = a - rule->a.zero_point;
    int32_t right = b - rule->b.zero_point;
    int32_t total = left * right;
    if (!rule->product)
        total = hf_requantize(left * (1 << ADD_LEFT_SHIFT), rule->a_multiplier, rule->a_shift) +
                hf_requantize(right * (1 << ADD_LEFT_SHIFT), rule->b_multiplier, rule->b_shift);
    int32_t scaled = hf_requantize(total, rule->multiplier, rule->shift);
    return (int8_t)hf_clamp(hf_wrapping_add(scaled, rule->zero_point), rule->min, rule->max);
}

hf_status hf_pair_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_pair_rule *rule,
                            hf_error *err)
{
    const bool product = node->op == HF_OP_MUL || node->op == HF_OP_MUL_CONST;
    return product ? product_rule(node, a, b, out, rule, err) : sum_rule(node, a, b, out, rule, err);
}

/* ---- Hard-swish: x * ReLU6(x + 3) / 6 in 16-bit fixed point ---- */

static int16_t saturate16(int32_t value)
{
    return (int16_t)hf_clamp(value, INT16_MIN, INT16_MAX);
}

/* round(a * b / 2^15), ties upwards. */
static int16_t doubling_high_mul16(int16_t a, int16_t b)
{
    int32_t product = (int32_t)a * b;
    int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
    return saturate16((product + nudge) / (1 << 15));
}

static int16_t doubling_high_mul16_truncated(int16_t a, int16_t b)
{
    return saturate16((int32_t)a * b / (1 << 15));
}

static int16_t saturating_shl16(int16_t value, int32_t bits)
{
    return saturate16(hf_saturating_shl(value, bits));
}

typedef struct fixed16 {
    int16_t multiplier;
    int32_t exponent;
} fixed16;

static fixed16 fixed16_of(float real)
{
    fixed16 fixed;
    int32_t multiplier;
    hf_quantize_multiplier((double)real, &multiplier, &fixed.exponent);
    const int32_t half = 1 << 15;
    int32_t rounded = multiplier >= INT32_MAX - half ? INT16_MAX : (multiplier + half) >> 16;
    fixed.multiplier = (int16_t)rounded;
    return fixed;
}

/* Left shift that scales a difference from the zero point to 16 bits. */
#define HARD_SWISH_EXTRA_BITS 7

static int16_t hard_swish(int16_t difference, fixed16 to_output, fixed16 to_gate)
{
    int16_t value = (int16_t)(difference * (1 << HARD_SWISH_EXTRA_BITS));
    int16_t scaled = doubling_high_mul16(value, to_output.multiplier);
    /* The gate's format maps -3 .. 3 to -1 .. 1, so it saturates where ReLU6 does. A left shift precedes the
     * multiplication except for its last bit, which follows it, where saturation matters. */
    int16_t gate = value;
    if (to_gate.exponent > 0)
        gate = saturating_shl16(gate, to_gate.exponent - 1 > 31 ? 31 : to_gate.exponent - 1);
    gate = doubling_high_mul16(gate, to_gate.multiplier);
    if (to_gate.exponent > 0)
        gate = saturating_shl16(gate, 1);
    else
        gate = (int16_t)hf_rounding_shr(gate, -to_gate.exponent);
    gate = (int16_t)((gate + (1 << 15)) >> 1); /* 0 .. 1 */
    int16_t product = doubling_high_mul16_truncated(gate, scaled);
    return (int16_t)hf_rounding_shr(product, -to_output.exponent);
}

static hf_status hard_swish_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table,
                                  hf_error *err)
{
    /* Single precision and this order of operations, as in TensorFlow Lite Micro. */
    volatile float fine_scale = (1.0f / 128.0f) * in.scale;
    volatile float output_ratio = fine_scale / out.scale;
    volatile float gate_ratio = fine_scale / (3.0f / 32768.0f);
    fixed16 to_output = fixed16_of(output_ratio);
    fixed16 to_gate = fixed16_of(gate_ratio);
    if (to_output.exponent > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                       node->name, (double)out.scale, (double)in.scale);
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++) {
        int32_t value = hard_swish((int16_t)(q - in.zero_point), to_output, to_gate) + out.zero_point;
        table[q - INT8_MIN] = (int8_t)hf_clamp(value, INT8_MIN, INT8_MAX);
    }
    return HF_OK;
}

/* ---- Rescaling, with or without an activation ---- */

hf_status hf_rescale_table(const hf_node *node, hf_quant in, hf_quant out, int8_t table[256], hf_error *err)
{
    volatile float ratio = in.scale / out.scale;
    int32_t multiplier, shift, min, max;
    hf_quantize_multiplier((double)ratio, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT - 8)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                       node->name, (double)out.scale, (double)in.scale);
    hf_activation_range(node->activation, out, &min, &max);
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++) {
        int32_t value = hf_requantize(q - in.zero_point, multiplier, shift) + out.zero_point;
        table[q - INT8_MIN] = (int8_t)hf_clamp(value, min, max);
    }
    return HF_OK;
}

/* QUANTIZE: the ratio of the scales in double precision; a RELU's is in single precision. */
static hf_status quantize_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    int32_t multiplier, shift;
    hf_quantize_multiplier((double)in.scale / (double)out.scale, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT - 8)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                       node->name, (double)out.scale, (double)in.scale);
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++)
        table[q - INT8_MIN] = (int8_t)hf_clamp(
            hf_requantize(q - in.zero_point, multiplier, shift) + out.zero_point, INT8_MIN, INT8_MAX);
    return HF_OK;
}

/* Both factors are computed in single precision, as in TensorFlow Lite. */
static hf_status leaky_relu_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table,
                                  hf_error *err)
{
    volatile float slope = in.scale * node->alpha;
    volatile float below = slope / out.scale;
    volatile float above = in.scale / out.scale;
    int32_t multipliers[2], shifts[2];
    hf_quantize_multiplier((double)below, &multipliers[0], &shifts[0]);
    hf_quantize_multiplier((double)above, &multipliers[1], &shifts[1]);
    if (!(node->alpha >= 0.0f) || shifts[0] > HF_REQUANTIZE_MAX_SHIFT - 8 ||
        shifts[1] > HF_REQUANTIZE_MAX_SHIFT - 8)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: alpha %g with input scale %g and output scale %g",
                       node->name, (double)node->alpha, (double)in.scale, (double)out.scale);
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++) {
        const int above_zero = q >= in.zero_point;
        const int32_t value = hf_requantize(q - in.zero_point, multipliers[above_zero], shifts[above_zero]);
        table[q - INT8_MIN] = (int8_t)hf_clamp(value + out.zero_point, INT8_MIN, INT8_MAX);
    }
    return HF_OK;
}

/* In single precision and this order, as TensorFlow Lite Micro fills its table. */
static hf_status elu_table(hf_quant in, hf_quant out, int8_t *table)
{
    volatile float inverse = 1.0f / out.scale;
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++) {
        volatile float value = in.scale * (float)(q - in.zero_point);
        if (value < 0.0f)
            value = expf(value) - 1.0f;
        value = value * inverse;
        value = roundf(value);
        value = value + (float)out.zero_point;
        const float limited = value < -128.0f ? -128.0f : value > 127.0f ? 127.0f : value;
        table[q - INT8_MIN] = (int8_t)limited;
    }
    return HF_OK;
}

/* Equal scales need no factor; the quantised one of 1 changes nothing either. */
static hf_status abs_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    int32_t multiplier, shift;
    hf_quantize_multiplier((double)in.scale / (double)out.scale, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT - 8)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                       node->name, (double)out.scale, (double)in.scale);
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++) {
        const int32_t value = q < in.zero_point ? in.zero_point - q : q - in.zero_point;
        table[q - INT8_MIN] =
            (int8_t)hf_clamp(hf_requantize(value, multiplier, shift) + out.zero_point, INT8_MIN, INT8_MAX);
    }
    return HF_OK;
}

static hf_status constant_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    if (!(node->constant_quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: its constant is not quantised (scale %g)", node->name,
                       (double)node->constant_quant.scale);
    hf_pair_rule rule;
    hf_status status = hf_pair_rule_init(node, in, node->constant_quant, out, &rule, err);
    for (int32_t q = INT8_MIN; q <= INT8_MAX && !status; q++)
        table[q - INT8_MIN] = hf_pair_value(&rule, (int8_t)q, node->constant);
    return status;
}

static hf_status scalar_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err)
{
    if (!(node->constant_quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: its constant is not quantised (scale %g)", node->name,
                       (double)node->constant_quant.scale);
    return hf_scalar_table(node, in, out, table, err);
}

hf_status hf_elementwise_table(const hf_graph *graph, const hf_node *node, int8_t table[256], hf_error *err)
{
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    const hf_quant out = graph->tensors[node->output].quant;
    if (!(in.scale > 0.0f) || !(out.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: its input and output are not quantised", node->name);
    switch (node->op) {
    case HF_OP_RELU:
        return hf_rescale_table(node, in, out, table, err);
    case HF_OP_HARD_SWISH:
        return hard_swish_table(node, in, out, table, err);
    case HF_OP_ADD_CONST:
    case HF_OP_MUL_CONST:
        return constant_table(node, in, out, table, err);
    case HF_OP_LOGISTIC:
        return hf_logistic_table(node, in, out, table, err);
    case HF_OP_TANH:
        return hf_tanh_table(node, in, out, table, err);
    case HF_OP_QUANTIZE:
        return quantize_table(node, in, out, table, err);
    case HF_OP_LEAKY_RELU:
        return leaky_relu_table(node, in, out, table, err);
    case HF_OP_ELU:
        return elu_table(in, out, table);
    case HF_OP_ABS:
        return abs_table(node, in, out, table, err);
    case HF_OP_BINARY_SCALAR:
        return scalar_table(node, in, out, table, err);
    default:
        return HF_FAIL(err, HF_EINVALID, "%s: %s is not a function of one value", node->name,
                       hf_op_name(node->op));
    }
}
