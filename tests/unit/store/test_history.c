/* SPDX-License-Identifier: Apache-2.0 */
/* What a store tells of many runs: pages of runs, the trend of a variation, a board over months. */
#include "store/history.h"

#include "fixture.h"
#include "report/latency_statistics.h"
#include "sample.h"

#define DAY_MS INT64_C(86400000)
#define NIGHTS 4

typedef struct nights {
    hf_store *store;
    hf_report report;
    int64_t ids[NIGHTS];
} nights;

/* One variation of one night. @param made its attempt, which may have failed */
static void record(nights *all, int night, int position, const char *name, const hf_attempt_row *made)
{
    hf_error err = {0};
    const int64_t run_id = all->ids[night];
    hf_result_row result = all->report.results[0];
    hf_attempt_row attempt = *made;
    result.name = (char *)name;
    attempt.number = 1;
    attempt.started_ms = all->report.run.started_ms + night * DAY_MS;
    assert_ok(hf_store_add_result(all->store, run_id, position, &result, &err), &err);
    assert_ok(
        hf_store_add_attempt(all->store, run_id, position, &attempt, made->succeeded ? &result : NULL, &err),
        &err);
    if (!made->succeeded)
        assert_ok(hf_store_close_result(all->store, run_id, position, HF_RESULT_FAILED, made->fault,
                                        made->message, &err),
                  &err);
}

/* Runs of one spec, a day apart; net_a fails in the second, and the last is of another spec. */
static void open_nights(void **state, nights *all)
{
    hf_error err = {0};
    *all = (nights){0};
    sample_small(&all->report);
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &all->store, &err), &err);
    for (int night = 0; night < NIGHTS; night++) {
        hf_run_row run = all->report.run;
        run.started_ms += night * DAY_MS;
        if (night == NIGHTS - 1)
            run.name = "other";
        assert_ok(fixture_begin_run(all->store, &run, &all->ids[night], &err), &err);
        assert_ok(hf_store_add_board(all->store, all->ids[night], &all->report.boards[0], &err), &err);
        record(all, night, 0, "net_a", &all->report.attempts[night == 1]);
        record(all, night, 1, "net_c", &all->report.attempts[0]);
        assert_ok(
            hf_store_finish_run(all->store, all->ids[night], HF_RUN_DONE, run.started_ms + 1, 1, NULL, &err),
            &err);
    }
}

static void close_nights(nights *all)
{
    hf_store_close(all->store);
    hf_report_free(&all->report);
}

static void runs_come_in_pages(void **state)
{
    hf_error err = {0};
    nights all;
    hf_run_row *rows = NULL, run = {0};
    size_t count = 0;
    open_nights(state, &all);
    assert_ok(hf_store_page_runs(all.store, NULL, INT64_MAX, 2, &rows, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, all.ids[3]);
    assert_int_equal(rows[1].id, all.ids[2]);
    hf_rows_free(&hf_run_row_type, rows, count);
    assert_ok(hf_store_page_runs(all.store, NULL, all.ids[2], 10, &rows, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].id, all.ids[1]);
    assert_int_equal(rows[0].failed, 1);
    assert_int_equal(rows[0].measured, 1);
    hf_rows_free(&hf_run_row_type, rows, count);
    assert_ok(hf_store_page_runs(all.store, "other", INT64_MAX, 10, &rows, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].id, all.ids[3]);
    hf_rows_free(&hf_run_row_type, rows, count);
    assert_ok(hf_store_load_run(all.store, 0, &run, &err), &err);
    assert_int_equal(run.id, all.ids[3]);
    hf_row_clear(&hf_run_row_type, &run);
    assert_int_equal(hf_store_load_run(all.store, 77, &run, &err), HF_ENOTFOUND);
    close_nights(&all);
}

static void a_trend_has_a_row_for_each_run(void **state)
{
    hf_error err = {0};
    nights all;
    hf_trend_row *rows = NULL;
    size_t count = 0;
    hf_latency latency, expected;
    open_nights(state, &all);
    const hf_result_row *measured = &all.report.results[0];
    assert_true(hf_result_latency(measured, &expected));
    assert_ok(hf_store_load_trend(all.store, "net_a", "stm32l4r5zi", INT64_MAX, 10, &rows, &count, &err),
              &err);
    assert_int_equal(count, NIGHTS);
    for (size_t i = 0; i < count; i++) {
        const hf_result_row *result = &rows[i].result;
        assert_int_equal(rows[i].run_id, all.ids[NIGHTS - 1 - i]); /* newest first */
        assert_int_equal(rows[i].started_ms, all.report.run.started_ms + (int64_t)(NIGHTS - 1 - i) * DAY_MS);
        if (i == 2) {
            assert_int_equal(result->outcome, HF_RESULT_FAILED);
            assert_string_equal(result->fault, "serial");
            assert_null(result->firmware_id);
            assert_int_equal(result->sample_count, 0);
            continue;
        }
        assert_int_equal(result->outcome, HF_RESULT_MEASURED);
        assert_true(hf_result_latency(result, &latency));
        assert_memory_equal(&latency, &expected, sizeof latency);
        assert_string_equal(result->board_id, "virtual-1");
        assert_string_equal(result->firmware_id, measured->firmware_id);
        assert_string_equal(result->clock_source, measured->clock_source);
        assert_string_equal(rows[i].host, all.report.run.host);
        assert_true(result->modelled && result->has_accuracy);
        assert_int_equal(result->arena_bytes, measured->arena_bytes);
        assert_int_equal(result->macs, measured->macs);
    }
    hf_rows_free(&hf_trend_row_type, rows, count);
    assert_ok(hf_store_load_trend(all.store, "net_a", "stm32l4r5zi", all.ids[3], 2, &rows, &count, &err),
              &err);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].run_id, all.ids[2]);
    hf_rows_free(&hf_trend_row_type, rows, count);
    assert_ok(hf_store_load_trend(all.store, "net_a", "other", INT64_MAX, 2, &rows, &count, &err), &err);
    assert_int_equal(count, 0);
    close_nights(&all);
}

static void variations_are_listed_once(void **state)
{
    hf_error err = {0};
    nights all;
    hf_variation_row *rows = NULL;
    size_t count = 0;
    open_nights(state, &all);
    static const struct {
        const char *prefix;
        size_t most, count;
        const char *first;
    } cases[] = {{"", 10, 2, "net_a"},     {"", 1, 1, "net_a"}, {"net_c", 10, 1, "net_c"},
                 {"net_", 10, 2, "net_a"}, {"o", 10, 0, NULL},  {"net_b", 10, 0, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ok(hf_store_list_variations(all.store, cases[i].prefix, cases[i].most, &rows, &count, &err),
                  &err);
        assert_int_equal(count, cases[i].count);
        if (count) {
            assert_string_equal(rows[0].name, cases[i].first);
            assert_string_equal(rows[0].chip, "stm32l4r5zi");
        }
        hf_rows_free(&hf_variation_row_type, rows, count);
    }
    close_nights(&all);
}

static void a_board_has_days_and_failures(void **state)
{
    hf_error err = {0};
    nights all;
    hf_board_day_row *days = NULL;
    hf_board_failure_row *failures = NULL;
    size_t count = 0;
    open_nights(state, &all);
    const hf_board_row *board = &all.report.boards[0];
    const int64_t start_ms = all.report.run.started_ms;
    assert_ok(
        hf_store_list_board_days(all.store, board->id, board->chip, board->modelled, 0, &days, &count, &err),
        &err);
    assert_int_equal(count, NIGHTS);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(days[i].day, start_ms / DAY_MS + (int64_t)i);
        assert_int_equal(days[i].succeeded, i == 1 ? 1 : 2);
        assert_int_equal(days[i].failed, i == 1);
    }
    free(days);
    assert_ok(hf_store_list_board_days(all.store, board->id, board->chip, board->modelled,
                                       start_ms + 2 * DAY_MS, &days, &count, &err),
              &err);
    assert_int_equal(count, 2);
    free(days);
    assert_ok(hf_store_list_board_failures(all.store, board->id, board->chip, board->modelled, 10, &failures,
                                           &count, &err),
              &err);
    assert_int_equal(count, 1);
    assert_int_equal(failures[0].run_id, all.ids[1]);
    assert_string_equal(failures[0].model, "net_a");
    assert_string_equal(failures[0].failure.fault, "serial");
    assert_string_equal(failures[0].failure.transcript, "log");
    hf_rows_free(&hf_board_failure_row_type, failures, count);
    assert_ok(hf_store_list_board_failures(all.store, board->id, board->chip, !board->modelled, 10, &failures,
                                           &count, &err),
              &err);
    assert_int_equal(count, 0); /* another board of that name */
    close_nights(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_come_in_pages, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(a_trend_has_a_row_for_each_run, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(variations_are_listed_once, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(a_board_has_days_and_failures, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_history", tests, NULL, NULL);
}
