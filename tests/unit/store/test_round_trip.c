/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is written is read back. */
#include "fixture.h"

#include <math.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "report/render.h"
#include "sample.h"

static char *json_of(const hf_report *report)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_render_json(report, &text);
    char *json = hf_buffer_take(&text);
    assert_non_null(json);
    return json;
}

/* Compares the JSON, which shows everything but the process. */
static void assert_same_report(hf_report *expected, const hf_report *loaded)
{
    assert_true(loaded->run.finished_ms > 0);
    expected->run.finished_ms = loaded->run.finished_ms;
    expected->run.id = loaded->run.id;
    assert_int_equal(strlen(loaded->run.key), strlen("20251122-0badcafe"));
    free(expected->run.key);
    expected->run.key = strdup(loaded->run.key);
    assert_int_equal(loaded->run.pid, expected->run.pid);
    for (size_t i = 0; i < expected->result_count; i++) /* test_export.c checks it */
        expected->results[i].attempted_ms = loaded->results[i].attempted_ms;
    for (size_t i = 0; i < expected->result_count; i++) { /* only the page shows it */
        const char *map = expected->results[i].arena_map;
        if (map)
            assert_string_equal(loaded->results[i].arena_map, map);
        else
            assert_null(loaded->results[i].arena_map);
    }
    char *want = json_of(expected), *got = json_of(loaded);
    assert_string_equal(want, got);
    free(want);
    free(got);
}

static void reports_survive_a_round_trip(void **state)
{
    static void (*const makers[])(hf_report * report) = {sample_sweep, sample_small, sample_outage};
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        hf_report expected, loaded = {0};
        int64_t run_id = 0;
        makers[i](&expected);
        /* Boards are read by name, attempts in the order in which they ended. */
        if (expected.board_count == 3) {
            hf_board_row last = expected.boards[2];
            memmove(&expected.boards[1], &expected.boards[0], 2 * sizeof last);
            expected.boards[0] = last;
        }
        assert_ok(fixture_record(store, &expected, &run_id, &err), &err);
        assert_int_equal(run_id, i + 1);
        assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
        assert_same_report(&expected, &loaded);
        hf_report_free(&loaded);
        /* The latest, from another handle. */
        hf_store *reader = NULL;
        assert_ok(hf_store_open_readonly(path, &reader, &err), &err);
        assert_ok(hf_store_load_report(reader, 0, &loaded, &err), &err);
        assert_same_report(&expected, &loaded);
        hf_report_free(&loaded);
        hf_report_free(&expected);
        hf_store_close(reader);
    }
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* What a record says may be impossible: the run must be readable all the same. A new analysis replaces the training. */
static void impossible_trainings_are_not_stored(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    sample_small(&report);
    hf_training_row *training = &report.results[0].training;
    training->epochs = -5;
    training->seconds = NAN;
    training->curve[0].epoch = 0;
    training->curve[1].training_percent = 101;
    training->curve[1].loss = NAN;
    training->curve[1].seconds = INFINITY;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    const hf_training_row *found = &loaded.results[0].training;
    assert_string_equal(found->key, "k<b>");
    assert_int_equal(found->epochs, 0);
    assert_float_equal(found->seconds, 0, 0);
    assert_int_equal(found->curve_count, 1);
    assert_int_equal(found->curve[0].epoch, 2);
    assert_true(found->curve[0].loss < 0 && found->curve[0].training_percent < 0);
    assert_float_equal(found->curve[0].seconds, 0, 0);
    hf_report_free(&loaded);

    free(training->key);
    training->key = NULL;
    assert_ok(hf_store_add_result(store, run_id, 0, &report.results[0], &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_null(loaded.results[0].training.key);
    assert_int_equal(loaded.results[0].training.curve_count, 0);
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
}

/* Outputs are read only when they are asked for. */
static void outputs_are_stored(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    sample_small(&report);
    sample_add_outputs(&report.results[0]);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_int_equal(loaded.results[0].output_count, 0);
    for (size_t i = 0; i < loaded.result_count; i++)
        assert_ok(hf_store_load_outputs(store, run_id, &loaded.results[i], &err), &err);
    assert_int_equal(loaded.results[1].output_count, 0);
    assert_int_equal(loaded.results[0].output_count, 3);
    for (int i = 0; i < 3; i++) {
        const hf_output_row *want = &report.results[0].outputs[i], *got = &loaded.results[0].outputs[i];
        assert_int_equal(got->inference, want->inference);
        assert_int_equal(got->input, want->input);
        assert_int_equal(got->step, want->step);
        assert_int_equal(got->port, want->port);
        assert_int_equal(got->value_bytes, want->value_bytes);
        assert_memory_equal(got->values, want->values, want->value_bytes);
    }
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
    fixture_sql(path, "UPDATE outputs SET port = 3 WHERE inference = 1 AND port = 2");
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_int_equal(hf_store_load_outputs(store, run_id, &loaded.results[0], &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "port is not among the model's outputs"));
    hf_report_free(&loaded);
    hf_store_close(store);
}

static void unknown_runs_are_not_found(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report = {.run = {.id = 99}};
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    assert_int_equal(hf_store_load_report(store, 0, &report, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "no run yet"));
    hf_error_clear(&err);
    assert_int_equal(hf_store_load_report(store, 41, &report, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "no run 41"));
    assert_int_equal(report.run.id, 99); /* untouched */
    hf_store_close(store);
}

static void runs_and_boards_are_listed(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report sweep, small;
    int64_t run_id = 0;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    sample_sweep(&sweep);
    sample_small(&small);
    assert_ok(fixture_record(store, &sweep, &run_id, &err), &err);
    assert_ok(fixture_record(store, &small, &run_id, &err), &err);

    hf_run_row *runs = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_runs(store, &runs, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(runs[0].name, "small");
    assert_string_equal(runs[1].name, "mobilenet_sweep");
    assert_int_equal(runs[1].measured, 11);
    assert_int_equal(runs[1].failed, 2);
    assert_int_equal(runs[1].not_run, 1);
    assert_int_equal(runs[1].state, HF_RUN_DONE);
    hf_rows_free(&hf_run_row_type, runs, count);

    hf_board_history_row *boards = NULL;
    assert_ok(hf_store_list_boards(store, &boards, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_string_equal(boards[0].id, "f7-bench");
    assert_false(boards[0].modelled);
    assert_int_equal(boards[0].runs, 1);
    assert_int_equal(boards[0].succeeded, 3);
    assert_int_equal(boards[0].failed, 1); /* could not be brought up */
    assert_string_equal(boards[0].last_fault, "probe");
    assert_int_equal(boards[0].last_ms, sweep.failures[0].at_ms);
    assert_string_equal(boards[1].id, "virtual-1");
    assert_int_equal(boards[1].runs, 2);
    assert_int_equal(boards[1].succeeded, 5);
    assert_int_equal(boards[1].failed, 4);
    assert_string_equal(boards[1].last_fault, "serial");
    assert_string_equal(boards[2].id, "virtual-2");
    hf_rows_free(&hf_board_history_row_type, boards, count);
    hf_report_free(&sweep);
    hf_report_free(&small);
    hf_store_close(store);
}

/* Inconsistent rows are rejected with an error that says where. */
static void inconsistent_rows_are_rejected(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);

    assert_int_equal(hf_store_add_result(store, 12345, 0, &report.results[0], &err), HF_ESTORE);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "recording a variation"));
    assert_int_equal(err.fault, HF_FAULT_FARM);
    hf_error_clear(&err);
    assert_int_equal(hf_store_close_result(store, run_id, 999, HF_RESULT_FAILED, "job", "no", &err),
                     HF_ESTORE);
    hf_error_clear(&err);
    assert_int_equal(hf_store_finish_run(store, 999, HF_RUN_DONE, 1, 1, NULL, &err), HF_ESTORE);
    hf_error_clear(&err);
    hf_attempt_row attempt = report.attempts[0];
    attempt.number = 2;
    assert_int_equal(hf_store_add_attempt(store, run_id, 999, &attempt, NULL, &err), HF_ESTORE);
    hf_error_clear(&err);
    attempt.board_id = "nobody";
    assert_int_equal(hf_store_add_attempt(store, run_id, 0, &attempt, NULL, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "board"));
    hf_error_clear(&err);
    /* A sample without cycles is invalid; nothing of the attempt is stored. */
    attempt = report.attempts[0];
    attempt.number = 2;
    report.results[0].samples[1].cycles = 0;
    assert_int_equal(hf_store_add_attempt(store, run_id, 0, &attempt, &report.results[0], &err), HF_ESTORE);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM attempts WHERE number = 2"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), 2);
    report.results[0].samples[1].cycles = 10200;
    hf_error_clear(&err);
    /* The handle is still usable. */
    assert_ok(hf_store_add_attempt(store, run_id, 0, &attempt, &report.results[0], &err), &err);
    hf_report_free(&report);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* A successful retry determines the outcome; the failure remains recorded. */
static void a_later_success_replaces_a_failure(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_attempt_row again = report.attempts[0];
    again.number = 2;
    assert_ok(hf_store_add_attempt(store, run_id, 1, &again, &report.results[0], &err), &err);
    assert_ok(hf_store_load_report(store, 0, &loaded, &err), &err);
    assert_int_equal(loaded.run.measured, 2);
    assert_int_equal(loaded.results[1].outcome, HF_RESULT_MEASURED);
    assert_null(loaded.results[1].fault);
    assert_null(loaded.results[1].message);
    assert_int_equal(loaded.results[1].attempt_count, 2);
    assert_int_equal(loaded.results[1].sample_count, 2);
    assert_int_equal(loaded.attempt_count, 3);
    assert_false(loaded.attempts[1].succeeded);
    assert_string_equal(loaded.attempts[1].fault, "serial");
    assert_string_equal(loaded.attempts[1].transcript, "log");
    assert_int_equal(loaded.attempt_results[2], 1);
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
}

/* All ways to refer to a run. */
static void runs_are_found(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report sweep, small, loaded = {0};
    int64_t first = 0, second = 0, third = 0, found = 99;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    sample_sweep(&sweep);
    sample_small(&small);
    assert_ok(fixture_record(store, &small, &first, &err), &err);
    assert_ok(fixture_record(store, &sweep, &second, &err), &err);
    assert_ok(fixture_record(store, &small, &third, &err), &err);
    assert_ok(hf_store_load_report(store, first, &loaded, &err), &err);
    const char *key = loaded.run.key;
    assert_int_equal(strspn(key, "0123456789"), 8); /* the day */
    char folder[64], begin[5];
    snprintf(folder, sizeof folder, "%s-small", key);
    snprintf(begin, sizeof begin, "%.4s", key + 9);
    const struct {
        const char *text;
        int64_t id;
    } names[] = {{"1", first},   {"2", second},   {key, first},     {key + 9, first},
                 {begin, first}, {folder, first}, {"small", third}, {"mobilenet_sweep", second},
                 {"latest", 0}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_ok(hf_store_find_run(store, names[i].text, &found, &err), &err);
        assert_int_equal(found, names[i].id);
    }
    static const char *const strangers[] = {"4",         "0",  "-1", "1x",     "",
                                            "mobilenet", "20", "%",  "1 OR 1", "zzzz"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        assert_int_equal(hf_store_find_run(store, strangers[i], &found, &err), HF_ENOTFOUND);
        assert_non_null(strstr(err.message, strangers[i]));
        hf_error_clear(&err);
    }
    assert_int_equal(found, 0); /* untouched */
    hf_report_free(&loaded);
    hf_report_free(&sweep);
    hf_report_free(&small);
    hf_store_close(store);
}

static int64_t last_green(hf_store *store, const char *name, int64_t before_id)
{
    hf_error err = {0};
    int64_t found = 99;
    assert_ok(hf_store_find_last_green(store, name, NULL, before_id, &found, &err), &err);
    return found;
}

/* The newest earlier run of the spec in which nothing failed or regressed. */
static void last_green_runs_are_found(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    for (int i = 0; i < 3; i++)
        assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    assert_int_equal(last_green(store, "small", 0), 0); /* every run has a failed result */
    fixture_sql(path, "UPDATE results SET outcome = 'pruned', fault = NULL WHERE outcome = 'failed'");
    assert_int_equal(last_green(store, "small", 0), 3);
    assert_int_equal(last_green(store, "small", 3), 2);
    assert_int_equal(last_green(store, "small", 1), 0);
    assert_int_equal(last_green(store, "smal", 0), 0);
    static const struct {
        const char *spoil, *undo;
    } reasons[] = {
        {"UPDATE runs SET state = 'interrupted' WHERE id = 3", "UPDATE runs SET state = 'done'"},
        {"UPDATE runs SET regressed = 1 WHERE id = 3", "UPDATE runs SET regressed = 0"},
        {"UPDATE runs SET spec_text = spec_text || char(10) || '" HF_PARTIAL_RUN_COMMENT "' WHERE id = 3",
         "UPDATE runs SET spec_text = 'name: small'"},
        {"UPDATE results SET outcome = 'failed' WHERE run_id = 3 AND position = 1",
         "UPDATE results SET outcome = 'pruned' WHERE position = 1"},
        {"UPDATE results SET outcome = 'not_run' WHERE run_id = 3 AND position = 1",
         "UPDATE results SET outcome = 'pruned' WHERE position = 1"},
        {"UPDATE results SET outcome = 'pruned' WHERE run_id = 3",
         "UPDATE results SET outcome = 'measured' WHERE position = 0"},
        {"INSERT INTO failures (run_id, at_ms, fault, message, dead) VALUES (3, 1, 'probe', 'gone', 1)",
         "DELETE FROM failures WHERE dead"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        fixture_sql(path, reasons[i].spoil);
        if (last_green(store, "small", 0) != 2)
            fail_msg("counts as green: %s", reasons[i].spoil);
        fixture_sql(path, reasons[i].undo);
        assert_int_equal(last_green(store, "small", 0), 3);
    }
    /* Of the same owner, unless that is not known. */
    fixture_sql(path, "UPDATE runs SET owner = CASE id WHEN 1 THEN 'ann' WHEN 2 THEN 'bob' ELSE 'ann' END");
    static const struct {
        const char *owner;
        int64_t before, found;
    } owners[] = {{"ann", 0, 3}, {"ann", 3, 1}, {"bob", 0, 2}, {"bob", 2, 0},
                  {"eve", 0, 0}, {NULL, 3, 1},  {NULL, 0, 3},  {NULL, 2, 0}};
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        assert_ok(hf_store_find_last_green(store, "small", owners[i].owner, owners[i].before, &run_id, &err),
                  &err);
        assert_int_equal(run_id, owners[i].found);
    }
    assert_ok(hf_store_find_run(store, "last-green", &run_id, &err), &err); /* anybody's */
    assert_int_equal(run_id, 3);
    fixture_sql(path, "UPDATE runs SET owner = NULL WHERE id = 2");
    assert_ok(hf_store_find_last_green(store, "small", "ann", 3, &run_id, &err), &err);
    assert_int_equal(run_id, 2);
    hf_report_free(&report);

    /* The verdict is part of the run until the run is resumed. */
    assert_ok(hf_store_set_comparison(store, 3, "20261129-01234567", 2, &err), &err);
    assert_int_equal(last_green(store, "small", 0), 2);
    assert_ok(hf_store_load_report(store, 3, &loaded, &err), &err);
    assert_true(loaded.run.compared && loaded.run.regressed == 2);
    assert_string_equal(loaded.run.baseline, "20261129-01234567");
    assert_ok(hf_store_find_baseline(store, &loaded.run, &run_id, &err), &err);
    assert_int_equal(run_id, 0); /* it is not in this store */
    free(loaded.run.baseline);
    loaded.run.baseline = NULL;
    assert_ok(hf_store_find_baseline(store, &loaded.run, &run_id, &err), &err);
    assert_int_equal(run_id, 0);
    char baseline[] = "20261130-00000002";
    fixture_sql(path, "UPDATE runs SET key = '20261130-00000002' WHERE id = 2");
    loaded.run.baseline = baseline;
    assert_ok(hf_store_find_baseline(store, &loaded.run, &run_id, &err), &err);
    assert_int_equal(run_id, 2);
    loaded.run.baseline = NULL;
    hf_report_free(&loaded);
    assert_ok(hf_store_resume_run(store, 3, "host", 1, &err), &err);
    assert_ok(hf_store_load_report(store, 3, &loaded, &err), &err);
    assert_false(loaded.run.compared);
    assert_null(loaded.run.baseline);
    hf_report_free(&loaded);
    assert_int_equal(hf_store_set_comparison(store, 99, "20261129-01234567", 2, &err), HF_ESTORE);
    hf_store_close(store);
}

/* A transcript of 122 KB takes a fraction of that; a longer one than the maximum loses its middle. */
static void transcripts_are_compressed_without_loss(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report small, loaded = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&small);
    hf_buffer log = HF_BUFFER_INIT;
    for (int i = 0; log.size < (size_t)122 * 1024; i++)
        hf_buffer_printf(&log, "[%6d ms] openocd: Debug: %d target.c:1234 reading 0x%08x\n", i, i, i * 4);
    free(small.attempts[1].transcript);
    small.attempts[1].transcript = strdup(hf_buffer_text(&log));
    small.failures[0] = (hf_failure_row){.board_id = strdup("virtual-1"),
                                         .fault = strdup("probe"),
                                         .message = strdup("no"),
                                         .transcript = malloc(1000001)};
    memset(small.failures[0].transcript, 'x', 1000000);
    memcpy(small.failures[0].transcript, "first", 5);
    memcpy(small.failures[0].transcript + 999996, "last", 5);
    small.failure_count = 1;
    assert_ok(fixture_record(store, &small, &run_id, &err), &err);
    assert_true(fixture_number(path, "SELECT max(length(transcript_zlib)) FROM failures") <
                INT64_C(24) * 1024);
    assert_int_equal(fixture_number(path, "SELECT count(transcript) FROM failures"), 0);
    assert_ok(hf_store_load_report(store, 0, &loaded, &err), &err);
    assert_string_equal(loaded.attempts[1].transcript, hf_buffer_text(&log));
    const char *cut = loaded.failures[0].transcript;
    assert_true(strlen(cut) < (size_t)128 * 1024 + 64);
    assert_memory_equal(cut, "firstxxx", 8);
    assert_string_equal(cut + strlen(cut) - 8, "xxxxlast");
    assert_non_null(strstr(cut, "... 868928 bytes left out ..."));
    hf_report_free(&loaded);

    /* As a hilfarm before version 5 stored it. */
    fixture_sql(path, "UPDATE failures SET transcript = 'as ever', transcript_zlib = NULL");
    assert_ok(hf_store_load_report(store, 0, &loaded, &err), &err);
    assert_string_equal(loaded.failures[0].transcript, "as ever");
    hf_report_free(&loaded);
    /* Damaged. */
    fixture_sql(path, "UPDATE failures SET transcript_zlib = x'789c0102'");
    assert_int_equal(hf_store_load_report(store, 0, &loaded, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "transcript_zlib cannot be inflated"));
    hf_buffer_free(&log);
    hf_report_free(&small);
    hf_store_close(store);
}

/* Recording twice stores once; the same number for a different attempt is an error. */
static void recording_is_idempotent(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, once = {0}, twice = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_sweep(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &once, &err), &err);
    for (size_t i = 0; i < report.result_count; i++)
        assert_ok(hf_store_add_result(store, run_id, (int32_t)i, &report.results[i], &err), &err);
    for (size_t i = 0; i < report.attempt_count; i++) {
        const size_t at = report.attempt_results[i];
        const hf_attempt_row *attempt = &report.attempts[i];
        assert_ok(hf_store_add_attempt(store, run_id, (int32_t)at, attempt,
                                       attempt->succeeded ? &report.results[at] : NULL, &err),
                  &err);
    }
    for (size_t i = 0; i < report.failure_count; i++)
        assert_ok(hf_store_add_failure(store, run_id, &report.failures[i], &err), &err);
    /* A measured result stays measured. */
    assert_ok(hf_store_close_result(store, run_id, 0, HF_RESULT_NOT_RUN, NULL, "stopped", &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &twice, &err), &err);
    assert_same_report(&once, &twice);
    hf_attempt_row other = report.attempts[0];
    other.duration_ns++;
    assert_int_equal(hf_store_add_attempt(store, run_id, 0, &other, &report.results[0], &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "a different attempt 1"));
    hf_report_free(&report);
    hf_report_free(&once);
    hf_report_free(&twice);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* Starts a run as a process of this or another host. */
static int64_t begin_run(hf_store *store, const char *host, int64_t pid)
{
    hf_report report;
    hf_error err = {0};
    int64_t run_id = 0;
    sample_empty(&report);
    free(report.run.host);
    report.run.host = strdup(host);
    report.run.pid = pid;
    assert_ok(fixture_begin_run(store, &report.run, &run_id, &err), &err);
    hf_report_free(&report);
    return run_id;
}

static hf_run_state state_seen(const char *path, int64_t run_id, bool by_writer)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report = {0};
    assert_ok((by_writer ? hf_store_open : hf_store_open_readonly)(path, &store, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &report, &err), &err);
    hf_run_state state = report.run.state;
    assert_int_equal(report.run.duration_ns, 0);
    hf_report_free(&report);
    hf_store_close(store);
    return state;
}

/* By the lock on its journal, not by its process id, which may have been reused. */
static void runs_of_dead_processes_are_closed(void **state)
{
    char node[256], here[300];
    assert_int_equal(gethostname(node, sizeof node), 0);
    snprintf(here, sizeof here, "%s Linux 6.1 x86_64", node);
    hf_error err = {0};
    hf_store *running = NULL, *elsewhere = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &running, &err), &err);
    assert_ok(hf_store_open(path, &elsewhere, &err), &err);
    int64_t ours = begin_run(running, here, 1),
            theirs = begin_run(elsewhere, "elsewhere Linux 6.1 x86_64", 1);
    for (int writer = 0; writer < 2; writer++)
        assert_int_equal(state_seen(path, ours, writer), HF_RUN_RUNNING);
    /* Killed: the kernel closes its files. The recorded process id is that of a live process (init). */
    hf_store_close(running);
    hf_store_close(elsewhere);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM runs WHERE state = 'running'"), 2);
    assert_int_equal(state_seen(path, ours, false), HF_RUN_INTERRUPTED);
    assert_int_equal(state_seen(path, theirs, false), HF_RUN_RUNNING); /* who knows */
    assert_int_equal(state_seen(path, ours, true), HF_RUN_INTERRUPTED);
    assert_int_equal(fixture_number(path, "SELECT finished_ms = started_ms FROM runs WHERE id = 1"), 1);
}

/* Runs of versions without journals are identified by their process id. */
static void old_runs_are_identified_by_process_id(void **state)
{
    char node[256], here[300], sql[200];
    assert_int_equal(gethostname(node, sizeof node), 0);
    snprintf(here, sizeof here, "%s Linux 6.1 x86_64", node);
    pid_t dead = fork();
    if (dead == 0)
        _exit(0);
    assert_true(dead > 0);
    assert_int_equal(waitpid(dead, NULL, 0), dead);
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    const int64_t pids[] = {dead, getpid(), 0, INT64_MAX};
    const hf_run_state expected[] = {HF_RUN_INTERRUPTED, HF_RUN_RUNNING, HF_RUN_INTERRUPTED,
                                     HF_RUN_INTERRUPTED};
    for (int i = 0; i < 4; i++) {
        int64_t run_id = begin_run(store, here, pids[i]);
        snprintf(sql, sizeof sql, "UPDATE runs SET key = 'old-%d' WHERE id = %d", i, (int)run_id);
        fixture_sql(path, sql);
    }
    hf_store_close(store);
    for (int i = 0; i < 4; i++)
        assert_int_equal(state_seen(path, i + 1, false), expected[i]);
}

/* Rows that belong to no run are rejected. */
static void rows_without_a_run_are_rejected(void **state)
{
    hf_report report;
    hf_error err = {0};
    hf_store *store = NULL;
    sample_small(&report);
    assert_ok(hf_store_open(fixture_path(state, "stray.db"), &store, &err), &err);
    assert_int_not_equal(hf_store_add_board(store, 999, &report.boards[0], &err), HF_OK);
    hf_error_clear(&err);
    assert_int_not_equal(hf_store_add_result(store, 999, 0, &report.results[0], &err), HF_OK);
    hf_store_close(store);
    hf_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reports_survive_a_round_trip, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(impossible_trainings_are_not_stored, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(outputs_are_stored, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(unknown_runs_are_not_found, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(rows_without_a_run_are_rejected, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(runs_and_boards_are_listed, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(last_green_runs_are_found, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(runs_are_found, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(transcripts_are_compressed_without_loss, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(inconsistent_rows_are_rejected, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(a_later_success_replaces_a_failure, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(recording_is_idempotent, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(old_runs_are_identified_by_process_id, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(runs_of_dead_processes_are_closed, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_round_trip", tests, NULL, NULL);
}
