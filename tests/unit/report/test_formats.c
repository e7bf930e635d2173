/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats for other programs say: factors, exactness, times, intervals; the schema of JSON; a run in pieces. */
#include "hf_test.h"

#include <jansson.h>

#include "json_schema.h"
#include "report/json_text.h"
#include "report/render.h"
#include "report/results_format.h"
#include "sample.h"

#define SCHEMA "orchestrator/report/results.schema.json"

static char *render(const hf_results_format *format, const hf_report *report)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_render_results(format, report, &out);
    char *text = hf_buffer_take(&out);
    assert_non_null(text);
    return text;
}

/* ---- CSV ---- */

/* The field of a column in the line of a result; no field of the sample holds a comma. @return the caller's to free() */
static char *field(char *csv, size_t line, const char *column)
{
    char *copy = strdup(csv), *rest = copy, *head = strsep(&rest, "\n"), *row = NULL;
    for (size_t i = 0; i <= line; i++)
        row = strsep(&rest, "\n");
    assert_non_null(row);
    head[strcspn(head, "\r")] = '\0';
    row[strcspn(row, "\r")] = '\0';
    for (char *name = strsep(&head, ","), *value = strsep(&row, ","); name;
         name = strsep(&head, ","), value = strsep(&row, ",")) {
        if (strcmp(name, column) != 0)
            continue;
        assert_non_null(value);
        char *found = strdup(value);
        free(copy);
        return found;
    }
    fail_msg("no column %s", column);
    return NULL;
}

static void expect_field(char *csv, size_t line, const char *column, const char *expected)
{
    char *found = field(csv, line, column);
    if (strcmp(found, expected) != 0)
        fail_msg("line %zu: %s is '%s', expected '%s'", line, column, found, expected);
    free(found);
}

static hf_report two_families(void)
{
    hf_report report;
    sample_large(2, &report); /* two variations on two chips */
    free(report.results[3].factors[0].name);
    report.results[3].factors[0].name = strdup("width");
    report.results[3].factors[0].value = 1.5;
    report.results[1].attempted_ms = INT64_C(1796029923045);
    return report;
}

static void factors_have_columns_of_their_own(void **state)
{
    (void)state;
    hf_report report = two_families();
    char *csv = render(&hf_results_csv, &report);
    expect_field(csv, 0, "factor_alpha", "0.1");
    expect_field(csv, 3, "factor_alpha", ""); /* has another factor */
    expect_field(csv, 3, "factor_width", "1.5");
    expect_field(csv, 0, "factor_width", "");
    expect_field(csv, 3, "factor_classes", "1");
    expect_field(csv, 3, "factors", "width=1.5 classes=1");
    free(csv);
    hf_report_free(&report);
}

static void figures_say_how_exact_they_are(void **state)
{
    (void)state;
    hf_report report = two_families();
    hf_result_row *rows = report.results;
    rows[1].image_bytes_min = rows[1].image_bytes;
    rows[1].image_bytes = 0;
    free(rows[1].accuracy_source);
    rows[1].accuracy_source = strdup("top-1 on x");
    rows[1].accuracy_low_percent = 60;
    rows[2].has_accuracy = false;
    char *csv = render(&hf_results_csv, &report);
    expect_field(csv, 0, "image_exactness", "exact");
    expect_field(csv, 1, "image_exactness", "lower_bound");
    expect_field(csv, 1, "image_bytes", "");
    expect_field(csv, 0, "accuracy_exactness", "given");
    expect_field(csv, 1, "accuracy_exactness", "evaluated");
    expect_field(csv, 2, "accuracy_exactness", "");
    expect_field(csv, 0, "timing", "modelled");
    expect_field(csv, 0, "accuracy_low_percent", ""); /* no interval is none of width 0 */
    expect_field(csv, 1, "accuracy_low_percent", "60.0000");
    free(csv);
    hf_report_free(&report);
}

static void times_are_iso_8601_in_utc(void **state)
{
    (void)state;
    hf_report report = two_families();
    report.run.started_ms = INT64_C(1796029923007);
    char *csv = render(&hf_results_csv, &report);
    expect_field(csv, 0, "run_started", "2026-11-30T09:12:03.007Z");
    expect_field(csv, 0, "attempted", "");
    expect_field(csv, 1, "attempted", "2026-11-30T09:12:03.045Z");
    free(csv);
    hf_report_free(&report);
}

static void one_sample_has_no_quantiles_and_no_spread(void **state)
{
    (void)state;
    hf_report report = two_families();
    hf_buffer table = HF_BUFFER_INIT;
    report.results[1].sample_count = 1;
    char *csv = render(&hf_results_csv, &report);
    char *known = field(csv, 0, "latency_p05_ms");
    assert_true(strlen(known) > 0);
    expect_field(csv, 1, "latency_p05_ms", "");
    expect_field(csv, 1, "latency_p95_ms", "");
    report.result_count = 2;
    hf_render_table(&report, 0, false, &table);
    const char *first = strstr(hf_buffer_text(&table), "+-");
    assert_non_null(first);
    assert_null(strstr(first + 1, "+-")); /* of two results one has a spread */
    hf_buffer_free(&table);
    free(known);
    free(csv);
    report.result_count = 4;
    hf_report_free(&report);
}

/* ---- JSON ---- */

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    return root;
}

static void json_follows_its_schema(void **state)
{
    (void)state;
    static void (*const makers[])(hf_report * report) = {
        sample_sweep, sample_small, sample_outage, sample_empty}; /* the faults of sample_hostile are none */
    json_error_t error;
    json_t *schema = json_load_file(SCHEMA, 0, &error);
    if (!schema)
        fail_msg(SCHEMA ":%d: %s", error.line, error.text);
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        hf_report report;
        makers[i](&report);
        char *text = render(&hf_results_json, &report);
        json_t *root = parse(text);
        expect_schema(schema, root);
        json_decref(root);
        free(text);
        hf_report_free(&report);
    }
    json_decref(schema);
}

static void a_line_of_json_is_a_result(void **state)
{
    (void)state;
    hf_report report = two_families();
    char *text = render(&hf_results_json, &report);
    size_t results = 0;
    for (const char *line = strchr(text, '\n'); line; line = strchr(line + 1, '\n')) {
        if (strncmp(line, "\n{\"name\":", 9) != 0)
            continue;
        json_t *one = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
        assert_non_null(json_object_get(one, "layers"));
        json_decref(one);
        results++;
    }
    assert_int_equal(results, 4);
    free(text);
    hf_report_free(&report);
}

static void runs_are_json_too(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    sample_small(&report);
    const hf_run_row runs[2] = {report.run, report.run};
    hf_render_runs_json(runs, 2, &out);
    json_error_t error;
    json_t *root = parse(hf_buffer_text(&out)), *schema = json_load_file(SCHEMA, 0, &error);
    json_t *of_run = json_object_get(json_object_get(schema, "$defs"), "run");
    assert_int_equal(json_array_size(root), 2);
    expect_schema(of_run, json_array_get(root, 1));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(root, 0), "id")), 7);
    json_decref(schema);
    json_decref(root);
    hf_buffer_clear(&out);
    hf_render_runs_json(NULL, 0, &out);
    root = parse(hf_buffer_text(&out));
    assert_int_equal(json_array_size(root), 0);
    json_decref(root);
    hf_buffer_free(&out);
    hf_report_free(&report);
}

static void numbers_are_read_back_exactly(void **state)
{
    (void)state;
    static const double values[] = {0.1, 1.0 / 3, 1e-300, 123456789.125, 2168.316831683168, -0.25, 1e17};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        hf_json_exact(&out, true, values[i]);
        assert_true(strtod(hf_buffer_text(&out), NULL) == values[i]);
        hf_buffer_free(&out);
    }
    static const struct {
        int64_t value;
        const char *text;
    } integers[] = {
        {0, "0"}, {-7, "-7"}, {INT64_MIN, "-9223372036854775808"}, {INT64_MAX, "9223372036854775807"}};
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        hf_json_integer(&out, integers[i].value);
        assert_string_equal(hf_buffer_text(&out), integers[i].text);
        hf_buffer_free(&out);
    }
}

/* ---- Markdown ---- */

static void markdown_is_a_table(void **state)
{
    (void)state;
    hf_report report;
    sample_small(&report);
    char *text = render(&hf_results_markdown, &report);
    assert_string_equal(
        text, "| model | chip | accuracy | latency | RAM | ROM | MACs | verdict |\n"
              "|---|---|--:|--:|--:|--:|--:|---|\n"
              "| net_a | stm32l4r5zi | 85.4 % | 101 us modelled | 104.0 KB | 284.0 KB | 21.9 M | missed |\n"
              "| net_b | stm32l4r5zi | - | - | - | - | 61.0 M | failed |\n");
    free(text);
    hf_report_free(&report);
}

/* ---- Attempts by result ---- */

static void attempts_are_found_by_result(void **state)
{
    (void)state;
    hf_report report;
    hf_attempts_by_result by_result;
    sample_sweep(&report);
    assert_true(hf_attempts_by_result_make(&report, &by_result));
    size_t found = 0;
    for (size_t i = 0; i < report.result_count; i++)
        for (size_t a = by_result.start[i]; a < by_result.start[i + 1]; a++, found++) {
            assert_int_equal(report.attempt_results[by_result.attempts[a] - report.attempts], i);
            assert_true(a == by_result.start[i] || by_result.attempts[a] > by_result.attempts[a - 1]);
        }
    assert_int_equal(found, report.attempt_count);
    hf_attempts_by_result_free(&by_result);
    hf_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_have_columns_of_their_own),
        cmocka_unit_test(figures_say_how_exact_they_are),
        cmocka_unit_test(times_are_iso_8601_in_utc),
        cmocka_unit_test(one_sample_has_no_quantiles_and_no_spread),
        cmocka_unit_test(json_follows_its_schema),
        cmocka_unit_test(a_line_of_json_is_a_result),
        cmocka_unit_test(runs_are_json_too),
        cmocka_unit_test(numbers_are_read_back_exactly),
        cmocka_unit_test(markdown_is_a_table),
        cmocka_unit_test(attempts_are_found_by_result),
    };
    return cmocka_run_group_tests_name("report_formats", tests, NULL, NULL);
}
