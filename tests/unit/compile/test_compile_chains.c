/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "chains.h"
#include "emit.h"
#include "engine_case.h"
#include "net.h"
#include "pack.h"
#include "random_graph.h"
#include "weights/weights.h"

/* Chains: consecutive operators that are executed row by row. */

typedef struct chained {
    net n;
    hf_lowered lowered;
    hf_plan plan;
} chained;

static void lower(chained *p)
{
    hf_error err = {0};
    if (hf_lower(p->n.graph, &p->lowered, &err))
        fail_msg("%s", err.message);
    for (int32_t i = 0; i < p->lowered.op_count; i++)
        if (hf_pack_quantisation(p->n.graph, &p->lowered.ops[i], &err))
            fail_msg("%s", err.message);
}

static void plan(chained *p)
{
    hf_error err = {0};
    hf_plan_free(&p->plan);
    if (hf_plan_make(&p->lowered, false, &p->plan, &err))
        fail_msg("%s", err.message);
}

static void done(chained *p)
{
    hf_plan_free(&p->plan);
    hf_lowered_free(&p->lowered);
    hf_graph_free(p->n.graph);
}

static int32_t chained_ops(const hf_lowered *l)
{
    int32_t count = 0;
    for (int32_t i = 0; i < l->op_count; i++)
        count += l->ops[i].record.ring_rows > 0;
    return count;
}

/* Runs the plan in the engine and compares every operator with the reference. */
static void compare(chained *p)
{
    engine_case c;
    hf_image image = {0};
    hf_error err = {0};
    if (hf_plan_check(&p->lowered, &p->plan, &err) ||
        hf_emit(p->n.graph, &p->lowered, &p->plan, &image, &err))
        fail_msg("%s", err.message);
    engine_case_open_image(&c, &image);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    hf_input_generate(5, input, c.model.input_bytes);
    engine_case_compare(p->n.graph, &c, input);
    free(input);
    engine_case_close(&c);
}

/* A block of MobileNetV2: expand, depthwise, project, add the input. */
static chained block(int32_t side, int32_t channels)
{
    chained p = {.n = net_begin(side, channels)};
    const int32_t x = p.n.last;
    net_conv(&p.n, x, 6 * channels, 1);
    net_window(&p.n, HF_OP_DEPTHWISE, p.n.last, 1);
    net_conv(&p.n, p.n.last, channels, 1);
    net_add(&p.n, (hf_node){.op = HF_OP_ADD, .inputs = {p.n.last, x}, .input_count = 2}, 0);
    net_finish(&p.n);
    lower(&p);
    return p;
}

static void a_block_needs_little_more_than_its_input(void **state)
{
    (void)state;
    chained p = block(24, 8);
    const int64_t input_bytes = 24LL * 24 * 8;
    plan(&p);
    assert_true(p.plan.arena_bytes > 6 * input_bytes);
    hf_plan_free(&p.plan);
    assert_int_equal(
        hf_plan_best(&p.lowered, &(hf_compile_options){.objective = HF_OBJECTIVE_RAM}, &p.plan, NULL), HF_OK);
    assert_int_equal(chained_ops(&p.lowered), 3);
    /* The output overlaps the input. Rings of three rows and one row with six times the channels, and scratch
     * space, are added. */
    printf("block: arena %u\n", p.plan.arena_bytes);
    assert_true(p.plan.arena_bytes < input_bytes + 4LL * 24 * 48 + 2500);
    compare(&p);
    done(&p);
}

/* For speed the chain costs time, so it remains only within a limit that needs it. */
static void speed_needs_no_chains(void **state)
{
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        chained p = block(24, 8);
        const uint32_t limit = limited ? 12000 : 0;
        assert_int_equal(
            hf_plan_best(&p.lowered, &(hf_compile_options){HF_OBJECTIVE_SPEED, limit}, &p.plan, NULL), HF_OK);
        assert_int_equal(chained_ops(&p.lowered) > 0, limited);
        assert_true(!limited || p.plan.arena_bytes <= limit);
        compare(&p);
        done(&p);
    }
}

static void impossible_chains_are_rejected(void **state)
{
    (void)state;
    chained p = block(12, 4);
    assert_int_equal(hf_chains_set(&p.lowered, 0, 3, NULL), HF_OK);
    hf_chains_clear(&p.lowered);
    done(&p);
    p = (chained){.n = net_begin(12, 4)};
    const int32_t x = net_conv(&p.n, p.n.last, 8, 1);
    const int32_t y = net_window(&p.n, HF_OP_DEPTHWISE, x, 1);
    net_add(&p.n, (hf_node){.op = HF_OP_ADD, .inputs = {y, x}, .input_count = 2}, 0);
    net_finish(&p.n);
    lower(&p);
    assert_int_equal(hf_chains_set(&p.lowered, 0, 1, NULL), HF_EINVALID); /* the add reads it as well */
    assert_int_equal(hf_chains_set(&p.lowered, 1, 2, NULL), HF_OK);
    done(&p);
}

/* A network of operators that can be chained, or of short sequences of them: `count` of these. */
static net random_rows(random_source *r, int32_t count)
{
    net n = net_begin(random_between(r, 3, 15), random_between(r, 1, 6));
    for (; count > 0; count--) {
        const int32_t in = n.last;
        const int32_t channels = n.graph->tensors[in].channels;
        const int32_t stride = random_next(r) % 4 ? 1 : 2;
        const int32_t kernel = 1 + 2 * random_between(r, 0, 2);
        hf_node node = {.inputs = {in},
                        .kernel_height = kernel,
                        .kernel_width = random_next(r) % 2 ? kernel : 3,
                        .stride_height = stride,
                        .has_bias = true};
        switch (random_next(r) % 6) {
        case 0:
            node.op = HF_OP_MAX_POOL;
            net_add(&n, node, 0);
            break;
        case 1:
            node.op = HF_OP_CONV2D;
            node.groups = channels % 2 == 0 && random_next(r) % 2 ? 2 : 1;
            net_add(&n, node, 2 * random_between(r, 1, 6));
            break;
        case 2:
            net_add(&n, (hf_node){.op = HF_OP_HARD_SWISH, .inputs = {in}}, 0);
            break;
        case 3: { /* a residual */
            net_conv(&n, in, 2 * channels, 1);
            net_window(&n, HF_OP_DEPTHWISE, n.last, 1);
            net_conv(&n, n.last, channels, 1);
            net_add(&n, (hf_node){.op = HF_OP_ADD, .inputs = {n.last, in}, .input_count = 2}, 0);
            break;
        }
        case 4: { /* a gate */
            const int32_t gate = net_add(&n, (hf_node){.op = HF_OP_MEAN, .inputs = {in}}, 0);
            const int32_t body = net_window(&n, HF_OP_DEPTHWISE, in, 1);
            net_add(&n, (hf_node){.op = HF_OP_MUL, .inputs = {body, gate}, .input_count = 2}, 0);
            break;
        }
        default:
            node.op = HF_OP_DEPTHWISE;
            net_add(&n, node, 0);
            break;
        }
    }
    net_finish(&n);
    return n;
}

/* As many chains as possible, of random lengths. */
static void chain_at_random(random_source *r, hf_lowered *l)
{
    for (int32_t first = 0; first < l->op_count;) {
        int32_t last = first + random_between(r, 0, HF_CHAIN_MAX - 1);
        for (last = last < l->op_count ? last : l->op_count - 1; last > first; last--)
            if (hf_chains_set(l, first, last, NULL) == HF_OK)
                break;
        first = last + 1;
    }
}

static void random_chains_match_the_reference(void **state)
{
    (void)state;
    random_source r = {31};
    int32_t total = 0;
    for (int i = 0; i < 150; i++) {
        chained p = {.n = random_rows(&r, random_between(&r, 2, 7))};
        lower(&p);
        for (int tries = 0; tries < 3; tries++) {
            hf_chains_clear(&p.lowered);
            chain_at_random(&r, &p.lowered);
            plan(&p);
            compare(&p);
            total += chained_ops(&p.lowered);
        }
        done(&p);
    }
    printf("%d rings\n", total);
    assert_true(total > 500);
}

/* The chain's output is placed at random over its input. What the planner's formulas allow, the replay must
 * accept. */
static void allowed_overlaps_pass_the_replay(void **state)
{
    (void)state;
    random_source r = {32};
    uint32_t allowed = 0;
    uint32_t rejected = 0;
    for (int i = 0; i < 200; i++) {
        chained p = {.n = random_rows(&r, random_between(&r, 1, 3))};
        lower(&p);
        chain_at_random(&r, &p.lowered);
        const int32_t last = hf_step_last(&p.lowered, 0);
        if (last != p.lowered.op_count - 1 || last == 0) {
            done(&p);
            continue;
        }
        plan(&p);
        hf_plan_buffer *in = &p.plan.buffers[p.lowered.input];
        hf_plan_buffer *out = &p.plan.buffers[p.lowered.output];
        const hf_overlap overlap = hf_step_overlap(&p.lowered, 0, last, p.lowered.input);
        const int32_t span = (int32_t)(in->bytes + out->bytes + 8);
        for (int32_t b = 0; b < p.plan.buffer_count; b++)
            p.plan.buffers[b].offset += 3 * (int64_t)((span + 3) / 4 * 4);
        p.plan.arena_bytes += (uint32_t)(3 * ((span + 3) / 4 * 4));
        in->offset = (out->bytes + 3) / 4 * 4;
        for (int tries = 0; tries < 20; tries++) {
            out->offset = 4 * (int64_t)random_between(&r, 0, span / 4);
            const bool planner = hf_overlap_allows(&overlap, in->offset, in->bytes, out->offset, out->bytes);
            const bool replay = hf_plan_check(&p.lowered, &p.plan, NULL) == HF_OK;
            if (planner)
                assert_true(replay);
            allowed += planner;
            rejected += !replay;
        }
        done(&p);
    }
    printf("%u places allowed, %u rejected\n", allowed, rejected);
    assert_true(allowed > 100 && rejected > 100);
}

static void short_rings_are_detected(void **state)
{
    (void)state;
    random_source r = {33};
    int32_t detected = 0;
    for (int i = 0; i < 60; i++) {
        chained p = {.n = random_rows(&r, 4)};
        lower(&p);
        chain_at_random(&r, &p.lowered);
        plan(&p);
        for (int32_t k = 0; k + 1 < p.lowered.op_count; k++) {
            uint8_t *rows = &p.lowered.ops[k].record.ring_rows;
            /* With this stride, a window needs all rows of the ring at once. */
            if (*rows < 2 || p.lowered.ops[k + 1].record.stride_height > 1 ||
                *rows == p.lowered.ops[k].record.out_height)
                continue;
            (*rows)--;
            assert_int_equal(hf_plan_check(&p.lowered, &p.plan, NULL), HF_EMISMATCH);
            (*rows)++;
            detected++;
        }
        done(&p);
    }
    assert_true(detected > 20);
}

static void wrong_orders_are_detected(void **state)
{
    (void)state;
    chained p = block(8, 4);
    plan(&p);
    for (int32_t i = 0; i + 1 < p.lowered.op_count; i++) {
        const hf_lowered_op first = p.lowered.ops[i];
        p.lowered.ops[i] = p.lowered.ops[i + 1];
        p.lowered.ops[i + 1] = first;
        assert_int_equal(hf_plan_check(&p.lowered, &p.plan, NULL), HF_EMISMATCH);
        p.lowered.ops[i + 1] = p.lowered.ops[i];
        p.lowered.ops[i] = first;
        assert_int_equal(hf_plan_check(&p.lowered, &p.plan, NULL), HF_OK);
    }
    done(&p);
}

/* Windows of 3 rows with stride 2 never read the last of 8 rows. No operator computes it, back to the last
 * one that needs its whole input, and the operators can still be chained. */
static void unread_rows_are_not_computed(void **state)
{
    (void)state;
    chained p = {.n = net_begin(8, 3)};
    net_conv(&p.n, p.n.last, 9, 1);
    net_add(&p.n, (hf_node){.op = HF_OP_HARD_SWISH, .inputs = {p.n.last}}, 0);
    net_add(&p.n,
            (hf_node){.op = HF_OP_DEPTHWISE,
                      .inputs = {p.n.last},
                      .kernel_height = 3,
                      .kernel_width = 3,
                      .stride_height = 2,
                      .padding = HF_PADDING_VALID,
                      .has_bias = true},
            0);
    net_finish(&p.n);
    lower(&p);
    assert_int_equal(p.lowered.ops[0].record.in_height, 8);
    assert_int_equal(p.lowered.ops[0].record.out_height, 7);
    assert_int_equal(p.lowered.ops[1].record.out_height, 7);
    assert_int_equal(p.lowered.ops[2].record.in_height, 7);
    plan(&p);
    compare(&p);
    assert_int_equal(hf_chains_set(&p.lowered, 0, 2, NULL), HF_OK);
    plan(&p);
    compare(&p);
    done(&p);
}

/* The bounds of a quick forecast must hold for the final plan and its chains. */
static void forecast_bounds_hold(void **state)
{
    (void)state;
    random_source r = {34};
    for (int i = 0; i < 150; i++) {
        net n = i % 2 ? random_rows(&r, random_between(&r, 2, 7)) : (net){random_network(&r, 12), 0};
        hf_image_forecast quick;
        hf_image_forecast exact;
        assert_int_equal(hf_forecast(n.graph, &(hf_compile_options){0}, true, &quick, NULL), HF_OK);
        assert_int_equal(hf_forecast(n.graph, &(hf_compile_options){0}, false, &exact, NULL), HF_OK);
        assert_true(quick.arena_bytes_min <= exact.arena_bytes && exact.arena_bytes <= quick.arena_bytes);
        assert_int_equal(exact.arena_bytes_min, exact.arena_bytes);
        hf_graph_free(n.graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_needs_little_more_than_its_input),
        cmocka_unit_test(speed_needs_no_chains),
        cmocka_unit_test(impossible_chains_are_rejected),
        cmocka_unit_test(random_chains_match_the_reference),
        cmocka_unit_test(allowed_overlaps_pass_the_replay),
        cmocka_unit_test(short_rings_are_detected),
        cmocka_unit_test(wrong_orders_are_detected),
        cmocka_unit_test(unread_rows_are_not_computed),
        cmocka_unit_test(forecast_bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
