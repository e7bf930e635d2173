/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged and manipulated stores: the corpus, edited values, and bytes changed by a seeded generator in a store and in
 * a journal. */
#include "fixture.h"

#include <dirent.h>
#include <glob.h>
#include <sys/wait.h>

#include "base/file.h"
#include "check_store.h"
#include "report/render.h"
#include "sample.h"
#include "store/board_health.h"
#include "store/run_tags.h"
#include "store/write_queue.h"

#define CORPUS       "tests/fuzz/store/corpus"
#define FILE_MUTANTS 400
#define RUN_MUTANTS  200

static uint32_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static void mutate(uint8_t *bytes, size_t size)
{
    static const uint8_t interesting[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x06, 0x0d, 0x05};
    for (uint32_t changes = 1 + draw(6); changes; changes--) {
        const uint32_t at = draw((uint32_t)size);
        bytes[at] = draw(2) ? interesting[draw(sizeof interesting)] : (uint8_t)draw(256);
    }
}

/* A store with a run of every kind of row, all of it in the one file. */
static void make_store(const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report sweep, small;
    int64_t run_id = 0;
    sample_sweep(&sweep);
    sample_small(&small);
    sample_add_outputs(&small.results[0]);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(fixture_record(store, &sweep, &run_id, &err), &err);
    assert_ok(fixture_record(store, &small, &run_id, &err), &err);
    assert_ok(hf_store_tag_run(store, "v1", run_id, false, &err), &err);
    const hf_board_state_row state = {.id = small.boards[0].id, .chip = small.boards[0].chip};
    assert_ok(hf_store_put_board_state(store, &state, HF_BOARD_PART_ALL, &err), &err);
    const hf_health_check_row check = {.board_id = state.id, .chip = state.chip, .passed = true};
    assert_ok(hf_store_add_health_check(store, &check, &err), &err);
    hf_store_close(store);
    hf_report_free(&sweep);
    hf_report_free(&small);
    assert_true(check_store(path));
    fixture_sql(path, "PRAGMA journal_mode = DELETE");
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t size)
{
    char with_ending[1100];
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(with_ending, sizeof with_ending, "%s%s", path, endings[i]);
        unlink(with_ending);
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void the_corpus_is_survived(void **state)
{
    DIR *folder = opendir(CORPUS);
    assert_non_null(folder);
    int files = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[512];
        uint8_t *bytes = NULL;
        size_t size = 0;
        snprintf(path, sizeof path, CORPUS "/%s", entry->d_name);
        assert_int_equal(hf_file_read(path, 1u << 24, &bytes, &size, NULL), HF_OK);
        const char *copy = fixture_path(state, "a.db");
        write_bytes(copy, bytes, size);
        /* SQL statements, applied to a valid store. */
        if (strstr(entry->d_name, ".sql")) {
            assert_int_equal(unlink(copy), 0);
            make_store(copy);
            fixture_sql(copy, (const char *)bytes);
        }
        assert_false(check_store(copy));
        free(bytes);
        files++;
    }
    closedir(folder);
    assert_true(files >= 8);
}

/* Each number of each table, with values that would overflow computations. */
static void every_number_out_of_range_is_an_error(void **state)
{
    static const char *const values[] = {"-1", "-9223372036854775808", "9223372036854775807",
                                         "4611686018427387904"};
    /* Keys, and columns that may have any value. */
    static const char except[] =
        " runs.id runs.pid boards.id results.id attempts.id failures.id results.run_id"
        " failures.run_id failures.result_id failures.attempt_id failures.board_id"
        " run_boards.run_id run_boards.board_id attempts.result_id attempts.board_id"
        " measurements.attempt_id samples.attempt_id layer_times.attempt_id factors.result_id"
        " layers.result_id factors.position samples.position layers.position"
        " layer_times.position factors.value runs.limit_ram_bytes runs.limit_rom_bytes runs.limit_macs"
        " run_tags.run_id board_states.board_id health_checks.id health_checks.board_id"
        " ports.result_id ports.position outputs.attempt_id trainings.result_id training_epochs.result_id ";
    const char *sound = fixture_path(state, "sound.db"), *path = fixture_path(state, "a.db");
    make_store(sound);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(hf_file_read(sound, 1u << 24, &bytes, &size, NULL), HF_OK);
    sqlite3 *db = NULL;
    sqlite3_stmt *columns = NULL;
    assert_int_equal(sqlite3_open(sound, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
                           " WHERE m.type = 'table' AND c.type IN ('INTEGER', 'REAL')"
                           " AND m.name NOT LIKE 'sqlite_%'",
                           -1, &columns, NULL),
        SQLITE_OK);
    int checked = 0;
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(columns, 0);
        const char *column = (const char *)sqlite3_column_text(columns, 1);
        char name[128], sql[400];
        snprintf(name, sizeof name, " %s.%s ", table, column);
        if (strstr(except, name))
            continue;
        /* These may be negative. */
        const bool is_signed = strstr(" runs.priority health_checks.drift ports.zero_point ", name) != NULL;
        for (size_t v = is_signed; v < sizeof values / sizeof values[0]; v++) {
            write_bytes(path, bytes, size);
            snprintf(sql, sizeof sql,
                     "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; DROP INDEX IF EXISTS "
                     "runs_by_key;"
                     " UPDATE OR IGNORE %s SET %s = %s;",
                     table, column, values[v]);
            fixture_sql(path, sql);
            if (check_store(path))
                fail_msg("%s.%s = %s was believed", table, column, values[v]);
            checked++;
        }
    }
    sqlite3_finalize(columns);
    sqlite3_close(db);
    free(bytes);
    assert_true(checked > 150);
}

static void changed_bytes_are_survived(void **state)
{
    const char *sound = fixture_path(state, "sound.db"), *path = fixture_path(state, "a.db");
    make_store(sound);
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(hf_file_read(sound, 1u << 24, &bytes, &size, NULL), HF_OK);
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    random_state = 8;
    int whole = 0;
    for (int i = 0; i < FILE_MUTANTS; i++) {
        memcpy(copy, bytes, size);
        mutate(copy, size);
        write_bytes(path, copy, i % 8 ? size : draw((uint32_t)size));
        whole += check_store(path);
    }
    assert_true(whole > 0 && whole < FILE_MUTANTS); /* the changes matter, but not all of them */
    free(copy);
    free(bytes);
}

/* In a child: leaves a journal with records, like a run that was killed while the store was locked. */
static void leave_records(const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_write_queue *queue = NULL;
    hf_report report;
    int64_t run_id = 0;
    sqlite3 *other = NULL;
    const hf_write_queue_options options = {.busy_ms = 1, .retry_ms = 1};
    sample_small(&report);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(hf_store_begin_run(store, &report.run, &run_id, &err), &err);
    assert_ok(hf_store_add_board(store, run_id, &report.boards[0], &err), &err);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_ok(hf_write_queue_start(store, run_id, &options, &queue, &err), &err);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    hf_write_queue_add_result(queue, 0, &report.results[0]);
    hf_write_queue_add_result(queue, 1, &report.results[1]);
    hf_write_queue_add_attempt(queue, 0, &report.attempts[0], &report.results[0]);
    hf_write_queue_add_attempt(queue, 1, &report.attempts[1], NULL);
    hf_write_queue_close_result(queue, 1, HF_RESULT_FAILED, "serial", "no");
    assert_int_equal(hf_write_queue_stop(queue, 10, &err), HF_ESTORE);
    sqlite3_close(other);
    _exit(0);
}

static void changed_records_are_survived(void **state)
{
    const char *path = fixture_path(state, "a.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        leave_records(path);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    glob_t found;
    assert_int_equal(glob(fixture_path(state, "a.db.run-*"), 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    fixture_sql(path, "PRAGMA journal_mode = DELETE");
    uint8_t *store = NULL, *records = NULL;
    size_t store_size = 0, size = 0;
    assert_int_equal(hf_file_read(path, 1u << 24, &store, &store_size, NULL), HF_OK);
    assert_int_equal(hf_file_read(found.gl_pathv[0], 1u << 24, &records, &size, NULL), HF_OK);
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    random_state = 13;
    for (int i = 0; i < RUN_MUTANTS; i++) {
        memcpy(copy, records, size);
        mutate(copy, size);
        write_bytes(path, store, store_size);
        write_bytes(found.gl_pathv[0], copy, i % 4 ? size : draw((uint32_t)size));
        assert_true(check_store(path));
        /* Only valid rows were stored. */
        assert_int_equal(fixture_number(path, "SELECT count(*) > 1 FROM samples GROUP BY attempt_id"
                                              " UNION ALL SELECT 1 LIMIT 1"),
                         1);
        assert_true(fixture_number(path, "SELECT count(*) FROM attempts") <= 2);
        fixture_check_integrity(path);
    }
    globfree(&found);
    free(copy);
    free(store);
    free(records);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_corpus_is_survived),
        TEST(every_number_out_of_range_is_an_error),
        TEST(changed_bytes_are_survived),
        TEST(changed_records_are_survived),
    };
    return cmocka_run_group_tests_name("store_replay", tests, NULL, NULL);
}
