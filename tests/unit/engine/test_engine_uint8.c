/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "../tflite/converter_model.h"
#include "engine_case.h"
#include "random_graph.h"
#include "tflite/tflite.h"

/*
 * Files of old uint8 models: read, converted to int8 values, compiled and run. Expected is the arithmetic of uint8 values as
 * TensorFlow Lite defines it, written here once more from its definition: values and weights with zero points from 0 to 255,
 * sums of 32 bits, one multiplier for a whole layer.
 */

typedef struct quantised {
    float scale;
    int32_t zero_point;
} quantised;

/* ---- The arithmetic ---- */

static int64_t round_half_away(double value)
{
    return (int64_t)(value < 0 ? -floor(-value + 0.5) : floor(value + 0.5));
}

/* value * real, in two roundings: to 2^-31 of a doubled product, then of what remains to the right. */
static int32_t scale_by(int32_t value, double real)
{
    int exponent = 0;
    const double mantissa = frexp(real, &exponent);
    int64_t multiplier = round_half_away(mantissa * 2147483648.0);
    if (multiplier == INT64_C(1) << 31) {
        multiplier /= 2;
        exponent++;
    }
    const int64_t shifted = exponent > 0 ? (int64_t)value << exponent : value;
    const int64_t product = shifted * multiplier;
    const int64_t high =
        (product + (product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30))) / (INT64_C(1) << 31);
    if (exponent >= 0)
        return (int32_t)high;
    const int64_t divisor = INT64_C(1) << -exponent;
    const int64_t half = divisor / 2;
    return (int32_t)(high >= 0 ? (high + half) / divisor : -((-high + half) / divisor));
}

static uint8_t limit(int32_t value, int32_t activation, quantised out)
{
    const int32_t six = out.zero_point + (int32_t)round_half_away((double)(6.0F / out.scale));
    int32_t low = 0, high = 255;
    if (activation == TFLITE_ACTIVATION_RELU || activation == TFLITE_ACTIVATION_RELU6)
        low = out.zero_point > 0 ? out.zero_point : 0;
    if (activation == TFLITE_ACTIVATION_RELU6 && six < 255)
        high = six;
    return (uint8_t)(value < low ? low : value > high ? high : value);
}

/* ---- Files ---- */

static quantised random_quantised(random_source *r)
{
    return (quantised){(float)random_between(r, 8, 64) / 1024.0F, random_between(r, 0, 255)};
}

static int32_t add_values(converter_model *m, int32_t height, int32_t width, int32_t channels, quantised q)
{
    const int32_t tensor = model_add_activation(m, height, width, channels);
    m->tensors[tensor].type = TYPE_UINT8;
    m->tensors[tensor].scale = q.scale;
    m->tensors[tensor].zero_point = q.zero_point;
    return tensor;
}

static uint8_t random_byte(random_source *r)
{
    return (uint8_t)(random_next(r) >> 8);
}

/* Runs the file's model and compares its output. @param expected of as many bytes as the output has */
static void check(const converter_model *m, const char *what, const uint8_t *input, const uint8_t *expected)
{
    engine_case c;
    size_t size;
    hf_graph *graph = NULL;
    hf_error err = {0};
    int8_t values[512];
    uint8_t *bytes = model_write(m, &size);
    const hf_status status = hf_tflite_read(what, bytes, size, &graph, &err);
    free(bytes);
    if (status || !graph) {
        fail_msg("%s", err.message);
        return;
    }
    engine_case_open(&c, graph);
    assert_in_range(c.model.input_bytes, 1, sizeof values);
    for (uint32_t i = 0; i < c.model.input_bytes; i++)
        values[i] = (int8_t)(uint8_t)(input[i] ^ 0x80);
    engine_case_compare(graph, &c, values);
    const int8_t *output = engine_case_output(&c);
    for (uint32_t i = 0; i < c.model.output_bytes; i++)
        if (((uint8_t)output[i] ^ 0x80) != expected[i])
            fail_msg("%s: value %u is %d, expected %d", what, i, (uint8_t)output[i] ^ 0x80, expected[i]);
    engine_case_close(&c);
    hf_graph_free(graph);
}

/* ---- Convolutions ---- */

typedef struct layer {
    int32_t height, width, inputs, outputs, kernel, stride, activation;
    bool depthwise;
    quantised in, weight, out;
    uint8_t values[400];
    uint8_t weights[64]; /* [outputs][kernel][kernel][inputs], depthwise [kernel][kernel][outputs] */
    int32_t biases[4];
} layer;

static uint8_t weight_at(const layer *l, int32_t o, int32_t y, int32_t x, int32_t i)
{
    if (l->depthwise)
        return l->weights[(y * l->kernel + x) * l->outputs + o];
    return l->weights[((o * l->kernel + y) * l->kernel + x) * l->inputs + i];
}

static uint8_t expected_at(const layer *l, int32_t y, int32_t x, int32_t o)
{
    int32_t sum = l->biases[o];
    for (int32_t ky = 0; ky < l->kernel; ky++)
        for (int32_t kx = 0; kx < l->kernel; kx++) {
            const int32_t position = (y * l->stride + ky) * l->width + x * l->stride + kx;
            for (int32_t i = l->depthwise ? o : 0; i <= (l->depthwise ? o : l->inputs - 1); i++)
                sum += (l->values[position * l->inputs + i] - l->in.zero_point) *
                       (weight_at(l, o, ky, kx, i) - l->weight.zero_point);
        }
    const float product = l->in.scale * l->weight.scale;
    return limit(scale_by(sum, (double)product / (double)l->out.scale) + l->out.zero_point, l->activation,
                 l->out);
}

static layer random_layer(random_source *r)
{
    layer l = {.height = random_between(r, 3, 6),
               .width = random_between(r, 3, 6),
               .inputs = random_between(r, 1, 4),
               .outputs = random_between(r, 1, 4),
               .kernel = random_between(r, 1, 2),
               .stride = random_between(r, 1, 2),
               .activation = random_next(r) % 2   ? TFLITE_ACTIVATION_NONE
                             : random_next(r) % 2 ? TFLITE_ACTIVATION_RELU
                                                  : TFLITE_ACTIVATION_RELU6,
               .depthwise = random_next(r) % 2,
               .in = random_quantised(r),
               .weight = random_quantised(r),
               .out = random_quantised(r)};
    if (l.depthwise)
        l.outputs = l.inputs;
    l.weight.scale /= 16; /* sums of products use the output's range */
    for (size_t i = 0; i < sizeof l.values; i++)
        l.values[i] = random_byte(r);
    for (size_t i = 0; i < sizeof l.weights; i++)
        l.weights[i] = random_byte(r);
    for (int32_t o = 0; o < l.outputs; o++)
        l.biases[o] = random_between(r, -20000, 20000);
    return l;
}

static void uint8_convolutions(void **state)
{
    (void)state;
    random_source r = {88};
    for (int round = 0; round < 200; round++) {
        const layer l = random_layer(&r);
        const int32_t height = (l.height - l.kernel) / l.stride + 1;
        const int32_t width = (l.width - l.kernel) / l.stride + 1;
        const int32_t taps = l.kernel * l.kernel * (l.depthwise ? 1 : l.inputs) * l.outputs;
        uint8_t expected[400] = {0};
        converter_model m = {0};
        m.input = add_values(&m, l.height, l.width, l.inputs, l.in);
        model_tensor weights = {
            .rank = 4,
            .type = TYPE_UINT8,
            .scale = l.weight.scale,
            .zero_point = l.weight.zero_point,
            .shape = {l.depthwise ? 1 : l.outputs, l.kernel, l.kernel, l.depthwise ? l.outputs : l.inputs},
            .byte_count = (uint32_t)taps};
        memcpy(weights.bytes, l.weights, (size_t)taps);
        const int32_t w = model_add_tensor(&m, weights);
        const int32_t b = model_add_ints(&m, (uint32_t)l.outputs, l.biases);
        m.tensors[b].scale = l.in.scale * l.weight.scale;
        m.output = add_values(&m, height, width, l.outputs, l.out);
        const model_operator conv = {BUILTIN_CONV_2D, OPTIONS_CONV_2D,
                                     "144144",        {1, l.stride, l.stride, l.activation, 1, 1},
                                     {m.input, w, b}, 3,
                                     {m.output},      1};
        const model_operator depthwise = {BUILTIN_DEPTHWISE_CONV_2D,
                                          OPTIONS_DEPTHWISE_CONV_2D,
                                          "1444144",
                                          {1, l.stride, l.stride, 1, l.activation, 1, 1},
                                          {m.input, w, b},
                                          3,
                                          {m.output},
                                          1};
        model_add_operator(&m, l.depthwise ? depthwise : conv);
        for (int32_t y = 0; y < height; y++)
            for (int32_t x = 0; x < width; x++)
                for (int32_t o = 0; o < l.outputs; o++)
                    expected[(y * width + x) * l.outputs + o] = expected_at(&l, y, x, o);
        check(&m, l.depthwise ? "depthwise" : "conv", l.values, expected);
    }
}

/* A dense layer is a convolution of one position. */
static void uint8_dense(void **state)
{
    (void)state;
    random_source r = {89};
    for (int round = 0; round < 100; round++) {
        layer l = random_layer(&r);
        l.height = l.width = l.kernel = l.stride = 1;
        l.depthwise = false;
        l.inputs = random_between(&r, 1, 16);
        uint8_t expected[4] = {0};
        converter_model m = {0};
        m.input = model_add_vector(&m, l.inputs);
        m.tensors[m.input].type = TYPE_UINT8;
        m.tensors[m.input].scale = l.in.scale;
        m.tensors[m.input].zero_point = l.in.zero_point;
        model_tensor weights = {.rank = 2,
                                .type = TYPE_UINT8,
                                .scale = l.weight.scale,
                                .zero_point = l.weight.zero_point,
                                .shape = {l.outputs, l.inputs},
                                .byte_count = (uint32_t)(l.inputs * l.outputs)};
        memcpy(weights.bytes, l.weights, (size_t)weights.byte_count);
        const int32_t w = model_add_tensor(&m, weights);
        const int32_t b = model_add_ints(&m, (uint32_t)l.outputs, l.biases);
        m.tensors[b].scale = l.in.scale * l.weight.scale;
        m.output = model_add_vector(&m, l.outputs);
        m.tensors[m.output].type = TYPE_UINT8;
        m.tensors[m.output].scale = l.out.scale;
        m.tensors[m.output].zero_point = l.out.zero_point;
        model_add_operator(&m, (model_operator){BUILTIN_FULLY_CONNECTED,
                                                OPTIONS_FULLY_CONNECTED,
                                                "1",
                                                {l.activation},
                                                {m.input, w, b},
                                                3,
                                                {m.output},
                                                1});
        for (int32_t o = 0; o < l.outputs; o++)
            expected[o] = expected_at(&l, 0, 0, o);
        check(&m, "dense", l.values, expected);
    }
}

/* ---- Pools: halves round up ---- */

static void uint8_pools(void **state)
{
    (void)state;
    random_source r = {90};
    for (int round = 0; round < 200; round++) {
        const bool largest = random_next(&r) % 3 == 0;
        const int32_t side = random_between(&r, 2, 6), kernel = random_between(&r, 1, 4);
        const bool same = random_next(&r) % 2 || kernel > side;
        const int32_t out = same ? side : side - kernel + 1;
        const int32_t before = same ? (kernel - 1) / 2 : 0;
        const quantised q = random_quantised(&r);
        uint8_t values[64], expected[64] = {0};
        for (size_t i = 0; i < sizeof values; i++)
            values[i] = random_byte(&r);
        for (int32_t y = 0; y < out; y++)
            for (int32_t x = 0; x < out; x++) {
                int32_t sum = 0, count = 0, most = 0;
                for (int32_t ky = y - before; ky < y - before + kernel; ky++)
                    for (int32_t kx = x - before; kx < x - before + kernel; kx++)
                        if (ky >= 0 && kx >= 0 && ky < side && kx < side) {
                            const int32_t value = values[ky * side + kx];
                            sum += value;
                            count++;
                            most = value > most ? value : most;
                        }
                expected[y * out + x] = (uint8_t)(largest ? most : (sum + count / 2) / count);
            }
        converter_model m = {0};
        m.input = add_values(&m, side, side, 1, q);
        m.output = add_values(&m, out, out, 1, q);
        model_add_operator(&m, (model_operator){largest ? BUILTIN_MAX_POOL_2D : BUILTIN_AVERAGE_POOL_2D,
                                                OPTIONS_POOL_2D,
                                                "144441",
                                                {!same, 1, 1, kernel, kernel, 0},
                                                {m.input},
                                                1,
                                                {m.output},
                                                1});
        check(&m, largest ? "max_pool" : "average_pool", values, expected);
    }
}

/* ---- Sums and products of two values ---- */

static uint8_t expected_sum(uint8_t a, quantised qa, uint8_t b, quantised qb, quantised out,
                            int32_t activation)
{
    const double common = 2.0 * (double)(qa.scale > qb.scale ? qa.scale : qb.scale);
    const int32_t left = scale_by((a - qa.zero_point) * (1 << 20), (double)qa.scale / common);
    const int32_t right = scale_by((b - qb.zero_point) * (1 << 20), (double)qb.scale / common);
    const double real = common / (1048576.0 * (double)out.scale);
    return limit(scale_by(left + right, real) + out.zero_point, activation, out);
}

static void uint8_pairs(void **state)
{
    (void)state;
    random_source r = {91};
    for (int round = 0; round < 200; round++) {
        const bool product = random_next(&r) % 2;
        const quantised a = random_quantised(&r), b = random_quantised(&r);
        quantised out = random_quantised(&r);
        const int32_t activation = random_next(&r) % 2 ? TFLITE_ACTIVATION_NONE : TFLITE_ACTIVATION_RELU6;
        uint8_t values[24] = {0}, second[12], expected[12];
        for (size_t i = 0; i < 12; i++)
            values[i] = random_byte(&r);
        converter_model m = {0};
        m.input = add_values(&m, 2, 2, 3, a);
        model_tensor constant = m.tensors[m.input];
        constant.scale = b.scale;
        constant.zero_point = b.zero_point;
        constant.byte_count = 12;
        for (size_t i = 0; i < 12; i++)
            constant.bytes[i] = (int8_t)(second[i] = random_byte(&r));
        const int32_t other = model_add_tensor(&m, constant);
        m.output = add_values(&m, 2, 2, 3, out);
        for (size_t i = 0; i < 12; i++) {
            const int32_t times = (values[i] - a.zero_point) * (second[i] - b.zero_point);
            const double real = (double)a.scale * (double)b.scale / (double)out.scale;
            expected[i] = product ? limit(scale_by(times, real) + out.zero_point, activation, out)
                                  : expected_sum(values[i], a, second[i], b, out, activation);
        }
        model_add_operator(&m, (model_operator){product ? BUILTIN_MUL : BUILTIN_ADD,
                                                product ? OPTIONS_MUL : OPTIONS_ADD,
                                                "1",
                                                {activation},
                                                {m.input, other},
                                                2,
                                                {m.output},
                                                1});
        check(&m, product ? "mul" : "add", values, expected);
    }
}

/* ---- A network: convolution, average of 2 x 2, dense layer, softmax ---- */

static void uint8_network(void **state)
{
    (void)state;
    const quantised in = {1.0F / 128, 128}, middle = {1.0F / 64, 100}, end = {1.0F / 16, 120};
    const uint8_t values[] = {0, 255, 128, 7, 64, 200, 31, 99, 180};
    uint8_t convolved[4], scores[2] = {0};
    converter_model m = {0};
    m.input = add_values(&m, 3, 3, 1, in);
    const model_tensor kernel = {.shape = {1, 2, 2, 1},
                                 .rank = 4,
                                 .type = TYPE_UINT8,
                                 .scale = 1.0F / 32,
                                 .zero_point = 90,
                                 .bytes = {(int8_t)255, 0, 100, (int8_t)160},
                                 .byte_count = 4};
    const int32_t w = model_add_tensor(&m, kernel);
    const int32_t maps = add_values(&m, 2, 2, 1, middle);
    const int32_t mean = add_values(&m, 1, 1, 1, middle);
    const model_tensor weights = {.shape = {2, 1},
                                  .rank = 2,
                                  .type = TYPE_UINT8,
                                  .scale = 1.0F / 8,
                                  .zero_point = 10,
                                  .bytes = {(int8_t)250, 1},
                                  .byte_count = 2};
    const int32_t d = model_add_tensor(&m, weights);
    const int32_t logits = model_add_vector(&m, 2);
    m.tensors[logits].type = TYPE_UINT8;
    m.tensors[logits].scale = end.scale;
    m.tensors[logits].zero_point = end.zero_point;
    m.output = logits;
    model_add_operator(
        &m, (model_operator){
                BUILTIN_CONV_2D, OPTIONS_CONV_2D, "144144", {1, 1, 1, 0, 1, 1}, {m.input, w}, 2, {maps}, 1});
    model_add_operator(
        &m,
        (model_operator){
            BUILTIN_AVERAGE_POOL_2D, OPTIONS_POOL_2D, "144441", {1, 2, 2, 2, 2, 0}, {maps}, 1, {mean}, 1});
    model_add_operator(
        &m, (model_operator){
                BUILTIN_FULLY_CONNECTED, OPTIONS_FULLY_CONNECTED, "1", {0}, {mean, d}, 2, {logits}, 1});
    int32_t total = 2;
    for (int32_t y = 0; y < 2; y++)
        for (int32_t x = 0; x < 2; x++) {
            int32_t sum = 0;
            for (int32_t k = 0; k < 4; k++)
                sum += (values[(y + k / 2) * 3 + x + k % 2] - 128) * ((uint8_t)kernel.bytes[k] - 90);
            convolved[2 * y + x] = limit(scale_by(sum, (1.0 / 128) * (1.0 / 32) * 64) + 100, 0, middle);
            total += convolved[2 * y + x];
        }
    for (int32_t o = 0; o < 2; o++)
        scores[o] = limit(
            scale_by((total / 4 - 100) * ((uint8_t)weights.bytes[o] - 10), (1.0 / 64) * (1.0 / 8) * 16) + 120,
            0, end);
    check(&m, "network", values, scores);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uint8_convolutions), cmocka_unit_test(uint8_dense),   cmocka_unit_test(uint8_pools),
        cmocka_unit_test(uint8_pairs),        cmocka_unit_test(uint8_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
