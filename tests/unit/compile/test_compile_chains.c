/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "chains.h"
#include "emit.h"
#include "engine_case.h"
#include "net.h"
#include "pack.h"
#include "random_graph.h"
#include "weights/weights.h"

/* Operators that are executed row by row in turns. */

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

/* The plan as it is, in the engine, operator by operator against the reference. */
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

/* MobileNetV2's block: expand, depthwise, project, add what came in. */
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

static void a_block_hardly_needs_more_than_its_input(void **state)
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
    /* The output over the input; three rows of six times as many channels, one row, scratch. */
    printf("block: arena %u\n", p.plan.arena_bytes);
    assert_true(p.plan.arena_bytes < input_bytes + 4LL * 24 * 48 + 2500);
    compare(&p);
    done(&p);
}

static void what_cannot_be_a_chain_is_refused(void **state)
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
    assert_int_equal(hf_chains_set(&p.lowered, 0, 1, NULL), HF_EINVALID); /* the add wants it as well */
    assert_int_equal(hf_chains_set(&p.lowered, 1, 2, NULL), HF_OK);
    done(&p);
}

/* Any operators that work by rows; `turns` of them. */
static net random_rows(random_source *r, int32_t turns)
{
    net n = net_begin(random_between(r, 3, 15), random_between(r, 1, 6));
    for (; turns > 0; turns--) {
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

/* As many chains as can be, of random lengths. */
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

static void random_chains_compute(void **state)
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

/* The chain's output is pushed over what it reads. */
static void closed_forms_never_allow_what_the_replay_refuses(void **state)
{
    (void)state;
    random_source r = {32};
    uint32_t allowed = 0;
    uint32_t refused = 0;
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
            refused += !replay;
        }
        done(&p);
    }
    printf("%u places allowed, %u refused\n", allowed, refused);
    assert_true(allowed > 100 && refused > 100);
}

static void short_rings_are_caught(void **state)
{
    (void)state;
    random_source r = {33};
    int32_t caught = 0;
    for (int i = 0; i < 60; i++) {
        chained p = {.n = random_rows(&r, 4)};
        lower(&p);
        chain_at_random(&r, &p.lowered);
        plan(&p);
        for (int32_t k = 0; k + 1 < p.lowered.op_count; k++) {
            uint8_t *rows = &p.lowered.ops[k].record.ring_rows;
            /* A window of this stride needs all the ring's rows at once. */
            if (*rows < 2 || p.lowered.ops[k + 1].record.stride_height > 1 ||
                *rows == p.lowered.ops[k].record.out_height)
                continue;
            (*rows)--;
            assert_int_equal(hf_plan_check(&p.lowered, &p.plan, NULL), HF_EMISMATCH);
            (*rows)++;
            caught++;
        }
        done(&p);
    }
    assert_true(caught > 20);
}

static void wrong_orders_are_caught(void **state)
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

/* A window of 3 rows every 2 leaves the last of 8 rows unread: nobody makes it, back to the last operator
 * that needs all of its input, and what remains can be a chain. */
static void rows_that_nobody_reads_are_not_made(void **state)
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

/* What the quick look says must hold, whatever chains are made. */
static void forecasts_hold(void **state)
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
        cmocka_unit_test(a_block_hardly_needs_more_than_its_input),
        cmocka_unit_test(what_cannot_be_a_chain_is_refused),
        cmocka_unit_test(random_chains_compute),
        cmocka_unit_test(closed_forms_never_allow_what_the_replay_refuses),
        cmocka_unit_test(short_rings_are_caught),
        cmocka_unit_test(wrong_orders_are_caught),
        cmocka_unit_test(rows_that_nobody_reads_are_not_made),
        cmocka_unit_test(forecasts_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
