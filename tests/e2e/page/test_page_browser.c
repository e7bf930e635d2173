/* SPDX-License-Identifier: Apache-2.0 */
/* A browser shows the page: the program runs under its security policy, and the numbers are those of the run. Skipped
 * where there is no Chromium. */
#include "hf_test.h"

#include "base/file.h"
#include "page/page.h"
#include "process.h"
#include "report/latency_statistics.h"
#include "report/render.h"
#include "sample.h"

#define DEADLINE_MS 120000

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-page-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

/* Opens the page of a report in the browser. @return the document as the program has built it; NULL = no browser */
static char *open_in_browser(const hf_report *report)
{
    hf_buffer page = HF_BUFFER_INIT;
    char command[1024], path[128];
    uint8_t *document = NULL;
    size_t size = 0;
    hf_page_render(report, NULL, &page);
    snprintf(path, sizeof path, "%s/page.html", folder);
    assert_int_equal(hf_file_write(path, hf_buffer_text(&page), page.size, NULL), HF_OK);
    hf_buffer_free(&page);
    /* The budget is virtual time: the browser returns when nothing is left to do. */
    snprintf(
        command, sizeof command,
        "command -v chromium >/dev/null || exit 77; "
        "chromium --headless=new --no-sandbox --disable-gpu --user-data-dir=%s/profile "
        "--enable-logging=stderr "
        "--window-size=1400,1000 --virtual-time-budget=20000 --dump-dom file://%s/page.html >%s/dom 2>%s/log",
        folder, folder, folder, folder);
    const char *const argv[] = {"sh", "-c", command, NULL};
    static process child;
    assert_true(process_start(&child, argv));
    const int status = process_wait_exit(&child, DEADLINE_MS);
    if (status == 77)
        return NULL;
    assert_int_equal(status, 0);
    snprintf(path, sizeof path, "%s/dom", folder);
    assert_int_equal(hf_file_read(path, 64u << 20, &document, &size, NULL), HF_OK);
    return (char *)document;
}

/* What the program wrote to the console: errors, and violations of the policy. */
static void expect_no_complaint(void)
{
    char path[128];
    uint8_t *log = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/log", folder);
    assert_int_equal(hf_file_read(path, 4u << 20, &log, &size, NULL), HF_OK);
    const char *complaint = strstr((const char *)log, ":CONSOLE");
    if (complaint)
        fail_msg("%.400s", complaint);
    free(log);
}

#define OPEN_OR_SKIP(document, report)                                                                       \
    char *document = open_in_browser(report);                                                                \
    if (!(document)) {                                                                                       \
        printf("SKIPPED: there is no chromium\n");                                                           \
        hf_report_free(report);                                                                              \
        skip();                                                                                              \
    }

/* The first axis across holds all results of sample_sweep(): the slowest takes 393 ms. */
static void expect_axis_of_all(const char *document)
{
    if (!strstr(document, "results: Latency from 0 ms to 400 ms"))
        fail_msg("%.200s", strstr(document, "Scatter chart"));
}

static void test_numbers_are_those_of_the_run(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    OPEN_OR_SKIP(document, &report)
    assert_non_null(strstr(document, "data-ready=\"14\""));
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
    expect_axis_of_all(document);
    expect_no_complaint();
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
    OPEN_OR_SKIP(document, &report)
    assert_non_null(strstr(document, "data-ready=\"14\""));
    expect_axis_of_all(document);
    expect_no_complaint();
    free(document);
    hf_report_free(&report);
}

static void test_hostile_text_stays_text(void **state)
{
    (void)state;
    hf_report report;
    sample_hostile(&report);
    OPEN_OR_SKIP(document, &report)
    assert_non_null(strstr(document, "data-ready"));
    size_t scripts = 0;
    for (const char *at = document; (at = strstr(at, "<script")); at++)
        scripts++;
    assert_int_equal(scripts, 1); /* the program; it has taken the data out */
    expect_no_complaint();
    free(document);
    hf_report_free(&report);
}

static void test_a_run_without_results(void **state)
{
    (void)state;
    hf_report report;
    sample_empty(&report);
    OPEN_OR_SKIP(document, &report)
    assert_non_null(strstr(document, "This run has no results."));
    expect_no_complaint();
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
