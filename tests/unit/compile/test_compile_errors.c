/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "compile/compile.h"
#include "random_graph.h"

static void expect_failure(const hf_graph *graph, hf_status status, const char *part)
{
    hf_image image;
    memset(&image, 0x33, sizeof image);
    const hf_image untouched = image;
    hf_error err = {0};
    const hf_status got = hf_compile(graph, &image, &err);
    if (got != status)
        fail_msg("status %d, expected %d: %s", got, status, err.message);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, part);
    assert_int_equal(err.fault, HF_FAULT_JOB);
    assert_memory_equal(&image, &untouched, sizeof image);
}

static hf_graph *a_convolution(void)
{
    random_source r = {3};
    return random_single(&r, HF_OP_CONV2D, RANDOM_USUAL);
}

static void missing_weights(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    free(graph->nodes[0].weights);
    graph->nodes[0].weights = NULL;
    uint32_t arena = 0;
    assert_int_equal(hf_plan_arena_bytes(graph, &arena, NULL), HF_OK);
    assert_true(arena > 0);
    expect_failure(graph, HF_EINVALID, "conv2d: no weights");
    hf_graph_free(graph);
}

static void missing_quantisation(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    graph->tensors[graph->output].quant.scale = 0.0F;
    expect_failure(graph, HF_EINVALID, "expected a scale above 0");
    hf_graph_free(graph);
}

static void bad_zero_point(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    graph->tensors[graph->input].quant.zero_point = 128;
    expect_failure(graph, HF_EINVALID, "zero point 128");
    hf_graph_free(graph);
}

static void weight_scale_not_finite(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    graph->nodes[0].weight_scales[0] = 1.0F / 0.0F;
    expect_failure(graph, HF_EINVALID, "weight scale inf of channel 0");
    hf_graph_free(graph);
}

static void scale_far_too_large(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    memset(graph->nodes[0].weights, 1, (size_t)hf_node_weight_count(graph, &graph->nodes[0]));
    graph->nodes[0].weight_scales[0] = 1e20F;
    expect_failure(graph, HF_EUNSUPPORTED, "scaled up");
    hf_graph_free(graph);
}

static void pool_that_changes_quantisation(void **state)
{
    (void)state;
    random_source r = {4};
    hf_graph *graph = random_single(&r, HF_OP_AVERAGE_POOL, RANDOM_USUAL);
    graph->tensors[graph->output].quant.scale *= 2.0F;
    expect_failure(graph, HF_EUNSUPPORTED, "equal input and output quantisation");
    hf_graph_free(graph);
}

static void dimension_beyond_the_format(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    graph->nodes[0].stride_height = 70000;
    expect_failure(graph, HF_ELIMIT, "vertical stride is 70000");
    hf_graph_free(graph);
}

static void shapes_that_do_not_fit(void **state)
{
    (void)state;
    hf_graph *graph = a_convolution();
    graph->tensors[graph->output].height = 60;
    expect_failure(graph, HF_EINVALID, "does not fit its kernel");
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_weights),
        cmocka_unit_test(missing_quantisation),
        cmocka_unit_test(bad_zero_point),
        cmocka_unit_test(weight_scale_not_finite),
        cmocka_unit_test(scale_far_too_large),
        cmocka_unit_test(pool_that_changes_quantisation),
        cmocka_unit_test(dimension_beyond_the_format),
        cmocka_unit_test(shapes_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
