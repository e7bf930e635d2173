/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/file.h"
#include "engine/kernel_choice.h"
#include "engine_case.h"
#include "target.h"
#include "tflite/tflite.h"
#include "tiled_case.h"
#include "weights/weights.h"

/* Compares the build for Cortex-M4 with its DSP kernels, executed on an emulated core, with the host's build. */

#ifndef CASES_PER_KIND
#define CASES_PER_KIND 60
#endif

static engine_target *target;

static int open_target(void **state)
{
    (void)state;
    hf_error err = {0};
    if (engine_target_new(HARNESS_BINARY, &target, &err))
        fail_msg("%s", err.message);
    return 0;
}

static int close_target(void **state)
{
    (void)state;
    engine_target_free(target);
    return 0;
}

static void compare(engine_case *c, const hf_graph *graph, const int8_t *input)
{
    engine_case_run(c, input, NULL);
    const engine_target_job job = {
        .image = c->image.bytes,
        .image_bytes = c->image.size,
        .arena_bytes = c->model.arena_bytes,
        .input_offset = c->model.input_offset,
        .input_bytes = c->model.input_bytes,
        .output_offset = c->model.output_offset,
        .output_bytes = c->model.output_bytes,
        .input = input,
    };
    engine_target_result result;
    hf_error err = {0};
    if (engine_target_run(target, &job, &result, &err))
        fail_msg("%s", err.message);
    const hf_node *node = &graph->nodes[graph->node_count - 1];
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    for (uint32_t i = 0; i < c->model.output_bytes; i++)
        if ((int8_t)result.output[i] != engine_case_output(c)[i])
            fail_msg(
                "%s %dx%dx%d, kernel %dx%d, strides %d %d: output %u is %d on the target, %d on the host",
                node->name, in->height, in->width, in->channels, node->kernel_height, node->kernel_width,
                node->stride_height, node->stride_width, i, (int8_t)result.output[i],
                engine_case_output(c)[i]);
    assert_true(result.instructions > 0);
    engine_target_result_free(&result);
}

#ifndef HAS_RARE_OPERATORS
#define HAS_RARE_OPERATORS 1
#endif

static bool has_rare_operator(const hf_image *image)
{
    const hf_op_record *records =
        (const hf_op_record *)(const void *)(image->bytes + sizeof(hf_image_header));
    for (uint32_t i = 0; i < image->op_count; i++)
        if (records[i].op >= HF_IMAGE_OP_FIRST_RARE)
            return true;
    return false;
}

/* As compiled, and with other tiles. */
static void run_case(random_source *r, hf_graph *graph)
{
    hf_image probe;
    if (hf_compile(graph, &probe, NULL)) {
        hf_graph_free(graph);
        return;
    }
    const bool skipped = !HAS_RARE_OPERATORS && has_rare_operator(&probe);
    hf_image_free(&probe);
    if (skipped) {
        hf_graph_free(graph);
        return;
    }
    engine_case c;
    engine_case_open(&c, graph);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    random_input(r, input, c.model.input_bytes);
    compare(&c, graph, input);
    engine_case_close(&c);
    tiled_case_open(&c, graph, r);
    compare(&c, graph, input);
    free(input);
    engine_case_close(&c);
    hf_graph_free(graph);
}

static void operators_equal_host(void **state)
{
    (void)state;
    for (hf_op op = HF_OP_CONV2D; op < HF_OP_COUNT; op++) {
        random_source r = {(uint32_t)op + 77};
        int cases = op <= HF_OP_DENSE ? CASES_PER_KIND : CASES_PER_KIND / 6;
        for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
            for (int i = 0; i < cases; i++)
                run_case(&r, random_single(&r, op, kind));
    }
}

static void grouped_equal_host(void **state)
{
    (void)state;
    random_source r = {88};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < CASES_PER_KIND; i++)
            run_case(&r, random_grouped(&r, kind));
}

static void depthwise_equal_host(void **state)
{
    (void)state;
    random_source r = {45};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 2 * CASES_PER_KIND; i++)
            run_case(&r, random_depthwise(&r, kind));
}

static void rgb_equal_host(void **state)
{
    (void)state;
    random_source r = {47};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 4 * CASES_PER_KIND; i++)
            run_case(&r, random_rgb(&r, kind));
}

static bool goes_by_rows(const hf_op_record *record)
{
    const hf_op_record shape = hf_conv_rows_shape(record, record->out_height, record->in_height);
    return hf_conv_rows_tile(record, &shape) > 0;
}

static bool goes_by_table(const hf_op_record *record)
{
    return hf_conv_is_table(record, record->out_height) != 0;
}

/* Whether a convolution of the graph is one for which `test` holds. */
static bool has_conv(const hf_graph *graph, bool (*test)(const hf_op_record *))
{
    hf_image image;
    if (hf_compile(graph, &image, NULL))
        return false;
    const hf_op_record *records = (const hf_op_record *)(const void *)(image.bytes + sizeof(hf_image_header));
    bool found = false;
    for (uint32_t i = 0; i < image.op_count; i++)
        found = found || (records[i].op == HF_IMAGE_OP_CONV2D && test(&records[i]));
    hf_image_free(&image);
    return found;
}

static void overlapping_equal_host(void **state)
{
    (void)state;
    random_source r = {49};
    int by_rows = 0;
    int cases = 0;
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 4 * CASES_PER_KIND; i++, cases++) {
            hf_graph *graph = random_overlapping(&r, kind);
            by_rows += has_conv(graph, goes_by_rows);
            run_case(&r, graph);
        }
    assert_true(16 * by_rows > cases); /* the others have wide parameters */
}

static void one_channel_equal_host(void **state)
{
    (void)state;
    random_source r = {50};
    int by_table = 0;
    int cases = 0;
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 2 * CASES_PER_KIND; i++, cases++) {
            hf_graph *graph = random_one_channel(&r, kind);
            by_table += has_conv(graph, goes_by_table);
            run_case(&r, graph);
        }
    assert_true(4 * by_table > cases);
}

static void depthwise_3x3_equal_host(void **state)
{
    (void)state;
    random_source r = {46};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 8 * CASES_PER_KIND; i++)
            run_case(&r, random_depthwise_3x3(&r, kind));
}

static void depthwise_lines_equal_host(void **state)
{
    (void)state;
    random_source r = {49};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < 8 * CASES_PER_KIND; i++)
            run_case(&r, random_depthwise_line(&r, kind));
}

/* Whether a depthwise convolution gets its input row by row. */
static bool has_chained_depthwise(const hf_graph *graph)
{
    hf_image image;
    if (hf_compile(graph, &image, NULL))
        return false;
    const hf_op_record *records = (const hf_op_record *)(const void *)(image.bytes + sizeof(hf_image_header));
    bool found = false;
    for (uint32_t i = 1; i < image.op_count; i++)
        found = found || (records[i].op == HF_IMAGE_OP_DEPTHWISE && records[i - 1].ring_rows > 0);
    hf_image_free(&image);
    return found;
}

static void chained_depthwise_equal_host(void **state)
{
    (void)state;
    random_source r = {48};
    int chained = 0;
    int cases = 0;
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < CASES_PER_KIND; i++, cases++) {
            hf_graph *graph = random_bottleneck(&r, kind);
            chained += has_chained_depthwise(graph);
            run_case(&r, graph);
        }
    assert_true(2 * chained > cases);
}

/* Every number of pairs that the inner loop may begin with, blocks and left-over channels. */
static void pointwise_equal_host(void **state)
{
    (void)state;
    random_source r = {99};
    for (int32_t size = 1; size <= 70; size++) {
        run_case(&r, random_pointwise(&r, size, random_between(&r, 1, 70)));
        run_case(&r, random_pointwise(&r, random_between(&r, 1, 70), size));
    }
}

/* Sums of which the first, the second or both inputs have the larger scale. */
static void sums_equal_host(void **state)
{
    (void)state;
    static const float seconds[] = {1.0F, 0.9999999F, 0.7F, 2.0F, 0.25F, 0.01F, 50.0F};
    random_source r = {61};
    for (int i = 0; i < 4 * CASES_PER_KIND; i++) {
        const float second = seconds[i % 7];
        hf_graph *graph = random_sum(&r, second, (1.0F + second) * (float)random_between(&r, 1, 40) / 16);
        hf_image image;
        assert_int_equal(hf_compile(graph, &image, NULL),
                         HF_OK); /* run_case() skips graphs that do not compile */
        hf_image_free(&image);
        run_case(&r, graph);
    }
}

static void networks_equal_host(void **state)
{
    (void)state;
    random_source r = {123};
    for (int i = 0; i < 40; i++)
        run_case(&r, i % 2 ? random_rare_network(&r, 8) : random_network(&r, 8));
}

static void compare_layers(const hf_graph *graph, const hf_image *image, const engine_target_result *result,
                           const int8_t *input)
{
    hf_reference reference = {0};
    assert_int_equal(hf_reference_run(graph, input, &reference, NULL), HF_OK);
    assert_int_equal(result->layer_count, image->op_count);
    for (uint32_t i = 0; i < result->layer_count; i++) {
        size_t size = 0;
        int8_t *expected = engine_case_expect(graph, image, &reference, i, &size);
        assert_int_equal(result->layers[i].output_bytes, size);
        assert_memory_equal(result->layers[i].output, expected, size);
        free(expected);
    }
    hf_reference_free(&reference);
}

/* Checks every layer on the emulated core and the cost of an inference. Counts are exact and repeatable. */
static void check_model(const char *path, uint64_t most_instructions)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_file_read(path, HF_TFLITE_MAX_BYTES, &bytes, &size, &err) ||
        hf_tflite_read("model", bytes, size, &graph, &err))
        fail_msg("%s", err.message);
    free(bytes);
    engine_case c;
    engine_case_open(&c, graph);
    int8_t *input = calloc(1, c.model.input_bytes);
    assert_non_null(input);
    hf_input_generate(3, input, c.model.input_bytes);
    engine_target_job job = {
        .image = c.image.bytes,
        .image_bytes = c.image.size,
        .arena_bytes = c.model.arena_bytes,
        .input_offset = c.model.input_offset,
        .input_bytes = c.model.input_bytes,
        .output_offset = c.model.output_offset,
        .output_bytes = c.model.output_bytes,
        .input = input,
        .with_hooks = 1,
    };
    engine_target_result result;
    if (engine_target_run(target, &job, &result, &err))
        fail_msg("%s", err.message);
    compare_layers(graph, &c.image, &result, input);
    engine_target_result_free(&result);
    job.with_hooks = 0;
    if (engine_target_run(target, &job, &result, &err))
        fail_msg("%s", err.message);
    printf("%s: %llu instructions, at most %llu expected\n", path, (unsigned long long)result.instructions,
           (unsigned long long)most_instructions);
    assert_in_range(result.instructions, 1, most_instructions);
    engine_target_result_free(&result);
    free(input);
    engine_case_close(&c);
    hf_graph_free(graph);
}

static void vww_layers_equal_reference(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/vww_96_int8.tflite");
    check_model(path, VWW_MAX_INSTRUCTIONS);
}

static void kws_layers_equal_reference(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/kws_ref_model.tflite");
    check_model(path, 4000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_equal_host),       cmocka_unit_test(grouped_equal_host),
        cmocka_unit_test(depthwise_equal_host),       cmocka_unit_test(networks_equal_host),
        cmocka_unit_test(pointwise_equal_host),       cmocka_unit_test(vww_layers_equal_reference),
        cmocka_unit_test(kws_layers_equal_reference), cmocka_unit_test(sums_equal_host),
        cmocka_unit_test(depthwise_3x3_equal_host),   cmocka_unit_test(rgb_equal_host),
        cmocka_unit_test(one_channel_equal_host),     cmocka_unit_test(chained_depthwise_equal_host),
        cmocka_unit_test(overlapping_equal_host),     cmocka_unit_test(depthwise_lines_equal_host),
    };
    return cmocka_run_group_tests(tests, open_target, close_target);
}
