/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "emit.h"
#include "engine/engine.h"
#include "families/families.h"
#include "graph/graph.h"
#include "pack.h"
#include "plan.h"
#include "random_graph.h"
#include "reference/reference.h"

typedef struct planned {
    hf_graph *graph;
    hf_lowered lowered;
    hf_plan plan;
} planned;

static void make(planned *p, hf_graph *graph)
{
    hf_error err = {0};
    p->graph = graph;
    if (hf_lower(graph, &p->lowered, &err) ||
        hf_plan_best(&p->lowered, &(hf_compile_options){.objective = HF_OBJECTIVE_RAM}, &p->plan, &err))
        fail_msg("%s", err.message);
}

static void done(planned *p)
{
    hf_plan_free(&p->plan);
    hf_lowered_free(&p->lowered);
    hf_graph_free(p->graph);
}

static hf_graph *variation_graph(const char *name)
{
    hf_variation variation = {0};
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_variation_parse(name, &variation, &err) || hf_variation_build(&variation, &graph, &err))
        fail_msg("%s", err.message);
    return graph;
}

static void random_plans_pass_the_replay(void **state)
{
    (void)state;
    random_source r = {8};
    for (int i = 0; i < 400; i++) {
        planned p;
        make(&p, i % 2 ? random_network(&r, random_between(&r, 1, 16))
                       : random_rare_network(&r, random_between(&r, 1, 16)));
        hf_error err = {0};
        if (hf_plan_check(&p.lowered, &p.plan, &err))
            fail_msg("network %d: %s", i, err.message);
        done(&p);
    }
}

static uint32_t arena_for(const hf_graph *graph, hf_objective objective, uint32_t limit)
{
    const hf_compile_options options = {objective, limit};
    hf_image_forecast exact = {0}, quick = {0};
    hf_error err = {0};
    if (hf_forecast(graph, &options, false, &exact, &err) || hf_forecast(graph, &options, true, &quick, &err))
        fail_msg("%s", err.message);
    assert_in_range(exact.arena_bytes, quick.arena_bytes_min, quick.arena_bytes);
    return exact.arena_bytes;
}

/* Every limit that the smallest arena meets is also met by the arena for speed. */
static void arenas_grow_within_limits(void **state)
{
    (void)state;
    random_source r = {29};
    int grown = 0, limited = 0;
    for (int i = 0; i < 60; i++) {
        hf_graph *graph = random_network(&r, random_between(&r, 1, 10));
        const uint32_t least = arena_for(graph, HF_OBJECTIVE_RAM, 0);
        const uint32_t free = arena_for(graph, HF_OBJECTIVE_TIME, 0);
        grown += free > least;
        assert_int_equal(arena_for(graph, HF_OBJECTIVE_TIME, least), least);
        assert_true(arena_for(graph, HF_OBJECTIVE_TIME, 1) == least);
        for (uint32_t limit = least; limit < free; limit += (free - least) / 3 + 1) {
            const uint32_t bytes = arena_for(graph, HF_OBJECTIVE_TIME, limit);
            assert_in_range(bytes, least, limit);
            limited += bytes > least;
        }
        const uint32_t fastest = arena_for(graph, HF_OBJECTIVE_SPEED, 0);
        assert_true(fastest >= least);
        assert_in_range(arena_for(graph, HF_OBJECTIVE_SPEED, (least + fastest) / 2), least,
                        (least + fastest) / 2);
        hf_graph_free(graph);
    }
    printf("%d of 60 arenas grow, %d within a limit\n", grown, limited);
    assert_true(grown > 5 && limited > 5);
}

/* An image has the arena of the forecast for the same options. */
static void images_match_their_forecast(void **state)
{
    (void)state;
    random_source r = {31};
    for (int i = 0; i < 40; i++) {
        hf_graph *graph = random_single(&r, HF_OP_CONV2D, RANDOM_USUAL);
        const uint32_t free = arena_for(graph, HF_OBJECTIVE_TIME, 0);
        const hf_compile_options each[] = {{HF_OBJECTIVE_RAM, 0}, {HF_OBJECTIVE_TIME, free - free / 8}};
        for (size_t k = 0; k < 2; k++) {
            hf_image image;
            assert_int_equal(hf_compile_for(graph, &each[k], &image, NULL), HF_OK);
            assert_int_equal(image.arena_bytes,
                             arena_for(graph, each[k].objective, each[k].arena_limit_bytes));
            hf_image_free(&image);
        }
        hf_graph_free(graph);
    }
}

/* Whether the engine, run with this plan, gives the output of the reference. */
static bool engine_agrees(planned *p, const hf_reference *reference, const int8_t *input)
{
    hf_error err = {0};
    hf_image image = {0};
    hf_model model;
    if (hf_emit(p->graph, &p->lowered, &p->plan, &image, &err))
        fail_msg("%s", err.message);
    assert_int_equal(hf_model_open(&model, image.bytes, (uint32_t)image.size), HF_ENGINE_OK);
    int8_t *arena = aligned_alloc(HF_ARENA_ALIGNMENT, ((size_t)model.arena_bytes + 15) / 16 * 16);
    assert_non_null(arena);
    memset(arena, 0x55, model.arena_bytes);
    memcpy(arena + model.input_offset, input, model.input_bytes);
    assert_int_equal(hf_model_run(&model, arena, model.arena_bytes, NULL), HF_ENGINE_OK);
    const int8_t *expected = reference->outputs[p->graph->tensors[p->graph->output].producer];
    const bool same = memcmp(arena + model.output_offset, expected, model.output_bytes) == 0;
    free(arena);
    hf_image_free(&image);
    return same;
}

/* Moves one buffer of a plan. If the checker accepts the plan, the output must still be right. */
static void harmful_moves_are_detected(void **state)
{
    (void)state;
    random_source r = {9};
    uint32_t rejected = 0;
    uint32_t harmless = 0;
    for (int i = 0; i < 600; i++) {
        planned p;
        make(&p, random_network(&r, 12));
        hf_reference reference;
        hf_error err = {0};
        int8_t input[64 * 64 * 8];
        random_input(&r, input, sizeof input);
        if (hf_reference_run(p.graph, input, &reference, &err)) { /* some random scales are not supported */
            done(&p);
            continue;
        }
        for (int32_t k = 0; k < p.lowered.op_count; k++)
            assert_int_equal(hf_pack_quantisation(p.graph, &p.lowered.ops[k], NULL), HF_OK);
        hf_image image = {0};
        const bool compiles = hf_emit(p.graph, &p.lowered, &p.plan, &image, &err) == HF_OK;
        hf_image_free(&image);
        for (int tries = 0; tries < 12 && compiles; tries++) {
            hf_plan_buffer *buffer = &p.plan.buffers[random_between(&r, 0, p.plan.buffer_count - 1)];
            const int64_t before = buffer->offset;
            const int32_t room = (int32_t)(p.plan.arena_bytes - buffer->bytes) / 4;
            buffer->offset = 4 * (int64_t)random_between(&r, 0, room > 0 ? room : 0);
            if (hf_plan_check(&p.lowered, &p.plan, NULL) != HF_OK)
                rejected++; /* must not be run: the engine does not check this */
            else if (engine_agrees(&p, &reference, input))
                harmless++;
            else
                fail_msg("network %d: moving a buffer of %lld bytes from %lld to %lld was not detected", i,
                         (long long)buffer->bytes, (long long)before, (long long)buffer->offset);
            buffer->offset = before;
        }
        hf_reference_free(&reference);
        done(&p);
    }
    printf("%u moves rejected, %u harmless\n", rejected, harmless);
    assert_true(rejected > 400 && harmless > 400);
}

/* An output is placed at random over its input. What the planner's formulas allow, the replay must accept. */
static void allowed_overlaps_pass_the_replay(void **state)
{
    (void)state;
    static const hf_op ops[] = {HF_OP_CONV2D,   HF_OP_DEPTHWISE,       HF_OP_DENSE, HF_OP_SOFTMAX,
                                HF_OP_MAX_POOL, HF_OP_CHANNEL_SHUFFLE, HF_OP_SLICE, HF_OP_PAD,
                                HF_OP_MEAN,     HF_OP_HARD_SWISH};
    random_source r = {10};
    uint32_t allowed = 0;
    uint32_t rejected = 0;
    for (int i = 0; i < 3000; i++) {
        planned p;
        make(&p, random_single(&r, ops[(size_t)i % (sizeof ops / sizeof *ops)], RANDOM_USUAL));
        if (p.lowered.op_count == 0) { /* a shuffle of one group */
            done(&p);
            continue;
        }
        const hf_lowered_op *op = &p.lowered.ops[0];
        hf_plan_buffer *in = &p.plan.buffers[op->inputs[0].tensor];
        hf_plan_buffer *out = &p.plan.buffers[op->output.tensor];
        hf_plan_buffer *scratch = &p.plan.buffers[p.plan.tensor_count];
        const int64_t span = in->bytes + out->bytes + 8;
        const hf_overlap overlap = hf_step_overlap(&p.lowered, 0, 0, op->inputs[0].tensor);
        p.plan.arena_bytes = (uint32_t)(3 * span + scratch->bytes + 8);
        scratch->offset = (3 * span + 3) / 4 * 4;
        in->offset = (out->bytes + 3) / 4 * 4;
        for (int tries = 0; tries < 12; tries++) {
            out->offset = tries == 0 ? in->offset : 4 * (int64_t)random_between(&r, 0, (int32_t)(span / 4));
            const bool planner = hf_overlap_allows(&overlap, in->offset, in->bytes, out->offset, out->bytes);
            const bool replay = hf_plan_check(&p.lowered, &p.plan, NULL) == HF_OK;
            if (planner)
                assert_true(replay);
            allowed += planner;
            rejected += !replay;
        }
        done(&p);
    }
    assert_true(allowed > 500 && rejected > 500);
}

static void plans_of_all_families_pass_the_replay(void **state)
{
    (void)state;
    static const char *const families[] = {"mobilenetv1",         "mobilenetv2",  "mobilenetv3smallSQ",
                                           "mobilenetv3smallNSQ", "shufflenetv1", "shufflenetv2"};
    static const char *const alphas[] = {"0.25", "0.35", "0.5", "1"}; /* in the range of all families */
    random_source r = {11};
    for (int i = 0; i < 60; i++) {
        char name[HF_VARIATION_NAME_SIZE];
        snprintf(name, sizeof name, "%s_%s_%d_c%d_o%d", families[i % 6], alphas[random_next(&r) % 4],
                 random_between(&r, 90, 120), random_next(&r) % 2 ? 1 : 3, random_between(&r, 2, 12));
        planned p;
        make(&p, variation_graph(name));
        hf_error err = {0};
        if (hf_plan_check(&p.lowered, &p.plan, &err))
            fail_msg("%s: %s", name, err.message);
        done(&p);
    }
}

/* The planner's purpose: these networks need little more than their input of 27,648 bytes. */
static void arenas_stay_small(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t at_most;
    } cases[] = {
        {"mobilenetv1_0.25_96_c3_o2", 30000},        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 44000},
        {"mobilenetv2_0.25_96_c3_o2_t5l256", 30000}, {"mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128", 36000},
        {"shufflenetv1_0.25_96_c3_o2_g1", 33000},    {"shufflenetv2_0.1_96_c3_o2_l128", 33000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        planned p;
        make(&p, variation_graph(cases[i].name));
        printf("%s: arena %u bytes\n", cases[i].name, p.plan.arena_bytes);
        assert_true(p.plan.arena_bytes <= cases[i].at_most);
        assert_int_equal(hf_plan_check(&p.lowered, &p.plan, NULL), HF_OK);
        done(&p);
    }
}

static void reshapes_take_no_space(void **state)
{
    (void)state;
    hf_graph *graph;
    int32_t out;
    assert_int_equal(hf_graph_new("flat", 3, 4, 5, &graph, NULL), HF_OK);
    hf_node node = {.op = HF_OP_RESHAPE, .name = "flatten", .input_count = 1};
    node.inputs[0] = graph->input;
    assert_int_equal(hf_graph_add(graph, &node, 0, &out, NULL), HF_OK);
    assert_int_equal(hf_graph_finish(graph, out, NULL), HF_OK);
    planned p;
    make(&p, graph);
    assert_int_equal(p.lowered.op_count, 0);
    assert_int_equal(p.lowered.output, p.lowered.input);
    assert_int_equal(p.plan.arena_bytes, 60);
    done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_plans_pass_the_replay),
        cmocka_unit_test(arenas_grow_within_limits),
        cmocka_unit_test(images_match_their_forecast),
        cmocka_unit_test(harmful_moves_are_detected),
        cmocka_unit_test(allowed_overlaps_pass_the_replay),
        cmocka_unit_test(plans_of_all_families_pass_the_replay),
        cmocka_unit_test(arenas_stay_small),
        cmocka_unit_test(reshapes_take_no_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
