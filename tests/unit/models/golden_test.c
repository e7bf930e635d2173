/* SPDX-License-Identifier: Apache-2.0 */
/* The reader and the reference interpreter against recorded tensors of two trained models, layer by layer. */
#include "hf_test.h"

#include "base/file.h"
#include "families/families.h"
#include "graph/analysis.h"
#include "graph/graph.h"
#include "reference/reference.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

static hf_graph *read_model(const char *path)
{
    uint8_t *bytes;
    size_t size;
    hf_error err;
    hf_error_clear(&err);
    hf_graph *graph = NULL;
    assert_int_equal(hf_file_read(path, HF_TFLITE_MAX_BYTES, &bytes, &size, &err), HF_OK);
    if (hf_tflite_read(path, bytes, size, &graph, &err))
        fail_msg("%s", err.message);
    free(bytes);
    return graph;
}

static uint8_t *read_shared(const char *name, size_t expected_size)
{
    const char *path = hf_test_shared(name);
    assert_non_null(path);
    uint8_t *bytes;
    size_t size;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_file_read(path, 1 << 20, &bytes, &size, &err), HF_OK);
    assert_int_equal(size, expected_size);
    return bytes;
}

/* One recorded inference; per_layer where every operator's output was recorded too. */
static void check_inference(const hf_graph *graph, const char *model, const char *input, bool per_layer)
{
    char name[256];
    hf_error err;
    hf_error_clear(&err);
    snprintf(name, sizeof name, "golden/%s%s.in", model, input);
    uint8_t *in = read_shared(name, (size_t)hf_tensor_bytes(&graph->tensors[graph->input]));
    hf_reference run;
    if (hf_reference_run(graph, (const int8_t *)in, &run, &err))
        fail_msg("%s", err.message);
    assert_int_equal(run.node_count, graph->node_count);
    for (int32_t n = 0; per_layer && n < graph->node_count; n++) {
        size_t bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->nodes[n].output]);
        snprintf(name, sizeof name, "golden/%s%s.layers/layer%02d.bin", model, input, n);
        uint8_t *expected = read_shared(name, bytes);
        if (memcmp(run.outputs[n], expected, bytes) != 0)
            fail_msg("%s differs (%s)", name, graph->nodes[n].name);
        free(expected);
    }
    size_t out_bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->output]);
    snprintf(name, sizeof name, "golden/%s%s.out", model, input);
    uint8_t *expected = read_shared(name, out_bytes);
    assert_memory_equal(run.outputs[graph->tensors[graph->output].producer], expected, out_bytes);
    free(expected);
    hf_reference_free(&run);
    free(in);
}

static void check_model(const char *path, const char *model)
{
    hf_graph *graph = read_model(path);
    check_inference(graph, model, "", true);
    check_inference(graph, model, ".smooth", true);
    check_inference(graph, model, ".seed2", false);
    hf_graph_free(graph);
}

static void models_golden_visual_wake_words_every_layer(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/vww_96_int8.tflite");
    check_model(path, "vww_96_int8");
}

static void models_golden_keyword_spotting_every_layer(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/kws_ref_model.tflite");
    check_model(path, "kws_ref_model");
}

/* The recorded inputs themselves come from the protocol's generator. */
static void models_golden_inputs_come_from_the_generator(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "golden/vww_96_int8.seed2.in");
    enum { SIZE = 96 * 96 * 3 };
    uint8_t *recorded = read_shared("golden/vww_96_int8.seed2.in", SIZE);
    static int8_t generated[SIZE];
    hf_input_generate(2, generated, SIZE);
    assert_memory_equal(recorded, generated, SIZE);
    free(recorded);
}

static void models_golden_vww_is_mobilenetv1_quarter_width(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SHARED(path, "models/vww_96_int8.tflite");
    hf_graph *read = read_model(path);
    hf_variation variation;
    hf_graph *built;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_variation_parse("mobilenetv1_0.25_96_c3_o2", &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &built, &err), HF_OK);
    hf_analysis a, b;
    assert_int_equal(hf_analyze(read, &a, &err), HF_OK);
    assert_int_equal(hf_analyze(built, &b, &err), HF_OK);
    assert_int_equal(a.macs, 7489664);
    assert_int_equal(a.macs, b.macs);
    assert_int_equal(a.peak_memory_bytes, b.peak_memory_bytes);
    assert_int_equal(a.parameter_bytes, 208112 + 10952);
    assert_int_equal(a.params_deployed, b.params_deployed);
    hf_analysis_free(&a);
    hf_analysis_free(&b);
    hf_graph_free(read);
    hf_graph_free(built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_golden_visual_wake_words_every_layer),
        cmocka_unit_test(models_golden_keyword_spotting_every_layer),
        cmocka_unit_test(models_golden_inputs_come_from_the_generator),
        cmocka_unit_test(models_golden_vww_is_mobilenetv1_quarter_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
