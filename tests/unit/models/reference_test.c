/* SPDX-License-Identifier: Apache-2.0 */
/* The reference interpreter, compared with values computed by hand and with real arithmetic. */
#include "hf_test.h"

#include <math.h>

#include "graph/fixed_point.h"
#include "graph/graph.h"
#include "reference/reference.h"
#include "weights/weights.h"

/* ---- Rounding ---- */

static void models_reference_doubling_high_mul(void **state)
{
    (void)state;
    assert_int_equal(hf_doubling_high_mul(INT32_MIN, INT32_MIN), INT32_MAX);
    assert_int_equal(hf_doubling_high_mul(1 << 30, 1 << 30), 1 << 29);
    assert_int_equal(hf_doubling_high_mul(1 << 30, 1), 1);   /* a half rounds up */
    assert_int_equal(hf_doubling_high_mul(1 << 30, -1), 0);  /* and so does a negative half */
    assert_int_equal(hf_doubling_high_mul(1 << 30, -3), -1); /* -1.5 */
    assert_int_equal(hf_doubling_high_mul(INT32_MAX, INT32_MAX), INT32_MAX - 1);
    uint32_t random = 5;
    for (int i = 0; i < 100000; i++) {
        random = random * 1664525u + 1013904223u;
        int32_t a = (int32_t)random;
        random = random * 1664525u + 1013904223u;
        int32_t b = (int32_t)random;
        double exact = (double)a * (double)b / 2147483648.0;
        assert_true(fabs((double)hf_doubling_high_mul(a, b) - exact) <= 0.5 + 1e-6);
    }
}

static void models_reference_rounding_shift(void **state)
{
    (void)state;
    assert_int_equal(hf_rounding_shr(5, 0), 5);
    assert_int_equal(hf_rounding_shr(5, 1), 3);
    assert_int_equal(hf_rounding_shr(-5, 1), -3); /* ties away from zero */
    assert_int_equal(hf_rounding_shr(-4, 2), -1);
    assert_int_equal(hf_rounding_shr(-6, 2), -2);
    assert_int_equal(hf_rounding_shr(INT32_MIN, 31), -1);
    assert_int_equal(hf_rounding_shr(INT32_MAX, 31), 1);
    assert_int_equal(hf_rounding_shr(INT32_MAX, 40), 0);
    assert_int_equal(hf_saturating_shl(1 << 30, 1), INT32_MAX);
    assert_int_equal(hf_saturating_shl(-(1 << 30) - 1, 1), INT32_MIN);
    /* Two roundings: 0.49 is first rounded to 0.5, then to 1. */
    assert_int_equal(hf_requantize(1, 1 << 30, -1), 1);
}

/* ---- Operators ---- */

static hf_graph *one_node(int32_t height, int32_t width, int32_t channels, hf_node *node,
                          int32_t out_channels, hf_quant in, hf_quant out)
{
    hf_graph *graph = NULL;
    int32_t output;
    assert_int_equal(hf_graph_new("one", height, width, channels, &graph, NULL), HF_OK);
    snprintf(node->name, sizeof node->name, "node");
    node->input_count = node->op == HF_OP_ADD ? 2 : 1;
    assert_int_equal(hf_graph_add(graph, node, out_channels, &output, NULL), HF_OK);
    assert_int_equal(hf_graph_finish(graph, output, NULL), HF_OK);
    graph->tensors[graph->input].quant = in;
    graph->tensors[output].quant = out;
    return graph;
}

static void fill(hf_graph *graph, const int8_t *weights, const int32_t *bias, float scale)
{
    hf_node *node = &graph->nodes[0];
    size_t count = (size_t)hf_node_weight_count(graph, node);
    size_t channels = (size_t)hf_node_output_channels(graph, node);
    node->weights = malloc(count);
    node->weight_scales = malloc(channels * sizeof(float));
    assert_non_null(node->weights);
    assert_non_null(node->weight_scales);
    memcpy(node->weights, weights, count);
    for (size_t c = 0; c < channels; c++)
        node->weight_scales[c] = scale;
    if (bias) {
        node->bias = malloc(channels * sizeof *bias);
        assert_non_null(node->bias);
        memcpy(node->bias, bias, channels * sizeof *bias);
    }
}

/* Runs the graph on the input, compares all outputs, and frees it. */
#define check_run(graph, input, expected) check_outputs(graph, input, expected, sizeof(expected))

static void check_outputs(hf_graph *graph, const int8_t *input, const int8_t *expected, size_t count)
{
    hf_reference run;
    hf_error err;
    hf_error_clear(&err);
    if (hf_reference_run(graph, input, &run, &err))
        fail_msg("%s", err.message);
    assert_int_equal(hf_tensor_bytes(&graph->tensors[graph->output]), count);
    for (size_t i = 0; i < count; i++)
        if (run.outputs[0][i] != expected[i])
            fail_msg("output %zu is %d, expected %d", i, run.outputs[0][i], expected[i]);
    hf_reference_free(&run);
    hf_reference_free(&run); /* a second call has no effect */
    hf_graph_free(graph);
}

static void models_reference_conv_padding_counts_as_zero_point(void **state)
{
    (void)state;
    hf_node node = {
        .op = HF_OP_CONV2D, .kernel_height = 3, .kernel_width = 3, .stride_height = 1, .stride_width = 1};
    hf_graph *graph = one_node(2, 2, 1, &node, 1, (hf_quant){1, 10}, (hf_quant){1, -5});
    const int8_t weights[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const int32_t bias = 100;
    fill(graph, weights, &bias, 1);
    const int8_t input[4] = {11, 12, 13, 14}; /* reals 1, 2, 3, 4 */
    /* top left: 5*1 + 6*2 + 8*3 + 9*4 = 77, with bias 177, saturated; scale 1 */
    const int8_t expected[4] = {127, 127, 127, 127};
    check_run(graph, input, expected);

    graph = one_node(2, 2, 1, &node, 1, (hf_quant){1, 10}, (hf_quant){4, -5});
    fill(graph, weights, &bias, 1);
    /* sums 77, 67, 47, 37; with bias 177, 167, 147, 137; halved twice, rounding up each time: 45,
     * 42, 37, 35 */
    const int8_t quarter[4] = {40, 37, 32, 30};
    check_run(graph, input, quarter);
}

static void models_reference_conv_layout_and_stride(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_CONV2D,
                    .kernel_height = 1,
                    .kernel_width = 2,
                    .stride_height = 1,
                    .stride_width = 2,
                    .padding = HF_PADDING_VALID,
                    .activation = HF_ACTIVATION_RELU};
    hf_graph *graph = one_node(1, 5, 2, &node, 2, (hf_quant){0.5f, 0}, (hf_quant){0.5f, -100});
    const int8_t weights[8] = {1, 10, -1, 3, /* output 0: column 0, column 1 */ -1, 0, 0, 1};
    fill(graph, weights, NULL, 1);
    const int8_t input[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    /* columns 0, 1: 1 + 20 - 3 + 12 = 30, -1 + 4 = 3; columns 2, 3: 5 + 60 - 7 + 24 = 82, -5 + 8 = 3 */
    const int8_t expected[4] = {-70, -97, -18, -97};
    check_run(graph, input, expected);
}

static void models_reference_depthwise_separates_channels(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_DEPTHWISE,
                    .kernel_height = 2,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .padding = HF_PADDING_VALID};
    hf_graph *graph = one_node(3, 1, 2, &node, 0, (hf_quant){1, 0}, (hf_quant){1, 0});
    const int8_t weights[4] = {1, 10, 2, -10}; /* row 0: both channels; row 1 */
    fill(graph, weights, NULL, 1);
    const int8_t input[6] = {1, 2, 3, 4, 5, 6};
    const int8_t expected[4] = {7, -20, 13, -20};
    check_run(graph, input, expected);
}

static void models_reference_dense_sums_wrap_like_the_target(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_DENSE};
    hf_graph *graph = one_node(1, 1, 2, &node, 1, (hf_quant){1, -128}, (hf_quant){16777216, 0});
    const int8_t weights[2] = {1, 1};
    const int32_t bias = INT32_MAX; /* 2^31 - 1 + 255 + 255 wraps to -2^31 + 509 */
    fill(graph, weights, &bias, 1);
    const int8_t input[2] = {127, 127};
    const int8_t expected[1] = {-128};
    check_run(graph, input, expected);
}

static void models_reference_relu6_clamps(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_DENSE, .activation = HF_ACTIVATION_RELU6};
    hf_graph *graph = one_node(1, 1, 1, &node, 3, (hf_quant){1, 0}, (hf_quant){0.5f, -10});
    const int8_t weights[3] = {1, 2, -1};
    fill(graph, weights, NULL, 1);
    const int8_t input[1] = {4};
    const int8_t expected[3] = {-2, 2, -10}; /* 4, 8 -> 6, -4 -> 0 */
    check_run(graph, input, expected);
}

static void models_reference_average_pool_rounds_away_from_zero(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_AVERAGE_POOL,
                    .kernel_height = 1,
                    .kernel_width = 2,
                    .stride_height = 1,
                    .stride_width = 2,
                    .padding = HF_PADDING_SAME};
    hf_graph *graph = one_node(1, 5, 1, &node, 0, (hf_quant){1, 3}, (hf_quant){1, 3});
    const int8_t input[5] = {1, 2, -1, -2, 7};
    const int8_t expected[3] = {2, -2, 7}; /* 1.5, -1.5; the last window has one cell inside */
    check_run(graph, input, expected);
}

static void models_reference_max_pool(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_MAX_POOL,
                    .kernel_height = 2,
                    .kernel_width = 2,
                    .stride_height = 1,
                    .stride_width = 1,
                    .padding = HF_PADDING_SAME};
    hf_graph *graph = one_node(2, 2, 1, &node, 0, (hf_quant){1, 0}, (hf_quant){1, 0});
    const int8_t input[4] = {-9, -3, -7, -128};
    const int8_t expected[4] = {-3, -3, -7, -128};
    check_run(graph, input, expected);
}

/* One step of the output is the most that fixed point may be off the real sum. */
static void models_reference_add_close_to_real_numbers(void **state)
{
    (void)state;
    hf_node node = {.op = HF_OP_ADD, .inputs = {0, 0}};
    const hf_quant in = {0.037f, 17}, out = {0.081f, -40};
    for (int value = -128; value < 128; value++) {
        hf_graph *graph = one_node(1, 1, 1, &node, 0, in, out);
        double real = 2 * (double)in.scale * (value - in.zero_point) / (double)out.scale + out.zero_point;
        double rounded = round(fmin(fmax(real, -128), 127));
        const int8_t input[1] = {(int8_t)value};
        const int8_t expected[1] = {(int8_t)rounded};
        check_run(graph, input, expected);
    }
}

static void models_reference_softmax_close_to_real_numbers(void **state)
{
    (void)state;
    enum { COUNT = 10 };
    uint32_t random = 3;
    for (int round = 0; round < 3000; round++) {
        hf_node node = {.op = HF_OP_SOFTMAX, .softmax_beta = 1};
        static const float scales[] = {0.001f, 0.02f, 0.1f, 0.3f};
        const hf_quant in = {scales[round % 4], 5};
        hf_graph *graph = one_node(1, 1, COUNT, &node, 0, in, (hf_quant){1.0f / 256, -128});
        int8_t input[COUNT];
        hf_input_generate(random++, input, COUNT);
        hf_reference run;
        assert_int_equal(hf_reference_run(graph, input, &run, NULL), HF_OK);
        double sum = 0;
        for (int i = 0; i < COUNT; i++)
            sum += exp((double)in.scale * input[i]);
        for (int i = 0; i < COUNT; i++) {
            double exact = fmin(256 * exp((double)in.scale * input[i]) / sum, 255);
            assert_true(fabs(run.outputs[0][i] + 128 - exact) <= 0.51);
        }
        hf_reference_free(&run);
        hf_graph_free(graph);
    }
}

/* ---- Errors ---- */

static void expect_error(hf_graph *graph, hf_status status, const char *words)
{
    static const int8_t input[8192];
    hf_reference run;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_reference_run(graph, input, &run, &err), status);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    hf_graph_free(graph);
}

static void models_reference_rejects_unsupported_nodes(void **state)
{
    (void)state;
    hf_node dense = {.op = HF_OP_DENSE};
    expect_error(one_node(1, 1, 1, &dense, 1, (hf_quant){1, 0}, (hf_quant){1, 0}), HF_EINVALID,
                 "node: no weights");
    expect_error(one_node(1, 1, 1, &dense, 1, (hf_quant){0, 0}, (hf_quant){1, 0}), HF_EINVALID,
                 "node: the input is not quantised");
    expect_error(one_node(1, 1, 1, &dense, 1, (hf_quant){1, 0}, (hf_quant){0, 0}), HF_EINVALID,
                 "node: the output is not quantised");
    hf_node pool = {
        .op = HF_OP_MAX_POOL, .kernel_height = 1, .kernel_width = 1, .stride_height = 1, .stride_width = 1};
    expect_error(one_node(1, 1, 1, &pool, 0, (hf_quant){1, 0}, (hf_quant){2, 0}), HF_EUNSUPPORTED,
                 "equal input and output");
    hf_node softmax = {.op = HF_OP_SOFTMAX, .softmax_beta = 1};
    expect_error(one_node(1, 1, 4096, &softmax, 0, (hf_quant){1, 0}, (hf_quant){1.0f / 256, -128}),
                 HF_EUNSUPPORTED, "softmax over 4096 values, at most 4095");
    hf_graph *graph = one_node(1, 1, 1, &dense, 1, (hf_quant){1, 0}, (hf_quant){1e-20f, 0});
    const int8_t weight = 1;
    fill(graph, &weight, NULL, 1);
    expect_error(graph, HF_EUNSUPPORTED, "node: output channel 0 is scaled up by");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_reference_doubling_high_mul),
        cmocka_unit_test(models_reference_rounding_shift),
        cmocka_unit_test(models_reference_conv_padding_counts_as_zero_point),
        cmocka_unit_test(models_reference_conv_layout_and_stride),
        cmocka_unit_test(models_reference_depthwise_separates_channels),
        cmocka_unit_test(models_reference_dense_sums_wrap_like_the_target),
        cmocka_unit_test(models_reference_relu6_clamps),
        cmocka_unit_test(models_reference_average_pool_rounds_away_from_zero),
        cmocka_unit_test(models_reference_max_pool),
        cmocka_unit_test(models_reference_add_close_to_real_numbers),
        cmocka_unit_test(models_reference_softmax_close_to_real_numbers),
        cmocka_unit_test(models_reference_rejects_unsupported_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
