/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign files, old and new schemas, and several processes that share a file. */
#include "fixture.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "sample.h"
#include "sql_figures.h"

#define NOBODY 65534

/* UNDO_n removes what versions before n did not have. */
#define UNDO_11 "ALTER TABLE trainings DROP COLUMN warning;"
#define UNDO_10                                                                                              \
    "DROP TABLE training_epochs; DROP TABLE trainings;"                                                      \
    "ALTER TABLE runs DROP COLUMN baseline;"
#define UNDO_9                                                                                               \
    "DROP INDEX results_by_name; DROP TABLE outputs; DROP TABLE ports;"                                      \
    "ALTER TABLE results DROP COLUMN arena_map;"
#define UNDO_8                                                                                               \
    "DROP TABLE run_tags; DROP TABLE board_states; DROP TABLE health_checks;"                                \
    "DROP INDEX runs_by_name; DROP INDEX runs_unfinished; DROP INDEX results_by_outcome;"                    \
    "DROP INDEX attempts_by_board; CREATE INDEX attempts_by_board ON attempts (board_id);"                   \
    "DROP INDEX run_boards_by_board; DROP INDEX failures_by_result; DROP INDEX failures_by_attempt;"         \
    "ALTER TABLE runs DROP COLUMN owner; ALTER TABLE runs DROP COLUMN priority;"                             \
    "ALTER TABLE runs DROP COLUMN trimmed_ms;"                                                               \
    "ALTER TABLE measurements DROP COLUMN deleted_samples; ALTER TABLE measurements DROP COLUMN min_cycles;" \
    "ALTER TABLE measurements DROP COLUMN p05_cycles; ALTER TABLE measurements DROP COLUMN median_cycles;"   \
    "ALTER TABLE measurements DROP COLUMN p95_cycles; ALTER TABLE measurements DROP COLUMN max_cycles;"      \
    "ALTER TABLE measurements DROP COLUMN median_instructions;"
#define UNDO_7 "ALTER TABLE runs DROP COLUMN regressed;"
#define UNDO_6 "ALTER TABLE layers RENAME COLUMN live_bytes TO alive_bytes;"
#define UNDO_5                                                                                               \
    "DROP INDEX runs_by_key;"                                                                                \
    "ALTER TABLE runs DROP COLUMN key; ALTER TABLE runs DROP COLUMN farm_path;"                              \
    "ALTER TABLE runs DROP COLUMN resumptions; ALTER TABLE runs DROP COLUMN duration_ns;"                    \
    "ALTER TABLE results DROP COLUMN image_bytes_min;"                                                       \
    "ALTER TABLE measurements DROP COLUMN clock_ratio; ALTER TABLE measurements DROP COLUMN clock_source;"   \
    "ALTER TABLE failures DROP COLUMN transcript_zlib; ALTER TABLE failures DROP COLUMN dead;"
#define UNDO_4                                                                                               \
    "ALTER TABLE results DROP COLUMN accuracy_percent; ALTER TABLE results DROP COLUMN "                     \
    "accuracy_low_percent;"                                                                                  \
    "ALTER TABLE results DROP COLUMN accuracy_high_percent; ALTER TABLE results DROP COLUMN "                \
    "accuracy_source;"

static void write_file(const char *path, const char *text)
{
    hf_error err = {0};
    assert_ok(hf_file_write(path, text, strlen(text), &err), &err);
}

static void folders_are_made(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "some/where/a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    assert_int_equal(access(path, R_OK), 0);
    /* "hilf", which identifies the file. */
    assert_int_equal(fixture_number(path, "PRAGMA application_id"), 0x68696c66);
    assert_int_equal(fixture_number(path, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void reading_creates_nothing(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_int_equal(hf_store_open_readonly(path, &store, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, path));
    assert_null(store);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void check_refused(const char *path, const char *why)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_int_equal(hf_store_open(path, &store, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, path));
    if (!strstr(err.message, why))
        fail_msg("expected '%s' in: %s", why, err.message);
    assert_int_equal(err.fault, HF_FAULT_FARM);
    assert_null(store);
    hf_error_clear(&err);
    assert_int_equal(hf_store_open_readonly(path, &store, &err), HF_ESTORE);
    if (!strstr(err.message, why))
        fail_msg("expected '%s' in: %s", why, err.message);
    assert_null(store);
}

static void digest(const char *path, char out[HF_SHA256_HEX_SIZE])
{
    uint8_t *data = NULL;
    size_t size = 0;
    hf_error err = {0};
    assert_ok(hf_file_read(path, 1 << 24, &data, &size, &err), &err);
    hf_sha256_hex(data, size, out);
    free(data);
}

static void foreign_files_are_left_unchanged(void **state)
{
    char before[HF_SHA256_HEX_SIZE], after[HF_SHA256_HEX_SIZE];
    const char *text = fixture_path(state, "notes.txt");
    write_file(text,
               "These are the notes of somebody who would rather keep them, and they are longer than the "
               "header of a database, which takes a hundred bytes.\n");
    digest(text, before);
    check_refused(text, "not a database");
    digest(text, after);
    assert_string_equal(before, after);

    const char *foreign = fixture_path(state, "foreign.db");
    fixture_sql(foreign, "CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('x')");
    digest(foreign, before);
    check_refused(foreign, "another program");
    digest(foreign, after);
    assert_string_equal(before, after);

    const char *folder = fixture_path(state, "folder.db");
    assert_int_equal(mkdir(folder, 0700), 0);
    check_refused(folder, "not a file but a folder");
}

static void newer_schemas_are_refused(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    fixture_sql(path, "PRAGMA user_version = 77");
    check_refused(path, "version 77");
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 77);
}

static void drop_newer(const char *path, const char *table, const hf_figure_table *figures, unsigned origins)
{
    char statement[200];
    for (size_t i = 0; i < figures->count; i++) {
        if (figures->rows[i].since <= 5 || !hf_figure_is_from(&figures->rows[i], origins))
            continue;
        snprintf(statement, sizeof statement, "ALTER TABLE %s DROP COLUMN %s", table, figures->rows[i].name);
        fixture_sql(path, statement);
    }
}

/* Drops the columns of figures that came after version 5. */
static void undo_newer_figures(const char *path)
{
    drop_newer(path, "results", &hf_result_figures, HF_ORIGINS_ANALYSED);
    drop_newer(path, "measurements", &hf_result_figures, HF_ORIGINS_MEASURED);
    drop_newer(path, "layers", &hf_layer_figures, HF_ORIGIN(LAYER));
    drop_newer(path, "layer_times", &hf_layer_figures, HF_ORIGINS_TIMED);
}

/* The store adds the columns of figures, each to the table of its origin. */
static void columns_of_figures_are_added_by_version(void **state)
{
    (void)state;
    hf_buffer statements = HF_BUFFER_INIT;
    hf_sql_figures_added(5, &statements);
    assert_string_equal(hf_buffer_text(&statements), "ALTER TABLE results ADD COLUMN image_bytes_min INTEGER;"
                                                     "ALTER TABLE measurements ADD COLUMN clock_ratio REAL;");
    hf_buffer_free(&statements);
    assert_true(hf_sql_figures_version() >= 5);
}

/* Undoes the second migration, which leaves a store of version 1. */
static void older_schemas_are_migrated(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_store_close(store);
    store = NULL;
    int64_t now = fixture_number(path, "PRAGMA user_version");
    int64_t tables = fixture_number(path, "SELECT count(*) FROM sqlite_schema");
    undo_newer_figures(path);
    fixture_sql(path, UNDO_11 UNDO_10 UNDO_9 UNDO_8 UNDO_7 UNDO_6 UNDO_5 UNDO_4
                "DROP INDEX attempts_by_board; DROP INDEX failures_by_run;"
                "DROP INDEX failures_by_board; PRAGMA user_version = 1");

    /* A reader must not migrate. */
    assert_int_equal(hf_store_open_readonly(path, &store, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "version 1"));
    hf_error_clear(&err);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 1);

    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), now);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM sqlite_schema"), tables);
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_int_equal(loaded.result_count, 2);
    assert_int_equal(loaded.results[0].samples[1].cycles, 10200);
    assert_int_equal(loaded.results[0].layers[0].live_bytes, report.results[0].layers[0].live_bytes);
    assert_true(loaded.results[0].layers[0].live_bytes > 0);
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* A wider check, in tables that were made with the narrower one. */
static void failures_of_agents_need_version_11(void **state)
{
    static const char insert[] =
        "INSERT INTO failures (run_id, at_ms, message, fault) VALUES (1, 0, 'away', 'agent')";
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_store_close(store);
    fixture_sql(path, UNDO_11 "PRAGMA writable_schema = ON;"
                              "UPDATE sqlite_schema SET sql = replace(sql, ', ''agent''', '');"
                              "PRAGMA user_version = 10");
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%agent%'"), 0);
    const int64_t failures = fixture_number(path, "SELECT count(*) FROM failures");
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_true(fixture_number(path, "PRAGMA user_version") >= 11);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%agent%'"), 4);
    fixture_sql(path, insert);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM failures"), failures + 1);
    hf_report_free(&report);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* A store of schema version 2 with rows in all tables: rebuilding a table must not lose rows that refer to it. */
static void pruned_results_need_version_3(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, before = {0}, after = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &before, &err), &err);
    hf_store_close(store);
    const int64_t now = fixture_number(path, "PRAGMA user_version");
    undo_newer_figures(path);
    fixture_sql(path, UNDO_11 UNDO_10 UNDO_9 UNDO_8 UNDO_7 UNDO_6 UNDO_5 UNDO_4
                "PRAGMA writable_schema = ON;"
                "UPDATE sqlite_schema SET sql = replace(sql, ', ''pruned''', '') WHERE name = 'results';"
                "PRAGMA user_version = 2");
    assert_int_equal(
        fixture_number(path, "SELECT instr(sql, 'pruned') FROM sqlite_schema WHERE name = 'results'"), 0);
    static const char *const counts[] = {
        "SELECT count(*) FROM results",      "SELECT count(*) FROM factors",
        "SELECT count(*) FROM layers",       "SELECT count(*) FROM attempts",
        "SELECT count(*) FROM measurements", "SELECT count(*) FROM samples",
        "SELECT count(*) FROM layer_times",  "SELECT count(*) FROM failures"};
    int64_t rows[sizeof counts / sizeof counts[0]];
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        rows[i] = fixture_number(path, counts[i]);
    assert_true(rows[0] > 0 && rows[2] > 0 && rows[3] > 0 && rows[5] > 0 && rows[6] > 0);

    assert_ok(hf_store_open(path, &store, &err), &err);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_int_equal(fixture_number(path, counts[i]), rows[i]);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), now);
    /* Rows are deleted with their run: foreign keys are on and refer to the new table. */
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM pragma_foreign_key_list('attempts')"
                                          " WHERE \"table\" = 'results'"),
                     1);
    assert_ok(hf_store_close_result(store, 1, 1, HF_RESULT_PRUNED, NULL, "RAM: too much", &err), &err);
    assert_ok(hf_store_load_report(store, run_id, &after, &err), &err);
    assert_int_equal(after.result_count, before.result_count);
    assert_int_equal(after.results[1].outcome, HF_RESULT_PRUNED);
    assert_string_equal(after.results[1].message, "RAM: too much");
    assert_int_equal(after.run.pruned, 1);
    assert_int_equal(after.results[1].layer_count, before.results[1].layer_count);
    assert_int_equal(after.attempt_count, before.attempt_count);
    hf_store_close(store);
    hf_report_free(&before);
    hf_report_free(&after);
    hf_report_free(&report);
    fixture_check_integrity(path);
}

/* Runs of version 4 get keys, durations and image sizes where these can be derived. */
static void old_runs_get_keys_and_durations(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report, loaded = {0};
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    sample_small(&report);
    for (int i = 0; i < 2; i++)
        assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_store_close(store);
    store = NULL;
    undo_newer_figures(path);
    fixture_sql(path, UNDO_11 UNDO_10 UNDO_9 UNDO_8 UNDO_7 UNDO_6 UNDO_5
                "UPDATE runs SET finished_ms = started_ms + 42600 WHERE id = 1;"
                "UPDATE runs SET started_ms = 0, finished_ms = 345600015800 WHERE id = 2;"
                "UPDATE results SET outcome = 'pruned', image_bytes = 77, image_sha256 = NULL"
                " WHERE id = 2; PRAGMA user_version = 4");
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(hf_store_load_report(store, 1, &loaded, &err), &err);
    assert_memory_equal(loaded.run.key, "20251122-", 9);
    assert_int_equal(strlen(loaded.run.key), 17);
    assert_int_equal(loaded.run.duration_ns, 42600000000);
    assert_int_equal(loaded.results[1].image_bytes, 0);
    assert_int_equal(loaded.results[1].image_bytes_min, 77);
    hf_report_free(&loaded);
    assert_ok(hf_store_load_report(store, 2, &loaded, &err), &err);
    assert_int_equal(loaded.run.duration_ns, 0); /* eleven years: the clock was set */
    hf_report_free(&loaded);
    hf_report_free(&report);
    hf_store_close(store);
}

/* A damaged store is not migrated. */
static void broken_references_are_not_migrated(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    store = NULL;
    undo_newer_figures(path);
    fixture_sql(path, UNDO_11 UNDO_10 UNDO_9 UNDO_8 UNDO_7 UNDO_6 UNDO_5 UNDO_4
                "PRAGMA foreign_keys = OFF;"
                "INSERT INTO factors (result_id, position, name, value) VALUES (99, 0, 'alpha', 1);"
                "PRAGMA user_version = 2");
    assert_int_equal(hf_store_open(path, &store, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "not migrated"));
    assert_null(store);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 2);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'results_3'"), 0);
}

/* Waits for a child; its exit status, or -1 if it was killed. */
static int wait_for(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* In a child without root's permissions: 0 = as expected, otherwise the number of the failed check. */
static int try_read_only_folder(const char *folder, const char *existing, const char *missing)
{
    hf_error err = {0};
    hf_store *store = NULL;
    if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
        return 1;
    if (access(folder, W_OK) == 0)
        return 2;
    if (hf_store_open(missing, &store, &err) != HF_ESTORE || !strstr(err.message, missing))
        return 3;
    hf_error_clear(&err);
    if (hf_store_open(existing, &store, &err) != HF_ESTORE || !strstr(err.message, existing))
        return 4;
    hf_error_clear(&err);
    /* Reading still works. */
    hf_report report = {0};
    if (hf_store_open_readonly(existing, &store, &err) != HF_OK)
        return 5;
    if (hf_store_load_report(store, 0, &report, &err) != HF_OK)
        return 6;
    int wrong = report.result_count == 2 ? 0 : 7;
    hf_report_free(&report);
    hf_store_close(store);
    return wrong;
}

static void stores_in_read_only_folders_are_read(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    const char *folder = fixture_path(state, "archive 100%#?"); /* and a name that a URI must escape */
    const char *existing = fixture_path(state, "archive 100%#?/a.db");
    const char *missing = fixture_path(state, "archive 100%#?/b.db");
    assert_ok(hf_store_open(existing, &store, &err), &err);
    sample_small(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_report_free(&report);
    hf_store_close(store);
    assert_int_equal(chmod(*state, 0755), 0);
    assert_int_equal(chmod(existing, 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_read_only_folder(folder, existing, missing));
    int wrong = wait_for(child);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(wrong, 0);
}

#define WRITERS  3
#define ATTEMPTS 20

/* A process that records a run; all start at the same time, on a file that does not exist yet. */
static int write_run(const char *path, int go)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    char byte;
    if (read(go, &byte, 1) < 0)
        return 1;
    sample_small(&report);
    bool ok = hf_store_open(path, &store, &err) == HF_OK &&
              fixture_begin_run(store, &report.run, &run_id, &err) == HF_OK &&
              hf_store_add_board(store, run_id, &report.boards[0], &err) == HF_OK &&
              hf_store_add_result(store, run_id, 0, &report.results[0], &err) == HF_OK;
    for (int i = 1; ok && i <= ATTEMPTS; i++) {
        report.attempts[0].number = i;
        ok = hf_store_add_attempt(store, run_id, 0, &report.attempts[0], &report.results[0], &err) == HF_OK;
    }
    if (!ok)
        fprintf(stderr, "writer: %s\n", err.message);
    hf_store_close(store);
    hf_report_free(&report);
    return ok ? 0 : 2;
}

static void processes_share_a_store(void **state)
{
    const char *path = fixture_path(state, "a.db");
    int go[2];
    pid_t children[WRITERS];
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            close(go[1]);
            _exit(write_run(path, go[0]));
        }
    }
    close(go[0]);
    close(go[1]); /* they all read end of file now */
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(wait_for(children[i]), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM runs"), WRITERS);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM boards"), 1);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM attempts"), WRITERS * ATTEMPTS);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), 2 * WRITERS * ATTEMPTS);
    fixture_check_integrity(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_runs_get_keys_and_durations, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(folders_are_made, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(reading_creates_nothing, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(foreign_files_are_left_unchanged, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test(columns_of_figures_are_added_by_version),
        cmocka_unit_test_setup_teardown(newer_schemas_are_refused, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(older_schemas_are_migrated, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(failures_of_agents_need_version_11, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(pruned_results_need_version_3, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(broken_references_are_not_migrated, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(stores_in_read_only_folders_are_read, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(processes_share_a_store, fixture_folder_make, fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_files", tests, NULL, NULL);
}
