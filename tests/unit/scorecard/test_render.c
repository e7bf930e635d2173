/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs for programs and people. */
#include "hf_test.h"

#include <jansson.h>

#include "families/families.h"
#include "scorecard/render.h"

#define HOSTILE "<script>\"&'\xff, x"

static hf_candidate make(const char *name, const char *called)
{
    hf_candidate model = {.limits = {.ram_bytes = 20480, .rom_bytes = 1 << 20}};
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_error err = {0};
    const hf_chip *chips[] = {hf_chip_at(0), hf_chip_at(1)};
    const hf_scorecard_options options = {.chips = chips, .chip_count = 2};
    assert_int_equal(hf_variation_parse(name, &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
    assert_int_equal(hf_scorecard_make(graph, variation.family, &options, &model.card, &err), HF_OK);
    hf_graph_free(graph);
    if (called)
        snprintf(model.card.name, sizeof model.card.name, "%s", called);
    return model;
}

static json_t *parse(const hf_buffer *text)
{
    json_error_t error;
    json_t *root = json_loads(hf_buffer_text(text), 0, &error);
    if (!root)
        fail_msg("JSON: %s in %s", error.text, hf_buffer_text(text));
    return root;
}

static void one_model_is_an_object(void **state)
{
    (void)state;
    hf_candidate model = make("mobilenetv1_0.25_96_c3_o2", NULL);
    hf_buffer text = HF_BUFFER_INIT;
    hf_candidates_render_json(&(hf_candidates){.models = &model, .count = 1}, &text);
    json_t *root = parse(&text);
    static const char *const keys[] = {"name",
                                       "macs",
                                       "params",
                                       "params_non_trainable",
                                       "params_deployed",
                                       "model_bytes",
                                       "bytes_per_param",
                                       "peak_memory_bytes",
                                       "peak_memory_layer",
                                       "arena_bytes",
                                       "layers"};
    assert_true(json_is_object(root));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!json_object_get(root, keys[i]))
            fail_msg("no \"%s\"", keys[i]);
    assert_int_equal(json_integer_value(json_object_get(root, "macs")), 7489664);
    assert_int_equal(json_integer_value(json_object_get(root, "params")), 221794);
    assert_int_equal(json_integer_value(json_object_get(root, "peak_memory_bytes")), 54 * 1024);
    assert_string_equal(json_string_value(json_object_get(root, "peak_memory_layer")), "block1/pointwise");
    const json_t *layers = json_object_get(root, "layers"), *layer;
    int64_t macs = 0;
    size_t index;
    assert_int_equal(json_array_size(layers), model.card.layer_count);
    json_array_foreach(layers, index, layer) macs += json_integer_value(json_object_get(layer, "macs"));
    assert_int_equal(macs, 7489664);
    const json_t *latency = json_array_get(json_object_get(root, "latency_estimated"), 0);
    assert_string_equal(json_string_value(json_object_get(latency, "timing")), "estimated (modelled)");
    assert_true(json_is_null(json_object_get(root, "arena_map"))); /* it was not compiled */
    const json_t *ram = json_array_get(json_object_get(root, "limits"), 0);
    assert_false(json_is_true(json_object_get(ram, "met"))); /* 36.7 KB of 20 KB */
    assert_true(json_integer_value(json_object_get(ram, "margin")) < 0);
    json_decref(root);
    hf_buffer_free(&text);
    hf_scorecard_free(&model.card);
}

static void several_models_are_an_array(void **state)
{
    (void)state;
    hf_candidate models[] = {make("mobilenetv1_0.1_32_c1_o2", NULL),
                             make("mobilenetv1_0.2_32_c1_o2", HOSTILE)};
    hf_buffer text = HF_BUFFER_INIT;
    hf_candidates_render_json(&(hf_candidates){.models = models, .count = 2, .has_front = true}, &text);
    json_t *root = parse(&text);
    assert_int_equal(json_array_size(root), 2);
    assert_non_null(json_object_get(json_array_get(root, 1), "on_front"));
    json_decref(root);
    hf_buffer_free(&text);
    for (size_t i = 0; i < 2; i++)
        hf_scorecard_free(&models[i].card);
}

/* Fields of a line of CSV without line breaks in quotes. */
static int fields(const char *line)
{
    int count = 1;
    bool quoted = false;
    for (; *line && *line != '\r'; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void csv_lines_have_as_many_fields(void **state)
{
    (void)state;
    hf_candidate models[] = {make("mobilenetv1_0.1_32_c1_o2", NULL),
                             make("mobilenetv1_0.2_32_c1_o2", HOSTILE)};
    for (int layers = 0; layers < 2; layers++) {
        hf_buffer text = HF_BUFFER_INIT;
        hf_candidates_render_csv(&(hf_candidates){.models = models, .count = 2}, layers, &text);
        const char *line = hf_buffer_text(&text);
        int expected = fields(line), lines = 0;
        for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL, lines++)
            assert_int_equal(fields(line), expected);
        assert_int_equal(lines, layers ? 1 + 2 * models[0].card.layer_count : 3);
        hf_buffer_free(&text);
    }
    for (size_t i = 0; i < 2; i++)
        hf_scorecard_free(&models[i].card);
}

/* For the page: a row per model and chip, with the estimate as its only sample. */
static void models_are_rows_of_a_report(void **state)
{
    (void)state;
    hf_candidate models[] = {make("mobilenetv1_0.1_32_c1_o2", NULL),
                             make("mobilenetv1_0.2_32_c1_o2", HOSTILE)};
    hf_report report;
    hf_error err = {0};
    models[1].card.has_accuracy = true;
    models[1].card.accuracy_percent = 85.4;
    assert_int_equal(
        hf_candidates_report(&(hf_candidates){.models = models, .count = 2}, "sweep", &report, &err), HF_OK);
    assert_true(report.analysed);
    assert_int_equal(report.result_count, 4); /* two models, two chips */
    const hf_result_row *row = &report.results[3];
    const hf_scorecard *card = &models[1].card;
    assert_string_equal(row->name, HOSTILE);
    assert_string_equal(row->chip, card->latencies[1].chip->name);
    assert_int_equal(row->macs, card->macs);
    assert_int_equal(row->samples[0].cycles, (int64_t)(card->latencies[1].cycles + 0.5));
    assert_int_equal(row->layer_count, card->layer_count);
    assert_int_equal(row->layers[1].estimated_cycles, (int64_t)(card->layers[1].cycles[1] + 0.5));
    assert_true(row->has_accuracy);
    assert_string_equal(hf_accuracy_exactness(row), "given");
    assert_false(report.results[0].has_accuracy);
    assert_int_equal(report.run.limits.ram_bytes, 20480);
    hf_report_free(&report);
    for (size_t i = 0; i < 2; i++)
        hf_scorecard_free(&models[i].card);
}

static void text_names_limits_and_front(void **state)
{
    (void)state;
    hf_candidate models[] = {make("mobilenetv1_0.25_96_c3_o2", NULL), make("mobilenetv1_0.1_32_c1_o2", NULL)};
    hf_error err = {0};
    hf_goal front[2] = {{HF_METRIC_MACS, false}, {HF_METRIC_PARAMS, false}};
    assert_int_equal(hf_candidates_mark_pareto(models, 2, front[0], front[1], &err), HF_OK);
    hf_buffer text = HF_BUFFER_INIT;
    hf_candidates_render_table(
        &(hf_candidates){.models = models, .count = 2, .has_front = true, .front = {front[0], front[1]}},
        false, &text);
    const char *first = strstr(hf_buffer_text(&text), "mobilenetv1_0.25");
    const char *second = strstr(hf_buffer_text(&text), "mobilenetv1_0.1");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(strstr(first, "RAM") && strstr(first, "RAM") < second);
    assert_non_null(strchr(second, '*'));
    assert_non_null(strstr(second, "estimated (modelled)"));
    hf_buffer_clear(&text);
    hf_scorecard_render_text(&models[0], true, false, &text);
    assert_non_null(strstr(hf_buffer_text(&text), "7489664"));
    assert_non_null(strstr(hf_buffer_text(&text), "FAILED, 37.5 % too much"));
    assert_non_null(strstr(hf_buffer_text(&text), "block13/pointwise"));
    assert_null(strchr(hf_buffer_text(&text), '\033'));
    hf_buffer_free(&text);
    for (size_t i = 0; i < 2; i++)
        hf_scorecard_free(&models[i].card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_model_is_an_object),        cmocka_unit_test(several_models_are_an_array),
        cmocka_unit_test(csv_lines_have_as_many_fields), cmocka_unit_test(models_are_rows_of_a_report),
        cmocka_unit_test(text_names_limits_and_front),
    };
    return cmocka_run_group_tests_name("analysis_render", tests, NULL, NULL);
}
