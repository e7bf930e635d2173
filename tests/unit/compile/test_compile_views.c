/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "lower.h"
#include "random_graph.h"

/* Slices, concatenations and channel shuffles that need no copies: what the engine makes of them against the
 * reference, operator by operator, and how many copies are left. */

typedef struct net {
    hf_graph *graph;
    int32_t last;
} net;

static net begin(int32_t side, int32_t channels)
{
    net n = {0};
    assert_int_equal(hf_graph_new("views", side, side, channels, &n.graph, NULL), HF_OK);
    n.last = n.graph->input;
    return n;
}

static int32_t add(net *n, hf_node node, int32_t out_channels)
{
    hf_error err = {0};
    snprintf(node.name, sizeof node.name, "node%d", n->graph->node_count);
    node.input_count = node.input_count > 0 ? node.input_count : 1;
    node.padding = HF_PADDING_SAME;
    node.stride_height = node.stride_width = node.stride_height > 0 ? node.stride_height : 1;
    if (hf_graph_add(n->graph, &node, out_channels, &n->last, &err))
        fail_msg("%s", err.message);
    return n->last;
}

static int32_t conv(net *n, int32_t from, int32_t channels, int32_t groups)
{
    return add(n,
               (hf_node){.op = HF_OP_CONV2D,
                         .inputs = {from},
                         .kernel_height = 1,
                         .kernel_width = 1,
                         .groups = groups,
                         .has_bias = true},
               channels);
}

static int32_t window(net *n, hf_op op, int32_t from, int32_t stride)
{
    return add(n,
               (hf_node){.op = op,
                         .inputs = {from},
                         .kernel_height = 3,
                         .kernel_width = 3,
                         .stride_height = stride,
                         .has_bias = op == HF_OP_DEPTHWISE},
               0);
}

static int32_t slice(net *n, int32_t from, int32_t first, int32_t count)
{
    return add(n, (hf_node){.op = HF_OP_SLICE, .inputs = {from}, .slice_begin = first, .slice_count = count},
               0);
}

static int32_t shuffle(net *n, int32_t from, int32_t groups)
{
    return add(n, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .inputs = {from}, .groups = groups}, 0);
}

static int32_t concat(net *n, int32_t a, int32_t b)
{
    return add(n, (hf_node){.op = HF_OP_CONCAT, .inputs = {a, b}, .input_count = 2}, 0);
}

/* @param copies copy operators there should be */
static void check(net *n, int32_t copies)
{
    hf_error err = {0};
    hf_lowered lowered = {0};
    if (hf_graph_finish(n->graph, n->last, &err) || hf_weights_generate(n->graph, 3, &err) ||
        hf_lower(n->graph, &lowered, &err))
        fail_msg("%s", err.message);
    int32_t found = 0;
    for (int32_t i = 0; i < lowered.op_count; i++)
        found += lowered.ops[i].record.op == HF_IMAGE_OP_COPY;
    assert_int_equal(found, copies);
    hf_lowered_free(&lowered);
    engine_case c;
    engine_case_open(&c, n->graph);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    hf_input_generate(5, input, c.model.input_bytes);
    engine_case_compare(n->graph, &c, input);
    free(input);
    engine_case_close(&c);
    hf_graph_free(n->graph);
}

static void halves_are_views(void **state)
{
    (void)state;
    net n = begin(7, 3);
    const int32_t x = conv(&n, n.last, 14, 1);
    const int32_t left = conv(&n, slice(&n, x, 0, 7), 5, 1);
    const int32_t right = window(&n, HF_OP_DEPTHWISE, slice(&n, x, 7, 7), 1);
    concat(&n, left, window(&n, HF_OP_MAX_POOL, right, 1));
    check(&n, 0);
}

static void other_readers_get_copies(void **state)
{
    (void)state;
    net n = begin(5, 3);
    const int32_t x = conv(&n, n.last, 12, 1);
    const int32_t a = slice(&n, x, 0, 6);
    const int32_t b = slice(&n, x, 6, 6);
    add(&n, (hf_node){.op = HF_OP_ADD, .inputs = {a, b}, .input_count = 2}, 0);
    check(&n, 2);
    n = begin(5, 8);
    slice(&n, n.last, 3, 4); /* the network's output */
    check(&n, 1);
}

static void parts_that_others_read_are_copied(void **state)
{
    (void)state;
    net n = begin(6, 4);
    const int32_t a = conv(&n, n.last, 6, 1);
    const int32_t b = window(&n, HF_OP_DEPTHWISE, a, 1);
    concat(&n, a, b);
    check(&n, 1);
    n = begin(6, 4);
    concat(&n, n.graph->input, conv(&n, n.last, 3, 1));
    check(&n, 1);
    n = begin(6, 4);
    const int32_t twice = conv(&n, n.last, 5, 1);
    concat(&n, twice, twice);
    check(&n, 2);
}

static void concatenations_of_concatenations(void **state)
{
    (void)state;
    net n = begin(6, 4);
    const int32_t in = n.last;
    const int32_t inner = concat(&n, conv(&n, in, 3, 1), window(&n, HF_OP_AVERAGE_POOL, in, 1));
    const int32_t relu = add(
        &n, (hf_node){.op = HF_OP_RELU, .inputs = {conv(&n, in, 6, 2)}, .activation = HF_ACTIVATION_RELU}, 0);
    conv(&n, concat(&n, inner, relu), 9, 1);
    check(&n, 0);
}

static void grouped_convolutions_shuffle(void **state)
{
    (void)state;
    for (int32_t groups = 2; groups <= 5; groups++) {
        net n = begin(5, 60);
        shuffle(&n, conv(&n, n.last, 60, groups), groups);
        window(&n, HF_OP_DEPTHWISE, n.last, 2);
        check(&n, 0);
        n = begin(5, 60);
        shuffle(&n, conv(&n, n.last, 60, 1), groups);
        window(&n, HF_OP_DEPTHWISE, n.last, 1);
        check(&n, 0);
        n = begin(5, 60);
        shuffle(&n, conv(&n, n.last, 60, 6), groups); /* groups that are not the shuffle's */
        check(&n, 1);
        n = begin(5, 60);
        shuffle(&n, window(&n, HF_OP_DEPTHWISE, n.last, 1), groups);
        check(&n, 1);
    }
}

static void shuffles_of_nothing(void **state)
{
    (void)state;
    net n = begin(4, 6);
    window(&n, HF_OP_DEPTHWISE, shuffle(&n, n.last, 6), 1);
    conv(&n, shuffle(&n, n.last, 1), 4, 1);
    check(&n, 0);
}

/* A unit of ShuffleNetV2: one half passes, the other goes through convolutions, both are shuffled. */
static void unit_of_shufflenetv2(net *n, bool part_shared)
{
    const int32_t x = n->last;
    const int32_t half = n->graph->tensors[x].channels / 2;
    const int32_t left = slice(n, x, 0, half);
    int32_t right = conv(n, slice(n, x, half, half), half, 1);
    right = conv(n, window(n, HF_OP_DEPTHWISE, right, 1), half, 1);
    const int32_t both = concat(n, left, right);
    shuffle(n, both, 2);
    if (part_shared) /* somebody else wants it unshuffled */
        add(n, (hf_node){.op = HF_OP_ADD, .inputs = {n->last, both}, .input_count = 2}, 0);
}

static void shufflenetv2_copies_one_half(void **state)
{
    (void)state;
    for (int32_t half = 1; half < 20; half++) {
        net n = begin(6, 3);
        conv(&n, n.last, 2 * half, 1);
        unit_of_shufflenetv2(&n, false);
        unit_of_shufflenetv2(&n, false);
        conv(&n, n.last, 7, 1);
        check(&n, 2);
    }
    net n = begin(6, 3);
    conv(&n, n.last, 14, 1);
    unit_of_shufflenetv2(&n, true);
    check(&n, 2);
}

/* Any of it after any other. */
static void random_mixtures(void **state)
{
    (void)state;
    random_source r = {21};
    for (int i = 0; i < 300; i++) {
        net n = begin(random_between(&r, 1, 9), random_between(&r, 1, 9));
        conv(&n, n.last, 12 * random_between(&r, 1, 4), 1);
        for (int32_t nodes = random_between(&r, 2, 14); nodes > 0; nodes--) {
            const int32_t channels = n.graph->tensors[n.last].channels;
            const int32_t other = random_between(&r, 0, n.graph->tensor_count - 1);
            const hf_tensor *a = &n.graph->tensors[n.last];
            const hf_tensor *b = &n.graph->tensors[other];
            const int32_t groups = channels % 3 == 0 && random_next(&r) % 2 ? 3 : channels % 2 == 0 ? 2 : 1;
            switch (random_next(&r) % 7) {
            case 0:
                conv(&n, n.last, channels < 100 ? channels : 24, channels < 100 ? groups : 1);
                break;
            case 1:
                shuffle(&n, n.last, groups);
                break;
            case 2:
                slice(&n, n.last, random_between(&r, 0, channels / 2), (channels + 1) / 2);
                break;
            case 3:
                if (a->height == b->height && channels + b->channels < 200)
                    concat(&n, n.last, other);
                break;
            case 4:
                concat(&n, conv(&n, n.last, channels / 2 + 1, 1), conv(&n, other, channels / 2 + 1, 1));
                break;
            case 5:
                window(&n, random_next(&r) % 2 ? HF_OP_DEPTHWISE : HF_OP_MAX_POOL, n.last, 1);
                break;
            default:
                if (channels % 2 == 0)
                    unit_of_shufflenetv2(&n, random_next(&r) % 4 == 0);
                break;
            }
        }
        hf_error err = {0};
        if (hf_graph_finish(n.graph, n.last, &err) || hf_weights_generate(n.graph, 3, &err))
            fail_msg("%s", err.message);
        engine_case c;
        engine_case_open(&c, n.graph);
        int8_t *input = malloc(c.model.input_bytes);
        assert_non_null(input);
        hf_input_generate((uint32_t)i, input, c.model.input_bytes);
        engine_case_compare(n.graph, &c, input);
        free(input);
        engine_case_close(&c);
        hf_graph_free(n.graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_views),
        cmocka_unit_test(other_readers_get_copies),
        cmocka_unit_test(parts_that_others_read_are_copied),
        cmocka_unit_test(concatenations_of_concatenations),
        cmocka_unit_test(grouped_convolutions_shuffle),
        cmocka_unit_test(shuffles_of_nothing),
        cmocka_unit_test(shufflenetv2_copies_one_half),
        cmocka_unit_test(random_mixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
