/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine/format.h"
#include "engine_case.h"
#include "tiled_case.h"

/* Every operator against the reference interpreter, on random shapes, parameters and inputs. */

#define CASES_PER_KIND 400

typedef struct tally {
    uint32_t compiled, compact;
} tally;

/* Some extreme numbers cannot be compiled; then both must refuse. */
static bool compilable(const hf_graph *graph, const int8_t *input)
{
    hf_image image;
    hf_error err = {0};
    if (hf_compile(graph, &image, &err) == HF_OK) {
        hf_image_free(&image);
        return true;
    }
    if (err.status != HF_EUNSUPPORTED)
        fail_msg("%s", err.message);
    hf_reference reference;
    if (hf_reference_run(graph, input, &reference, NULL) == HF_OK)
        fail_msg("only the compiler refuses: %s", err.message);
    return false;
}

static void run_case(random_source *r, hf_graph *graph, tally *t)
{
    size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    int8_t *input = malloc(bytes);
    assert_non_null(input);
    random_input(r, input, bytes);
    if (compilable(graph, input)) {
        engine_case c;
        engine_case_open(&c, graph);
        t->compiled++;
        const hf_op_record *record =
            (const hf_op_record *)(const void *)(c.image.bytes + sizeof(hf_image_header));
        const uint32_t last = c.image.op_count;
        t->compact += last > 0 && record[last - 1].params == HF_PARAMS_COMPACT;
        engine_case_compare(graph, &c, input);
        uint32_t planned = 0;
        assert_int_equal(hf_plan_arena_bytes(graph, &planned, NULL), HF_OK);
        assert_int_equal(planned, c.image.arena_bytes);
        engine_case_close(&c);
        tiled_case_open(&c, graph, r);
        engine_case_compare(graph, &c, input);
        engine_case_close(&c);
    }
    free(input);
    hf_graph_free(graph);
}

static void check_op(hf_op op, bool weighted)
{
    random_source r = {(uint32_t)op + 1};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++) {
        tally t = {0};
        for (int i = 0; i < CASES_PER_KIND; i++)
            run_case(&r, random_single(&r, op, kind), &t);
        printf("%s, kind %d: %u compiled, %u compact\n", hf_op_name(op), (int)kind, t.compiled, t.compact);
        assert_true(t.compiled >= CASES_PER_KIND / 2);
        /* Both ways of storing parameters must have occurred. */
        if (weighted && kind == RANDOM_USUAL)
            assert_true(t.compact > CASES_PER_KIND / 2);
        if (weighted && kind == RANDOM_EXTREME)
            assert_true(t.compact < t.compiled);
    }
}

/* A test for each operator, with its name. */
#define OPERATOR_TEST(name, ...)                                                                             \
    static void operator_##name(void **state)                                                                \
    {                                                                                                        \
        (void)state;                                                                                         \
        check_op(HF_OP_##name, hf_op_has(HF_OP_##name, HF_NODE_WEIGHTS));                                    \
    }
HF_OP_MAP(OPERATOR_TEST)
#undef OPERATOR_TEST

static void grouped_conv2d(void **state)
{
    (void)state;
    random_source r = {55};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++) {
        tally t = {0};
        for (int i = 0; i < CASES_PER_KIND; i++)
            run_case(&r, random_grouped(&r, kind), &t);
        printf("grouped, kind %d: %u compiled, %u compact\n", (int)kind, t.compiled, t.compact);
        assert_true(t.compiled >= CASES_PER_KIND / 2);
    }
}

static void large_depthwise(void **state)
{
    (void)state;
    random_source r = {44};
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++) {
        tally t = {0};
        for (int i = 0; i < CASES_PER_KIND / 2; i++)
            run_case(&r, random_depthwise(&r, kind), &t);
        printf("large depthwise, kind %d: %u compiled, %u compact\n", (int)kind, t.compiled, t.compact);
        assert_true(t.compiled >= CASES_PER_KIND / 4);
    }
}

static void folded_chains_and_pads(void **state)
{
    (void)state;
    random_source r = {66};
    tally t = {0};
    for (int i = 0; i < 2 * CASES_PER_KIND; i++)
        run_case(&r, random_folded(&r), &t);
    assert_true(t.compiled > CASES_PER_KIND);
}

static void networks_with_branches(void **state)
{
    (void)state;
    random_source r = {99};
    tally t = {0};
    for (int i = 0; i < 600; i++)
        run_case(&r, random_network(&r, random_between(&r, 2, 16)), &t);
    printf("networks: %u compiled\n", t.compiled);
    assert_true(t.compiled > 500);
}

static void networks_with_rare_operators(void **state)
{
    (void)state;
    random_source r = {98};
    tally t = {0};
    for (int i = 0; i < 600; i++)
        run_case(&r, random_rare_network(&r, random_between(&r, 2, 16)), &t);
    printf("networks: %u compiled\n", t.compiled);
    assert_true(t.compiled > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define OPERATOR_TEST(name, ...) cmocka_unit_test(operator_##name),
        HF_OP_MAP(OPERATOR_TEST)
#undef OPERATOR_TEST
            cmocka_unit_test(grouped_conv2d),
        cmocka_unit_test(large_depthwise),
        cmocka_unit_test(folded_chains_and_pads),
        cmocka_unit_test(networks_with_branches),
        cmocka_unit_test(networks_with_rare_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
