/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "lower.h"
#include "net.h"
#include "random_graph.h"

/* Slices, concatenations and channel shuffles without copies: the engine must match the reference in every
 * operator, and only the expected number of copies remains. */

/* @param copies expected number of copy operators */
static void check(net *n, int32_t copies)
{
    hf_error err = {0};
    hf_lowered lowered = {0};
    net_finish(n);
    if (hf_lower(n->graph, &lowered, &err))
        fail_msg("%s", err.message);
    int32_t found = 0;
    for (int32_t i = 0; i < lowered.op_count; i++)
        found += lowered.ops[i].record.op == HF_IMAGE_OP_COPY;
    assert_int_equal(found, copies);
    hf_lowered_free(&lowered);
    net_compare(n);
    hf_graph_free(n->graph);
}

static void halves_are_views(void **state)
{
    (void)state;
    net n = net_begin(7, 3);
    const int32_t x = net_conv(&n, n.last, 14, 1);
    const int32_t left = net_conv(&n, net_slice(&n, x, 0, 7), 5, 1);
    const int32_t right = net_window(&n, HF_OP_DEPTHWISE, net_slice(&n, x, 7, 7), 1);
    net_concat(&n, left, net_window(&n, HF_OP_MAX_POOL, right, 1));
    check(&n, 0);
}

static void other_readers_get_copies(void **state)
{
    (void)state;
    net n = net_begin(5, 3);
    const int32_t x = net_conv(&n, n.last, 12, 1);
    const int32_t a = net_slice(&n, x, 0, 6);
    const int32_t b = net_slice(&n, x, 6, 6);
    net_add(&n, (hf_node){.op = HF_OP_ADD, .inputs = {a, b}, .input_count = 2}, 0);
    check(&n, 2);
    n = net_begin(5, 8);
    net_slice(&n, n.last, 3, 4); /* the network's output */
    check(&n, 1);
}

static void parts_that_others_read_are_copied(void **state)
{
    (void)state;
    net n = net_begin(6, 4);
    const int32_t a = net_conv(&n, n.last, 6, 1);
    const int32_t b = net_window(&n, HF_OP_DEPTHWISE, a, 1);
    net_concat(&n, a, b);
    check(&n, 1);
    n = net_begin(6, 4);
    net_concat(&n, n.graph->input, net_conv(&n, n.last, 3, 1));
    check(&n, 1);
    n = net_begin(6, 4);
    const int32_t twice = net_conv(&n, n.last, 5, 1);
    net_concat(&n, twice, twice);
    check(&n, 2);
}

static void concatenations_of_concatenations(void **state)
{
    (void)state;
    net n = net_begin(6, 4);
    const int32_t in = n.last;
    const int32_t inner = net_concat(&n, net_conv(&n, in, 3, 1), net_window(&n, HF_OP_AVERAGE_POOL, in, 1));
    const int32_t relu = net_add(
        &n, (hf_node){.op = HF_OP_RELU, .inputs = {net_conv(&n, in, 6, 2)}, .activation = HF_ACTIVATION_RELU},
        0);
    net_conv(&n, net_concat(&n, inner, relu), 9, 1);
    check(&n, 0);
}

static void grouped_convolutions_shuffle(void **state)
{
    (void)state;
    for (int32_t groups = 2; groups <= 5; groups++) {
        net n = net_begin(5, 60);
        net_shuffle(&n, net_conv(&n, n.last, 60, groups), groups);
        net_window(&n, HF_OP_DEPTHWISE, n.last, 2);
        check(&n, 0);
        n = net_begin(5, 60);
        net_shuffle(&n, net_conv(&n, n.last, 60, 1), groups);
        net_window(&n, HF_OP_DEPTHWISE, n.last, 1);
        check(&n, 0);
        n = net_begin(5, 60);
        net_shuffle(&n, net_conv(&n, n.last, 60, 6), groups); /* not the shuffle's number of groups */
        check(&n, 1);
        n = net_begin(5, 60);
        net_shuffle(&n, net_window(&n, HF_OP_DEPTHWISE, n.last, 1), groups);
        check(&n, 1);
    }
}

static void shuffles_of_nothing(void **state)
{
    (void)state;
    net n = net_begin(4, 6);
    net_window(&n, HF_OP_DEPTHWISE, net_shuffle(&n, n.last, 6), 1);
    net_conv(&n, net_shuffle(&n, n.last, 1), 4, 1);
    check(&n, 0);
}

/* A unit of ShuffleNetV2: one half passes unchanged, the other through convolutions, then both are
 * shuffled. */
static void unit_of_shufflenetv2(net *n, bool part_shared)
{
    const int32_t x = n->last;
    const int32_t half = n->graph->tensors[x].channels / 2;
    const int32_t left = net_slice(n, x, 0, half);
    int32_t right = net_conv(n, net_slice(n, x, half, half), half, 1);
    right = net_conv(n, net_window(n, HF_OP_DEPTHWISE, right, 1), half, 1);
    const int32_t both = net_concat(n, left, right);
    net_shuffle(n, both, 2);
    if (part_shared) /* another node reads it unshuffled */
        net_add(n, (hf_node){.op = HF_OP_ADD, .inputs = {n->last, both}, .input_count = 2}, 0);
}

static void shufflenetv2_copies_one_half(void **state)
{
    (void)state;
    for (int32_t half = 1; half < 20; half++) {
        net n = net_begin(6, 3);
        net_conv(&n, n.last, 2 * half, 1);
        unit_of_shufflenetv2(&n, false);
        unit_of_shufflenetv2(&n, false);
        net_conv(&n, n.last, 7, 1);
        check(&n, 2);
    }
    net n = net_begin(6, 3);
    net_conv(&n, n.last, 14, 1);
    unit_of_shufflenetv2(&n, true);
    check(&n, 2);
}

/* Random combinations of all of them. */
static void random_mixtures(void **state)
{
    (void)state;
    random_source r = {21};
    for (int i = 0; i < 300; i++) {
        net n = net_begin(random_between(&r, 1, 9), random_between(&r, 1, 9));
        net_conv(&n, n.last, 12 * random_between(&r, 1, 4), 1);
        for (int32_t nodes = random_between(&r, 2, 14); nodes > 0; nodes--) {
            const int32_t channels = n.graph->tensors[n.last].channels;
            const int32_t other = random_between(&r, 0, n.graph->tensor_count - 1);
            const hf_tensor *a = &n.graph->tensors[n.last];
            const hf_tensor *b = &n.graph->tensors[other];
            const int32_t groups = channels % 3 == 0 && random_next(&r) % 2 ? 3 : channels % 2 == 0 ? 2 : 1;
            switch (random_next(&r) % 7) {
            case 0:
                net_conv(&n, n.last, channels < 100 ? channels : 24, channels < 100 ? groups : 1);
                break;
            case 1:
                net_shuffle(&n, n.last, groups);
                break;
            case 2:
                net_slice(&n, n.last, random_between(&r, 0, channels / 2), (channels + 1) / 2);
                break;
            case 3:
                if (a->height == b->height && channels + b->channels < 200)
                    net_concat(&n, n.last, other);
                break;
            case 4:
                net_concat(&n, net_conv(&n, n.last, channels / 2 + 1, 1),
                           net_conv(&n, other, channels / 2 + 1, 1));
                break;
            case 5:
                net_window(&n, random_next(&r) % 2 ? HF_OP_DEPTHWISE : HF_OP_MAX_POOL, n.last, 1);
                break;
            default:
                if (channels % 2 == 0)
                    unit_of_shufflenetv2(&n, random_next(&r) % 4 == 0);
                break;
            }
        }
        net_finish(&n);
        net_compare(&n);
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
