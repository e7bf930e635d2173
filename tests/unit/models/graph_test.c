/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "graph/graph.h"
#include "graph/quantize.h"

static hf_graph *new_graph(int32_t height, int32_t width, int32_t channels)
{
    hf_graph *graph = NULL;
    assert_int_equal(hf_graph_new("test", height, width, channels, &graph, NULL), HF_OK);
    return graph;
}

static hf_node window_node(hf_op op, int32_t kernel, int32_t stride, hf_padding padding)
{
    return (hf_node){.op = op,
                     .name = "node",
                     .input_count = 1,
                     .kernel_height = kernel,
                     .kernel_width = kernel,
                     .stride_height = stride,
                     .stride_width = stride,
                     .padding = padding};
}

static void check_window(int32_t in, int32_t kernel, int32_t stride, hf_padding padding, int32_t out,
                         int32_t before)
{
    hf_graph *graph = new_graph(in, in, 4);
    hf_node node = window_node(HF_OP_DEPTHWISE, kernel, stride, padding);
    int32_t tensor;
    assert_int_equal(hf_graph_add(graph, &node, 0, &tensor, NULL), HF_OK);
    assert_int_equal(graph->tensors[tensor].height, out);
    assert_int_equal(graph->tensors[tensor].width, out);
    assert_int_equal(graph->tensors[tensor].channels, 4);
    int32_t top, left;
    hf_node_padding(graph, &graph->nodes[0], &top, &left);
    assert_int_equal(top, before);
    assert_int_equal(left, before);
    hf_graph_free(graph);
}

static void models_graph_window_shapes(void **state)
{
    (void)state;
    check_window(96, 3, 2, HF_PADDING_SAME, 48, 0); /* one column of padding, on the right */
    check_window(97, 3, 2, HF_PADDING_SAME, 49, 1);
    check_window(48, 3, 1, HF_PADDING_SAME, 48, 1);
    check_window(5, 5, 1, HF_PADDING_SAME, 5, 2);
    check_window(1, 3, 1, HF_PADDING_SAME, 1, 1);
    check_window(1, 3, 2, HF_PADDING_SAME, 1, 1);
    check_window(2, 5, 1, HF_PADDING_SAME, 2, 2); /* with padding, the kernel may be larger than the input */
    check_window(5, 1, 3, HF_PADDING_SAME, 2, 0); /* no padding if the stride exceeds the kernel */
    check_window(7, 3, 2, HF_PADDING_VALID, 3, 0);
    check_window(8, 3, 2, HF_PADDING_VALID, 3, 0);
    check_window(3, 3, 3, HF_PADDING_VALID, 1, 0);
}

static void models_graph_rectangular_conv(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(49, 10, 1);
    hf_node node = window_node(HF_OP_CONV2D, 10, 2, HF_PADDING_SAME);
    node.kernel_width = 4;
    int32_t tensor, top, left;
    assert_int_equal(hf_graph_add(graph, &node, 64, &tensor, NULL), HF_OK);
    assert_int_equal(graph->tensors[tensor].height, 25);
    assert_int_equal(graph->tensors[tensor].width, 5);
    hf_node_padding(graph, &graph->nodes[0], &top, &left);
    assert_int_equal(top, 4);
    assert_int_equal(left, 1);
    assert_int_equal(hf_node_weight_count(graph, &graph->nodes[0]), 64 * 10 * 4);
    assert_int_equal(hf_node_macs(graph, &graph->nodes[0]), 320000);
    assert_int_equal(hf_node_output_channels(graph, &graph->nodes[0]), 64);
    hf_graph_free(graph);
}

static void models_graph_lifetimes(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(4, 4, 2);
    hf_node conv = window_node(HF_OP_CONV2D, 1, 1, HF_PADDING_SAME);
    int32_t a, b, sum, flat, dense;
    assert_int_equal(hf_graph_add(graph, &conv, 2, &a, NULL), HF_OK);
    conv.inputs[0] = a;
    assert_int_equal(hf_graph_add(graph, &conv, 2, &b, NULL), HF_OK);
    hf_node add = {.op = HF_OP_ADD, .name = "sum", .inputs = {b, graph->input}, .input_count = 2};
    assert_int_equal(hf_graph_add(graph, &add, 0, &sum, NULL), HF_OK);
    hf_node reshape = {.op = HF_OP_RESHAPE, .name = "flat", .inputs = {sum}, .input_count = 1};
    assert_int_equal(hf_graph_add(graph, &reshape, 0, &flat, NULL), HF_OK);
    assert_int_equal(graph->tensors[flat].channels, 32);
    hf_node last = {.op = HF_OP_DENSE, .name = "dense", .inputs = {flat}, .input_count = 1};
    assert_int_equal(hf_graph_add(graph, &last, 5, &dense, NULL), HF_OK);
    assert_int_equal(hf_node_macs(graph, &graph->nodes[4]), 160);
    assert_int_equal(hf_graph_finish(graph, dense, NULL), HF_OK);
    assert_int_equal(graph->tensors[graph->input].last_consumer, 2);
    assert_int_equal(graph->tensors[a].last_consumer, 1);
    assert_int_equal(graph->tensors[b].last_consumer, 2);
    assert_int_equal(graph->tensors[dense].last_consumer, 4);
    assert_int_equal(graph->tensors[dense].producer, 4);
    hf_graph_free(graph);
}

static void expect_error(hf_graph *graph, const hf_node *node, int32_t channels, const char *words)
{
    hf_error err;
    hf_error_clear(&err);
    int32_t tensor = -7;
    assert_int_not_equal(hf_graph_add(graph, node, channels, &tensor, &err), HF_OK);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    assert_int_equal(tensor, -7);
    assert_int_equal(graph->node_count, 0);
}

static void models_graph_errors_name_node_and_attribute(void **state)
{
    (void)state;
    hf_graph *graph = new_graph(2, 2, 3);
    hf_node node = window_node(HF_OP_DEPTHWISE, 3, 1, HF_PADDING_VALID);
    expect_error(graph, &node, 0, "node: kernel 3x3 is larger than its input of 2x2");
    node.padding = HF_PADDING_SAME;
    node.stride_width = 0;
    expect_error(graph, &node, 0, "node: stride 1x0");
    node = window_node(HF_OP_CONV2D, 0, 1, HF_PADDING_SAME);
    expect_error(graph, &node, 4, "node: kernel 0x0");
    node = window_node(HF_OP_CONV2D, 1, 1, HF_PADDING_SAME);
    expect_error(graph, &node, 0, "node: 0 output channels");
    expect_error(graph, &node, HF_GRAPH_MAX_DIMENSION + 1, "node: 65536 output channels");
    node.inputs[0] = 1;
    expect_error(graph, &node, 4, "node: input 0 is tensor 1, but there are 1");
    node.inputs[0] = 0;
    node.input_count = 2;
    expect_error(graph, &node, 4, "node: 2 inputs, conv2d takes 1");
    node = (hf_node){
        .op = HF_OP_RESHAPE, .name = "flat", .input_count = 1, .kernel_height = 5, .kernel_width = 1};
    expect_error(graph, &node, 0, "flat: cannot reshape 2x2x3");
    hf_graph_free(graph);
}

static void models_graph_rejects_impossible_sizes(void **state)
{
    (void)state;
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_graph_new("x", 0, 1, 1, &graph, &err), HF_EINVALID);
    assert_int_equal(hf_graph_new("x", 65535, 65535, 3, &graph, NULL), HF_ELIMIT);
    assert_null(graph);
    graph = new_graph(1000, 1000, 60);
    hf_node node = window_node(HF_OP_CONV2D, 65535, 1, HF_PADDING_SAME);
    expect_error(graph, &node, 60, "multiply-accumulates");
    expect_error(graph, &node, 65535, "takes more than");
    hf_graph_free(graph);
    hf_graph_free(NULL);
}

static void models_graph_activation_ranges(void **state)
{
    (void)state;
    int32_t min, max;
    hf_activation_range(HF_ACTIVATION_NONE, (hf_quant){0.5f, 10}, &min, &max);
    assert_int_equal(min, -128);
    assert_int_equal(max, 127);
    hf_activation_range(HF_ACTIVATION_RELU, (hf_quant){0.5f, 10}, &min, &max);
    assert_int_equal(min, 10);
    assert_int_equal(max, 127);
    hf_activation_range(HF_ACTIVATION_RELU6, (hf_quant){0.5f, 10}, &min, &max);
    assert_int_equal(min, 10);
    assert_int_equal(max, 22);
    hf_activation_range(HF_ACTIVATION_RELU6, (hf_quant){1e-30f, -128}, &min, &max);
    assert_int_equal(max, 127);
}

static void models_graph_quantize_multiplier(void **state)
{
    (void)state;
    static const struct {
        double real;
        int32_t multiplier, shift;
    } cases[] = {
        {0.0, 0, 0},          {1.0, 1 << 30, 1},     {0.5, 1 << 30, 0},         {0.75, 1610612736, 0},
        {3.0, 1610612736, 2}, {0.1, 1717986918, -3}, {1.0 - 1e-12, 1 << 30, 1}, /* rounds up to 1 */
        {1e-12, 0, 0}, /* below the range of shifts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t multiplier, shift;
        hf_quantize_multiplier(cases[i].real, &multiplier, &shift);
        assert_int_equal(multiplier, cases[i].multiplier);
        assert_int_equal(shift, cases[i].shift);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_graph_window_shapes),
        cmocka_unit_test(models_graph_rectangular_conv),
        cmocka_unit_test(models_graph_lifetimes),
        cmocka_unit_test(models_graph_errors_name_node_and_attribute),
        cmocka_unit_test(models_graph_rejects_impossible_sizes),
        cmocka_unit_test(models_graph_activation_ranges),
        cmocka_unit_test(models_graph_quantize_multiplier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
