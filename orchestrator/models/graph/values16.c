/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/values16.h"

#include <math.h>

#include "graph/quantize.h"

#define SUM_LEFT_SHIFT 15 /* a 16-bit value still fits into 32 bits */
/* A product of two values has 31 bits, one value 16. */
#define VALUE_MAX_SHIFT 14

/* In single precision as in TensorFlow Lite, so that ties agree. */
static int32_t quantize_bound(float real, hf_quant quant)
{
    const float steps = roundf(real / quant.scale);
    if (!(fabsf(steps) < 65536.0f)) /* far outside 16 bits */
        return quant.zero_point + (real < 0 ? -65536 : 65536);
    return quant.zero_point + (int32_t)steps;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void hf_activation_range16(hf_activation activation, hf_quant output, int32_t value_bytes, int32_t *min,
                           int32_t *max)
{
    *min = value_bytes == 1 ? INT8_MIN : INT16_MIN;
    *max = value_bytes == 1 ? INT8_MAX : INT16_MAX;
    if (activation == HF_ACTIVATION_RELU || activation == HF_ACTIVATION_RELU6)
        *min = larger(*min, output.zero_point);
    if (activation == HF_ACTIVATION_RELU6)
        *max = smaller(*max, quantize_bound(6.0f, output));
    if (activation == HF_ACTIVATION_RELU_N1_TO_1) {
        *min = larger(*min, quantize_bound(-1.0f, output));
        *max = smaller(*max, quantize_bound(1.0f, output));
    }
}

/* TensorFlow Lite Micro computes the factors of a difference in single precision. */
static double rounded(hf_binary function, double factor)
{
    volatile float single = (float)factor;
    return function == HF_BINARY_SUB ? (double)single : factor;
}

static void scale_sum(hf_binary function, double a, double b, double out, hf_binary16_rule *r)
{
    const double common = 2.0 * fmax(a, b);
    const double unit = (double)(1 << r->left_shift);
    const bool square = function == HF_BINARY_SQUARED_DIFFERENCE;
    const double result = square ? common * common / (unit * unit * out) : common / (unit * out);
    hf_quantize_multiplier(rounded(function, a / common), &r->multiplier[0], &r->shift[0]);
    hf_quantize_multiplier(rounded(function, b / common), &r->multiplier[1], &r->shift[1]);
    hf_quantize_multiplier(rounded(function, result), &r->multiplier[2], &r->shift[2]);
}

hf_status hf_binary16_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out,
                                hf_binary16_rule *rule, hf_error *err)
{
    hf_binary16_rule r = {0};
    int32_t most = 0; /* shift of the output */
    hf_activation_range16(node->activation, out, 2, &r.min, &r.max);
    if (a.zero_point != 0 || b.zero_point != 0 || out.zero_point != 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: 16-bit values with a zero point that is not 0", node->name);
    switch (node->function) {
    case HF_BINARY_ADD:
    case HF_BINARY_SUB:
        r.left_shift = SUM_LEFT_SHIFT;
        scale_sum(node->function, (double)a.scale, (double)b.scale, (double)out.scale, &r);
        break;
    case HF_BINARY_SQUARED_DIFFERENCE:
        scale_sum(node->function, (double)a.scale, (double)b.scale, (double)out.scale, &r);
        break;
    case HF_BINARY_MUL:
        hf_quantize_multiplier((double)a.scale * (double)b.scale / (double)out.scale, &r.multiplier[2],
                               &r.shift[2]);
        break;
    case HF_BINARY_MAXIMUM:
    case HF_BINARY_MINIMUM:
        if (!hf_quant_same(a, out) || !hf_quant_same(b, out))
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s needs inputs and output of the same quantisation",
                           node->name, hf_binary_name(node->function));
        break;
    default:
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s of 16-bit values is not supported", node->name,
                       hf_binary_name(node->function));
    }
    if (r.shift[2] > most)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       node->name, (double)out.scale, (double)a.scale, (double)b.scale);
    *rule = r;
    return HF_OK;
}

static void scale_function(const hf_node *node, hf_quant in, hf_quant out, hf_function16_rule *r)
{
    if (node->function16 == HF_FUNCTION16_LEAKY_RELU) { /* in single precision */
        volatile float slope = in.scale * node->alpha;
        volatile float below = slope / out.scale;
        volatile float above = in.scale / out.scale;
        hf_quantize_multiplier((double)below, &r->multiplier[0], &r->shift[0]);
        hf_quantize_multiplier((double)above, &r->multiplier[1], &r->shift[1]);
        return;
    }
    for (int i = 0; i < 2; i++)
        hf_quantize_multiplier((double)in.scale / (double)out.scale, &r->multiplier[i], &r->shift[i]);
}

/* The logarithm of a scale if it is a power of two, or so close to one that TensorFlow Lite takes it for one. */
static bool power_of_two(float scale, int32_t *log2)
{
    volatile float exact = logf(scale) * (1.0f / logf(2.0f));
    volatile float nearest = roundf(exact);
    *log2 = (int32_t)fminf(fmaxf(nearest, -200.0f), 200.0f);
    return fabsf(exact - nearest) < 1e-3f;
}

/* Steps of the table of sigmoids are 1 / (3 * 4096). A power of two that is exact needs no multiplier; others are truncated to
 * 15 bits. */
static void scale_sigmoid(const hf_node *node, hf_quant in, hf_function16_rule *r)
{
    int32_t exponent = 0;
    const bool power = power_of_two(in.scale, &exponent);
    const int32_t left = 12 + exponent;
    if (power && (left == 0 || (left == 1 && node->function16 == HF_FUNCTION16_TANH))) {
        r->multiplier[0] = 3 << left;
        return;
    }
    double multiplier = (double)in.scale * 4096.0 * 3.0;
    while (multiplier <= 32767.0 / 2.0 && r->shift[0] <= 30) {
        r->shift[0]++;
        multiplier *= 2.0;
    }
    r->multiplier[0] = multiplier < 65536.0 ? (int32_t)multiplier : 65536;
}

hf_status hf_function16_rule_init(const hf_graph *graph, const hf_node *node, hf_function16_rule *rule,
                                  hf_error *err)
{
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    const hf_quant out = graph->tensors[node->output].quant;
    hf_function16_rule r = {0};
    bool good = (node->in_bytes == 1 || in.zero_point == 0) && (node->out_bytes == 1 || out.zero_point == 0);
    hf_activation_range16(node->activation, out, node->out_bytes, &r.min, &r.max);
    if (node->function16 == HF_FUNCTION16_RESCALE || node->function16 == HF_FUNCTION16_LEAKY_RELU) {
        scale_function(node, in, out, &r);
        good = good && r.shift[0] <= VALUE_MAX_SHIFT && r.shift[1] <= VALUE_MAX_SHIFT &&
               (node->function16 != HF_FUNCTION16_LEAKY_RELU || node->alpha >= 0.0f);
    } else {
        int32_t exponent = 0;
        scale_sigmoid(node, in, &r);
        good = good && r.multiplier[0] <= INT16_MAX && r.shift[0] <= 30 && node->in_bytes == 2 &&
               node->out_bytes == 2 && power_of_two(out.scale, &exponent) && exponent == -15;
    }
    if (!good)
        return HF_FAIL(
            err, HF_EUNSUPPORTED,
            "%s: input scale %g with zero point %d, output scale %g with zero point %d are not supported",
            node->name, (double)in.scale, in.zero_point, (double)out.scale, out.zero_point);
    *rule = r;
    return HF_OK;
}

static float exponential(float x)
{
    return expf(x);
}

static float reciprocal(float x)
{
    return 1.0f / (1.0f + x);
}

/* Samples of a function in single precision, each moved by half of the error that a straight line to the next one makes in
 * their middle. */
static void tabulate(float (*function)(float), float min, float max, int16_t table[513])
{
    volatile float step = (max - min) / 512;
    volatile float half = step / 2;
    for (int i = 0; i < 512; i++) {
        volatile float at = min + (float)i * step;
        volatile float middle = at + half;
        volatile float next = min + (float)(i + 1) * step;
        volatile float sample = roundf(function(at) * 32768.0f);
        volatile float line = roundf((function(next) * 32768.0f + sample) / 2);
        volatile float error = line - roundf(function(middle) * 32768.0f);
        volatile float value = sample - roundf(error / 2);
        table[i] = (int16_t)fminf(fmaxf(value, -32768.0f), 32767.0f);
    }
    table[512] = (int16_t)fminf(fmaxf(roundf(function(max) * 32768.0f), -32768.0f), 32767.0f);
}

hf_status hf_softmax16_rule_init(const hf_graph *graph, const hf_node *node, hf_softmax16_rule *rule,
                                 hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_quant out = graph->tensors[node->output].quant;
    const double real = (double)in->quant.scale * (double)node->softmax_beta / (10.0 / 65535.0);
    hf_quantize_multiplier(real, &rule->multiplier, &rule->shift);
    if (!(real > 0.0) || !isfinite(real) || rule->shift > VALUE_MAX_SHIFT || in->quant.zero_point != 0 ||
        out.zero_point != 0 || in->channels / 2 > HF_SOFTMAX16_MAX_CHANNELS || in->channels % 2 != 0 ||
        !(fabsf(out.scale - 1.0f / 32768) <= 0.001f / 32768))
        return HF_FAIL(
            err, HF_EUNSUPPORTED,
            "%s: softmax of %d 16-bit values of scale %g with beta %g and output scale %g is not supported",
            node->name, in->channels / 2, (double)in->quant.scale, (double)node->softmax_beta,
            (double)out.scale);
    tabulate(exponential, -10.0f, 0.0f, rule->exponential);
    tabulate(reciprocal, 0.0f, 1.0f, rule->reciprocal);
    return HF_OK;
}
