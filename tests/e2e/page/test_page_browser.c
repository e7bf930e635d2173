/* SPDX-License-Identifier: Apache-2.0 */
/* A browser shows the page: the program runs under its security policy, and the numbers are those of the run. Skipped
 * where there is no Chromium. */
#include "hf_test.h"

#include "base/file.h"
#include "browser.h"
#include "page/page.h"
#include "report/latency_statistics.h"
#include "report/render.h"
#include "sample.h"

static char folder[64];
static browser *opened;

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-page-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (opened)
        browser_close(opened);
    opened = NULL;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

/* Opens the page of a report, and skips the test where there is no browser. */
static void open_or_skip(hf_report *report)
{
    hf_buffer page = HF_BUFFER_INIT;
    char path[128], address[160];
    hf_page_render(report, NULL, &page);
    snprintf(path, sizeof path, "%s/page.html", folder);
    assert_int_equal(hf_file_write(path, hf_buffer_text(&page), page.size, NULL), HF_OK);
    hf_buffer_free(&page);
    opened = browser_open(folder);
    if (!opened) {
        printf("SKIPPED: there is no chromium\n");
        hf_report_free(report);
        skip();
    }
    browser_view(opened, 1400, 1000, false);
    snprintf(address, sizeof address, "file://%s", path);
    browser_go(opened, address);
    browser_wait(opened, "document.documentElement.dataset.ready !== undefined");
}

/* @return the document as the program has built it; free() */
static char *take_document(void)
{
    json_t *value = browser_value(opened, "document.documentElement.outerHTML");
    assert_true(json_is_string(value));
    char *document = strdup(json_string_value(value));
    assert_non_null(document);
    json_decref(value);
    return document;
}

static void expect_results(const char *count)
{
    json_t *value = browser_value(opened, "document.documentElement.dataset.ready");
    assert_string_equal(json_string_value(value), count);
    json_decref(value);
}

/*
 * The first axis across holds all results of sample_sweep(): the slowest takes 393 ms. A chart is drawn when the browser
 * has found that it is in view, which is after the page is ready.
 */
static void expect_axis_of_all(void)
{
#define CHART "document.querySelector('canvas[aria-label^=\"Scatter chart of 1\"]')"
    browser_wait(opened, CHART);
    json_t *value = browser_value(opened, CHART ".getAttribute('aria-label')");
    if (!strstr(json_string_value(value), "results: Latency from 0 ms to 400 ms"))
        fail_msg("%s", json_string_value(value));
    json_decref(value);
}

static void test_numbers_are_those_of_the_run(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    open_or_skip(&report);
    expect_results("14");
    char *document = take_document();
    for (size_t i = 0; i < report.result_count; i++) {
        const hf_result_row *row = &report.results[i];
        char cell[64], text[32];
        hf_latency latency;
        assert_non_null(strstr(document, row->name));
        if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency))
            continue;
        hf_format_ns(latency.median_ns, text, sizeof text);
        snprintf(cell, sizeof cell, ">%s%s<", text, row->modelled ? " *" : "");
        if (!strstr(document, cell))
            fail_msg("%s: no cell %s", row->name, cell);
        hf_format_bytes((double)hf_result_ram_bytes(row), text, sizeof text);
        snprintf(cell, sizeof cell, ">%s<", text);
        if (!strstr(document, cell))
            fail_msg("%s: no cell %s", row->name, cell);
        hf_format_count((double)row->macs, text, sizeof text);
        snprintf(cell, sizeof cell, ">%s<", text);
        if (!strstr(document, cell))
            fail_msg("%s: no cell %s", row->name, cell);
    }
    expect_axis_of_all();
    browser_expect_no_complaint(opened);
    free(document);
    hf_report_free(&report);
}

/* Puts the results in another order: the first one comes after `ahead` others. */
static void rotate_results(hf_report *report, size_t ahead)
{
    const size_t count = report->result_count;
    hf_result_row *rows = calloc(count, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < count; i++)
        rows[(i + ahead) % count] = report->results[i];
    memcpy(report->results, rows, count * sizeof *rows);
    free(rows);
    for (size_t i = 0; i < report->attempt_count; i++)
        report->attempt_results[i] = (report->attempt_results[i] + ahead) % count;
}

static size_t find_slowest(const hf_report *report)
{
    double most = 0;
    size_t slowest = 0;
    for (size_t i = 0; i < report->result_count; i++) {
        hf_latency latency;
        if (report->results[i].outcome == HF_RESULT_MEASURED &&
            hf_result_latency(&report->results[i], &latency) && latency.median_ns > most) {
            most = latency.median_ns;
            slowest = i;
        }
    }
    return slowest;
}

/* The slowest result is in the middle, and the first and the last ones are faster. */
static void test_axes_hold_results_in_any_order(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    const size_t count = report.result_count, middle = count / 2;
    rotate_results(&report, (middle + count - find_slowest(&report)) % count);
    assert_int_equal(find_slowest(&report), middle);
    open_or_skip(&report);
    expect_results("14");
    expect_axis_of_all();
    browser_expect_no_complaint(opened);
    hf_report_free(&report);
}

static void test_hostile_text_stays_text(void **state)
{
    (void)state;
    hf_report report;
    sample_hostile(&report);
    open_or_skip(&report);
    char *document = take_document();
    size_t scripts = 0;
    for (const char *at = document; (at = strstr(at, "<script")); at++)
        scripts++;
    assert_int_equal(scripts, 1); /* the program; it has taken the data out */
    browser_expect_no_complaint(opened);
    free(document);
    hf_report_free(&report);
}

static void test_a_run_without_results(void **state)
{
    (void)state;
    hf_report report;
    sample_empty(&report);
    open_or_skip(&report);
    expect_results("0");
    char *document = take_document();
    assert_non_null(strstr(document, "This run has no results."));
    browser_expect_no_complaint(opened);
    free(document);
    hf_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_numbers_are_those_of_the_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_axes_hold_results_in_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_text_stays_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_without_results, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("page_browser", tests, NULL, NULL);
}
