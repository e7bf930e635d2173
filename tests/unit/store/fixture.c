/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <ftw.h>

int fixture_folder_make(void **state)
{
    const char *parent = getenv("TMPDIR");
    char *folder = NULL;
    /* Hundreds of databases are synced at every step: use /dev/shm if it exists. */
    if (!parent || !*parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (asprintf(&folder, "%s/hilfarm-store-XXXXXX", parent) < 0)
        return -1;
    if (!mkdtemp(folder)) {
        free(folder);
        return -1;
    }
    *state = folder;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int fixture_folder_remove(void **state)
{
    int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

const char *fixture_path(void **state, const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", (const char *)*state, name);
    return path;
}

static sqlite3 *open_database(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        fail_msg("%s: %s", path, sqlite3_errmsg(db));
    return db;
}

void fixture_sql(const char *path, const char *sql)
{
    sqlite3 *db = open_database(path);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s: %s", path, sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

int64_t fixture_number(const char *path, const char *sql)
{
    sqlite3 *db = open_database(path);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s: %s: %s", path, sql, sqlite3_errmsg(db));
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

static int refuse_row(void *first, int count, char **values, char **names)
{
    (void)count;
    (void)names;
    char *text = first;
    snprintf(text, 256, "%s", values[0] ? values[0] : "NULL");
    return 0;
}

void fixture_check_integrity(const char *path)
{
    sqlite3 *db = open_database(path);
    char text[256] = "";
    assert_int_equal(sqlite3_exec(db, "PRAGMA integrity_check", refuse_row, text, NULL), SQLITE_OK);
    assert_string_equal(text, "ok");
    text[0] = '\0';
    assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_key_check", refuse_row, text, NULL), SQLITE_OK);
    assert_string_equal(text, "");
    sqlite3_close(db);
}

hf_status fixture_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err)
{
    hf_run_row row = *run;
    row.key = NULL;
    return hf_store_begin_run(store, &row, run_id, err);
}

hf_status fixture_record(hf_store *store, const hf_report *report, int64_t *run_id, hf_error *err)
{
    hf_status status = fixture_begin_run(store, &report->run, run_id, err);
    for (size_t i = 0; status == HF_OK && i < report->board_count; i++)
        status = hf_store_add_board(store, *run_id, &report->boards[i], err);
    for (size_t i = 0; status == HF_OK && i < report->result_count; i++)
        status = hf_store_add_result(store, *run_id, (int32_t)i, &report->results[i], err);
    for (size_t i = 0; status == HF_OK && i < report->attempt_count; i++) {
        size_t result = report->attempt_results[i];
        const hf_attempt_row *attempt = &report->attempts[i];
        status = hf_store_add_attempt(store, *run_id, (int32_t)result, attempt,
                                      attempt->succeeded ? &report->results[result] : NULL, err);
    }
    for (size_t i = 0; status == HF_OK && i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome == HF_RESULT_FAILED || (row->outcome == HF_RESULT_NOT_RUN && row->message))
            status = hf_store_close_result(store, *run_id, (int32_t)i, row->outcome, row->fault, row->message,
                                           err);
    }
    for (size_t i = 0; status == HF_OK && i < report->failure_count; i++)
        status = hf_store_add_failure(store, *run_id, &report->failures[i], err);
    return status == HF_OK ? hf_store_finish_run(store, *run_id, report->run.state, report->run.finished_ms,
                                                 report->run.duration_ns, report->run.openocd_version, err)
                           : status;
}
