/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "families/families.h"
#include "target.h"
#include "weights/weights.h"

/* Whole networks of every family: each layer on the host and on the emulated Cortex-M4 against the reference
 * interpreter. */

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

static hf_graph *variation_graph(const char *name)
{
    hf_variation variation = {0};
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_variation_parse(name, &variation, &err) || hf_variation_build(&variation, &graph, &err) ||
        hf_weights_generate(graph, 1, &err))
        fail_msg("%s", err.message);
    return graph;
}

/* @return executed instructions of one inference on the target */
static uint64_t check_target(const hf_graph *graph, const engine_case *c, const int8_t *input)
{
    engine_target_job job = {
        .image = c->image.bytes,
        .image_bytes = c->image.size,
        .arena_bytes = c->model.arena_bytes,
        .input_offset = c->model.input_offset,
        .input_bytes = c->model.input_bytes,
        .output_offset = c->model.output_offset,
        .output_bytes = c->model.output_bytes,
        .input = input,
        .with_hooks = 1,
    };
    engine_target_result result;
    hf_reference reference = {0};
    hf_error err = {0};
    if (engine_target_run(target, &job, &result, &err) || hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    assert_int_equal(result.layer_count, c->image.op_count);
    for (uint32_t i = 0; i < result.layer_count; i++) {
        size_t size = 0;
        int8_t *expected = engine_case_expect(graph, &c->image, &reference, i, &size);
        assert_int_equal(result.layers[i].output_bytes, size);
        if (memcmp(result.layers[i].output, expected, size) != 0)
            fail_msg("%s: %s differs on the target", graph->name, graph->nodes[c->image.ops[i].node].name);
        free(expected);
    }
    const uint64_t instructions = result.instructions;
    hf_reference_free(&reference);
    engine_target_result_free(&result);
    return instructions;
}

/* @param arena_most, instructions_most limits that were met before; 0 for none */
static void check_variation(const char *name, uint32_t arena_most, uint64_t instructions_most)
{
    hf_graph *graph = variation_graph(name);
    engine_case c;
    engine_case_open(&c, graph);
    int8_t *input = calloc(1, c.model.input_bytes);
    assert_non_null(input);
    hf_input_generate(7, input, c.model.input_bytes);
    engine_case_compare(graph, &c, input);
    const uint64_t instructions = check_target(graph, &c, input);
    printf("%-42s arena %7u, image %7zu, %9llu instructions\n", name, c.model.arena_bytes, c.image.size,
           (unsigned long long)instructions);
    if (arena_most > 0)
        assert_in_range(c.model.arena_bytes, 1, arena_most);
    if (instructions_most > 0)
        assert_in_range(instructions, 1, instructions_most);
    free(input);
    engine_case_close(&c);
    hf_graph_free(graph);
}

/* The rows of the paper's tables; an inference takes the same instructions every time. */
static void published_variations(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t arena_most;
        uint64_t instructions_most;
    } rows[] = {
        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 42176, 28900000},
        {"mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128", 34000, 14000000},
        {"mobilenetv1_0.25_96_c3_o2", 28400, 10400000},
        {"shufflenetv1_0.25_96_c3_o2_g1", 31500, 7800000},
        {"mobilenetv2_0.25_96_c3_o2_t5l256", 28400, 8300000},
        {"shufflenetv2_0.1_96_c3_o2_l128", 31500, 5600000},
        {"mobilenetv1_0.25_96_c3_o2_l3", 28400, 9000000},
        {"mobilenetv1_0.3_96_c3_o2_l5ll32pl256", 36000, 13700000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_variation(rows[i].name, rows[i].arena_most, rows[i].instructions_most);
}

static void other_variations(void **state)
{
    (void)state;
    static const char *const names[] = {
        "mobilenetv1_0.4_50_c1_o10_l0",
        "mobilenetv2_0.35_64_c1_o5_t2",
        "mobilenetv2_0.5_33_c3_o7",
        "mobilenetv3smallSQ_0.5_96_c3_o2_l64pl64",
        "mobilenetv3smallSQ_0.25_100_c1_o3_se8",
        "mobilenetv3smallNSQ_0.7_97_c3_o11_l100",
        "shufflenetv1_0.48_64_c3_o2_g2",
        "shufflenetv1_0.5_48_c3_o2_g3",
        "shufflenetv1_0.47_49_c1_o10_g4",
        "shufflenetv1_0.5_32_c3_o2_g8",
        "shufflenetv2_0.05_65_c3_o2_l33",
        "shufflenetv2_0.5_64_c1_o12_l100f9",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_variation(names[i], 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_variations),
        cmocka_unit_test(other_variations),
    };
    return cmocka_run_group_tests(tests, open_target, close_target);
}
