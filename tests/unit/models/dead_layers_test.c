/* SPDX-License-Identifier: Apache-2.0 */
/* Generated weights leave no layer dead: at most 90 % of its outputs are equal or saturated. */
#include "hf_test.h"

#include "generated.h"
#include "graph/analysis.h"
#include "random_variation.h"
#include "reference/reference.h"

/* Outputs of one node over several inferences. */
typedef struct histogram {
    int64_t counts[256];
    int64_t total;
} histogram;

static void count_values(histogram *h, const int8_t *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        h->counts[values[i] + 128]++;
    h->total += count;
}

/* Neither one value nor both ends of the range together may be more than 90 % of the outputs. */
static void check_not_dead(const hf_graph *graph, int32_t node, const histogram *h)
{
    /* Of more than 500 probabilities, most are below half an output step (1/256) for any weights. */
    if (graph->nodes[node].op == HF_OP_SOFTMAX && graph->tensors[graph->output].channels > 500)
        return;
    int64_t limit = h->total * 9 / 10;
    for (int v = 0; v < 256; v++)
        if (h->counts[v] > limit)
            fail_msg("%s: %s: %lld of %lld outputs are %d", graph->name, graph->nodes[node].name,
                     (long long)h->counts[v], (long long)h->total, v - 128);
    if (h->counts[0] + h->counts[255] > limit)
        fail_msg("%s: %s: %lld of %lld outputs are saturated", graph->name, graph->nodes[node].name,
                 (long long)(h->counts[0] + h->counts[255]), (long long)h->total);
}

/* Large layers must not be dead in any single inference, small ones (vectors of a few values) not in all of
 * them together. */
static void check_inputs(const hf_graph *graph, const uint32_t *seeds, int32_t count)
{
    const size_t input_bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    int8_t *input = malloc(input_bytes);
    histogram *all = calloc((size_t)graph->node_count, sizeof *all);
    assert_non_null(input);
    assert_non_null(all);
    for (int32_t i = 0; i < count; i++) {
        hf_reference run;
        hf_input_generate(seeds[i], input, input_bytes);
        assert_int_equal(hf_reference_run(graph, input, &run, NULL), HF_OK);
        for (int32_t n = 0; n < graph->node_count; n++) {
            histogram one = {.total = 0};
            int64_t bytes = hf_tensor_bytes(&graph->tensors[graph->nodes[n].output]);
            count_values(&one, run.outputs[n], bytes);
            count_values(&all[n], run.outputs[n], bytes);
            if (bytes >= 64)
                check_not_dead(graph, n, &one);
        }
        hf_reference_free(&run);
    }
    for (int32_t n = 0; n < graph->node_count; n++)
        check_not_dead(graph, n, &all[n]);
    free(all);
    free(input);
}

static const uint32_t seeds[] = {1, 2, 3, 4, 1000, 123456789, 0xdeadbeef, 0xffffffff};
#define SEEDS ((int32_t)(sizeof seeds / sizeof *seeds))

static void models_dead_layers_none_in_the_papers_networks(void **state)
{
    (void)state;
    static const char *const names[] = {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3",
                                        "mobilenetv1_0.25_96_c3_o2",
                                        "mobilenetv1_0.25_96_c3_o2_l3",
                                        "mobilenetv1_0.3_96_c3_o2_l5ll32pl256",
                                        "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128",
                                        "mobilenetv3smallSQ_0.3_96_c3_o2_l32pl128",
                                        "shufflenetv1_0.25_96_c3_o2_g1",
                                        "mobilenetv2_0.25_96_c3_o2_t5l256",
                                        "shufflenetv2_0.1_96_c3_o2_l128"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hf_graph *graph = generate_name(names[i], 0);
        check_inputs(graph, seeds, SEEDS);
        hf_graph_free(graph);
    }
}

/* Extremes: one channel in every layer, one position at the end, many layers, a bottleneck of one channel. */
static void models_dead_layers_none_in_extreme_networks(void **state)
{
    (void)state;
    static const char *const names[] = {"mobilenetv1_0.04_16_c1_o2",
                                        "mobilenetv1_0.04_32_c3_o2_ll1pl1",
                                        "mobilenetv1_0.1_16_c1_o2_l64b0.02",
                                        "mobilenetv1_0.25_32_c3_o1000_ll1",
                                        "mobilenetv1_0.2_160_c1_o3_l0pl1",
                                        "mobilenetv1_0.05_16_c3_o2_l20b0.05",
                                        "mobilenetv1_1_32_c3_o10_ll512pl300",
                                        "mobilenetv1_0.25_48_c3_o2.GAP",
                                        "mobilenetv2_0.07_16_c1_o2_t1l1",
                                        "mobilenetv2_0.07_32_c3_o400_t2l16.GAP",
                                        "mobilenetv2_0.35_24_c3_o10_t0.7",
                                        "mobilenetv3smallSQ_0.01_54_c1_o2_l1pl1se64",
                                        "mobilenetv3smallSQ_0.2_54_c3_o100_se0.5.MV1",
                                        "mobilenetv3smallSQ_0.2_54_c3_o10_pl8.GAP",
                                        "mobilenetv3smallNSQ_0.01_54_c1_o2_l1pl1",
                                        "shufflenetv1_0.2_16_c1_o2",
                                        "shufflenetv1_0.25_32_c3_o2_g8",
                                        "shufflenetv1_0.2_48_c3_o20_g3.GAP",
                                        "shufflenetv2_0.05_16_c1_o2_l1f1",
                                        "shufflenetv2_0.05_64_c3_o300_f1",
                                        "shufflenetv2_0.2_32_c3_o10_l8f3.GAP"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (uint32_t seed = 0; seed < 3; seed++) {
            hf_graph *graph = generate_name(names[i], seed);
            check_inputs(graph, seeds, SEEDS);
            hf_graph_free(graph);
        }
}

static void check_random_networks(const hf_family *family, int wanted)
{
    uint32_t random = 42;
    int networks = 0;
    for (int tries = 0; networks < wanted; tries++) {
        assert_true(tries < 100000);
        hf_variation v = random_variation(family, &random);
        hf_graph *graph = NULL;
        hf_analysis analysis;
        if (hf_variation_build(&v, &graph, NULL))
            continue; /* these factors do not fit together */
        assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
        bool small = analysis.macs < 4000000 && analysis.params < 300000; /* keeps the test short */
        hf_analysis_free(&analysis);
        hf_graph_free(graph);
        if (!small)
            continue;
        graph = generate(&v, random_bits(&random));
        const uint32_t own[] = {random_bits(&random), random_bits(&random), 1, 2, 3, 4, 5, 6};
        check_inputs(graph, own, 8);
        hf_graph_free(graph);
        networks++;
    }
}

static void models_dead_layers_none_in_random_networks(void **state)
{
    (void)state;
    for (uint32_t f = 0; hf_family_at(f); f++)
        check_random_networks(hf_family_at(f), f == 0 ? 30 : 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_dead_layers_none_in_the_papers_networks),
        cmocka_unit_test(models_dead_layers_none_in_extreme_networks),
        cmocka_unit_test(models_dead_layers_none_in_random_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
