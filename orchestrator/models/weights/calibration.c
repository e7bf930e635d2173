/* SPDX-License-Identifier: Apache-2.0 */
#include "calibration.h"

#include <math.h>
#include <stdlib.h>

uint64_t hf_random_next(hf_random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double hf_random_unit(hf_random *random)
{
    return (double)(hf_random_next(random) >> 32) / 4294967296.0;
}

/* Accumulators of one output channel over all samples and positions. */
typedef struct channel_statistics {
    int64_t sum;
    double square_sum;
    int32_t min, max;
    double mean, deviation;
} channel_statistics;

typedef struct real_range {
    double min, max;
} real_range;

static void accumulate(channel_statistics *channel, int32_t value)
{
    channel->sum += value;
    channel->square_sum += (double)value * (double)value;
    if (value < channel->min)
        channel->min = value;
    if (value > channel->max)
        channel->max = value;
}

static void collect(const hf_sampled_sums *sampled, channel_statistics *channels)
{
    for (int32_t c = 0; c < sampled->channels; c++)
        channels[c] = (channel_statistics){.min = INT32_MAX, .max = INT32_MIN};
    const uint32_t *sums = sampled->sums;
    for (int64_t p = 0; p < sampled->positions; p++, sums += sampled->channels)
        for (int32_t c = 0; c < sampled->channels; c++)
            accumulate(&channels[c], (int32_t)sums[c]);
}

/* In accumulator units. A smaller deviation means that the layer's input is constant: one step of one input
 * makes more. */
#define MIN_DEVIATION 16.0

/* With fewer values than this, a channel's deviation is a poor estimate and is blended with the layer's
 * average. */
#define RELIABLE_VALUES 16

/* Mean and standard deviation per channel. The deviation is at least a fraction of the layer's average, so
 * that channels that hardly vary are not amplified to noise. @return that average */
static double summarise(channel_statistics *channels, int32_t count, double values)
{
    double total = 0;
    for (int32_t c = 0; c < count; c++) {
        channels[c].mean = (double)channels[c].sum / values;
        double variance = channels[c].square_sum / values - channels[c].mean * channels[c].mean;
        channels[c].deviation = variance > 0 ? sqrt(variance) : 0;
        total += channels[c].deviation * channels[c].deviation;
    }
    double average = fmax(sqrt(total / count), MIN_DEVIATION);
    for (int32_t c = 0; c < count; c++) {
        double deviation = channels[c].deviation;
        if (values < RELIABLE_VALUES)
            deviation =
                sqrt((values * deviation * deviation + (RELIABLE_VALUES - values) * average * average) /
                     RELIABLE_VALUES);
        channels[c].deviation = fmax(deviation, 0.05 * average);
    }
    return average;
}

/* Target distribution of a channel, before its activation: standard deviation in real units, and mean as a
 * multiple of it. */
typedef struct channel_target {
    double deviation, offset;
} channel_target;

/* A layer with so few values may be dead in single inferences even if it is not on average, and what a ReLU
 * cuts off in layers of few channels is lost to all later layers. So almost all values of such layers are
 * above zero. */
#define FEW_VALUES   64
#define FEW_CHANNELS 4

/* Whether the average of a layer's values over all positions gives the logits. */
static bool is_pooled_to_logits(const hf_graph *graph, const hf_node *node)
{
    const hf_tensor *out = &graph->tensors[node->output];
    if (node->op != HF_OP_CONV2D || node->activation != HF_ACTIVATION_NONE || out->last_consumer < 0)
        return false;
    const hf_node *next = &graph->nodes[out->last_consumer];
    return next->op == HF_OP_AVERAGE_POOL && next->inputs[0] == node->output &&
           next->kernel_height == out->height && next->kernel_width == out->width;
}

static channel_target draw_target(const hf_graph *graph, const hf_node *node, bool few, hf_random *random)
{
    double a = hf_random_unit(random);
    double b = hf_random_unit(random);
    if (node->op == HF_OP_DENSE && node->activation != HF_ACTIVATION_NONE)
        return (channel_target){.deviation = 1.0, .offset = few ? 1.6 + 0.8 * b : 0.1 + 0.8 * b};
    if (node->op == HF_OP_DENSE)
        /* Logits, with one scale for all classes. A total deviation of 1.15, including the offsets, leaves about
         * the fewest probabilities at zero with hundreds of classes. */
        return (channel_target){.deviation = 1.0, .offset = 2.0 * b - 1.0};
    if (is_pooled_to_logits(graph, node)) /* averages are mostly the offsets: again 1.15 */
        return (channel_target){.deviation = 0.6 + 0.8 * a, .offset = 4.0 * b - 2.0};
    if (node->activation == HF_ACTIVATION_NONE)
        return (channel_target){.deviation = 0.6 + 0.8 * a, .offset = b - 0.5};
    if (few)
        return (channel_target){.deviation = 0.6 + 0.8 * a, .offset = 1.6 + 0.8 * b};
    return (channel_target){.deviation = 0.6 + 0.8 * a,
                            .offset = 0.1 + 0.8 * b}; /* 20 to 46 % are below zero */
}

static void set_quant(hf_quant *quant, real_range range)
{
    double min = fmin(range.min, 0.0);
    double max = fmax(range.max, 0.0);
    double scale = fmax((max - min) / 255.0, 1e-6);
    quant->scale = (float)scale;
    quant->zero_point = (int32_t)llround(-128.0 - min / scale);
}

static real_range output_range(const hf_node *node, real_range seen)
{
    real_range range = seen;
    if (node->activation != HF_ACTIVATION_NONE)
        range = (real_range){.min = 0, .max = fmax(seen.max, 0.5)};
    if (node->activation == HF_ACTIVATION_RELU6)
        range.max = fmin(range.max, 6.0);
    return range;
}

static int32_t clamp_bias(double bias)
{
    return (int32_t)llround(fmin(fmax(bias, -1073741824.0), 1073741824.0));
}

/* The largest factor by which a range fits into that of a quantisation. */
static double fit(real_range range, hf_quant quant)
{
    const double top = (double)quant.scale * (INT8_MAX - quant.zero_point);
    const double bottom = (double)quant.scale * (INT8_MIN - quant.zero_point);
    double factor = range.max > 0 && top > 0 ? top / range.max : 1;
    if (range.min < 0 && bottom < 0)
        factor = fmin(factor, bottom / range.min);
    return factor;
}

static void choose(hf_graph *graph, hf_node *node, channel_statistics *channels, double values,
                   const hf_quant *given, hf_random *random)
{
    const int32_t count = hf_node_output_channels(graph, node);
    const double input_scale = graph->tensors[node->inputs[0]].quant.scale;
    const bool per_tensor = node->op == HF_OP_DENSE;
    const bool few = hf_tensor_bytes(&graph->tensors[node->output]) < FEW_VALUES || count < FEW_CHANNELS;
    const double average = summarise(channels, count, values);
    real_range seen = {.min = 0, .max = 0};
    for (int32_t c = 0; c < count; c++) {
        channel_target target = draw_target(graph, node, few, random);
        double deviation = per_tensor ? average : channels[c].deviation;
        node->weight_scales[c] = (float)(target.deviation / (input_scale * deviation));
        node->bias[c] = clamp_bias(target.offset * deviation - channels[c].mean);
        double unit = input_scale * (double)node->weight_scales[c];
        /* At least three deviations, to leave room for inputs that were not sampled. */
        seen.min = fmin(
            seen.min, unit * fmin(channels[c].min + (double)node->bias[c], (target.offset - 3) * deviation));
        seen.max = fmax(
            seen.max, unit * fmax(channels[c].max + (double)node->bias[c], (target.offset + 3) * deviation));
    }
    hf_quant *quant = &graph->tensors[node->output].quant;
    if (!given) {
        set_quant(quant, output_range(node, seen));
        return;
    }
    *quant = *given;
    const double factor = fit(output_range(node, seen), *given);
    for (int32_t c = 0; c < count; c++)
        node->weight_scales[c] = (float)(factor * (double)node->weight_scales[c]);
}

hf_status hf_calibrate_weighted(hf_graph *graph, hf_node *node, const hf_sampled_sums *sampled,
                                const hf_quant *given, hf_random *random, hf_error *err)
{
    channel_statistics *channels = calloc((size_t)sampled->channels, sizeof *channels);
    if (!channels)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d channels", node->name, sampled->channels);
    collect(sampled, channels);
    choose(graph, node, channels, (double)sampled->positions, given, random);
    free(channels);
    return HF_OK;
}

static void widen(real_range *range, double value)
{
    range->min = value < range->min ? value : range->min;
    range->max = value > range->max ? value : range->max;
}

static double real_of(hf_quant quant, int8_t value)
{
    return (double)quant.scale * (value - quant.zero_point);
}

/* ---- The rules listed in graph/operators.h: quantisation of the output of nodes without weights ---- */

/* A node whose output is quantised. */
typedef struct calibration {
    hf_graph *graph;
    const hf_node *node;
    const int8_t *const *const *tensors; /* per sample */
    int32_t samples;
    const hf_quant *given; /* the output's quantisation if its group has one, else NULL */
} calibration;

static hf_quant input_quant(const calibration *c, int32_t i)
{
    return c->graph->tensors[c->node->inputs[i]].quant;
}

static void set_output(const calibration *c, hf_quant quant)
{
    c->graph->tensors[c->node->output].quant = c->given ? *c->given : quant;
}

/* @param range of the node's values before its activation */
static void set_output_range(const calibration *c, real_range range)
{
    hf_quant quant;
    set_quant(&quant, output_range(c->node, range));
    set_output(c, quant);
}

static double sum(double a, double b)
{
    return a + b;
}

static double product(double a, double b)
{
    return a * b;
}

/* From the range of the outputs of a binary operator on the samples. */
static void calibrate_pair(const calibration *c, double (*combine)(double a, double b))
{
    const hf_quant a = input_quant(c, 0);
    const hf_quant b = input_quant(c, 1);
    const int64_t count = hf_tensor_bytes(&c->graph->tensors[c->node->output]);
    const int64_t other_count = hf_tensor_bytes(&c->graph->tensors[c->node->inputs[1]]);
    real_range range = {.min = 0, .max = 0};
    for (int32_t s = 0; s < c->samples && !c->given; s++) {
        const int8_t *left = c->tensors[s][c->node->inputs[0]];
        const int8_t *right = c->tensors[s][c->node->inputs[1]];
        for (int64_t i = 0, k = 0; i < count; i++, k = k + 1 < other_count ? k + 1 : 0)
            widen(&range, combine(real_of(a, left[i]), real_of(b, right[k])));
    }
    set_output_range(c, range);
}

static void calibrate_sum(const calibration *c)
{
    calibrate_pair(c, sum);
}

static void calibrate_product(const calibration *c)
{
    calibrate_pair(c, product);
}

/* From the range of a function over all possible inputs.
 * @param function of the input and the node's constant */
static void calibrate_function(const calibration *c, double (*function)(double x, double constant))
{
    const hf_quant in = input_quant(c, 0);
    const double constant = real_of(c->node->constant_quant, c->node->constant);
    real_range range = {.min = 0, .max = 0};
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++)
        widen(&range, function(real_of(in, (int8_t)q), constant));
    set_output_range(c, range);
}

static double identity(double x, double constant)
{
    (void)constant;
    return x;
}

static double hard_swish(double x, double constant)
{
    (void)constant;
    return x * (fmin(fmax(x + 3, 0), 6) / 6);
}

static void calibrate_identity(const calibration *c)
{
    calibrate_function(c, identity);
}

static void calibrate_hard_swish(const calibration *c)
{
    calibrate_function(c, hard_swish);
}

static void calibrate_plus(const calibration *c)
{
    calibrate_function(c, sum);
}

static void calibrate_times(const calibration *c)
{
    calibrate_function(c, product);
}

/* 0 .. 255/256: prescribed by TensorFlow Lite, regardless of other tensors. */
static void calibrate_probability(const calibration *c)
{
    c->graph->tensors[c->node->output].quant = (hf_quant){.scale = 1.0f / 256, .zero_point = -128};
}

/* -255/16 .. 0, likewise. */
static void calibrate_logarithm(const calibration *c)
{
    c->graph->tensors[c->node->output].quant = (hf_quant){.scale = 16.0f / 256, .zero_point = 127};
}

/* -1 .. 127/128, likewise. */
static void calibrate_unit(const calibration *c)
{
    c->graph->tensors[c->node->output].quant = (hf_quant){.scale = 1.0f / 128, .zero_point = 0};
}

static double real_binary(const hf_node *node, double first, double second)
{
    const double a = node->reversed ? second : first;
    const double b = node->reversed ? first : second;
    switch (node->function) {
    case HF_BINARY_SUB:
        return a - b;
    case HF_BINARY_MUL:
        return a * b;
    case HF_BINARY_DIV:
        return b == 0 ? 0 : a / b;
    case HF_BINARY_SQUARED_DIFFERENCE:
        return (a - b) * (a - b);
    case HF_BINARY_PRELU:
        return a < 0 ? a * b : a;
    case HF_BINARY_MAXIMUM:
        return a > b ? a : b;
    case HF_BINARY_MINIMUM:
        return a < b ? a : b;
    default:
        return a + b;
    }
}

/* Over all values of both operands. Maximum and minimum keep the first's quantisation. */
static void calibrate_binary_operands(const calibration *c, hf_quant second, const int8_t *values,
                                      int64_t count)
{
    const hf_quant first = input_quant(c, 0);
    real_range range = {.min = 0, .max = 0};
    if (c->node->function == HF_BINARY_MAXIMUM || c->node->function == HF_BINARY_MINIMUM) {
        set_output(c, first);
        return;
    }
    for (int32_t q = INT8_MIN; q <= INT8_MAX; q++)
        for (int64_t i = 0; i < count; i++) {
            int8_t b = (int8_t)(i + INT8_MIN);
            if (values)
                b = values[i];
            widen(&range, real_binary(c->node, real_of(first, (int8_t)q), real_of(second, b)));
        }
    set_output_range(c, range);
}

static void calibrate_binary(const calibration *c)
{
    calibrate_binary_operands(c, input_quant(c, 1), NULL, 256);
}

static void calibrate_operand(const calibration *c)
{
    const int32_t *shape = c->node->operand_shape;
    calibrate_binary_operands(c, c->node->constant_quant, c->node->operand,
                              c->node->operand ? (int64_t)shape[0] * shape[1] * shape[2] : 256);
}

static void calibrate_scalar(const calibration *c)
{
    calibrate_binary_operands(c, c->node->constant_quant, &c->node->constant, 1);
}

static void calibrate_reduce(const calibration *c)
{
    const hf_quant in = input_quant(c, 0);
    const double count =
        c->node->reduction == HF_REDUCTION_SUM ? c->graph->tensors[c->node->inputs[0]].width : 1;
    set_output(c, (hf_quant){.scale = (float)((double)in.scale * count), .zero_point = in.zero_point});
}

/* Operators that move values keep their quantisation. */
static void calibrate_same(const calibration *c)
{
    set_output(c, input_quant(c, 0));
}

/* Done by hf_calibrate_weighted(). */
static void calibrate_weights(const calibration *c)
{
    (void)c;
}

void hf_calibrate_plain(hf_graph *graph, const hf_node *node, const int8_t *const *const *tensors,
                        int32_t samples, const hf_quant *given)
{
    const calibration c = {graph, node, tensors, samples, given};
    switch (node->op) {
#define CALIBRATION_CASE(name, text, min_inputs, max_inputs, shape, calibration, ...)                        \
    case HF_OP_##name:                                                                                       \
        calibrate_##calibration(&c);                                                                         \
        break;
        HF_OP_MAP(CALIBRATION_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef CALIBRATION_CASE
    case HF_OP_COUNT:
        break;
    }
}
