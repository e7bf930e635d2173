/* SPDX-License-Identifier: Apache-2.0 */
/* What a person reads from the dashboard: results are filtered, brushed, sorted and compared, and a history of nights is looked at;
 * numbers are those of the store. Results of runs are modelled; those of the nights are made up. Skipped without Chromium. */
#include "base/file.h"
#include "dashboard_page.h"
#include "hf_test.h"
#include "report/render.h"

#define NIGHTS     60
#define VARIATIONS 8
#define FIRST      "mobilenetv1_0.010_96_c3_o2"

/* The names in the table of results, in its order, one a line. */
#define NAMES  "[...document.querySelectorAll('.results td.name')].map((one) => one.textContent).join(' ')"
#define STATUS "document.querySelector('.controls [role=status]').textContent"
#define SEARCH "document.querySelector('.controls input[type=search]')"
#define SHOW_ALL                                                                                             \
    "[...document.querySelectorAll('.controls button')].find((one) => one.textContent === 'Show all')"
/* The chart of latency against MACs, and that of the factors. */
#define SCATTER  "document.querySelector('.plot canvas')"
#define PARALLEL "document.querySelector('.wide canvas')"

/* The names that the store has for a condition, in an order. */
static const char *names(daemon_fixture *fixture, const char *where_and_order)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT group_concat(name, ' ') FROM (SELECT results.name AS name FROM results JOIN attempts ON "
             "result_id = results.id"
             " JOIN samples ON attempt_id = attempts.id WHERE samples.position = 0 AND run_id = 1 %s)",
             where_and_order);
    return cli_query_text(&fixture->cli, sql);
}

static void expect_names(daemon_fixture *fixture, const char *where_and_order)
{
    char condition[1024];
    snprintf(condition, sizeof condition, "(" NAMES ") === '%s'", names(fixture, where_and_order));
    browser_wait(opened, condition);
}

static void expect_status(const char *text)
{
    char condition[128];
    snprintf(condition, sizeof condition, STATUS " === '%s'", text);
    browser_wait(opened, condition);
}

static void results_are_filtered(daemon_fixture *fixture)
{
    expect_status("4 of 4 results");
    browser_type(opened, SEARCH, "v1_0.3");
    expect_status("1 of 4 results");
    expect_names(fixture, "AND results.name LIKE '%v1_0.3%'");
    browser_type(opened, SEARCH, "no such model");
    expect_status("0 of 4 results");
    browser_click(opened, SHOW_ALL);
    expect_status("4 of 4 results");
    /* A group of the legend: the models with alpha 0.2. */
    browser_click(
        opened, "[...document.querySelectorAll('.legend button')].find((one) => one.textContent === '0.2')");
    expect_status("3 of 4 results");
    expect_names(fixture, "AND results.name NOT LIKE '%v1_0.2%' ORDER BY results.position");
    browser_click(opened, SHOW_ALL);
    expect_status("4 of 4 results");
}

/* A rectangle in a chart selects in all views; an axis of the factors limits further. */
static void results_are_brushed(daemon_fixture *fixture)
{
    browser_click(opened, SHOW_ALL);
    expect_status("4 of 4 results");
    browser_drag(opened, SCATTER, 0.14, 0.02, 0.56, 0.86); /* the lower half of the latencies */
    expect_status("2 of 4 results");
    expect_names(fixture, "AND cycles <= (SELECT max(cycles) / 2 FROM samples) ORDER BY results.position");
    browser_click(opened, SHOW_ALL);
    expect_status("4 of 4 results");
    /* The upper half of the first axis: alpha. */
    browser_wait(opened, PARALLEL ".getAttribute('aria-label').startsWith('Parallel coordinates of alpha,')");
    char from[64];
    snprintf(from, sizeof from, "60 / " PARALLEL ".clientWidth");
    json_t *part = browser_value(opened, from);
    const double x = json_number_value(part);
    json_decref(part);
    browser_drag(opened, PARALLEL, x, 0.5, x, 0.1);
    expect_status("2 of 4 results");
    expect_names(fixture, "AND results.name > 'mobilenetv1_0.3' ORDER BY results.position");
    browser_click(opened, SHOW_ALL);
    expect_status("4 of 4 results");
}

static void results_are_sorted(daemon_fixture *fixture)
{
    browser_click(opened, HEAD("Latency"));
    expect_names(fixture, "ORDER BY cycles");
    browser_wait(opened, "document.querySelector('th[aria-sort=ascending]').textContent === 'Latency'");
    browser_click(opened, HEAD("Latency"));
    expect_names(fixture, "ORDER BY cycles DESC");
    browser_wait(opened, "document.querySelector('th[aria-sort=descending]').textContent === 'Latency'");
    browser_click(opened, HEAD("Variation"));
    expect_names(fixture, "ORDER BY results.name");
}

/* Two results side by side, and one with its layers. */
static void results_are_compared_and_opened(daemon_fixture *fixture)
{
    char condition[256], text[32];
    browser_click(opened, "document.querySelectorAll('.results td input')[0]");
    browser_click(opened, "document.querySelectorAll('.results td input')[3]");
    dashboard_expect("Side by side");
    static const char *const compared[] = {"mobilenetv1_0.1_32_c1_o2_l1ll16pl16",
                                           "mobilenetv1_0.4_32_c1_o2_l1ll16pl16"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(condition, sizeof condition,
                 "[...document.querySelectorAll('section')].find((one) => "
                 "one.querySelector('h2')?.textContent === 'Side by side')"
                 ".textContent.includes('%s')",
                 dashboard_latency(fixture, 1, compared[i]));
        browser_wait(opened, condition);
    }
    browser_click(opened, "document.querySelectorAll('.results td.name button')[3]");
    browser_wait(opened, "document.querySelector('.details .layers')");
    assert_int_equal(
        dashboard_number("document.querySelectorAll('.details .layers tbody tr').length"),
        cli_query(&fixture->cli,
                  "SELECT count(*) FROM layers JOIN results ON results.id = result_id WHERE run_id = 1"
                  " AND results.name LIKE 'mobilenetv1_0.4%'"));
    hf_format_count(
        (double)cli_query(&fixture->cli,
                          "SELECT macs FROM results WHERE run_id = 1 AND name LIKE 'mobilenetv1_0.4%'"),
        text, sizeof text);
    snprintf(condition, sizeof condition, "document.querySelector('.details').textContent.includes('%s')",
             text);
    browser_wait(opened, condition);
}

/* Two runs are chosen in the list; a virtual board measures the same cycles twice. */
static void runs_are_compared(daemon_fixture *fixture)
{
    char condition[512];
    dashboard_show("/runs", "document.querySelectorAll('tbody tr').length === 2");
    browser_click(opened, "document.querySelector('[aria-label=\"compare run 2\"]')");
    browser_click(opened, "document.querySelector('[aria-label=\"compare run 1\"]')");
    browser_click(opened, "[...document.querySelectorAll('.controls a')].find((one) => one.textContent === "
                          "'Compare run 1 with run 2')");
    browser_wait(opened, "location.hash === '#/compare/1/2'");
    dashboard_expect("Run 1 and run 2");
    browser_wait(opened,
                 "[...document.querySelectorAll('.tile')].some((one) => one.textContent === '4unchanged')");
    for (int i = 1; i <= 4; i++) {
        char name[64], before[32];
        snprintf(name, sizeof name, "mobilenetv1_0.%d_32_c1_o2_l1ll16pl16", i);
        snprintf(before, sizeof before, "%s", dashboard_latency(fixture, 1, name));
        assert_string_equal(before, dashboard_latency(fixture, 2, name));
        snprintf(condition, sizeof condition,
                 "[...document.querySelectorAll('section')].pop().innerText.replaceAll('\\t', ' "
                 "').includes('%s stm32l4r5zi %s * %s * 0.00 %%')",
                 name, before, before);
        browser_wait(opened, condition);
    }
}

static void results_are_looked_at(void **state)
{
    static const dashboard_shot pages[] = {
        {"details", "/runs/1",
         "(document.querySelector('.results td.name button')?.click(), document.querySelector('.details "
         ".layers'))"},
        {"comparison", "/compare/1/2", "document.querySelector('td')"},
        {NULL, NULL, NULL},
    };
    daemon_fixture *fixture = *state;
    char key[32];
    daemon_start(fixture, NULL);
    if (!dashboard_open(fixture)) {
        printf("SKIPPED: there is no chromium\n");
        daemon_stop(fixture);
        skip();
    }
    for (int i = 0; i < 2; i++) {
        daemon_submit(fixture, "looked_at", 4, "{}", key);
        json_decref(daemon_follow(fixture, key));
    }
    dashboard_show("/runs/1", "document.documentElement.dataset.results === '4'");
    results_are_filtered(fixture);
    results_are_brushed(fixture);
    results_are_sorted(fixture);
    results_are_compared_and_opened(fixture);
    runs_are_compared(fixture);
    dashboard_keep(pages);
    dashboard_close();
    daemon_stop(fixture);
}

/* ---- Nights ---- */

static void fill_store(daemon_fixture *fixture)
{
    uint8_t *sql = NULL;
    size_t size = 0;
    char *all = NULL, *message = NULL;
    sqlite3 *db = NULL;
    assert_int_equal(hf_file_read("tests/support/large_store.sql", 1 << 20, &sql, &size, NULL), HF_OK);
    assert_true(asprintf(&all,
                         "CREATE TEMP TABLE size AS SELECT %d AS nights, %d AS variations, 30 AS kept,"
                         " unixepoch() * 1000 AS now_ms; %s; UPDATE failures SET transcript = 'Error: no "
                         "probe <b>found</b>'"
                         " WHERE id = (SELECT max(id) FROM failures WHERE board_id = 1);",
                         NIGHTS, VARIATIONS, (const char *)sql) > 0);
    assert_int_equal(sqlite3_open(fixture->cli.db, &db), SQLITE_OK);
    if (sqlite3_exec(db, all, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(db);
    free(all);
    free(sql);
}

/* The firmware changes every 20 nights, and the second one is slower by 5 %: the step is there, with its cause. */
static void a_trend_has_its_steps(daemon_fixture *fixture)
{
    char text[64], condition[256];
    dashboard_show("/trend", "document.querySelectorAll('.columns a').length === 8");
    browser_type(opened, "document.querySelector('input[type=search]')", "mobilenetv1_0.010");
    browser_wait(opened, "document.querySelectorAll('.columns a').length === 1");
    browser_click(opened, "document.querySelector('.columns a')");
    browser_wait(opened, "document.querySelector('canvas')");
    dashboard_expect("on stm32l4r5zi, 60 runs");
    dashboard_expect("firmware: f0 → f1");
    dashboard_expect("+5.00 %");
    dashboard_expect("firmware: f1 → f2");
    dashboard_expect("-4.76 %");
    assert_int_equal(dashboard_number("document.querySelectorAll('section tbody tr').length"),
                     cli_query(&fixture->cli, "SELECT count(DISTINCT firmware_id) - 1 FROM measurements"));
    /* The values below the chart: those of the store. */
    browser_click(opened, "document.querySelector('.values summary')");
    browser_wait(opened, "document.querySelectorAll('.values tbody tr').length === 60");
    hf_format_ns((double)cli_query(
                     &fixture->cli,
                     "SELECT cast(median_cycles * 1e9 / clock_hz AS INTEGER) FROM measurements JOIN attempts"
                     " ON attempts.id = attempt_id JOIN results ON results.id = result_id WHERE run_id = 1"
                     " AND name = '" FIRST "'"),
                 text, sizeof text);
    snprintf(condition, sizeof condition,
             "document.querySelector('.values tbody tr').cells[1].textContent === '%s'", text);
    browser_wait(opened, condition);
}

/* Days, health checks and failures of a board, with the transcript as text. */
static void a_board_has_its_months(daemon_fixture *fixture)
{
    char condition[256];
    dashboard_show("/boards/virtual-1", "document.querySelectorAll('canvas').length === 2");
    browser_click(opened, "document.querySelector('.values summary')");
    snprintf(condition, sizeof condition,
             "[...document.querySelector('.values').querySelectorAll('tbody tr')].reduce((sum, row) => sum + "
             "Number(row.cells[1].textContent)"
             " + Number(row.cells[2].textContent), 0) === %lld",
             (long long)cli_query(&fixture->cli, "SELECT count(*) FROM attempts WHERE board_id = 1"));
    browser_wait(opened, condition);
    snprintf(condition, sizeof condition, "document.querySelectorAll('.view tbody tr').length === %lld",
             (long long)cli_query(&fixture->cli, "SELECT count(*) FROM health_checks WHERE board_id = 1"));
    browser_wait(opened, condition);
    browser_click(opened, "document.querySelector('.log summary')");
    dashboard_expect("Error: no probe <b>found</b>");
    /* A shorter time. */
    json_decref(browser_value(opened,
                              "{ const one = document.querySelector('.period select'); one.value = '30';"
                              " one.dispatchEvent(new Event('change')); }"));
    snprintf(condition, sizeof condition, "document.querySelectorAll('.view tbody tr').length === %lld",
             (long long)cli_query(&fixture->cli,
                                  "SELECT count(*) FROM health_checks WHERE board_id = 1 AND at_ms >"
                                  " (unixepoch() - 30 * 86400) * 1000"));
    browser_wait(opened, condition);
}

/* The lines of the daemon before, too. */
static void the_log_is_filtered(void)
{
    dashboard_show("/log", "document.querySelector('.lines li')");
    browser_wait(opened, "[...document.querySelectorAll('.lines li')].filter((one) => "
                         "one.textContent.includes('listening on')).length === 2");
    browser_type(opened, "document.querySelector('input[type=search]')", "Listening");
    browser_wait(opened, "document.querySelectorAll('.lines li').length === 2");
    browser_wait(opened,
                 "/^2 of \\d+ lines$/.test(document.querySelector('.controls [role=status]').textContent)");
}

static void months_are_looked_at(void **state)
{
    static const dashboard_shot pages[] = {
        {"trend", "/trend/" FIRST "/stm32l4r5zi", "document.querySelector('canvas')"},
        {"board", "/boards/virtual-1", "document.querySelector('canvas')"},
        {"history", "/runs", "document.querySelector('td a')"},
        {"log", "/log", "document.querySelector('.lines li')"},
        {NULL, NULL, NULL},
    };
    daemon_fixture *fixture = *state;
    daemon_start(fixture, NULL);
    daemon_stop(fixture); /* the tables are there */
    fill_store(fixture);
    daemon_start(fixture, NULL);
    if (!dashboard_open(fixture)) {
        printf("SKIPPED: there is no chromium\n");
        daemon_stop(fixture);
        skip();
    }
    a_trend_has_its_steps(fixture);
    a_board_has_its_months(fixture);
    the_log_is_filtered();
    dashboard_keep(pages);
    dashboard_close();
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_are_looked_at, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(months_are_looked_at, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests_name("dashboard_views", tests, NULL, NULL);
}
