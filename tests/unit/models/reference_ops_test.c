/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of the newer families, compared with values computed by hand and with real arithmetic. */
#include "hf_test.h"

#include <math.h>

#include "graph/elementwise.h"
#include "graph/graph.h"
#include "reference/reference.h"
#include "weights/weights.h"

static hf_graph *new_graph(int32_t height, int32_t width, int32_t channels, hf_quant quant)
{
    hf_graph *graph = NULL;
    assert_int_equal(hf_graph_new("test", height, width, channels, &graph, NULL), HF_OK);
    graph->tensors[graph->input].quant = quant;
    return graph;
}

/* Adds a node, which reads the graph's input unless it names another, and makes its output the graph's. */
static int32_t add_node(hf_graph *graph, hf_node node, int32_t out_channels, hf_quant quant)
{
    int32_t output;
    hf_error err;
    hf_error_clear(&err);
    snprintf(node.name, sizeof node.name, "node");
    if (node.input_count == 0)
        node.input_count = 1;
    if (hf_graph_add(graph, &node, out_channels, &output, &err) || hf_graph_finish(graph, output, &err))
        fail_msg("%s", err.message);
    graph->tensors[output].quant = quant;
    return output;
}

#define check_run(graph, input, expected) check_outputs(graph, input, expected, sizeof(expected))

/* Runs the graph, compares the output of its last node, and frees it. */
static void check_outputs(hf_graph *graph, const int8_t *input, const int8_t *expected, size_t count)
{
    hf_reference run;
    hf_error err;
    hf_error_clear(&err);
    if (hf_reference_run(graph, input, &run, &err))
        fail_msg("%s", err.message);
    assert_int_equal(hf_tensor_bytes(&graph->tensors[graph->output]), count);
    for (size_t i = 0; i < count; i++)
        if (run.outputs[graph->node_count - 1][i] != expected[i])
            fail_msg("output %zu is %d, expected %d", i, run.outputs[graph->node_count - 1][i], expected[i]);
    hf_reference_free(&run);
    hf_graph_free(graph);
}

static const hf_quant one = {1, 0};

static void set_weights(hf_graph *graph, const int8_t *weights, float scale)
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
}

static void models_reference_ops_grouped_conv(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(1, 3, 4, (hf_quant){1, 1});
    const hf_node conv = {.op = HF_OP_CONV2D,
                          .kernel_height = 1,
                          .kernel_width = 2,
                          .stride_height = 1,
                          .stride_width = 1,
                          .padding = HF_PADDING_SAME,
                          .groups = 2};
    add_node(graph, conv, 2, one);
    assert_int_equal(hf_node_weight_count(graph, &graph->nodes[0]), 2 * 2 * 2);
    assert_int_equal(hf_node_macs(graph, &graph->nodes[0]), 3 * 2 * 2 * 2);
    /* [O,KH,KW,I/groups]: output 0 reads channels 0 and 1, output 1 channels 2 and 3 */
    const int8_t weights[8] = {1, 2, 3, 4, /**/ 1, -1, 2, -2};
    set_weights(graph, weights, 1);
    /* minus the zero point: 1 2 3 5 | 0 1 4 4 | 2 0 1 0 */
    const int8_t input[12] = {2, 3, 4, 6, 1, 2, 5, 5, 3, 1, 2, 1};
    const int8_t expected[6] = {1 + 4 + 0 + 4, 3 - 5 + 8 - 8, 0 + 2 + 6 + 0, 4 - 4 + 2 - 0, 2 + 0, 1 - 0};
    check_run(graph, input, expected);
}

static void models_reference_ops_mul(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(1, 2, 2, (hf_quant){0.5f, 1});
    /* squares: 0.25 (q - 1)^2 in steps of 0.5 */
    add_node(graph, (hf_node){.op = HF_OP_MUL, .inputs = {0, 0}, .input_count = 2}, 0, (hf_quant){0.5f, -2});
    const int8_t input[4] = {1, 2, 4, -5};
    const int8_t expected[4] = {-2, -1, 3, 16}; /* 0; 0.5 rounds to 1, 4.5 to 5; 18 */
    check_run(graph, input, expected);
}

static void models_reference_ops_mul_by_a_gate(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(1, 2, 2, one);
    int32_t gate = add_node(graph, (hf_node){.op = HF_OP_MEAN}, 0, one);
    add_node(
        graph,
        (hf_node){.op = HF_OP_MUL, .inputs = {0, gate}, .input_count = 2, .activation = HF_ACTIVATION_RELU},
        0, one);
    const int8_t input[4] = {1, -2, 3, 6}; /* means 2 and 2 */
    const int8_t expected[4] = {2, 0, 6, 12};
    check_run(graph, input, expected);
}

static void models_reference_ops_mean(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(3, 1, 2, (hf_quant){1, -10});
    add_node(graph, (hf_node){.op = HF_OP_MEAN}, 0, (hf_quant){0.5f, 3});
    const int8_t input[6] = {-10, 0, -9, 1, -8, 5}; /* reals 0 1 2 and 10 11 15 */
    const int8_t expected[2] = {3 + 2, 3 + 24};
    check_run(graph, input, expected);
}

/* Fixed point may differ from the real mean by at most one step. */
static void models_reference_ops_mean_close_to_real_numbers(void **state)
{
    (void)state;
    uint32_t seed = 9;
    for (int32_t side = 1; side <= 40; side++) {
        const hf_quant in = {0.043f, 7}, out = {0.021f, -30};
        hf_graph *graph = new_graph(side, side, 3, in);
        add_node(graph, (hf_node){.op = HF_OP_MEAN}, 0, out);
        int8_t input[40 * 40 * 3];
        hf_input_generate(seed++, input, (size_t)side * (size_t)side * 3);
        hf_reference run;
        assert_int_equal(hf_reference_run(graph, input, &run, NULL), HF_OK);
        for (int32_t c = 0; c < 3; c++) {
            double sum = 0;
            for (int32_t i = 0; i < side * side; i++)
                sum += (double)in.scale * (input[3 * i + c] - in.zero_point);
            double exact = sum / (side * side) / (double)out.scale + out.zero_point;
            assert_true(fabs(run.outputs[0][c] - fmin(fmax(exact, -128), 127)) <= 0.51);
        }
        hf_reference_free(&run);
        hf_graph_free(graph);
    }
}

static void models_reference_ops_concat(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(1, 2, 2, (hf_quant){1, 0});
    /* the second input has twice the scale and another zero point */
    int32_t doubled =
        add_node(graph, (hf_node){.op = HF_OP_ADD_CONST, .constant = 0, .constant_quant = {1, 0}}, 0,
                 (hf_quant){2, 5});
    add_node(graph, (hf_node){.op = HF_OP_CONCAT, .inputs = {0, doubled, 0}, .input_count = 3}, 0, one);
    const int8_t input[4] = {2, -4, 100, 7};
    const int8_t expected[12] = {2, -4, 2, -4, 2, -4, 100, 7, 100, 8, 100, 7}; /* 7 / 2 rounds to 4 */
    check_run(graph, input, expected);
}

static void models_reference_ops_slice_and_shuffle(void **state)
{
    (void)state;
    const int8_t input[12] = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15};
    hf_graph *graph = new_graph(2, 1, 6, one);
    add_node(graph, (hf_node){.op = HF_OP_SLICE, .slice_begin = 2, .slice_count = 3}, 0, one);
    const int8_t sliced[6] = {2, 3, 4, 12, 13, 14};
    check_run(graph, input, sliced);
    graph = new_graph(2, 1, 6, one);
    add_node(graph, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .groups = 2}, 0, one);
    const int8_t two[12] = {0, 3, 1, 4, 2, 5, 10, 13, 11, 14, 12, 15};
    check_run(graph, input, two);
    graph = new_graph(2, 1, 6, one);
    add_node(graph, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .groups = 3}, 0, one);
    const int8_t three[12] = {0, 2, 4, 1, 3, 5, 10, 12, 14, 11, 13, 15};
    check_run(graph, input, three);
}

static void models_reference_ops_pad(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(1, 2, 2, (hf_quant){1, -7});
    add_node(graph, (hf_node){.op = HF_OP_PAD, .pad_top = 1, .pad_left = 1, .pad_right = 2}, 0,
             (hf_quant){1, -7});
    const int8_t input[4] = {1, 2, 3, 4};
    const int8_t expected[20] = {-7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, 1, 2, 3, 4, -7, -7, -7, -7};
    check_run(graph, input, expected);
}

/* ---- Operators of one value ---- */

/* Gets the node's table and checks that running the node yields its values. */
static void table_of(hf_node node, hf_quant in, hf_quant out, int8_t table[256])
{
    hf_graph *graph = new_graph(256, 1, 1, in);
    add_node(graph, node, 0, out);
    int8_t input[256];
    for (int q = -128; q < 128; q++)
        input[q + 128] = (int8_t)q;
    hf_error err;
    hf_error_clear(&err);
    if (hf_elementwise_table(graph, &graph->nodes[0], table, &err))
        fail_msg("%s", err.message);
    check_outputs(graph, input, table, 256);
}

/* Every output must be within `steps` output steps of the real function. */
static void check_close(hf_node node, hf_quant in, hf_quant out, double (*real)(double), double steps)
{
    int8_t table[256];
    table_of(node, in, out, table);
    for (int q = -128; q < 128; q++) {
        double exact = real((double)in.scale * (q - in.zero_point)) / (double)out.scale + out.zero_point;
        double error = fabs(table[q + 128] - fmin(fmax(exact, -128), 127));
        if (error > steps)
            fail_msg("%s of scale %g: input %d gives %d, an error of %.2f steps", hf_op_name(node.op),
                     (double)in.scale, q, table[q + 128], error);
    }
}

static double real_hard_swish(double x)
{
    return x * fmin(fmax(x + 3, 0), 6) / 6;
}

static double real_shifted(double x)
{
    return fmin(fmax(x + 3, 0), 6);
}

static double real_sixth(double x)
{
    return x / 6;
}

static double real_relu(double x)
{
    return fmax(x, 0);
}

static double real_relu6(double x)
{
    return fmin(fmax(x, 0), 6);
}

static void models_reference_ops_close_to_real_functions(void **state)
{
    (void)state;
    static const hf_quant ins[] = {{0.002f, 0},   {0.02f, -20}, {0.037f, 5},
                                   {0.06f, -128}, {0.1f, 100},  {0.5f, 0}};
    for (size_t i = 0; i < sizeof ins / sizeof *ins; i++) {
        const double top = (double)ins[i].scale * (127 - ins[i].zero_point) + 0.5;
        const hf_quant out = {(float)(top / 220), -90};
        check_close((hf_node){.op = HF_OP_HARD_SWISH}, ins[i], out, real_hard_swish, 1.0);
        check_close((hf_node){.op = HF_OP_RELU, .activation = HF_ACTIVATION_RELU}, ins[i], out, real_relu,
                    0.51);
        check_close((hf_node){.op = HF_OP_RELU, .activation = HF_ACTIVATION_RELU6}, ins[i], out, real_relu6,
                    0.51);
        check_close((hf_node){.op = HF_OP_ADD_CONST,
                              .activation = HF_ACTIVATION_RELU6,
                              .constant = 127,
                              .constant_quant = {3.0f / 127, 0}},
                    ins[i], (hf_quant){6.0f / 255, -128}, real_shifted, 0.51);
        check_close(
            (hf_node){.op = HF_OP_MUL_CONST, .constant = 127, .constant_quant = {1.0f / (6 * 127), 0}},
            ins[i], (hf_quant){(float)(top / 6 / 220), -90}, real_sixth, 0.51);
    }
}

/* Values that follow from the fixed-point formats alone. */
static void models_reference_ops_hard_swish_exact_values(void **state)
{
    (void)state;
    int8_t table[256];
    table_of((hf_node){.op = HF_OP_HARD_SWISH}, (hf_quant){0.0625f, 0}, (hf_quant){0.0625f, -6}, table);
    assert_int_equal(table[-128 + 128], -6); /* -8: cut off entirely */
    assert_int_equal(table[-48 + 128], -6);  /* -3 */
    assert_int_equal(table[0 + 128], -6);    /* 0 */
    assert_int_equal(table[-24 + 128], -12); /* -1.5: the minimum, -0.375 */
    assert_int_equal(table[48 + 128], 42);   /* 3 passes unchanged */
    assert_int_equal(table[127 + 128], 121);
    hf_node relu = {.op = HF_OP_RELU, .activation = HF_ACTIVATION_RELU6};
    table_of(relu, (hf_quant){0.0625f, -16}, (hf_quant){0.0625f, -16}, table);
    for (int q = -128; q < 128; q++) /* equal quantisation: values are clamped to 0 .. 6 */
        assert_int_equal(table[q + 128], q < -16 ? -16 : q > 80 ? 80 : q);
}

/* ---- Shapes and errors ---- */

static void expect_shape_error(hf_node node, int32_t out_channels, const char *words)
{
    hf_graph *graph = new_graph(4, 4, 6, one);
    hf_node slice = {.op = HF_OP_SLICE, .name = "half", .input_count = 1, .slice_count = 3};
    int32_t half, tensor = -7;
    assert_int_equal(hf_graph_add(graph, &slice, 0, &half, NULL), HF_OK);
    hf_error err;
    hf_error_clear(&err);
    snprintf(node.name, sizeof node.name, "node");
    if (node.input_count == 0)
        node.input_count = 1;
    assert_int_equal(hf_graph_add(graph, &node, out_channels, &tensor, &err), HF_EINVALID);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    assert_int_equal(tensor, -7);
    hf_graph_free(graph);
}

static void models_reference_ops_reject_impossible_shapes(void **state)
{
    (void)state;
    hf_node conv = {.op = HF_OP_CONV2D,
                    .kernel_height = 1,
                    .kernel_width = 1,
                    .stride_height = 1,
                    .stride_width = 1,
                    .groups = 4};
    expect_shape_error(conv, 8, "node: 4 groups do not divide 6 input and 8 output channels");
    conv.groups = 3;
    expect_shape_error(conv, 8, "node: 3 groups do not divide 6 input and 8 output channels");
    conv.groups = -1;
    expect_shape_error(conv, 8, "node: -1 groups");
    expect_shape_error((hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .groups = 4}, 0,
                       "4 groups do not divide 6 channels");
    expect_shape_error((hf_node){.op = HF_OP_SLICE, .slice_begin = 4, .slice_count = 3}, 0,
                       "3 channels from channel 4 on, but the input has 6");
    expect_shape_error((hf_node){.op = HF_OP_SLICE, .slice_begin = INT32_MAX, .slice_count = INT32_MAX}, 0,
                       "the input has 6");
    expect_shape_error((hf_node){.op = HF_OP_SLICE, .slice_begin = -1, .slice_count = 3}, 0,
                       "from channel -1");
    expect_shape_error((hf_node){.op = HF_OP_MUL, .inputs = {0, 1}, .input_count = 2}, 0,
                       "mul of 4x4x6 and 4x4x3, expected equal shapes or a second input of 1x1xC");
    expect_shape_error((hf_node){.op = HF_OP_ADD, .inputs = {0, 1}, .input_count = 2}, 0,
                       "expected equal shapes");
    expect_shape_error((hf_node){.op = HF_OP_MUL}, 0, "1 inputs, mul takes 2");
    expect_shape_error((hf_node){.op = HF_OP_CONCAT}, 0, "1 inputs, concat takes 2 .. 16");
    expect_shape_error((hf_node){.op = HF_OP_PAD, .pad_left = -1}, 0, "node: padding of -1, expected 0 ..");
    expect_shape_error((hf_node){.op = HF_OP_PAD, .pad_top = 65535}, 0, "65539x4 after padding");
    expect_shape_error((hf_node){.op = HF_OP_RELU}, 0, "relu has no activation");
}

static void expect_run_error(hf_node node, hf_quant in, hf_quant out, const char *words)
{
    hf_graph *graph = new_graph(2, 2, 2, in);
    add_node(graph, node, 0, out);
    static const int8_t input[8];
    hf_reference run;
    hf_error err;
    hf_error_clear(&err);
    assert_int_not_equal(hf_reference_run(graph, input, &run, &err), HF_OK);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    hf_graph_free(graph);
}

static void models_reference_ops_reject_unsupported_nodes(void **state)
{
    (void)state;
    const hf_quant tiny = {1e-9f, 0}, two = {2, 0};
    expect_run_error((hf_node){.op = HF_OP_SLICE, .slice_count = 1}, one, two,
                     "slice needs equal input and output");
    expect_run_error((hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .groups = 2}, one, two, "needs equal");
    expect_run_error((hf_node){.op = HF_OP_PAD, .pad_top = 1}, one, two, "needs equal");
    expect_run_error((hf_node){.op = HF_OP_MUL, .inputs = {0, 0}, .input_count = 2}, one, tiny, "too small");
    expect_run_error((hf_node){.op = HF_OP_HARD_SWISH}, one, tiny, "too small");
    expect_run_error((hf_node){.op = HF_OP_RELU, .activation = HF_ACTIVATION_RELU}, one, tiny, "too small");
    expect_run_error((hf_node){.op = HF_OP_CONCAT, .inputs = {0, 0}, .input_count = 2}, one, tiny,
                     "too small");
    expect_run_error((hf_node){.op = HF_OP_MEAN}, two, (hf_quant){1e-30f, 0}, "too small");
    expect_run_error((hf_node){.op = HF_OP_ADD_CONST}, one, one, "its constant is not quantised");
    int8_t table[256];
    hf_graph *graph = new_graph(2, 2, 2, one);
    add_node(graph, (hf_node){.op = HF_OP_SOFTMAX, .softmax_beta = 1}, 0, one);
    assert_false(hf_op_has(HF_OP_SOFTMAX, HF_NODE_ELEMENTWISE));
    assert_int_equal(hf_elementwise_table(graph, &graph->nodes[0], table, NULL), HF_EINVALID);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_reference_ops_grouped_conv),
        cmocka_unit_test(models_reference_ops_mul),
        cmocka_unit_test(models_reference_ops_mul_by_a_gate),
        cmocka_unit_test(models_reference_ops_mean),
        cmocka_unit_test(models_reference_ops_mean_close_to_real_numbers),
        cmocka_unit_test(models_reference_ops_concat),
        cmocka_unit_test(models_reference_ops_slice_and_shuffle),
        cmocka_unit_test(models_reference_ops_pad),
        cmocka_unit_test(models_reference_ops_close_to_real_functions),
        cmocka_unit_test(models_reference_ops_hard_swish_exact_values),
        cmocka_unit_test(models_reference_ops_reject_impossible_shapes),
        cmocka_unit_test(models_reference_ops_reject_unsupported_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
