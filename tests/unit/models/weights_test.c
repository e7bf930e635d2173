/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/buffer.h"
#include "base/file.h"
#include "models/models.h"
#include "random_variation.h"

static hf_graph *generate(const hf_variation *variation, uint32_t seed)
{
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_variation_build(variation, &graph, &err) || hf_weights_generate(graph, seed, &err))
        fail_msg("%s", err.message);
    return graph;
}

static hf_graph *generate_name(const char *name, uint32_t seed)
{
    hf_variation variation;
    assert_int_equal(hf_variation_parse(name, &variation, NULL), HF_OK);
    return generate(&variation, seed);
}

/* Digest of everything that hf_weights_generate() stores. */
static void digest(const hf_graph *graph, char out[HF_SHA256_HEX_SIZE])
{
    hf_buffer all = HF_BUFFER_INIT;
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        hf_buffer_append(&all, &graph->tensors[t].quant.scale, sizeof(float));
        hf_buffer_append(&all, &graph->tensors[t].quant.zero_point, sizeof(int32_t));
    }
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        size_t channels = (size_t)hf_node_output_channels(graph, node);
        if (channels == 0)
            continue;
        hf_buffer_append(&all, node->weights, (size_t)hf_node_weight_count(graph, node));
        hf_buffer_append(&all, node->bias, channels * sizeof *node->bias);
        hf_buffer_append(&all, node->weight_scales, channels * sizeof *node->weight_scales);
    }
    assert_false(all.failed);
    hf_sha256_hex(all.data, all.size, out);
    hf_buffer_free(&all);
}

static void models_weights_same_seed_same_bytes(void **state)
{
    (void)state;
    char first[HF_SHA256_HEX_SIZE], second[HF_SHA256_HEX_SIZE], other[HF_SHA256_HEX_SIZE];
    hf_graph *graph = generate_name("mobilenetv1_0.25_48_c3_o2_l2", 1);
    digest(graph, first);
    hf_graph_free(graph);
    graph = generate_name("mobilenetv1_0.25_48_c3_o2_l2", 1);
    digest(graph, second);
    hf_graph_free(graph);
    graph = generate_name("mobilenetv1_0.25_48_c3_o2_l2", 2);
    digest(graph, other);
    hf_graph_free(graph);
    assert_string_equal(first, second);
    assert_string_not_equal(first, other);
    /* On every host and build. A change here changes every stored model digest: raise it on purpose only. */
    assert_string_equal(first, "5aa98d4d4860bac250ce144a91a1fda682da3932fb77c88b2966e234ea272dd0");
}

/* One small network of every other family, on every host and build. */
static void models_weights_digests_of_every_family(void **state)
{
    (void)state;
    static const struct {
        const char *name, *digest;
    } networks[] = {
        {"mobilenetv2_0.25_32_c3_o2_t5l64",
         "a093f03581155d07de73f57f44dbbb31d0ed79d6cdf1e94ae88762e6397da199"},
        {"mobilenetv3smallSQ_0.3_54_c3_o2_l32pl64",
         "f8fa047b7eb293294dde4bcbadca95dfbe104be39d0688f92d84a725a0903c7d"},
        {"mobilenetv3smallNSQ_0.3_54_c1_o10_l32pl64.MV1",
         "90ef05ca56ccb6782b58c1595a27c3fe73a404cf6912e8696b0d924e8cec1264"},
        {"shufflenetv1_0.25_32_c3_o2_g3", "0d5e38f592244967f4261312bb186307121f3f21c4a89452eaa1f04117bd3eca"},
        {"shufflenetv2_0.1_32_c3_o2_l64.GAP",
         "952f6cd1a0fb582a26421bea7cda10757bb1c06f8b8b120267b97c415f2acf77"},
    };
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        char found[HF_SHA256_HEX_SIZE];
        hf_graph *graph = generate_name(networks[i].name, 1);
        digest(graph, found);
        hf_graph_free(graph);
        assert_string_equal(found, networks[i].digest);
    }
}

static bool same_quant(hf_quant a, hf_quant b)
{
    return a.scale == b.scale && a.zero_point == b.zero_point;
}

/* TensorFlow Lite's int8 kernels of these operators do not rescale. */
static void models_weights_keep_quantisation_where_values_only_move(void **state)
{
    (void)state;
    static const char *const names[] = {"shufflenetv1_0.24_32_c3_o2_g2", "shufflenetv2_0.1_32_c3_o2_l64",
                                        "mobilenetv3smallSQ_0.3_54_c3_o2.GAP"};
    int moves = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hf_graph *graph = generate_name(names[i], 1);
        for (int32_t n = 0; n < graph->node_count; n++) {
            const hf_node *node = &graph->nodes[n];
            if (node->op != HF_OP_CONCAT && node->op != HF_OP_SLICE && node->op != HF_OP_CHANNEL_SHUFFLE &&
                node->op != HF_OP_AVERAGE_POOL && node->op != HF_OP_MAX_POOL)
                continue;
            for (int32_t k = 0; k < node->input_count; k++, moves++)
                assert_true(
                    same_quant(graph->tensors[node->inputs[k]].quant, graph->tensors[node->output].quant));
        }
        hf_graph_free(graph);
    }
    assert_true(moves > 100);
}

static void models_weights_are_complete(void **state)
{
    (void)state;
    hf_graph *graph = generate_name("mobilenetv1_0.25_48_c3_o2", 3);
    const hf_tensor *input = &graph->tensors[graph->input];
    assert_true(input->quant.scale == 1.0f / 255);
    assert_int_equal(input->quant.zero_point, -128);
    const hf_tensor *output = &graph->tensors[graph->output];
    assert_true(output->quant.scale == 1.0f / 256);
    assert_int_equal(output->quant.zero_point, -128);
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        const hf_quant quant = graph->tensors[node->output].quant;
        assert_true(quant.scale > 0);
        assert_in_range(quant.zero_point + 128, 0, 255);
        if (node->activation == HF_ACTIVATION_RELU)
            assert_int_equal(quant.zero_point, -128);
        for (int32_t c = 0; c < hf_node_output_channels(graph, node); c++) {
            assert_true(node->weight_scales[c] > 0);
            double scale = hf_node_effective_scale(graph, node, c);
            assert_true(scale > 0 && scale < 1);
        }
        for (int64_t i = 0; i < hf_node_weight_count(graph, node); i++)
            assert_int_not_equal(node->weights[i], -128);
    }
    const hf_node *dense = &graph->nodes[graph->node_count - 2];
    assert_true(dense->weight_scales[0] == dense->weight_scales[1]); /* dense layers are per tensor */
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_weights_generate(graph, 3, &err), HF_EINVALID); /* not over existing weights */
    assert_non_null(strstr(err.message, "conv1 has weights already"));
    hf_graph_free(graph);
}

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

/* No value, and not both ends of the range together, may take more than 90 %. */
static void check_alive(const hf_graph *graph, int32_t node, const histogram *h)
{
    /* Most of 500 and more probabilities are below half an output step (1/256), whatever the weights. */
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

/* Large layers must be alive in every single inference, small ones (a vector of a few values) over all of
 * them. */
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
                check_alive(graph, n, &one);
        }
        hf_reference_free(&run);
    }
    for (int32_t n = 0; n < graph->node_count; n++)
        check_alive(graph, n, &all[n]);
    free(all);
    free(input);
}

static const uint32_t seeds[] = {1, 2, 3, 4, 1000, 123456789, 0xdeadbeef, 0xffffffff};
#define SEEDS ((int32_t)(sizeof seeds / sizeof *seeds))

static void models_weights_keep_the_papers_networks_alive(void **state)
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

/* Extremes: one channel everywhere, one position at the end, a long chain, a bottleneck of one. */
static void models_weights_keep_extreme_networks_alive(void **state)
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

static void keep_random_networks_alive(const hf_family *family, int wanted)
{
    uint32_t random = 42;
    int networks = 0;
    for (int tries = 0; networks < wanted; tries++) {
        assert_true(tries < 100000);
        hf_variation v = random_variation(family, &random);
        hf_graph *graph = NULL;
        hf_analysis analysis;
        if (hf_variation_build(&v, &graph, NULL))
            continue; /* impossible with these factors */
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

static void models_weights_keep_random_networks_alive(void **state)
{
    (void)state;
    for (uint32_t f = 0; hf_family_at(f); f++)
        keep_random_networks_alive(hf_family_at(f), f == 0 ? 30 : 10);
}

/* Different inputs give different outputs: or comparing output digests would prove nothing. */
static void models_weights_outputs_depend_on_the_input(void **state)
{
    (void)state;
    hf_graph *graph = generate_name("mobilenetv1_0.25_96_c3_o2", 0);
    const size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    int8_t *input = malloc(bytes);
    assert_non_null(input);
    bool seen[256] = {false};
    int distinct = 0;
    for (uint32_t seed = 0; seed < 12; seed++) {
        hf_reference run;
        hf_input_generate(seed, input, bytes);
        assert_int_equal(hf_reference_run(graph, input, &run, NULL), HF_OK);
        uint8_t first = (uint8_t)run.outputs[graph->node_count - 1][0];
        distinct += !seen[first];
        seen[first] = true;
        hf_reference_free(&run);
    }
    assert_true(distinct >= 6);
    free(input);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_weights_same_seed_same_bytes),
        cmocka_unit_test(models_weights_digests_of_every_family),
        cmocka_unit_test(models_weights_keep_quantisation_where_values_only_move),
        cmocka_unit_test(models_weights_are_complete),
        cmocka_unit_test(models_weights_keep_the_papers_networks_alive),
        cmocka_unit_test(models_weights_keep_extreme_networks_alive),
        cmocka_unit_test(models_weights_keep_random_networks_alive),
        cmocka_unit_test(models_weights_outputs_depend_on_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
