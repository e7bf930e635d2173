/* SPDX-License-Identifier: Apache-2.0 */
/* Checks written files with flatc: it verifies every byte against the schema, and converts the file to JSON
 * and back, which must yield the same graph. */
#include "hf_test.h"

#include "../engine/random_graph.h"
#include "../engine/random_stateful.h"
#include "../engine/random_values16.h"
#include "../models/random_variation.h"
#include "base/file.h"
#include "graph/analysis.h"
#include "round_trip.h"

#define SCHEMA "tests/unit/tflite/schema.fbs"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-flatc-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command); /* our temporary folder: NOLINT(cert-env33-c) */
}

static void flatc(const char *arguments)
{
    char command[512];
    snprintf(command, sizeof command, "cd '%s' && flatc %s > flatc.log 2>&1", folder, arguments);
    const int result = system(command); /* NOLINT(cert-env33-c) */
    if (result != 0)
        fail_msg("failed (%d): %s", result, command);
}

static char *read_text(const char *name, size_t *size)
{
    char path[128];
    uint8_t *bytes;
    hf_error err;
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_read(path, 256u << 20, &bytes, size, &err))
        fail_msg("%s", err.message);
    return (char *)bytes;
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    char path[128];
    hf_error err;
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_write(path, bytes, size, &err))
        fail_msg("%s", err.message);
}

/* Replaces scales by values that flatc's six decimals represent exactly. check_converted() restores
 * 1/256 and 1/128, which operators prescribe, in the JSON text. */
static void round_scales(hf_graph *graph)
{
    for (int32_t t = 0; t < graph->tensor_count; t++)
        if (graph->tensors[t].quant.scale != 1.0f / 256 && graph->tensors[t].quant.scale != 1.0f / 128 &&
            graph->tensors[t].quant.scale != 1.0f / 16)
            graph->tensors[t].quant.scale = graph->tensors[t].quant.scale > 0.04f ? 3.0f / 64 : 1.0f / 64;
    for (int32_t n = 0; n < graph->node_count; n++) {
        hf_node *node = &graph->nodes[n];
        node->constant_quant.scale = 1.0f / 64;
        for (int32_t c = 0; node->weight_scales && c < hf_node_output_channels(graph, node); c++)
            node->weight_scales[c] = (float)(1 + c % 3) / 64;
    }
}

static void check_annotated(void)
{
    size_t size;
    flatc("--annotate \"$OLDPWD/" SCHEMA "\" -- written.tflite");
    char *text = read_text("written.afb", &size);
    if (strstr(text, "ERROR"))
        fail_msg("flatc: %.200s", strstr(text, "ERROR"));
    assert_non_null(strstr(text, "tensors"));
    free(text);
}

/* The file that flatc generates from the JSON text holds the graph that was written. */
static void check_converted(const hf_graph *graph)
{
    size_t size;
    flatc("--json --strict-json --defaults-json \"$OLDPWD/" SCHEMA "\" -- written.tflite && "
          "sed -i 's/\\b0\\.003906$/0.00390625/; s/\\b0\\.007813$/0.0078125/; s/\\b0\\.007812$/0.0078125/' "
          "written.json && mkdir -p converted && "
          "flatc --binary -o converted \"$OLDPWD/" SCHEMA "\" written.json");
    char *bytes = read_text("converted/written.tflite", &size);
    hf_graph *converted = round_trip_read((const uint8_t *)bytes, size);
    free(bytes);
    uint8_t *direct = (uint8_t *)read_text("written.tflite", &size);
    hf_graph *written = round_trip_read(direct, size);
    free(direct);
    round_trip_same_graph(written, converted);
    round_trip_same_outputs(graph, converted, 3, 1);
    hf_graph_free(written);
    hf_graph_free(converted);
}

static void check_graph(hf_graph *graph)
{
    round_scales(graph);
    size_t size;
    uint8_t *bytes = round_trip_write(graph, &size);
    write_bytes("written.tflite", bytes, size);
    free(bytes);
    check_annotated();
    check_converted(graph);
}

static bool have_flatc(void)
{
    if (system("command -v flatc > /dev/null") == 0) /* NOLINT(cert-env33-c) */
        return true;
    printf("SKIPPED: flatc (package flatbuffers-compiler) is not installed\n");
    return false;
}

static void tflite_flatc_reads_every_family(void **state)
{
    (void)state;
    if (!have_flatc())
        skip();
    uint32_t random = 12;
    for (uint32_t f = 0; hf_family_at(f); f++) {
        int checked = 0;
        for (int tries = 0; tries < 40000 && checked < 2; tries++) {
            hf_variation variation = random_variation(hf_family_at(f), &random);
            hf_graph *graph = NULL;
            hf_analysis analysis;
            if (hf_variation_check(&variation, NULL) || hf_variation_build(&variation, &graph, NULL))
                continue;
            assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
            if (analysis.params_deployed < 200000 && analysis.macs < 4000000) {
                round_trip_fill(graph, random);
                check_graph(graph);
                checked++;
            }
            hf_analysis_free(&analysis);
            hf_graph_free(graph);
        }
        assert_int_equal(checked, 2);
    }
}

static void tflite_flatc_reads_every_operator(void **state)
{
    (void)state;
    if (!have_flatc())
        skip();
    random_source r = {8};
    for (int op = 0; op < HF_OP_COUNT; op++) {
        /* They have states, or quantisation that cannot be replaced. */
        if (op == HF_OP_LSTM || random_values16_makes((hf_op)op))
            continue;
        hf_graph *graph = random_single(&r, (hf_op)op, RANDOM_USUAL);
        for (int32_t t = 0; t < graph->tensor_count; t++) /* equal, as a concatenation requires */
            if ((op != HF_OP_SOFTMAX && op != HF_OP_LOGISTIC && op != HF_OP_TANH &&
                 op != HF_OP_LOG_SOFTMAX) ||
                t != graph->output)
                graph->tensors[t].quant = (hf_quant){.scale = 0.01f, .zero_point = 5};
        for (int32_t n = 0; n < graph->node_count; n++)
            graph->nodes[n].constant_quant = (hf_quant){.scale = 0.01f, .zero_point = 5};
        check_graph(graph);
        hf_graph_free(graph);
    }
}

/* Operators that keep a state, and variables. The tables of the file are what the schema says. */
static void tflite_flatc_reads_states(void **state)
{
    (void)state;
    if (!have_flatc())
        skip();
    random_source r = {10};
    static const hf_op ops[] = {HF_OP_LSTM, HF_OP_SVDF, HF_OP_COUNT};
    for (size_t i = 0; i < 12; i++) {
        hf_graph *graph = random_model(&r, ops[i % 3]);
        size_t size;
        uint8_t *bytes = round_trip_write(graph, &size);
        write_bytes("written.tflite", bytes, size);
        free(bytes);
        hf_graph_free(graph);
        check_annotated();
        flatc("--json --strict-json --defaults-json \"$OLDPWD/" SCHEMA "\" -- written.tflite");
        char *text = read_text("written.json", &size);
        assert_non_null(strstr(text, i % 3 < 2 ? "\"is_variable\": true" : "\"shared_name\": \"variable1\""));
        free(text);
    }
}

/* The checks above would detect a damaged file. */
static void tflite_flatc_detects_a_damaged_file(void **state)
{
    (void)state;
    if (!have_flatc())
        skip();
    random_source r = {9};
    hf_graph *graph = random_single(&r, HF_OP_CONV2D, RANDOM_USUAL);
    size_t size;
    uint8_t *bytes = round_trip_write(graph, &size);
    write_bytes("written.tflite", bytes, size / 2);
    flatc("--annotate \"$OLDPWD/" SCHEMA "\" -- written.tflite");
    char *text = read_text("written.afb", &size);
    assert_non_null(strstr(text, "ERROR"));
    free(text);
    free(bytes);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_flatc_reads_every_family),
        cmocka_unit_test(tflite_flatc_reads_every_operator),
        cmocka_unit_test(tflite_flatc_reads_states),
        cmocka_unit_test(tflite_flatc_detects_a_damaged_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
