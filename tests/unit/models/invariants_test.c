/* SPDX-License-Identifier: Apache-2.0 */
/* Invariants of all families, checked on thousands of random variations by counting independently. */
#include "hf_test.h"

#include "families/families.h"
#include "graph/analysis.h"
#include "graph/graph.h"
#include "random_variation.h"

#define VARIATIONS 2500

/* ---- An independent count from the shapes and the counting rules ---- */

typedef struct count {
    int64_t macs, params, non_trainable, deployed, bytes;
} count;

static count count_node(const hf_graph *graph, const hf_node *node)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_tensor *out = &graph->tensors[node->output];
    int64_t weights = 0, macs = 0;
    if (node->op == HF_OP_CONV2D) {
        for (int32_t g = 0; g < node->groups; g++)
            weights += (int64_t)node->kernel_height * node->kernel_width * (in->channels / node->groups) *
                       (out->channels / node->groups);
        macs = weights * out->height * out->width;
    } else if (node->op == HF_OP_DEPTHWISE) {
        weights = (int64_t)node->kernel_height * node->kernel_width * in->channels;
        macs = weights * out->height * out->width;
    } else if (node->op == HF_OP_DENSE) {
        weights = (int64_t)in->height * in->width * in->channels * out->channels;
        macs = weights;
    } else {
        return (count){0};
    }
    const int64_t channels = out->channels;
    return (count){.macs = macs,
                   .params =
                       weights + (node->has_bias ? channels : 0) + (node->has_batch_norm ? 4 * channels : 0),
                   .non_trainable = node->has_batch_norm ? 2 * channels : 0,
                   .deployed = weights + channels,
                   .bytes = weights + 4 * channels};
}

#define MAX_TENSORS 1024

/* The last node that reads each tensor; -1 if none does. The graph's output is read after the last node. */
static void find_last_readers(const hf_graph *graph, int32_t readers[MAX_TENSORS])
{
    assert_in_range(graph->tensor_count, 1, MAX_TENSORS);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        readers[t] = -1;
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; i < graph->nodes[n].input_count; i++)
            readers[graph->nodes[n].inputs[i]] = n;
    readers[graph->output] = graph->node_count;
}

/* Live bytes while a node runs: of all existing tensors that this node or a later one reads, and of its
 * output. */
static int64_t live_bytes_at(const hf_graph *graph, const int32_t *readers, int32_t node)
{
    int64_t bytes = readers[graph->input] >= node ? hf_tensor_bytes(&graph->tensors[graph->input]) : 0;
    for (int32_t n = 0; n <= node; n++) {
        int32_t tensor = graph->nodes[n].output;
        if (n == node || readers[tensor] >= node)
            bytes += hf_tensor_bytes(&graph->tensors[tensor]);
    }
    return bytes;
}

/* Bytes of the output and the inputs of a node. */
static int64_t own_tensors(const hf_graph *graph, const hf_node *node)
{
    int64_t bytes = hf_tensor_bytes(&graph->tensors[node->output]);
    for (int32_t i = 0; i < node->input_count; i++)
        bytes += hf_tensor_bytes(&graph->tensors[node->inputs[i]]);
    return bytes;
}

static void check_memory(const hf_graph *graph, const hf_analysis *analysis)
{
    int32_t readers[MAX_TENSORS];
    int64_t sum = 0, largest_pair = 0, peak = 0;
    find_last_readers(graph, readers);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        sum += hf_tensor_bytes(&graph->tensors[t]);
    for (int32_t n = 0; n < graph->node_count; n++) {
        int64_t live = live_bytes_at(graph, readers, n);
        if (analysis->layers[n].live_bytes != live)
            fail_msg("%s: %s: %lld live bytes, expected %lld", graph->name, graph->nodes[n].name,
                     (long long)analysis->layers[n].live_bytes, (long long)live);
        int64_t own = own_tensors(graph, &graph->nodes[n]);
        largest_pair = own > largest_pair ? own : largest_pair;
        peak = live > peak ? live : peak;
    }
    assert_true(analysis->peak_memory_bytes == peak);
    assert_true(analysis->layers[analysis->peak_memory_node].live_bytes == peak);
    assert_true(peak <= sum);
    assert_true(peak >= largest_pair);
}

static void check_counts(const hf_graph *graph, const hf_analysis *analysis)
{
    count total = {0};
    for (int32_t n = 0; n < graph->node_count; n++) {
        count one = count_node(graph, &graph->nodes[n]);
        const hf_layer *layer = &analysis->layers[n];
        if (layer->macs != one.macs || layer->params != one.params ||
            layer->params_deployed != one.deployed || layer->parameter_bytes != one.bytes)
            fail_msg("%s: %s: counts differ", graph->name, graph->nodes[n].name);
        total.macs += one.macs;
        total.params += one.params;
        total.non_trainable += one.non_trainable;
        total.deployed += one.deployed;
        total.bytes += one.bytes;
    }
    assert_true(analysis->macs == total.macs);
    assert_true(analysis->params == total.params);
    assert_true(analysis->params_non_trainable == total.non_trainable);
    assert_true(analysis->params_deployed == total.deployed);
    assert_true(analysis->parameter_bytes == total.bytes);
}

/* Every tensor is read, and the last node is a softmax over the classes. */
static void check_structure(const hf_graph *graph, const hf_variation *variation)
{
    int32_t readers[MAX_TENSORS];
    find_last_readers(graph, readers);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        assert_true(readers[t] >= 0);
    const hf_tensor *in = &graph->tensors[graph->input];
    assert_true(in->height == variation->factors[HF_FACTOR_RESOLUTION] && in->width == in->height);
    assert_true(in->channels == variation->factors[HF_FACTOR_CHANNELS]);
    const hf_tensor *out = &graph->tensors[graph->output];
    assert_true(out->height == 1 && out->width == 1);
    assert_true(out->channels == variation->factors[HF_FACTOR_CLASSES]);
    assert_int_equal(graph->nodes[graph->node_count - 1].op, HF_OP_SOFTMAX);
    for (int32_t a = 0; a < graph->node_count; a++)
        for (int32_t b = a + 1; b < graph->node_count; b++)
            assert_string_not_equal(graph->nodes[a].name, graph->nodes[b].name);
}

/* An error names a layer and one of the factors that cause it. */
static void check_error(const hf_family *family, const char *message)
{
    assert_true(strstr(message, "1: ") || strchr(message, '/')); /* "conv1: ", "unit3/expand: " */
    bool names_factor = false;
    for (uint32_t i = 0; i < family->range_count; i++) {
        char word[32];
        snprintf(word, sizeof word, "%s ", hf_factor_name(family->ranges[i].factor));
        names_factor |= strstr(message, word) != NULL;
    }
    if (!names_factor)
        fail_msg("\"%s\" names no factor", message);
}

static void check_family(const hf_family *family)
{
    uint32_t random = 20240173;
    int built = 0;
    for (int i = 0; i < VARIATIONS; i++) {
        const hf_variation variation = random_variation(family, &random);
        hf_graph *graph = NULL;
        hf_analysis analysis;
        hf_error err;
        hf_error_clear(&err);
        if (hf_variation_build(&variation, &graph, &err)) {
            check_error(family, err.message);
            continue;
        }
        built++;
        assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
        check_counts(graph, &analysis);
        check_memory(graph, &analysis);
        if (i % 50 == 0)
            check_structure(graph, &variation);
        hf_analysis_free(&analysis);
        hf_graph_free(graph);
    }
    print_message("%s: %d of %d variations are possible\n", family->name, built, VARIATIONS);
    assert_in_range(built, VARIATIONS / 5, VARIATIONS);
}

static void models_invariants_hold_for_every_family(void **state)
{
    (void)state;
    for (uint32_t f = 0; hf_family_at(f); f++)
        check_family(hf_family_at(f));
}

/* ---- The effect of each factor on the counts ---- */

static hf_analysis analyze(const char *name)
{
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_analysis analysis = {0};
    hf_error err;
    hf_error_clear(&err);
    if (hf_variation_parse(name, &variation, &err) || hf_variation_build(&variation, &graph, &err) ||
        hf_analyze(graph, &analysis, &err))
        fail_msg("%s", err.message);
    hf_graph_free(graph);
    return analysis;
}

static int64_t params_of(const char *name)
{
    hf_analysis analysis = analyze(name);
    int64_t params = analysis.params;
    hf_analysis_free(&analysis);
    return params;
}

static int64_t macs_of(const char *name)
{
    hf_analysis analysis = analyze(name);
    int64_t macs = analysis.macs;
    hf_analysis_free(&analysis);
    return macs;
}

static void models_invariants_of_heads(void **state)
{
    (void)state;
    /* v3: MV3 has pl x l + l x classes weights and no bias, MV1 pl x classes and a bias per class. */
    assert_int_equal(params_of("mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128") -
                         params_of("mobilenetv3smallNSQ_0.3_96_c3_o2_pl128.MV1"),
                     128 * 32 + 32 * 2 - (128 * 2 + 2));
    /* The averaged classifier has the dense layer's parameters, but is applied at each of 3 x 3 positions. */
    assert_int_equal(params_of("mobilenetv1_0.25_96_c3_o10.GAP"), params_of("mobilenetv1_0.25_96_c3_o10"));
    assert_int_equal(macs_of("mobilenetv1_0.25_96_c3_o10.GAP") - macs_of("mobilenetv1_0.25_96_c3_o10"),
                     8 * 256 * 10);
}

static void models_invariants_of_factors(void **state)
{
    (void)state;
    /* v2: last layer 80 x l weights and 4 l of batch norm, then l x 2 of the dense layer. */
    assert_int_equal(params_of("mobilenetv2_0.25_96_c3_o2_t5l257") -
                         params_of("mobilenetv2_0.25_96_c3_o2_t5l256"),
                     80 + 4 + 2);
    /* v2, alpha above 1: the last layer is scaled too. div8(1280 x 1.4) = 1792. */
    assert_int_equal(params_of("mobilenetv2_1.4_96_c3_o2") - params_of("mobilenetv2_1.4_96_c3_o2_l640"),
                     (1792 - 896) * (448 + 4 + 2));
    /* v2 1.0 at 224: 3,538,984 parameters, 34,112 of them not trainable (Keras applications; its rounding to
     * multiples of 8 has no effect at alpha 1). */
    hf_analysis analysis = analyze("mobilenetv2_1_224_c3_o1000");
    assert_int_equal(analysis.params, 3538984);
    assert_int_equal(analysis.params_non_trainable, 34112);
    hf_analysis_free(&analysis);
    /* v3: squeeze-and-excite in bottleneck 2 (40 channels) and eight others; se sets their reduced width. */
    assert_true(params_of("mobilenetv3smallSQ_0.3_96_c3_o2_se8") <
                params_of("mobilenetv3smallSQ_0.3_96_c3_o2"));
    assert_int_equal(params_of("mobilenetv3smallSQ_0.3_96_c3_o2_se4"),
                     params_of("mobilenetv3smallSQ_0.3_96_c3_o2"));
    assert_true(params_of("mobilenetv3smallNSQ_0.3_96_c3_o2") <
                params_of("mobilenetv3smallSQ_0.3_96_c3_o2_se64"));
    /* sv1: without g, one group. sv2: f sets the channels that the max pool, unit 1's first convolution and its
     * side branch read. */
    assert_int_equal(params_of("shufflenetv1_0.25_96_c3_o2"), params_of("shufflenetv1_0.25_96_c3_o2_g1"));
    assert_int_equal(params_of("shufflenetv2_0.1_96_c3_o2_l128f25") -
                         params_of("shufflenetv2_0.1_96_c3_o2_l128f24"),
                     27 + 4 + 12 + (9 + 4) + 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_invariants_hold_for_every_family),
        cmocka_unit_test(models_invariants_of_heads),
        cmocka_unit_test(models_invariants_of_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
