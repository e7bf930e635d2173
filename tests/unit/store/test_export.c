/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that are written one result at a time are as those that are rendered from memory; databases of flat tables. */
#include "fixture.h"

#include "report/render.h"
#include "sample.h"

typedef struct collector {
    hf_buffer text;
    size_t pieces;
    size_t most;     /* of a piece */
    size_t fails_at; /* piece; 0 = never */
} collector;

static hf_status collect(void *user, const void *bytes, size_t size, hf_error *err)
{
    collector *self = user;
    self->most = size > self->most ? size : self->most;
    if (++self->pieces == self->fails_at)
        return HF_FAIL(err, HF_EIO, "the disk is full");
    hf_buffer_append(&self->text, bytes, size);
    return HF_OK;
}

/* A store with a run. @return to be closed */
static hf_store *record(void **state, const char *name, hf_report *report, int64_t *run_id)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(fixture_path(state, name), &store, &err), &err);
    assert_ok(fixture_record(store, report, run_id, &err), &err);
    return store;
}

static char *write_run(hf_store *store, int64_t run_id, const hf_results_format *format,
                       const hf_result_range *range)
{
    hf_error err = {0};
    collector self = {0};
    const hf_text_sink sink = {&self, collect};
    assert_ok(hf_store_write_results(store, run_id, format, range, &sink, &err), &err);
    char *text = hf_buffer_take(&self.text);
    assert_non_null(text);
    return text;
}

static void streams_are_as_from_memory(void **state)
{
    static void (*const makers[])(hf_report * report) = {sample_sweep, sample_small, sample_outage,
                                                         sample_empty};
    static const hf_results_format *const formats[] = {&hf_results_csv, &hf_layers_csv, &hf_results_json,
                                                       &hf_results_markdown, &hf_layers_table};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        hf_report report, loaded = {0};
        hf_error err = {0};
        int64_t run_id;
        char name[16];
        makers[i](&report);
        snprintf(name, sizeof name, "%zu.db", i);
        hf_store *store = record(state, name, &report, &run_id);
        assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
        for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
            hf_buffer expected = HF_BUFFER_INIT;
            hf_render_results(formats[f], &loaded, &expected);
            char *streamed = write_run(store, run_id, formats[f], NULL);
            assert_string_equal(streamed, hf_buffer_text(&expected));
            free(streamed);
            hf_buffer_free(&expected);
        }
        hf_report_free(&loaded);
        hf_report_free(&report);
        hf_store_close(store);
    }
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

static void a_page_of_the_results(void **state)
{
    hf_report report;
    int64_t run_id;
    sample_sweep(&report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    char *page = write_run(store, run_id, &hf_results_json, &(hf_result_range){.offset = 5, .most = 3});
    assert_int_equal(count(page, "\n{\"name\":"), 3);
    assert_non_null(strstr(page, "\"results_total\":14,\"results_offset\":5"));
    assert_non_null(strstr(page, report.results[5].name));
    free(page);
    page = write_run(store, run_id, &hf_results_json, &(hf_result_range){.offset = 99});
    assert_int_equal(count(page, "\n{\"name\":"), 0);
    free(page);
    hf_report_free(&report);
    hf_store_close(store);
}

static void large_runs_come_in_pieces(void **state)
{
    hf_report report;
    hf_error err = {0};
    int64_t run_id;
    sample_large(50, &report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    collector self = {0};
    const hf_text_sink sink = {&self, collect};
    assert_ok(hf_store_write_results(store, run_id, &hf_results_json, NULL, &sink, &err), &err);
    assert_true(self.pieces > 2);
    assert_true(self.most < 128 << 10);
    /* A failure of the sink ends it, and the handle can be used again. */
    hf_buffer_clear(&self.text);
    self.pieces = 0;
    self.fails_at = 2;
    assert_int_equal(hf_store_write_results(store, run_id, &hf_results_json, NULL, &sink, &err), HF_EIO);
    assert_string_equal(err.message, "the disk is full");
    assert_int_equal(self.pieces, 2);
    hf_error_clear(&err);
    hf_report loaded = {0};
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    hf_report_free(&loaded);
    hf_buffer_free(&self.text);
    hf_report_free(&report);
    hf_store_close(store);
}

static void parts_that_are_not_wanted_are_not_read(void **state)
{
    hf_report report, loaded = {0};
    hf_error err = {0};
    hf_run_row run = {0};
    int64_t run_id;
    sample_small(&report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    assert_ok(hf_store_load_parts(store, run_id, 0, &loaded, &err), &err);
    assert_int_equal(loaded.results[0].layer_count, 0);
    assert_int_equal(loaded.results[0].sample_count, report.results[0].sample_count);
    assert_int_equal(loaded.attempt_count, report.attempt_count);
    for (size_t a = 0; a < loaded.attempt_count; a++)
        assert_null(loaded.attempts[a].transcript);
    hf_report_free(&loaded);
    assert_ok(hf_store_load_run(store, 0, &run, &err), &err);
    assert_int_equal(run.id, run_id);
    assert_int_equal(run.measured, 1);
    hf_row_clear(&hf_run_row_type, &run);
    assert_int_equal(hf_store_load_run(store, 99, &run, &err), HF_ENOTFOUND);
    hf_report_free(&report);
    hf_store_close(store);
}

static void a_result_knows_when_it_was_attempted(void **state)
{
    hf_report report, loaded = {0};
    hf_error err = {0};
    int64_t run_id;
    sample_sweep(&report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    for (size_t i = 0; i < loaded.result_count; i++) {
        int64_t expected = 0;
        bool succeeded = false;
        for (size_t a = 0; a < loaded.attempt_count; a++)
            if (loaded.attempt_results[a] == i && !succeeded) {
                expected = loaded.attempts[a].started_ms;
                succeeded = loaded.attempts[a].succeeded;
            }
        assert_int_equal(loaded.results[i].attempted_ms, expected);
    }
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
}

/* ---- SQLite ---- */

static void a_database_has_the_figures(void **state)
{
    hf_report report;
    hf_error err = {0};
    int64_t run_id;
    sample_small(&report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    const char *path = fixture_path(state, "flat.db");
    assert_ok(hf_store_export(store, run_id, path, &err), &err);
    assert_ok(hf_store_export(store, run_id, path, &err), &err); /* replaced, not added to */
    static const struct {
        const char *sql;
        int64_t expected;
    } checks[] = {
        {"SELECT count(*) FROM results", 2},
        {"SELECT count(*) FROM runs WHERE run_key IS NOT NULL AND regressed IS NULL", 1},
        {"SELECT macs FROM results WHERE name = 'net_a'", 21900000},
        {"SELECT CAST(factor_alpha * 100 AS INTEGER) FROM results WHERE name = 'net_a'", 25},
        {"SELECT CAST(latency_median_ms * 1000 + 0.5 AS INTEGER) FROM results WHERE name = 'net_a'", 101},
        {"SELECT count(*) FROM results WHERE name = 'net_b' AND macs = 61000000 AND latency_median_ms IS NULL"
         " AND factor_alpha IS NULL AND message = 'opening the port, \"COM\": no such file'",
         1},
        {"SELECT count(*) FROM results WHERE typeof(macs) = 'integer' AND typeof(output_crc32) <> 'integer'",
         2},
        {"SELECT count(*) FROM samples WHERE name = 'net_a' AND typeof(latency_ms) = 'real'", 2},
        {"SELECT count(*) FROM layers WHERE cycles = 9000 AND op = 'conv2d'", 1},
        {"SELECT count(*) FROM attempts WHERE fault = 'serial' AND succeeded = 0", 1},
        {"SELECT count(*) FROM attempts WHERE succeeded", 1},
        {"SELECT count(*) FROM trainings WHERE name = 'net_a' AND training_key = 'k<b>' AND epochs = 3"
         " AND NOT complete AND seconds = 40.5",
         1},
        {"SELECT count(*) FROM trainings", 1},
        {"SELECT count(*) FROM training_epochs WHERE epoch = 1 AND loss = 0.75 AND training_percent = 70.5"
         " AND validation_percent = 80.25 AND seconds = 12.5",
         1},
        {"SELECT count(*) FROM training_epochs WHERE epoch = 2 AND loss IS NULL AND validation_percent IS "
         "NULL",
         1},
        {"SELECT count(*) FROM training_epochs", 2},
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const int64_t found = fixture_number(path, checks[i].sql);
        if (found != checks[i].expected)
            fail_msg("%s: %lld, expected %lld", checks[i].sql, (long long)found,
                     (long long)checks[i].expected);
    }
    hf_report_free(&report);
    hf_store_close(store);
}

static void a_database_that_cannot_be_written(void **state)
{
    hf_report report;
    hf_error err = {0};
    int64_t run_id;
    sample_small(&report);
    hf_store *store = record(state, "a.db", &report, &run_id);
    assert_int_not_equal(hf_store_export(store, run_id, fixture_path(state, "no/such/x.db"), &err), HF_OK);
    hf_error_clear(&err);
    assert_int_equal(hf_store_export(store, run_id, "/dev/null", &err), HF_EINVALID);
    hf_error_clear(&err);
    /* A run that does not exist leaves an existing file as it was. */
    const char *path = fixture_path(state, "flat.db");
    assert_ok(hf_store_export(store, run_id, path, &err), &err);
    assert_int_equal(hf_store_export(store, 99, path, &err), HF_ENOTFOUND);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM results"), 2);
    hf_report_free(&report);
    hf_store_close(store);
}

static void names_of_factors_may_be_anything(void **state)
{
    hf_report report;
    hf_error err = {0};
    int64_t run_id;
    sample_small(&report);
    free(report.results[0].factors[0].name);
    report.results[0].factors[0].name = strdup("a\"b); DROP TABLE results; --");
    hf_store *store = record(state, "a.db", &report, &run_id);
    const char *path = fixture_path(state, "flat.db");
    assert_ok(hf_store_export(store, run_id, path, &err), &err);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM results"
                                          " WHERE \"factor_a\"\"b); DROP TABLE results; --\" = 0.25"),
                     1);
    hf_report_free(&report);
    hf_store_close(store);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(streams_are_as_from_memory),
        TEST(a_page_of_the_results),
        TEST(large_runs_come_in_pieces),
        TEST(parts_that_are_not_wanted_are_not_read),
        TEST(a_result_knows_when_it_was_attempted),
        TEST(a_database_has_the_figures),
        TEST(a_database_that_cannot_be_written),
        TEST(names_of_factors_may_be_anything),
    };
    return cmocka_run_group_tests_name("store_export", tests, NULL, NULL);
}
