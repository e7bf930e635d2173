/* SPDX-License-Identifier: Apache-2.0 */
/* Real weights and ranges as an int8 graph; what hilfarm-train reads and writes; records. */
#include "hf_test.h"

#include <jansson.h>
#include <math.h>

#include "base/file.h"
#include "families/families.h"
#include "graph/builder.h"
#include "job_file.h"
#include "record.h"
#include "reference/reference.h"
#include "result_file.h"
#include "tflite/tflite.h"
#include "train/quantise.h"

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-quantise-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* 2 x 2 x 2, a depthwise convolution of 1 x 1, then a dense layer with two outputs, and a softmax. */
static hf_graph *small_graph(void)
{
    static const hf_layer_style plain = {.bias = true, .padding = HF_PADDING_SAME};
    hf_builder b;
    hf_graph *graph = NULL;
    hf_error err = {0};
    hf_builder_begin(&b, "small", 2, 2, &err);
    hf_builder_depthwise(&b, "depthwise", 1, 1, &plain);
    hf_builder_dense(&b, "dense", 2, true, HF_ACTIVATION_NONE);
    hf_builder_softmax(&b, "softmax");
    if (hf_builder_finish(&b, &graph) != HF_OK)
        fail_msg("%s", err.message);
    return graph;
}

static const hf_quant pixels = {.scale = 1.0f / 255, .zero_point = -128};
static const double min[] = {0, -1.0, -3.0, 0}, max[] = {1, 4.1, 2.1, 1};
static float depthwise[] = {2.0f, -0.5f}, depthwise_bias[] = {0.25f, 100.0f};
static float dense[16] = {[0] = 1.27f, [8] = -0.635f}, dense_bias[] = {0.5f, -0.5f};

static hf_trained trained_small(void)
{
    static const float *weights[3], *biases[3];
    weights[0] = depthwise;
    weights[1] = dense;
    biases[0] = depthwise_bias;
    biases[1] = dense_bias;
    return (hf_trained){.min = min, .max = max, .weights = weights, .biases = biases};
}

static void rules_of_quantisation(void **state)
{
    (void)state;
    hf_graph *graph = small_graph();
    const hf_trained trained = trained_small();
    assert_int_equal(hf_trained_quantise(graph, &trained, pixels, NULL), HF_OK);
    /* Tensors: the whole range in 255 steps; a softmax has its own. */
    assert_true(graph->tensors[0].quant.scale == pixels.scale);
    assert_true(fabsf(graph->tensors[1].quant.scale - 0.02f) < 1e-7f);
    assert_int_equal(graph->tensors[1].quant.zero_point, -78);
    assert_true(graph->tensors[3].quant.scale == 1.0f / 256);
    /* A scale per channel of the convolution. The second channel's bias, 100, would not fit into 31 bits with the scale of
     * its weight: 100 / (0.5 / 127 / 255) is 6.5 million, which does. */
    const hf_node *first = &graph->nodes[0];
    assert_int_equal(first->weights[0], 127);
    assert_int_equal(first->weights[1], -127);
    assert_true(fabsf(first->weight_scales[0] - 2.0f / 127) < 1e-8f);
    assert_true(fabsf(first->weight_scales[1] - 0.5f / 127) < 1e-8f);
    assert_int_equal(first->bias[0], lround(0.25 * 255 * 127 / 2));
    /* One scale for the dense layer. */
    const hf_node *second = &graph->nodes[1];
    assert_true(second->weight_scales[0] == second->weight_scales[1]);
    assert_int_equal(second->weights[0], 127);
    assert_int_equal(second->weights[8], -64); /* -63.5, away from zero */
    assert_int_equal(hf_trained_quantise(graph, &trained, pixels, NULL), HF_EINVALID); /* it has weights */
    hf_graph_free(graph);
}

static void large_biases_fit(void **state)
{
    (void)state;
    hf_graph *graph = small_graph();
    const hf_trained trained = trained_small();
    depthwise[1] = 0; /* a dead channel with a bias: the bias alone decides its scale */
    assert_int_equal(hf_trained_quantise(graph, &trained, pixels, NULL), HF_OK);
    const hf_node *node = &graph->nodes[0];
    const double real = (double)node->bias[1] * (double)pixels.scale * (double)node->weight_scales[1];
    assert_true(fabs(real - 100) < 1e-3);
    assert_int_equal(node->weights[1], 0);
    depthwise[1] = -0.5f;
    hf_graph_free(graph);
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    hf_graph *graph = small_graph();
    const hf_trained trained = trained_small();
    hf_error err = {0};
    dense[3] = NAN;
    assert_int_equal(hf_trained_quantise(graph, &trained, pixels, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "dense: a weight is not finite"));
    assert_null(graph->nodes[0].weights); /* nothing is left behind */
    dense[3] = 0;
    hf_graph_free(graph);
}

/* The network in real numbers, for one input. */
static void compute_real(const int8_t *input, double *out)
{
    double hidden[8], sum[2];
    for (int i = 0; i < 8; i++)
        hidden[i] =
            (input[i] + 128) / 255.0 * (double)depthwise[i % 2] + (i % 2 ? 0.5 : (double)depthwise_bias[0]);
    for (int o = 0; o < 2; o++) {
        sum[o] = (double)dense_bias[o];
        for (int i = 0; i < 8; i++)
            sum[o] += hidden[i] * (double)dense[8 * o + i];
    }
    out[0] = 1 / (1 + exp(sum[1] - sum[0]));
    out[1] = 1 - out[0];
}

/* The int8 network computes what the real one does, to a few of its steps. */
static void quantised_network_computes_the_same(void **state)
{
    (void)state;
    hf_graph *graph = small_graph();
    const hf_trained trained = trained_small();
    depthwise_bias[1] = 0.5f;
    for (int i = 0; i < 16; i++)
        dense[i] = 0.1f * (float)((i * 7) % 11 - 5);
    assert_int_equal(hf_trained_quantise(graph, &trained, pixels, NULL), HF_OK);
    for (int seed = 0; seed < 20; seed++) {
        int8_t input[8];
        hf_reference computed = {0};
        double expected[2];
        for (int i = 0; i < 8; i++)
            input[i] = (int8_t)((seed * 37 + i * 91) % 256 - 128);
        hf_error err = {0};
        if (hf_reference_run(graph, input, &computed, &err) != HF_OK)
            fail_msg("%s", err.message);
        compute_real(input, expected);
        for (int o = 0; o < 2; o++)
            assert_true(fabs((computed.outputs[2][o] + 128) / 256.0 - expected[o]) < 0.03);
        hf_reference_free(&computed);
    }
    hf_graph_free(graph);
}

/* ---- Files ---- */

static void put(FILE *file, const void *bytes, size_t size)
{
    assert_int_equal(fwrite(bytes, 1, size, file), size);
}

static void put_integer(FILE *file, int64_t value)
{
    put(file, &value, sizeof value);
}

static void put_real(FILE *file, double value)
{
    put(file, &value, sizeof value);
}

static void put_text(FILE *file, const char *text)
{
    put_integer(file, (int64_t)strlen(text));
    put(file, text, strlen(text));
}

static void put_floats(FILE *file, const float *values, int64_t count)
{
    put_integer(file, count);
    put(file, values, (size_t)count * sizeof *values);
}

static void write_result(const char *key)
{
    FILE *file = fopen(in_folder("result"), "wb");
    assert_non_null(file);
    put_text(file, "HFRESULT1");
    put_text(file, key);
    put_integer(file, 7);
    put_real(file, 91.5);
    put_integer(file, 4);
    for (int t = 0; t < 4; t++) {
        put_real(file, min[t]);
        put_real(file, max[t]);
    }
    put_floats(file, depthwise, 2);
    put_floats(file, depthwise_bias, 2);
    put_floats(file, dense, 16);
    put_floats(file, dense_bias, 2);
    fclose(file);
}

static void write_short(const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(in_folder("short"), "wb");
    assert_non_null(file);
    put(file, bytes, length);
    fclose(file);
}

static void results_are_read(void **state)
{
    (void)state;
    hf_training_result result = {0};
    hf_graph *graph = small_graph();
    write_result("key");
    assert_int_equal(hf_training_result_read(in_folder("result"), "key", pixels, graph, &result, NULL),
                     HF_OK);
    assert_int_equal(result.epochs, 7);
    assert_true(result.float_percent == 91.5);
    assert_int_equal(graph->nodes[0].weights[0], 127);
    hf_graph_free(graph);

    /* Of another training; cut short at any place; with bytes too many. */
    graph = small_graph();
    assert_int_equal(hf_training_result_read(in_folder("result"), "another", pixels, graph, &result, NULL),
                     HF_EFORMAT);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(hf_file_read(in_folder("result"), 1 << 20, &bytes, &size, NULL), HF_OK);
    for (size_t length = 0; length < size; length++) {
        write_short(bytes, length);
        assert_int_equal(hf_training_result_read(in_folder("short"), "key", pixels, graph, &result, NULL),
                         HF_EFORMAT);
    }
    write_short(bytes, size + 1); /* with its NUL */
    assert_int_equal(hf_training_result_read(in_folder("short"), "key", pixels, graph, &result, NULL),
                     HF_EFORMAT);
    assert_null(graph->nodes[0].weights);
    free(bytes);
    hf_graph_free(graph);
}

static void records_belong_to_their_file(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s", in_folder("m.tflite"));
    const hf_training_record written = {.complete = true,
                                        .key = "abc",
                                        .torch = "1.13.0",
                                        .epochs = 3,
                                        .validation_percent = 80.5,
                                        .float_percent = -1,
                                        .int8_percent = 79.25,
                                        .seconds = 12};
    hf_training_record read = {0};
    json_t *recipe = json_object(), *history = json_array();
    assert_int_equal(hf_training_record_read(path, &read, NULL), HF_ENOTFOUND);
    assert_int_equal(
        hf_training_record_write(path, (const uint8_t *)"model", 5, &written, recipe, history, NULL), HF_OK);
    assert_int_equal(hf_training_record_read(path, &read, NULL), HF_OK);
    assert_true(read.complete);
    assert_string_equal(read.key, "abc");
    assert_string_equal(read.torch, "1.13.0");
    assert_int_equal(read.epochs, 3);
    assert_true(read.validation_percent == 80.5 && read.float_percent < 0 && read.int8_percent == 79.25);
    /* Another file under the name: the record is not about it. */
    assert_int_equal(hf_file_write(path, "other", 5, NULL), HF_OK);
    assert_int_equal(hf_training_record_read(path, &read, NULL), HF_ENOTFOUND);
    assert_int_equal(hf_file_write(in_folder("m.tflite.json"), "{", 1, NULL), HF_OK);
    assert_int_equal(hf_training_record_read(path, &read, NULL), HF_EFORMAT);
    json_decref(recipe);
    json_decref(history);
}

/* The padding of a window covers exactly what it reads outside, and tensors of one quantisation are in one group. */
static void graphs_are_described(void **state)
{
    (void)state;
    hf_variation variation;
    hf_graph *graph = NULL;
    assert_int_equal(hf_variation_parse("shufflenetv2_0.05_32_c3_o4", &variation, NULL), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, NULL), HF_OK);
    json_t *root = hf_training_graph_json(graph, NULL);
    assert_non_null(root);
    json_t *nodes = json_object_get(root, "nodes"), *tensors = json_object_get(root, "tensors");
    assert_int_equal(json_array_size(nodes), (size_t)graph->node_count);
    for (size_t n = 0; n < json_array_size(nodes); n++) {
        json_t *node = json_array_get(nodes, n), *padding = json_object_get(node, "padding");
        const json_int_t kernel = json_integer_value(json_array_get(json_object_get(node, "kernel"), 0));
        const json_int_t stride = json_integer_value(json_array_get(json_object_get(node, "stride"), 0));
        if (!kernel)
            continue;
        const hf_tensor *in = &graph->tensors[graph->nodes[n].inputs[0]],
                        *out = &graph->tensors[graph->nodes[n].output];
        const json_int_t covered = in->height + json_integer_value(json_array_get(padding, 0)) +
                                   json_integer_value(json_array_get(padding, 1));
        assert_int_equal((covered - kernel) / stride + 1, out->height);
    }
    for (int32_t n = 0; n < graph->node_count; n++)
        if (hf_op_has(graph->nodes[n].op, HF_NODE_SAME_QUANT)) {
            json_t *a = json_array_get(tensors, (size_t)graph->nodes[n].inputs[0]);
            json_t *b = json_array_get(tensors, (size_t)graph->nodes[n].output);
            assert_true(json_equal(json_object_get(a, "group"), json_object_get(b, "group")));
        }
    json_decref(root);
    hf_graph_free(graph);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rules_of_quantisation),  TEST(large_biases_fit),
        TEST(numbers_must_be_finite), TEST(quantised_network_computes_the_same),
        TEST(results_are_read),       TEST(records_belong_to_their_file),
        TEST(graphs_are_described),
    };
    return cmocka_run_group_tests_name("train_quantise", tests, NULL, NULL);
}
