/* SPDX-License-Identifier: Apache-2.0 */
/* The cost of reading: every query uses an index, except for the rows that it lists, and a report costs no more than in
 * proportion to its size. */
#include "fixture.h"

#include "query_watch.h"
#include "sample.h"
#include "store/board_health.h"
#include "store/history.h"
#include "store/run_tags.h"

/* ---- Plans of queries ---- */

static void lists_use_indices(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0, cycles = 0;
    const char *path = fixture_path(state, "a.db");
    sample_sweep(&report);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    query_watch self = {.may_scan = ""};
    assert_int_equal(sqlite3_open(path, &self.planner), SQLITE_OK);
    query_watch_start(&self, store);

    hf_report loaded = {0};
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    hf_report_free(&loaded);
    assert_ok(hf_store_find_key(store, report.run.key, &run_id, &err), &err);
    assert_ok(hf_store_find_tag(store, "v1", &run_id, &err), &err);
    assert_ok(hf_store_find_last_green(store, report.run.name, NULL, 0, &run_id, &err), &err);
    assert_ok(hf_store_find_run(store, report.run.name, &run_id, &err), &err);
    assert_ok(hf_store_last_good_cycles(store, "b", "c", false, "f", 1, &cycles, &err), &err);
    hf_health_check_row *checks = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_health_checks(store, "b", "c", false, 10, &checks, &count, &err), &err);
    assert_true(self.statements >= 15);

    /* What a page shows of many runs. */
    hf_run_row run = {0}, *page = NULL;
    hf_trend_row *trend = NULL;
    hf_variation_row *variations = NULL;
    hf_board_day_row *days = NULL;
    hf_board_failure_row *failures = NULL;
    const hf_result_row *first = &report.results[0];
    const hf_board_row *board = &report.boards[0];
    self.statements = 0;
    assert_ok(hf_store_load_run(store, run_id, &run, &err), &err);
    hf_row_clear(&hf_run_row_type, &run);
    assert_ok(hf_store_page_runs(store, NULL, INT64_MAX, 10, &page, &count, &err), &err);
    assert_int_equal(count, 1);
    hf_rows_free(&hf_run_row_type, page, count);
    assert_ok(hf_store_page_runs(store, report.run.name, INT64_MAX, 10, &page, &count, &err), &err);
    assert_int_equal(count, 1);
    hf_rows_free(&hf_run_row_type, page, count);
    assert_ok(hf_store_load_trend(store, first->name, first->chip, INT64_MAX, 10, &trend, &count, &err),
              &err);
    assert_int_equal(count, 1);
    hf_rows_free(&hf_trend_row_type, trend, count);
    assert_ok(hf_store_list_variations(store, "m", 5, &variations, &count, &err), &err);
    assert_int_equal(count, 5);
    hf_rows_free(&hf_variation_row_type, variations, count);
    self.may_scan = " days ";
    assert_ok(
        hf_store_list_board_days(store, board->id, board->chip, board->modelled, 0, &days, &count, &err),
        &err);
    free(days);
    self.may_scan = "";
    assert_ok(hf_store_list_board_failures(store, board->id, board->chip, board->modelled, 10, &failures,
                                           &count, &err),
              &err);
    hf_rows_free(&hf_board_failure_row_type, failures, count);
    assert_true(self.statements >= 8);

    hf_run_row *runs = NULL;
    self.may_scan = " runs ";
    assert_ok(hf_store_load_report(store, 0, &loaded, &err), &err); /* the newest: the first of the list */
    hf_report_free(&loaded);
    assert_ok(hf_store_list_runs(store, &runs, &count, &err), &err);
    hf_rows_free(&hf_run_row_type, runs, count);
    hf_board_history_row *boards = NULL;
    self.may_scan = " boards ";
    assert_ok(hf_store_list_boards(store, &boards, &count, &err), &err);
    hf_rows_free(&hf_board_history_row_type, boards, count);
    hf_board_state_row *states = NULL;
    self.may_scan = " board_states boards ";
    assert_ok(hf_store_list_board_states(store, &states, &count, &err), &err);
    self.may_scan = " health_checks ";
    assert_ok(hf_store_list_health_checks(store, NULL, NULL, false, 10, &checks, &count, &err), &err);
    hf_tag_row *tags = NULL;
    self.may_scan = " run_tags ";
    assert_ok(hf_store_list_tags(store, &tags, &count, &err), &err);

    sqlite3_close(self.planner);
    hf_store_close(store);
    hf_report_free(&report);
}

/* Opening a store looks for dead runs. */
static void opening_uses_indices(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    query_watch self = {.may_scan = ""};
    assert_int_equal(sqlite3_open(path, &self.planner), SQLITE_OK);
    query_watch_plan(&self, "SELECT id, key, host, pid FROM runs WHERE state = 'running'");
    sqlite3_close(self.planner);
    hf_store_close(store);
}

/* ---- Steps ---- */

/* A run of so many results with two attempts each; @return the steps that loading it takes */
static int64_t load_steps(void **state, const char *name, int results)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    sample_small(&report);
    assert_ok(hf_store_open(fixture_path(state, name), &store, &err), &err);
    assert_ok(hf_store_begin_group(store, &err), &err);
    assert_ok(fixture_begin_run(store, &report.run, &run_id, &err), &err);
    assert_ok(hf_store_add_board(store, run_id, &report.boards[0], &err), &err);
    for (int i = 0; i < results; i++) {
        hf_attempt_row failed = report.attempts[1], succeeded = report.attempts[0];
        failed.number = 1;
        succeeded.number = 2;
        assert_ok(hf_store_add_result(store, run_id, i, &report.results[0], &err), &err);
        assert_ok(hf_store_add_attempt(store, run_id, i, &failed, NULL, &err), &err);
        assert_ok(hf_store_add_attempt(store, run_id, i, &succeeded, &report.results[0], &err), &err);
    }
    assert_ok(hf_store_end_group(store, HF_OK, &err), &err);
    query_watch self = {0};
    query_watch_start(&self, store);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_int_equal(loaded.attempt_count, 2 * results);
    assert_int_equal(loaded.attempt_results[2 * results - 1], results - 1);
    hf_report_free(&loaded);
    hf_store_close(store);
    hf_report_free(&report);
    return self.steps;
}

static void reports_are_read_in_linear_time(void **state)
{
    const int64_t few = load_steps(state, "few.db", 100), many = load_steps(state, "many.db", 1000);
    printf("steps to load a result with two attempts: %.0f of 100, %.0f of 1000\n", (double)few / 100,
           (double)many / 1000);
    assert_true(few > 100);
    assert_true(many < 11 * few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_use_indices, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(opening_uses_indices, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(reports_are_read_in_linear_time, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_queries", tests, NULL, NULL);
}
