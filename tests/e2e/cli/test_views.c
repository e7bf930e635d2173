/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "cli_fixture.h"
#include "graph/graph.h"
#include "hf_test.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

/* Models that compute nothing: the compiler makes views of all their operators, or only copies remain. */

static int32_t add(hf_graph *graph, hf_node node)
{
    int32_t output = -1;
    hf_error err = {0};
    snprintf(node.name, sizeof node.name, "node%d", graph->node_count);
    node.input_count = node.input_count ? node.input_count : 1;
    if (hf_graph_add(graph, &node, 0, &output, &err))
        fail_msg("%s", err.message);
    return output;
}

static int32_t reshape(hf_graph *graph)
{
    return add(graph, (hf_node){.op = HF_OP_RESHAPE, .inputs = {graph->input}});
}

static int32_t reshape_and_back(hf_graph *graph)
{
    return add(
        graph,
        (hf_node){.op = HF_OP_RESHAPE, .inputs = {reshape(graph)}, .kernel_height = 4, .kernel_width = 4});
}

static int32_t shuffle_of_one_group(hf_graph *graph)
{
    return add(graph, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .inputs = {graph->input}, .groups = 1});
}

static int32_t slice(hf_graph *graph)
{
    return add(graph,
               (hf_node){.op = HF_OP_SLICE, .inputs = {graph->input}, .slice_begin = 2, .slice_count = 3});
}

static int32_t slice_of_all(hf_graph *graph)
{
    return add(graph, (hf_node){.op = HF_OP_SLICE, .inputs = {graph->input}, .slice_count = 8});
}

static int32_t concat_with_itself(hf_graph *graph)
{
    return add(graph,
               (hf_node){.op = HF_OP_CONCAT, .inputs = {graph->input, graph->input}, .input_count = 2});
}

static int32_t slice_reshaped(hf_graph *graph)
{
    return add(graph, (hf_node){.op = HF_OP_RESHAPE, .inputs = {slice(graph)}});
}

static int32_t pad_of_nothing(hf_graph *graph)
{
    return add(graph, (hf_node){.op = HF_OP_PAD, .inputs = {graph->input}});
}

static const struct {
    const char *name;
    int32_t (*add)(hf_graph *graph);
    int layers; /* layers that are still executed */
} models[] = {
    {"reshape", reshape, 0},
    {"reshape_and_back", reshape_and_back, 0},
    {"shuffle_of_one_group", shuffle_of_one_group, 0},
    {"slice", slice, 1},
    {"slice_of_all", slice_of_all, 1},
    {"concat_with_itself", concat_with_itself, 1},
    {"slice_reshaped", slice_reshaped, 1},
    {"pad_of_nothing", pad_of_nothing, 1},
};
#define MODEL_COUNT (sizeof models / sizeof models[0])

static void write_model(const cli_fixture *fixture, size_t which)
{
    hf_graph *graph = NULL;
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    char path[160];
    assert_int_equal(hf_graph_new(models[which].name, 4, 4, 8, &graph, &err), HF_OK);
    const int32_t output = models[which].add(graph);
    snprintf(path, sizeof path, "%s/%s.tflite", fixture->folder, models[which].name);
    if (hf_graph_finish(graph, output, &err) || hf_weights_generate(graph, 1, &err) ||
        hf_tflite_write(graph, &bytes, &size, &err) || hf_file_write(path, bytes, size, &err))
        fail_msg("%s: %s", models[which].name, err.message);
    free(bytes);
    hf_graph_free(graph);
}

/* With and without layers, on both chips; the run itself compares the outputs with the reference. */
static void test_models_of_views_are_measured(void **state)
{
    cli_fixture *fixture = *state;
    char spec[2048] = "name: views\nmeasure: {warmup: 1, runs: 2}\nmodels:\n";
    for (size_t i = 0; i < MODEL_COUNT; i++) {
        write_model(fixture, i);
        size_t used = strlen(spec);
        snprintf(spec + used, sizeof spec - used, "  - {tflite: %s.tflite}\n", models[i].name);
    }
    const char *farm = cli_write(fixture, "farm.yaml",
                                 "boards:\n"
                                 "  - {id: l4, chip: stm32l4r5zi, virtual: true, baud: 921600}\n"
                                 "  - {id: f7, chip: stm32f767zi, virtual: true, baud: 921600}\n");
    const char *words[] = {cli_write(fixture, "views.yaml", spec), "--farm", farm, NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"),
                     2 * MODEL_COUNT);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples WHERE cycles > 0"), 4 * MODEL_COUNT);
    for (size_t i = 0; i < MODEL_COUNT; i++) {
        char sql[400];
        snprintf(
            sql, sizeof sql,
            "SELECT count(DISTINCT layer_times.position) FROM results JOIN attempts ON result_id = results.id"
            " JOIN layer_times ON attempt_id = attempts.id WHERE results.name = '%s'",
            models[i].name);
        if ((cli_query(fixture, sql) > 0) != (models[i].layers > 0))
            fail_msg("%s: %d layers", models[i].name, (int)cli_query(fixture, sql));
    }
    const char *const layers[] = {"--layers", NULL};
    assert_int_equal(cli_run(fixture, "report", layers), 0);
}

static void test_models_of_views_are_analyzed(void **state)
{
    cli_fixture *fixture = *state;
    for (size_t i = 0; i < MODEL_COUNT; i++) {
        char path[160];
        write_model(fixture, i);
        snprintf(path, sizeof path, "%s/%s.tflite", fixture->folder, models[i].name);
        const char *argv[] = {cli_program("hilfarm"), "analyze", path, "--json", NULL};
        assert_true(process_start(&fixture->child, argv));
        assert_int_equal(process_wait_exit(&fixture->child, RUN_DEADLINE_MS), 0);
        assert_non_null(strstr(fixture->child.output, "\"macs\": 0"));
        assert_null(strstr(fixture->child.output, "nan"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_models_of_views_are_measured, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_models_of_views_are_analyzed, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_views", tests, NULL, NULL);
}
