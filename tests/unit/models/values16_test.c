/* SPDX-License-Identifier: Apache-2.0 */
/* Operators with a state, of 16-bit values, and others of their kind, compared with values computed by hand and with real
 * arithmetic. */
#include "hf_test.h"

#include <math.h>

#include "graph/graph.h"
#include "graph/values16.h"
#include "reference/reference.h"

static hf_graph *new_graph(int32_t height, int32_t width, int32_t channels, hf_quant quant)
{
    hf_graph *graph = NULL;
    assert_int_equal(hf_graph_new("test", height, width, channels, &graph, NULL), HF_OK);
    graph->tensors[graph->input].quant = quant;
    return graph;
}

static hf_node *add(hf_graph *graph, hf_node node, int32_t out_channels, hf_quant quant)
{
    int32_t output;
    hf_error err;
    hf_error_clear(&err);
    snprintf(node.name, sizeof node.name, "node%d", graph->node_count);
    if (node.input_count == 0)
        node.input_count = 1;
    if (hf_graph_add(graph, &node, out_channels, &output, &err) || hf_graph_finish(graph, output, &err))
        fail_msg("%s", err.message);
    graph->tensors[output].quant = quant;
    return &graph->nodes[graph->node_count - 1];
}

/* Runs the graph and copies its output. */
static void run(const hf_graph *graph, const void *input, void *output)
{
    hf_reference reference;
    hf_error err;
    hf_error_clear(&err);
    if (hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    memcpy(output, reference.outputs[graph->node_count - 1],
           (size_t)hf_tensor_bytes(&graph->tensors[graph->output]));
    hf_reference_free(&reference);
}

static void *copy_of(const void *values, size_t bytes)
{
    void *copy = malloc(bytes);
    assert_non_null(copy);
    return memcpy(copy, values, bytes);
}

/* Two filters of one unit, which remember two values: state and output of an inference. */
static void models_values16_svdf(void **state)
{
    (void)state;
    static const int8_t weights[] = {1, 2, -1, 3};
    static const int16_t times[] = {10, 20, 1, 2};
    static const int32_t bias[] = {7};
    static const float scales[] = {1.0f, 0.125f};
    hf_graph *graph = new_graph(1, 1, 2 + 8, (hf_quant){.scale = 0.5f, .zero_point = 1});
    const hf_quant in = graph->tensors[0].quant;
    hf_node part = {.op = HF_OP_PART, .kernel_height = 1, .kernel_width = 1};
    hf_node node = {
        .op = HF_OP_SVDF, .units = 1, .rank = 2, .memory = 2, .cell_scale = 0.25f, .input_count = 2};
    node.inputs[0] = add(graph, part, 2, in)->output;
    part.part_offset = 2;
    node.inputs[1] = add(graph, part, 8, in)->output;
    hf_node *svdf = add(graph, node, 0, (hf_quant){.scale = 1.0f, .zero_point = -3});
    svdf->weights = copy_of(weights, sizeof weights);
    svdf->time_weights = copy_of(times, sizeof times);
    svdf->bias = copy_of(bias, sizeof bias);
    svdf->weight_scales = copy_of(scales, sizeof scales);
    /* Inputs 4 and 6 differ from their zero point by 3 and 5; sums are 13 and 12, states twice that: 26, 24. The older values
     * are the newer ones of before, 100 and -50. 7 + 10*100 + 20*26 + 1*-50 + 2*24 = 1525; 1525 / 32 = 47.66. */
    const int8_t input[10] = {4, 6, 1, 0, 100, 0, 2, 0, -50, -1};
    int8_t output[9];
    run(graph, input, output);
    const int8_t expected[9] = {100, 0, 26, 0, -50, -1, 24, 0, 48 - 3};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
}

static void models_values16_svdf_limits_a_narrow_state(void **state)
{
    (void)state;
    static const float scales[] = {1.0f, 1.0f};
    const int8_t weight = 127;
    const int16_t time = 1;
    hf_graph *graph = new_graph(1, 1, 1 + 2, (hf_quant){.scale = 1.0f});
    const hf_quant in = graph->tensors[0].quant;
    hf_node part = {.op = HF_OP_PART, .kernel_height = 1, .kernel_width = 1};
    hf_node node = {.op = HF_OP_SVDF,
                    .units = 1,
                    .rank = 1,
                    .memory = 1,
                    .cell_scale = 1.0f,
                    .narrow_state = true,
                    .state_zero_point = 27,
                    .input_count = 2};
    node.inputs[0] = add(graph, part, 1, in)->output;
    part.part_offset = 1;
    node.inputs[1] = add(graph, part, 2, in)->output;
    hf_node *svdf = add(graph, node, 0, in);
    svdf->weights = copy_of(&weight, 1);
    svdf->time_weights = copy_of(&time, sizeof time);
    svdf->weight_scales = copy_of(scales, sizeof scales);
    const int8_t input[3] = {100, 0, 0};
    int8_t output[3];
    run(graph, input, output); /* 12700 + 27 is limited to 127, which is 100 without the zero point */
    assert_memory_equal(output, ((int8_t[]){100, 0, 100}), 3);
    hf_graph_free(graph);
}

static void models_values16_arg(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_ARG};
    const int8_t input[] = {3, -5, 9, -5, 9, 0}; /* three columns of two channels */
    int8_t output[8];
    for (int smallest = 0; smallest < 2; smallest++) {
        hf_graph *graph = new_graph(1, 3, 2, (hf_quant){.scale = 1.0f});
        node.smallest = smallest;
        add(graph, node, 0, (hf_quant){.scale = 1.0f});
        run(graph, input, output);
        /* Of equal values the first counts. */
        const int8_t expected[] = {(int8_t)(smallest ? 0 : 1), 0, 0, 0, (int8_t)(smallest ? 0 : 2), 0, 0, 0};
        assert_memory_equal(output, expected, sizeof expected);
        hf_graph_free(graph);
    }
}

static void models_values16_log_softmax_close_to_real_numbers(void **state)
{
    (void)state;
    uint32_t random = 5;
    for (int round = 0; round < 200; round++) {
        int8_t input[9], output[9];
        const float scale = 0.01f + (float)round / 800.0f;
        double sum = 0;
        for (int i = 0; i < 9; i++) {
            random = random * 1664525u + 1013904223u;
            input[i] = (int8_t)(uint8_t)(random >> 24);
            sum += exp((double)scale * input[i]);
        }
        hf_graph *graph = new_graph(1, 1, 9, (hf_quant){.scale = scale, .zero_point = 3});
        add(graph, (hf_node){.op = HF_OP_LOG_SOFTMAX}, 0,
            (hf_quant){.scale = 16.0f / 256, .zero_point = 127});
        run(graph, input, output);
        for (int i = 0; i < 9; i++) {
            /* Differences of about 15.5 from the largest value and more count as infinite. */
            const double steps = ((double)scale * input[i] - log(sum)) * 16 + 127;
            assert_true(steps > -112 ? fabs(output[i] - steps) <= 0.51 : output[i] <= -111);
        }
        hf_graph_free(graph);
    }
}

/* A 1x1 convolution of one value. @param long_bias NULL: accumulators of 32 bits */
static int32_t multiply(int16_t value, int8_t weight, float weight_scale, const int64_t *long_bias)
{
    int16_t output = 0;
    hf_graph *graph = new_graph(1, 1, 2, (hf_quant){.scale = 1.0f});
    hf_node node = {.op = HF_OP_CONV_GENERAL,
                    .in_bytes = 2,
                    .out_bytes = 2,
                    .kernel_height = 1,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .long_sums = long_bias != NULL};
    hf_node *added = add(graph, node, 2, (hf_quant){.scale = 1.0f});
    added->weights = copy_of(&weight, 1);
    added->weight_scales = copy_of(&weight_scale, sizeof weight_scale);
    added->long_bias = long_bias ? copy_of(long_bias, sizeof *long_bias) : NULL;
    run(graph, &value, &output);
    hf_graph_free(graph);
    return output;
}

static void models_values16_conv_roundings(void **state)
{
    (void)state;
    const int64_t none = 0;
    const int64_t large = INT64_C(1) << 40;
    /* -6 / 4: sums of 32 bits round halves away from zero, sums of 64 bits up. */
    assert_int_equal(multiply(-6, 1, 0.25f, NULL), -2);
    assert_int_equal(multiply(-6, 1, 0.25f, &none), -1);
    assert_int_equal(multiply(6, 1, 0.25f, &none), 2);
    /* 0.7 is 22938 / 32768 then: 1000 * 22938 / 32768 = 700.01. */
    assert_int_equal(multiply(1000, 1, 0.7f, &none), 700);
    assert_int_equal(multiply(32767, 127, 1.0f / 127, &none), 32767);
    assert_int_equal(multiply(32767, 127, 1.0f, NULL), 32767); /* saturates */
    assert_int_equal(multiply(5, 2, ldexpf(1.0f, -30), &large), 1024);
}

/* Each input value is spread over two by two output values. */
static void models_values16_transposed_conv(void **state)
{
    (void)state;
    static const int8_t weights[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const float scale = 1.0f;
    hf_graph *graph = new_graph(1, 2, 1, (hf_quant){.scale = 1.0f, .zero_point = 1});
    hf_node node = {.op = HF_OP_CONV_GENERAL,
                    .in_bytes = 1,
                    .out_bytes = 1,
                    .kernel_height = 3,
                    .kernel_width = 3,
                    .stride_height = 2,
                    .stride_width = 2,
                    .padding = HF_PADDING_VALID,
                    .transposed = true,
                    .operand_shape = {3, 5, 0}};
    hf_node *added = add(graph, node, 1, (hf_quant){.scale = 1.0f});
    added->weights = copy_of(weights, sizeof weights);
    added->weight_scales = copy_of(&scale, sizeof scale);
    const int8_t input[] = {2, 3}; /* 1 and 2 above the zero point */
    int8_t output[15];
    run(graph, input, output);
    const int8_t expected[] = {1, 2, 3 + 2, 4, 6, 4, 5, 6 + 8, 10, 12, 7, 8, 9 + 14, 16, 18};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
}

static void models_values16_weights_with_a_zero_point(void **state)
{
    (void)state;
    static const int8_t weights[] = {-128, 127};
    const float scale = 1.0f;
    hf_graph *graph = new_graph(1, 1, 2, (hf_quant){.scale = 1.0f, .zero_point = -1});
    hf_node node = {.op = HF_OP_CONV_GENERAL,
                    .in_bytes = 1,
                    .out_bytes = 1,
                    .kernel_height = 1,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .weight_zero_point = 100};
    hf_node *added = add(graph, node, 1, (hf_quant){.scale = 64.0f});
    added->weights = copy_of(weights, sizeof weights);
    added->weight_scales = copy_of(&scale, sizeof scale);
    const int8_t input[] = {9, 19}; /* 10 * -228 + 20 * 27 = -1740; / 64 = -27.2 */
    int8_t output = 0;
    run(graph, input, &output);
    assert_int_equal(output, -27);
    hf_graph_free(graph);
}

static int32_t combine(hf_binary function, int16_t a, int16_t b, float out_scale)
{
    int16_t output = 0;
    hf_graph *graph = new_graph(1, 1, 2, (hf_quant){.scale = 0.5f});
    hf_node node = {.op = HF_OP_BINARY16_CONST,
                    .function = function,
                    .operand_shape = {1, 1, 2},
                    .constant_quant = {.scale = 0.25f}};
    hf_node *added = add(graph, node, 0, (hf_quant){.scale = out_scale});
    added->operand = copy_of(&b, sizeof b);
    run(graph, &a, &output);
    hf_graph_free(graph);
    return output;
}

static void models_values16_binary(void **state)
{
    (void)state;
    assert_int_equal(combine(HF_BINARY_ADD, 1000, 600, 0.5f), 1300); /* 500 + 150 */
    assert_int_equal(combine(HF_BINARY_SUB, 1000, 600, 0.5f), 700);
    assert_int_equal(combine(HF_BINARY_ADD, 32767, 32767, 0.5f), 32767);
    assert_int_equal(combine(HF_BINARY_MUL, -1000, 600, 4.0f), -18750); /* -500 * 150 / 4 */
    assert_int_equal(combine(HF_BINARY_SQUARED_DIFFERENCE, 1000, 600, 16.0f),
                     7656); /* 350^2 / 16 = 7656.25 */
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void models_values16_sigmoids_close_to_real_functions(void **state)
{
    (void)state;
    static const float scales[] = {1.0f / 4096, 1.0f / 2048, 1.0f / 3000, 1.0f / 12000};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
        for (int function = HF_FUNCTION16_LOGISTIC; function <= HF_FUNCTION16_TANH; function++)
            for (int32_t value = INT16_MIN; value <= INT16_MAX; value += 97) {
                const int16_t input = (int16_t)value;
                int16_t output = 0;
                hf_graph *graph = new_graph(1, 1, 2, (hf_quant){.scale = scales[s]});
                hf_node node = {.op = HF_OP_FUNCTION16,
                                .function16 = (hf_function16)function,
                                .in_bytes = 2,
                                .out_bytes = 2};
                add(graph, node, 0, (hf_quant){.scale = 1.0f / 32768});
                run(graph, &input, &output);
                const double x = (double)scales[s] * value;
                const double real = function == HF_FUNCTION16_TANH ? tanh(x) : logistic(x);
                assert_true(fabs(output / 32768.0 - real) < 0.0005);
                hf_graph_free(graph);
            }
}

static void models_values16_softmax_close_to_real_numbers(void **state)
{
    (void)state;
    static const int16_t input[] = {32767, 20000, 0, -32768, 31000};
    const float scale = 1.0f / 8192;
    int16_t output[5];
    double sum = 0;
    hf_graph *graph = new_graph(1, 1, 10, (hf_quant){.scale = scale});
    add(graph, (hf_node){.op = HF_OP_SOFTMAX16, .softmax_beta = 1.0f}, 0, (hf_quant){.scale = 1.0f / 32768});
    run(graph, input, output);
    for (int i = 0; i < 5; i++)
        sum += exp((double)scale * input[i]);
    for (int i = 0; i < 5; i++)
        assert_true(fabs(output[i] / 32768.0 - exp((double)scale * input[i]) / sum) < 0.0003);
    hf_graph_free(graph);
}

static void models_values16_pool_and_reduce(void **state)
{
    (void)state;
    static const int16_t input[] = {-3, 4, -4, 5}; /* two by two */
    int16_t output[2];
    hf_graph *graph = new_graph(2, 2, 2, (hf_quant){.scale = 1.0f});
    hf_node pool = {.op = HF_OP_POOL16,
                    .kernel_height = 2,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .padding = HF_PADDING_VALID};
    add(graph, pool, 0, (hf_quant){.scale = 1.0f});
    run(graph, input, output);
    assert_int_equal(output[0], -4); /* -3.5: halves away from zero */
    assert_int_equal(output[1], 5);
    hf_graph_free(graph);
    graph = new_graph(2, 2, 2, (hf_quant){.scale = 1.0f});
    add(graph, (hf_node){.op = HF_OP_REDUCE16, .reduction = HF_REDUCTION_SUM}, 0, (hf_quant){.scale = 0.25f});
    run(graph, input, output);
    assert_int_equal(output[0], 4);
    assert_int_equal(output[1], 4);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_values16_svdf),
        cmocka_unit_test(models_values16_svdf_limits_a_narrow_state),
        cmocka_unit_test(models_values16_arg),
        cmocka_unit_test(models_values16_log_softmax_close_to_real_numbers),
        cmocka_unit_test(models_values16_conv_roundings),
        cmocka_unit_test(models_values16_transposed_conv),
        cmocka_unit_test(models_values16_weights_with_a_zero_point),
        cmocka_unit_test(models_values16_binary),
        cmocka_unit_test(models_values16_sigmoids_close_to_real_functions),
        cmocka_unit_test(models_values16_softmax_close_to_real_numbers),
        cmocka_unit_test(models_values16_pool_and_reduce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
