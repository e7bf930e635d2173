/* SPDX-License-Identifier: Apache-2.0 */
/* What the dashboard asks of a store of 100,000 results: no query reads a large table as a whole, with the statistics of ANALYZE and
 * without, and none takes more steps than a page of answers needs. */
#include "fixture.h"

#include <stdlib.h>

#include "base/file.h"
#include "query_watch.h"
#include "store/board_health.h"
#include "store/history.h"

#define NIGHTS     1000
#define VARIATIONS 100
#define NOW_MS     INT64_C(1790000000000)
#define MS_PER_DAY INT64_C(86400000)
#define NAME       "mobilenetv1_0.050_96_c3_o2"
#define CHIP       "stm32l4r5zi"
#define BOARD      "virtual-1", CHIP, true

/* SQLite takes about 10 ns for a step: this is a few milliseconds, of the 200 that an answer may take. */
#define MOST_STEPS 400000

typedef struct rig {
    hf_store *store;
    query_watch watch;
} rig;

/* The tables of a new store, and in them the made-up nights. */
static void fill(const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    uint8_t *sql = NULL;
    size_t size = 0;
    char *all = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    assert_int_equal(hf_file_read("tests/support/large_store.sql", 1 << 20, &sql, &size, NULL), HF_OK);
    assert_true(
        asprintf(
            &all,
            "CREATE TEMP TABLE size AS SELECT %d AS nights, %d AS variations, 30 AS kept, %lld AS now_ms; %s",
            NIGHTS, VARIATIONS, (long long)NOW_MS, (const char *)sql) > 0);
    fixture_sql(path, all);
    free(all);
    free(sql);
    fixture_check_integrity(path);
}

static void begin(rig *self, const char *may_scan)
{
    self->watch.may_scan = may_scan;
    self->watch.steps = 0;
}

static void end(rig *self, const char *what, size_t rows)
{
    printf("%8lld steps, %4zu rows: %s\n", (long long)self->watch.steps, rows, what);
    assert_true(self->watch.steps > 0);
    assert_true(self->watch.steps <= MOST_STEPS);
}

static void ask_for_runs(rig *self)
{
    static const struct {
        const char *name;
        int64_t before;
        size_t most, expected;
    } pages[] = {
        {NULL, INT64_MAX, 50, 50}, {NULL, 500, 50, 50}, {"nightly", 1000, 1, 1}, {"nix", INT64_MAX, 50, 0}};
    hf_error err = {0};
    hf_run_row *rows = NULL, row = {0};
    size_t count = 0;
    int64_t id = 0;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        begin(self, "");
        assert_ok(hf_store_page_runs(self->store, pages[i].name, pages[i].before, pages[i].most, &rows,
                                     &count, &err),
                  &err);
        end(self, "a page of runs", count);
        assert_int_equal(count, pages[i].expected);
        hf_rows_free(&hf_run_row_type, rows, count);
    }
    begin(self, " runs "); /* the newest: the first of the list */
    assert_ok(hf_store_find_run(self->store, "latest", &id, &err), &err);
    assert_ok(hf_store_load_run(self->store, id, &row, &err), &err);
    assert_int_equal(row.id, NIGHTS);
    end(self, "the newest run", 1);
    assert_int_equal(row.measured, VARIATIONS);
    hf_row_clear(&hf_run_row_type, &row);
    begin(self, "");
    assert_ok(hf_store_find_run(self->store, "nightly", &id, &err), &err);
    assert_ok(hf_store_find_run(self->store, "20260101-000003e7", &id, &err), &err);
    assert_ok(hf_store_find_last_green(self->store, "nightly", NULL, NIGHTS, &id, &err), &err);
    end(self, "runs by name, by key, and the last green one", 3);
    assert_int_equal(id, NIGHTS - 1);
}

static void ask_for_results(rig *self)
{
    static const int64_t runs[] = {NIGHTS, NIGHTS / 2};
    hf_error err = {0};
    hf_trend_row *trend = NULL;
    hf_variation_row *variations = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        hf_report report = {0};
        begin(self, " boards "); /* with statistics: it is a small table */
        assert_ok(hf_store_load_report(self->store, runs[i], &report, &err), &err);
        end(self, "all of a run", report.result_count);
        assert_int_equal(report.result_count, VARIATIONS);
        assert_int_equal(report.attempt_count, VARIATIONS + 1);
        hf_report_free(&report);
    }
    begin(self, "");
    assert_ok(hf_store_load_trend(self->store, NAME, CHIP, INT64_MAX, 500, &trend, &count, &err), &err);
    end(self, "a variation over nights", count);
    assert_int_equal(count, 500);
    hf_rows_free(&hf_trend_row_type, trend, count);
    begin(self, "");
    assert_ok(hf_store_list_variations(self->store, "", 1000, &variations, &count, &err), &err);
    end(self, "all variations", count);
    assert_int_equal(count, VARIATIONS);
    assert_string_equal(variations[0].name, "mobilenetv1_0.010_96_c3_o2");
    assert_string_equal(variations[VARIATIONS - 1].name, "mobilenetv1_0.109_96_c3_o2");
    hf_rows_free(&hf_variation_row_type, variations, count);
    begin(self, "");
    assert_ok(hf_store_list_variations(self->store, NAME, 50, &variations, &count, &err), &err);
    end(self, "variations by the whole name", count);
    assert_int_equal(count, 1);
    hf_rows_free(&hf_variation_row_type, variations, count);
}

static void ask_for_a_board(rig *self)
{
    hf_error err = {0};
    hf_board_day_row *days = NULL;
    hf_board_failure_row *failures = NULL;
    hf_health_check_row *checks = NULL;
    hf_board_state_row *states = NULL;
    size_t count = 0;
    int64_t attempts = 0;
    begin(self, " days ");
    assert_ok(hf_store_list_board_days(self->store, BOARD, NOW_MS - 1825 * MS_PER_DAY, &days, &count, &err),
              &err);
    end(self, "the days of a board", count);
    assert_int_equal(count, NIGHTS);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || days[i].day == days[i - 1].day + 1);
        attempts += days[i].succeeded + days[i].failed;
    }
    free(days);
    /* Results with an even number, whose failures are those of every hundredth. */
    assert_int_equal(attempts, NIGHTS * VARIATIONS / 2 + NIGHTS);
    begin(self, " days ");
    assert_ok(hf_store_list_board_days(self->store, BOARD, NOW_MS - 30 * MS_PER_DAY, &days, &count, &err),
              &err);
    end(self, "a month of a board", count);
    assert_int_equal(count, 30);
    assert_int_equal(days[29].succeeded, 50);
    assert_int_equal(days[29].failed, 1);
    free(days);
    begin(self, "");
    assert_ok(hf_store_list_board_failures(self->store, BOARD, 50, &failures, &count, &err), &err);
    end(self, "the failures of a board", count);
    assert_int_equal(count, 50);
    hf_rows_free(&hf_board_failure_row_type, failures, count);
    begin(self, "");
    assert_ok(hf_store_list_health_checks(self->store, BOARD, 1000, &checks, &count, &err), &err);
    end(self, "the health checks of a board", count);
    assert_int_equal(count, NIGHTS);
    hf_rows_free(&hf_health_check_row_type, checks, count);
    begin(self, " board_states boards ");
    assert_ok(hf_store_list_board_states(self->store, &states, &count, &err), &err);
    end(self, "the states of all boards", count);
    hf_rows_free(&hf_board_state_row_type, states, count);
}

static void open_store(rig *self, const char *path)
{
    hf_error err = {0};
    *self = (rig){0};
    assert_ok(hf_store_open(path, &self->store, &err), &err);
    assert_int_equal(sqlite3_open(path, &self->watch.planner), SQLITE_OK);
    query_watch_start(&self->watch, self->store);
}

static void close_store(rig *self)
{
    sqlite3_close(self->watch.planner);
    hf_store_close(self->store);
}

static void ask_for_everything(const char *path)
{
    rig self;
    open_store(&self, path);
    ask_for_runs(&self);
    ask_for_results(&self);
    ask_for_a_board(&self);
    assert_true(self.watch.statements > 20);
    close_store(&self);
}

/* All failures are of boards: the index by attempt has one value only, which statistics call useless. */
static void ask_without_failed_attempts(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_report report = {0};
    open_store(&self, path);
    begin(&self, " boards ");
    assert_ok(hf_store_load_report(self.store, NIGHTS, &report, &err), &err);
    end(&self, "all of a run, where no attempt has failed", report.result_count);
    assert_int_equal(report.attempt_count, VARIATIONS);
    hf_report_free(&report);
    close_store(&self);
}

static void the_dashboard_reads_little_of_a_large_store(void **state)
{
    const char *path = fixture_path(state, "large.db");
    fill(path);
    ask_for_everything(path);
    printf("with statistics\n");
    fixture_sql(path, "ANALYZE");
    ask_for_everything(path);
    fixture_sql(path, "PRAGMA foreign_keys = ON; DELETE FROM attempts WHERE succeeded = 0; ANALYZE");
    ask_without_failed_attempts(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_dashboard_reads_little_of_a_large_store, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_large_store", tests, NULL, NULL);
}
