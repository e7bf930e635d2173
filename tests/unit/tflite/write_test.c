/* SPDX-License-Identifier: Apache-2.0 */
/* Round trips of all families and operators through .tflite files: outputs must be bit-identical. */
#include "hf_test.h"

#include "../engine/random_graph.h"
#include "../models/random_variation.h"
#include "base/file.h"
#include "flatbuffer.h"
#include "graph/analysis.h"
#include "reference/reference.h"
#include "round_trip.h"
#include "schema.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

/* Number of graphs to test; HF_TFLITE_ROUNDS=1000 asks for a longer run. */
static int rounds(int default_rounds)
{
    const char *text = getenv("HF_TFLITE_ROUNDS");
    const long wanted = text ? strtol(text, NULL, 10) : 0;
    return wanted > 0 && wanted < 1000000 ? (int)wanted : default_rounds;
}

/* ---- Random graphs of every operator ---- */

static bool concatenates_different_quantisations(const hf_graph *graph)
{
    for (int32_t n = 0; n < graph->node_count; n++)
        for (int32_t i = 0; graph->nodes[n].op == HF_OP_CONCAT && i < graph->nodes[n].input_count; i++) {
            hf_quant in = graph->tensors[graph->nodes[n].inputs[i]].quant;
            hf_quant out = graph->tensors[graph->nodes[n].output].quant;
            if (in.scale != out.scale || in.zero_point != out.zero_point)
                return true;
        }
    return false;
}

static bool runs(const hf_graph *graph)
{
    const size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    int8_t *input = calloc(bytes, 1);
    assert_non_null(input);
    hf_reference run;
    bool ran = hf_reference_run(graph, input, &run, NULL) == HF_OK;
    if (ran)
        hf_reference_free(&run);
    free(input);
    return ran;
}

/* Whether a file has a form of it: some convolutions of 16-bit values and averages of bytes have none. */
static bool has_form(const hf_graph *graph)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const hf_status status = hf_tflite_write(graph, &bytes, &size, NULL);
    free(bytes);
    return status != HF_EUNSUPPORTED;
}

static int check_random(hf_graph *graph, uint32_t seed)
{
    int checked = 0;
    if (concatenates_different_quantisations(graph)) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        hf_error err;
        hf_error_clear(&err);
        assert_int_equal(hf_tflite_write(graph, &bytes, &size, &err), HF_EUNSUPPORTED);
        assert_non_null(strstr(err.message, "different quantisation"));
        assert_null(bytes);
    } else if ((graph->nodes[0].op == HF_OP_CONV_GENERAL || graph->nodes[0].op == HF_OP_POOL16) &&
               !has_form(graph)) {
        checked = 0;
    } else if (runs(graph)) {
        size_t size;
        uint8_t *bytes = round_trip_write(graph, &size);
        hf_graph *read = round_trip_read(bytes, size);
        round_trip_same_outputs(graph, read, seed, 2);
        hf_graph_free(read);
        free(bytes);
        checked = 1;
    }
    hf_graph_free(graph);
    return checked;
}

static void tflite_write_every_operator(void **state)
{
    (void)state;
    random_source r = {20251};
    for (int op = 0; op < HF_OP_COUNT; op++) {
        if (op == HF_OP_LSTM || op == HF_OP_SVDF) /* the file keeps their states itself */
            continue;
        int checked = 0;
        for (int i = 0; i < rounds(60); i++)
            checked += check_random(
                random_single(&r, (hf_op)op, (random_kind)random_between(&r, 0, RANDOM_KIND_COUNT - 1)),
                (uint32_t)i);
        if (checked < rounds(60) / 8)
            fail_msg("%s: only %d of %d graphs were compared", hf_op_name((hf_op)op), checked, rounds(60));
    }
}

static void tflite_write_grouped_and_folded(void **state)
{
    (void)state;
    random_source r = {77};
    int checked = 0;
    for (int i = 0; i < rounds(100); i++) {
        checked += check_random(random_grouped(&r, RANDOM_USUAL), (uint32_t)i);
        checked += check_random(random_folded(&r), (uint32_t)i);
    }
    assert_true(checked > rounds(100));
}

static void tflite_write_networks(void **state)
{
    (void)state;
    random_source r = {4};
    int checked = 0;
    for (int i = 0; i < rounds(150); i++)
        checked += check_random(random_network(&r, random_between(&r, 2, 14)), (uint32_t)i);
    assert_true(checked > rounds(150) / 4);
}

/* ---- Families ---- */

/* A random variation's graph, without weights; NULL if it is invalid or has more than `bytes` weights. */
static hf_graph *random_family_graph(const hf_family *family, uint32_t *random, int64_t bytes)
{
    hf_variation variation = random_variation(family, random);
    hf_graph *graph = NULL;
    if (hf_variation_check(&variation, NULL) || hf_variation_build(&variation, &graph, NULL))
        return NULL;
    int64_t total = 0;
    for (int32_t n = 0; n < graph->node_count; n++)
        total += hf_node_weight_count(graph, &graph->nodes[n]);
    if (total <= bytes)
        return graph;
    hf_graph_free(graph);
    return NULL;
}

/* The order of nodes may differ after a round trip: slices of a tensor become neighbours. */
static bool same_order(const hf_graph *a, const hf_graph *b)
{
    if (a->node_count != b->node_count)
        return false;
    for (int32_t n = 0; n < a->node_count; n++)
        if (a->nodes[n].op != b->nodes[n].op || a->nodes[n].slice_begin != b->nodes[n].slice_begin)
            return false;
    return true;
}

/* Variations of any size, without running them: operators, attributes and parameters stay the same. */
static void tflite_write_families_any_size(void **state)
{
    (void)state;
    uint32_t random = 99;
    for (uint32_t f = 0; hf_family_at(f); f++) {
        const hf_family *family = hf_family_at(f);
        int compared = 0;
        for (int i = 0; i < 400 * rounds(20) && compared < rounds(20); i++) {
            hf_graph *graph = random_family_graph(family, &random, 2 << 20);
            if (!graph)
                continue;
            round_trip_fill(graph, (uint32_t)i);
            size_t size;
            uint8_t *bytes = round_trip_write(graph, &size);
            hf_graph *read = round_trip_read(bytes, size);
            if (same_order(graph, read)) {
                round_trip_same_graph(graph, read);
                compared++;
            } else { /* a second round trip keeps the order */
                size_t again_size;
                uint8_t *again = round_trip_write(read, &again_size);
                hf_graph *third = round_trip_read(again, again_size);
                round_trip_same_graph(read, third);
                hf_graph_free(third);
                free(again);
                compared++;
            }
            hf_graph_free(read);
            free(bytes);
            hf_graph_free(graph);
        }
        printf("%s: %d variations\n", family->name, compared);
        if (compared < rounds(20))
            fail_msg("%s: only %d variations could be built", family->name, compared);
    }
}

/* Small variations with generated weights compute the same outputs. */
static void tflite_write_families_run(void **state)
{
    (void)state;
    uint32_t random = 5;
    for (uint32_t f = 0; hf_family_at(f); f++) {
        const hf_family *family = hf_family_at(f);
        int ran = 0;
        for (int tries = 0; tries < 1500 * rounds(3) && ran < rounds(3); tries++) {
            hf_graph *graph = random_family_graph(family, &random, 200000);
            hf_analysis analysis;
            if (!graph)
                continue;
            assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
            const bool small = analysis.macs < 4000000;
            hf_analysis_free(&analysis);
            hf_error err;
            hf_error_clear(&err);
            if (small) {
                if (hf_weights_generate(graph, (uint32_t)tries, &err))
                    fail_msg("%s: %s", graph->name, err.message);
                size_t size;
                uint8_t *bytes = round_trip_write(graph, &size);
                hf_graph *read = round_trip_read(bytes, size);
                round_trip_same_outputs(graph, read, 1, 2);
                hf_graph_free(read);
                free(bytes);
                ran++;
            }
            hf_graph_free(graph);
        }
        if (ran < rounds(3))
            fail_msg("%s: only %d variations were small enough", family->name, ran);
    }
}

/* ---- Trained models ---- */

static void check_trained(const char *path)
{
    uint8_t *bytes;
    size_t size;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_file_read(path, HF_TFLITE_MAX_BYTES, &bytes, &size, &err), HF_OK);
    hf_graph *graph = round_trip_read(bytes, size);
    size_t written_size;
    uint8_t *written = round_trip_write(graph, &written_size);
    hf_graph *again = round_trip_read(written, written_size);
    round_trip_same_graph(graph, again);
    round_trip_same_outputs(graph, again, 1, 2);
    hf_graph_free(again);
    hf_graph_free(graph);
    free(written);
    free(bytes);
}

static void tflite_write_visual_wake_words(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/vww_96_int8.tflite");
    check_trained(path);
}

static void tflite_write_keyword_spotting(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/kws_ref_model.tflite");
    check_trained(path);
}

/* ---- The other two reference models of MLPerf Tiny, built here ---- */

typedef struct builder {
    hf_graph *graph;
    int32_t last;
} builder;

static int32_t add(builder *b, hf_node node, int32_t out_channels)
{
    hf_error err;
    hf_error_clear(&err);
    node.inputs[0] = b->last;
    node.input_count = node.op == HF_OP_ADD ? 2 : 1;
    snprintf(node.name, sizeof node.name, "%s%d", hf_op_name(node.op), b->graph->node_count);
    if (hf_graph_add(b->graph, &node, out_channels, &b->last, &err))
        fail_msg("%s", err.message);
    return b->last;
}

static int32_t conv(builder *b, int32_t from, int32_t kernel, int32_t stride, hf_activation activation,
                    int32_t channels)
{
    b->last = from;
    return add(b,
               (hf_node){.op = HF_OP_CONV2D,
                         .kernel_height = kernel,
                         .kernel_width = kernel,
                         .stride_height = stride,
                         .stride_width = stride,
                         .activation = activation,
                         .has_bias = true},
               channels);
}

static void check_reference_model(builder *b, int64_t macs, int64_t params)
{
    hf_analysis analysis;
    assert_int_equal(hf_graph_finish(b->graph, b->last, NULL), HF_OK);
    assert_int_equal(hf_analyze(b->graph, &analysis, NULL), HF_OK);
    assert_int_equal(analysis.macs, macs);
    assert_int_equal(analysis.params_deployed, params);
    hf_analysis_free(&analysis);
    round_trip_fill(b->graph, 11);
    size_t size;
    uint8_t *bytes = round_trip_write(b->graph, &size);
    hf_graph *read = round_trip_read(bytes, size);
    round_trip_same_graph(b->graph, read);
    round_trip_same_outputs(b->graph, read, 1, 2);
    hf_graph_free(read);
    free(bytes);
    hf_graph_free(b->graph);
}

/* ResNet-8 for 32x32x3: a convolution, three stacks of two with a shortcut, pool, dense, softmax. */
static void tflite_write_image_classification(void **state)
{
    (void)state;
    builder b = {0};
    assert_int_equal(hf_graph_new("resnet8", 32, 32, 3, &b.graph, NULL), HF_OK);
    int32_t x = conv(&b, b.graph->input, 3, 1, HF_ACTIVATION_RELU, 16);
    for (int32_t stack = 0; stack < 3; stack++) {
        const int32_t channels = 16 << stack;
        const int32_t stride = stack > 0 ? 2 : 1;
        int32_t shortcut = x;
        int32_t y = conv(&b, x, 3, stride, HF_ACTIVATION_RELU, channels);
        y = conv(&b, y, 3, 1, HF_ACTIVATION_NONE, channels);
        if (stack > 0)
            shortcut = conv(&b, x, 1, stride, HF_ACTIVATION_NONE, channels);
        b.last = shortcut;
        x = add(&b, (hf_node){.op = HF_OP_ADD, .inputs = {0, y}, .activation = HF_ACTIVATION_RELU}, 0);
    }
    add(&b,
        (hf_node){.op = HF_OP_AVERAGE_POOL,
                  .kernel_height = 8,
                  .kernel_width = 8,
                  .stride_height = 8,
                  .stride_width = 8,
                  .padding = HF_PADDING_VALID},
        0);
    add(&b, (hf_node){.op = HF_OP_RESHAPE}, 0);
    add(&b, (hf_node){.op = HF_OP_DENSE, .has_bias = true}, 10);
    add(&b, (hf_node){.op = HF_OP_SOFTMAX, .softmax_beta = 1}, 0);
    /* The published 78,666 parameters include batch norm, 4 for each of 240 channels, folded here. */
    check_reference_model(&b, 12501632, 78666 - 4 * 240);
}

/* The autoencoder: 640 inputs, dense layers of 4 x 128, 8, 4 x 128 and 640 units. */
static void tflite_write_anomaly_detection(void **state)
{
    (void)state;
    static const int32_t widths[] = {128, 128, 128, 128, 8, 128, 128, 128, 128, 640};
    builder b = {0};
    int64_t macs = 0;
    int64_t biases = 0;
    int32_t from = 640;
    assert_int_equal(hf_graph_new("autoencoder", 1, 1, 640, &b.graph, NULL), HF_OK);
    b.last = b.graph->input;
    for (int i = 0; i < 10; i++) {
        add(&b,
            (hf_node){.op = HF_OP_DENSE,
                      .has_bias = true,
                      .activation = i < 9 ? HF_ACTIVATION_RELU : HF_ACTIVATION_NONE},
            widths[i]);
        macs += (int64_t)from * widths[i];
        biases += widths[i];
        from = widths[i];
    }
    assert_int_equal(macs, 264192);
    check_reference_model(&b, macs, macs + biases);
}

/* ---- Structure of the file ---- */

/* A RESHAPE connects the output of a dense layer, [1,C], to a convolution, which reads [1,H,W,C]. */
static void tflite_write_reshapes_a_vector_for_a_convolution(void **state)
{
    (void)state;
    builder b = {0};
    assert_int_equal(hf_graph_new("vector", 2, 2, 5, &b.graph, NULL), HF_OK);
    b.last = b.graph->input;
    const int32_t vector = add(&b, (hf_node){.op = HF_OP_DENSE, .has_bias = true}, 8);
    const int32_t left = conv(&b, vector, 1, 1, HF_ACTIVATION_RELU, 6);
    const int32_t right = conv(&b, vector, 1, 1, HF_ACTIVATION_NONE, 6);
    b.last = left;
    add(&b, (hf_node){.op = HF_OP_ADD, .inputs = {0, right}}, 0);
    assert_int_equal(hf_graph_finish(b.graph, b.last, NULL), HF_OK);
    round_trip_fill(b.graph, 3);
    size_t size;
    uint8_t *bytes = round_trip_write(b.graph, &size);
    hf_graph *read = round_trip_read(bytes, size);
    assert_int_equal(read->node_count, b.graph->node_count + 1); /* one RESHAPE for both convolutions */
    assert_int_equal(read->nodes[1].op, HF_OP_RESHAPE);
    round_trip_same_outputs(b.graph, read, 1, 3);
    hf_graph_free(read);
    free(bytes);
    hf_graph_free(b.graph);
}

/* Two halves of a tensor are written as one SPLIT, even if the graph has nodes in between. */
static void tflite_write_merges_slices_into_a_split(void **state)
{
    (void)state;
    builder b = {0};
    assert_int_equal(hf_graph_new("halves", 3, 3, 8, &b.graph, NULL), HF_OK);
    b.last = b.graph->input;
    const int32_t second = add(&b, (hf_node){.op = HF_OP_SLICE, .slice_begin = 4, .slice_count = 4}, 0);
    const int32_t convolved = conv(&b, second, 3, 1, HF_ACTIVATION_RELU, 4);
    b.last = b.graph->input;
    const int32_t first = add(&b, (hf_node){.op = HF_OP_SLICE, .slice_count = 4}, 0);
    b.last = first;
    add(&b, (hf_node){.op = HF_OP_ADD, .inputs = {0, convolved}}, 0);
    assert_int_equal(hf_graph_finish(b.graph, b.last, NULL), HF_OK);
    round_trip_fill(b.graph, 3);
    size_t size;
    uint8_t *bytes = round_trip_write(b.graph, &size);
    hf_graph *read = round_trip_read(bytes, size);
    assert_int_equal(read->node_count, 4);
    assert_int_equal(read->nodes[0].slice_begin, 0);
    assert_int_equal(read->nodes[1].slice_begin, 4);
    round_trip_same_outputs(b.graph, read, 1, 3);
    hf_graph_free(read);
    free(bytes);
    hf_graph_free(b.graph);
}

/* Buffer data is aligned to 16 bytes for kernels that read weights in place. Buffer 0 is empty. */
static void tflite_write_aligns_buffers(void **state)
{
    (void)state;
    random_source r = {15};
    for (int i = 0; i < 20; i++) {
        hf_graph *graph = random_single(&r, i % 2 ? HF_OP_CONV2D : HF_OP_PAD, RANDOM_USUAL);
        size_t size;
        uint8_t *bytes = round_trip_write(graph, &size);
        hf_flat_file file = {.bytes = bytes, .size = size};
        hf_flat_vector buffers = hf_flat_subvector(&file, hf_flat_root(&file), MODEL_BUFFERS, 4);
        assert_in_range(buffers.count, 2, 3);
        assert_false(hf_flat_has(&file, hf_flat_table_at(&file, buffers, 0), BUFFER_DATA));
        for (uint32_t b = 1; b < buffers.count; b++) {
            hf_flat_vector data =
                hf_flat_subvector(&file, hf_flat_table_at(&file, buffers, b), BUFFER_DATA, 1);
            assert_true(data.count > 0);
            assert_int_equal(data.at % 16, 0);
        }
        assert_null(file.problem);
        free(bytes);
        hf_graph_free(graph);
    }
}

/* ---- Graphs that cannot be written ---- */

static void must_reject(const hf_graph *graph, const char *words)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_error err;
    hf_error_clear(&err);
    assert_int_not_equal(hf_tflite_write(graph, &bytes, &size, &err), HF_OK);
    assert_null(bytes);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
}

static void tflite_write_rejects_unfinished_graphs(void **state)
{
    (void)state;
    hf_graph *graph = NULL;
    hf_variation variation;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_parse("mobilenetv1_0.25_32_c1_o2", &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
    must_reject(graph, "is not quantised, expected a scale and zero point");
    round_trip_fill(graph, 1);
    free(graph->nodes[0].weights);
    graph->nodes[0].weights = NULL;
    must_reject(graph, "it has no weights");
    hf_graph_free(graph);
}

static hf_graph *wide_dense(int32_t width, int32_t units)
{
    hf_graph *graph = NULL;
    int32_t output;
    hf_node dense = {.op = HF_OP_DENSE, .name = "wide", .input_count = 1};
    assert_int_equal(hf_graph_new("huge", 64, width, 16, &graph, NULL), HF_OK);
    assert_int_equal(hf_graph_add(graph, &dense, units, &output, NULL), HF_OK);
    assert_int_equal(hf_graph_finish(graph, output, NULL), HF_OK);
    round_trip_fill(graph, 1);
    return graph;
}

static void tflite_write_rejects_files_past_the_limits(void **state)
{
    (void)state;
    hf_graph *graph = wide_dense(60, 600);
    must_reject(graph, "needs more than 33554432 bytes");
    hf_graph_free(graph);
    graph = wide_dense(64, 2);
    must_reject(graph, "wide: 65536 inputs, at most 65535");
    graph->nodes[0].weight_scales[1] = graph->tensors[0].quant.scale = 1e30f;
    must_reject(graph, "wide: ");
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_write_every_operator),
        cmocka_unit_test(tflite_write_grouped_and_folded),
        cmocka_unit_test(tflite_write_networks),
        cmocka_unit_test(tflite_write_families_any_size),
        cmocka_unit_test(tflite_write_families_run),
        cmocka_unit_test(tflite_write_visual_wake_words),
        cmocka_unit_test(tflite_write_keyword_spotting),
        cmocka_unit_test(tflite_write_image_classification),
        cmocka_unit_test(tflite_write_anomaly_detection),
        cmocka_unit_test(tflite_write_reshapes_a_vector_for_a_convolution),
        cmocka_unit_test(tflite_write_merges_slices_into_a_split),
        cmocka_unit_test(tflite_write_aligns_buffers),
        cmocka_unit_test(tflite_write_rejects_unfinished_graphs),
        cmocka_unit_test(tflite_write_rejects_files_past_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
