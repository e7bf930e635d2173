/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/buffer.h"
#include "base/file.h"
#include "generated.h"
#include "reference/reference.h"

/* Digest of all data that hf_weights_generate() stores. */
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
    /* The same on every host and build. Changing it changes the digests of all stored models. */
    assert_string_equal(first, "5aa98d4d4860bac250ce144a91a1fda682da3932fb77c88b2966e234ea272dd0");
}

/* One small network of each other family. The digests are the same on every host and build. */
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
static void models_weights_keep_quantisation_of_moved_values(void **state)
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
    assert_int_equal(hf_weights_generate(graph, 3, &err), HF_EINVALID); /* it has weights already */
    assert_non_null(strstr(err.message, "conv1 has weights already"));
    hf_graph_free(graph);
}

/* Different inputs give different outputs. Otherwise comparing digests of outputs would prove nothing. */
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
        cmocka_unit_test(models_weights_keep_quantisation_of_moved_values),
        cmocka_unit_test(models_weights_are_complete),
        cmocka_unit_test(models_weights_outputs_depend_on_the_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
