/* SPDX-License-Identifier: Apache-2.0 */
/* Families against the published figures (Brockmann & Schlippe 2024, sections 6.2 and 6.5.5). */
#include "hf_test.h"

#include <math.h>

#include "base/file.h"
#include "families/families.h"
#include "graph/analysis.h"
#include "graph/graph.h"

static hf_graph *build(const char *name)
{
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_variation_parse(name, &variation, &err) || hf_variation_build(&variation, &graph, &err))
        fail_msg("%s", err.message);
    return graph;
}

static hf_analysis analyze(const char *name)
{
    hf_graph *graph = build(name);
    hf_analysis analysis;
    assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
    hf_graph_free(graph);
    return analysis;
}

/* MACs and parameters must match exactly. Peak memory is published in KB with one decimal, rounded up in one
 * row (56.25) and truncated in another (110.66). */
static void check_row(const char *name, int64_t macs, int64_t params, double peak_kb)
{
    hf_analysis analysis = analyze(name);
    assert_int_equal(analysis.macs, macs);
    assert_int_equal(analysis.params, params);
    if (fabs((double)analysis.peak_memory_bytes / 1024 - peak_kb) > 0.0999)
        fail_msg("%s: peak memory is %lld bytes, expected %.1f KB", name,
                 (long long)analysis.peak_memory_bytes, peak_kb);
    hf_analysis_free(&analysis);
}

/* Published figures, and peak memory in bytes computed by hand from the family's description. */
static void models_family_published_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t macs, params;
        int32_t non_trainable, peak_bytes;
        double peak_kb;
        const char *peak_layer;
    } rows[] = {
        {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 21893563, 171743, 5296, 48 * 48 * (22 + 44), 148.5,
         "block1/pointwise"},
        {"mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128", 6191720, 78664, 4240, 48 * 48 * 40 + 23 * 23 * 40,
         110.6, "bottleneck2/depthwise"},
        {"mobilenetv1_0.25_96_c3_o2", 7489664, 221794, 5472, 48 * 48 * (8 + 16), 54.0, "block1/pointwise"},
        {"shufflenetv1_0.25_96_c3_o2_g1", 3184560, 71030, 3672, 96 * 96 * 3 + 48 * 48 * 24, 81.0, "conv1"},
        {"mobilenetv2_0.25_96_c3_o2_t5l256", 3886352, 138366, 7216, 48 * 48 * 20 + 24 * 24 * 20, 56.3,
         "block2/depthwise"},
        {"shufflenetv2_0.1_96_c3_o2_l128", 2741080, 56058, 3000, 96 * 96 * 3 + 47 * 47 * 24, 78.8, "conv1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].name, rows[i].macs, rows[i].params, rows[i].peak_kb);
        hf_graph *graph = build(rows[i].name);
        hf_analysis analysis = analyze(rows[i].name);
        assert_int_equal(analysis.params_non_trainable, rows[i].non_trainable);
        assert_int_equal(analysis.peak_memory_bytes, rows[i].peak_bytes);
        assert_string_equal(graph->nodes[analysis.peak_memory_node].name, rows[i].peak_layer);
        hf_analysis_free(&analysis);
        hf_graph_free(graph);
    }
}

/* All eight rows of the table. Two have no figures, so their models must only build. */
static void models_family_every_row_of_the_paper_tables(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "reference/paper_tables.csv");
    uint8_t *bytes;
    size_t size;
    assert_int_equal(hf_file_read(path, 1 << 20, &bytes, &size, NULL), HF_OK);
    int rows = 0;
    char *rest = (char *)bytes;
    for (char *line; (line = strsep(&rest, "\n"));) {
        /* name, accuracy, model size, peak memory, latency, MACs, params, bytes per param */
        char *fields[8] = {NULL};
        int count = 0;
        while (count < 8 && (fields[count] = strsep(&line, ",")))
            count++;
        if (count < 8 || strcmp(fields[0], "name") == 0)
            continue; /* a comment or the header */
        if (*fields[5] && *fields[6])
            check_row(fields[0], strtoll(fields[5], NULL, 10), strtoll(fields[6], NULL, 10),
                      strtod(fields[3], NULL));
        else
            hf_graph_free(build(fields[0]));
        rows++;
    }
    free(bytes);
    assert_int_equal(rows, 8);
}

/* Counts of single layers and sums over channels. */
static void models_family_layer_counts(void **state)
{
    (void)state;
    hf_analysis a = analyze("mobilenetv1_0.25_96_c3_o2");
    /* conv1: 48 x 48 positions, 3 x 3 x 3 weights, 8 channels with bias and batch norm. */
    assert_int_equal(a.layers[0].macs, 48 * 48 * 27 * 8);
    assert_int_equal(a.layers[0].params, 27 * 8 + 8 + 4 * 8);
    assert_int_equal(a.layers[0].params_deployed, 27 * 8 + 8);
    assert_int_equal(a.layers[0].parameter_bytes, 27 * 8 + 4 * 8);
    assert_int_equal(a.layers[0].live_bytes, 96 * 96 * 3 + 48 * 48 * 8);
    assert_int_equal(a.layers[2].live_bytes, 48 * 48 * (8 + 16));
    assert_int_equal(a.peak_memory_node, 2);
    /* Channels with batch norm: those of all convolutions; two non-trainable values each. */
    const int64_t channels = 8 + (8 + 16) + (16 + 32) + (32 + 32) + (32 + 64) + (64 + 64) + (64 + 128) +
                             5 * (128 + 128) + (128 + 256) + (256 + 256);
    assert_int_equal(a.params_non_trainable, 2 * channels);
    assert_int_equal(a.params_deployed, a.params - 4 * channels);
    assert_int_equal(a.layer_count, 27 + 3);
    int64_t macs = 0;
    for (int32_t i = 0; i < a.layer_count; i++)
        macs += a.layers[i].macs;
    assert_int_equal(a.macs, macs);
    hf_analysis_free(&a);
    hf_analysis_free(&a); /* a second call does nothing */
    hf_analysis_free(NULL);
}

static void models_family_factors_change_their_layers(void **state)
{
    (void)state;
    hf_graph *graph = build("mobilenetv1_0.7_64_c1_o10_l2ll32pl64b0.3");
    assert_int_equal(graph->node_count, 1 + 2 * (6 + 2 + 2) + 3);
    assert_string_equal(graph->name, "mobilenetv1_0.7_64_c1_o10_l2ll32pl64b0.3");
    assert_int_equal(graph->tensors[graph->input].channels, 1);
    assert_int_equal(graph->tensors[graph->input].height, 64);
    static const int32_t expected[] = {22, 44, 89, 89, 179, 179, 107, 107, 107, 64, 32}; /* truncated */
    for (int i = 0; i < 11; i++) {
        const hf_node *node = &graph->nodes[i == 0 ? 0 : 2 * i];
        assert_int_equal(hf_node_output_channels(graph, node), expected[i]);
    }
    assert_int_equal(graph->tensors[graph->output].channels, 10);
    assert_string_equal(graph->nodes[3].name, "block2/depthwise");
    hf_graph_free(graph);
    graph = build("mobilenetv1_1_224_c3_o1000_l0");
    assert_int_equal(graph->node_count, 1 + 2 * 8 + 3);
    hf_graph_free(graph);
}

static void models_family_full_size_network(void **state)
{
    (void)state;
    /* MobileNet v1 1.0 224: 568,740,352 multiply-accumulates (Howard et al. 2017, table 4: 569 million). */
    hf_analysis a = analyze("mobilenetv1_1_224_c3_o1000");
    assert_int_equal(a.macs, 568740352);
    hf_analysis_free(&a);
}

static void must_not_build(const char *name, const char *words)
{
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_parse(name, &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_EINVALID);
    assert_null(graph);
    if (!strstr(err.message, words) || !strstr(err.message, name))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
}

static void models_family_impossible_networks(void **state)
{
    (void)state;
    must_not_build("mobilenetv1_0.01_96_c3_o2", "conv1: 32 x alpha 0.01 leaves no channels");
    must_not_build("mobilenetv1_0.1_96_c3_o2_b0.01",
                   "block6/pointwise: 512 x alpha 0.1 x b 0.01 leaves no channels");
    must_not_build("mobilenetv2_0.05_96_c3_o2", "block1/project: 16 x alpha 0.05 leaves no channels");
    must_not_build("mobilenetv2_0.1_96_c3_o2_t0.5", "block2/expand: 1 x t 0.5 leaves no channels");
    must_not_build(
        "mobilenetv3smallSQ_0.3_32_c3_o2",
        "bottleneck9/depthwise: resolution 32 leaves an input of 2x2, smaller than the kernel 5x5");
    must_not_build("shufflenetv1_0.25_96_c3_o2_g4",
                   "unit1/reduce: g 4 does not divide its 24 input and 18 output channels");
    must_not_build("shufflenetv1_0.01_96_c3_o2", "unit1/reduce: alpha leaves no channels (0)");
}

static void models_family_errors_name_the_factor(void **state)
{
    (void)state;
    hf_variation v;
    assert_int_equal(hf_variation_parse("mobilenetv1_0.25_96_c3_o2", &v, NULL), HF_OK);
    hf_error err;

    hf_variation bad = v;
    bad.factors[HF_FACTOR_RESOLUTION] = 96.5;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_check(&bad, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "resolution is 96.5, expected a whole number from 16 to 320"));

    bad = v;
    bad.set |= 1u << HF_FACTOR_T;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_check(&bad, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "mobilenetv1 has no factor \"t\""));

    bad = v;
    bad.set &= ~(1u << HF_FACTOR_CLASSES);
    hf_error_clear(&err);
    assert_int_equal(hf_variation_check(&bad, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "classes is missing"));

    bad = v;
    bad.factors[HF_FACTOR_ALPHA] = 1.0 / 3;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_check(&bad, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "at most 9 decimal places"));

    bad = v;
    bad.factors[HF_FACTOR_ALPHA] = 0.0 / (double)(bad.set == 0);
    assert_int_equal(hf_variation_check(&bad, NULL), HF_EINVALID); /* not a number */

    bad = v;
    bad.factors[HF_FACTOR_CHANNELS] = 2;
    assert_int_equal(hf_variation_check(&bad, NULL), HF_EINVALID);

    bad = v;
    bad.family = NULL;
    assert_int_equal(hf_variation_check(&bad, NULL), HF_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_family_published_rows),
        cmocka_unit_test(models_family_every_row_of_the_paper_tables),
        cmocka_unit_test(models_family_layer_counts),
        cmocka_unit_test(models_family_factors_change_their_layers),
        cmocka_unit_test(models_family_full_size_network),
        cmocka_unit_test(models_family_impossible_networks),
        cmocka_unit_test(models_family_errors_name_the_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
