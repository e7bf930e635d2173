/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_statement.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hf_status hf_sql_fail(hf_store *store, hf_error *err, const char *doing)
{
    store->failure = sqlite3_errcode(store->db);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s: %s", store->path, doing,
                      sqlite3_errmsg(store->db));
}

hf_status hf_sql_exec(hf_store *store, const char *sql, const char *doing, hf_error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return hf_sql_fail(store, err, doing);
    return HF_OK;
}

static void bind_all(hf_sql *sql, const char *types, va_list args)
{
    for (int i = 1; *types && sql->failed == SQLITE_OK; types++, i++) {
        if (*types == 'i') {
            sql->failed = sqlite3_bind_int64(sql->statement, i, va_arg(args, int64_t));
        } else if (*types == 'r') {
            sql->failed = sqlite3_bind_double(sql->statement, i, va_arg(args, double));
        } else if (*types == 'z') {
            int64_t value = va_arg(args, int64_t);
            if (value)
                sql->failed = sqlite3_bind_int64(sql->statement, i, value);
        } else if (*types == 'd') {
            double value = va_arg(args, double);
            if (value != 0)
                sql->failed = sqlite3_bind_double(sql->statement, i, value);
        } else if (*types == 'b') {
            const void *bytes = va_arg(args, const void *);
            int64_t size = va_arg(args, int64_t);
            if (bytes)
                sql->failed =
                    sqlite3_bind_blob64(sql->statement, i, bytes, (sqlite3_uint64)size, SQLITE_TRANSIENT);
        } else {
            const char *text = va_arg(args, const char *);
            if (text)
                sql->failed = sqlite3_bind_text(sql->statement, i, text, -1, SQLITE_TRANSIENT);
        }
    }
}

/* SQLite undoes the whole transaction after some failures, such as a full disk. What follows must not be stored alone. */
#define GROUP_UNDONE "an earlier failure has undone its group"

static bool group_is_undone(const hf_store *store)
{
    return store->grouped && sqlite3_get_autocommit(store->db);
}

hf_sql hf_sql_start(hf_store *store, const char *doing, const char *text, const char *types, ...)
{
    hf_sql sql = {.store = store, .doing = doing};
    sql.failed = group_is_undone(store) ? SQLITE_ABORT_ROLLBACK
                                        : sqlite3_prepare_v2(store->db, text, -1, &sql.statement, NULL);
    if (group_is_undone(store))
        snprintf(sql.complaint, sizeof sql.complaint, GROUP_UNDONE);
    va_list args;
    va_start(args, types);
    bind_all(&sql, types, args);
    va_end(args);
    return sql;
}

void hf_sql_again(hf_sql *sql, const char *types, ...)
{
    if (sql->failed != SQLITE_OK)
        return;
    sqlite3_reset(sql->statement);
    sqlite3_clear_bindings(sql->statement);
    va_list args;
    va_start(args, types);
    bind_all(sql, types, args);
    va_end(args);
}

bool hf_sql_row(hf_sql *sql)
{
    if (sql->failed != SQLITE_OK)
        return false;
    int result = sqlite3_step(sql->statement);
    if (result == SQLITE_ROW)
        return true;
    if (result != SQLITE_DONE)
        sql->failed = result;
    return false;
}

void hf_sql_step(hf_sql *sql)
{
    while (hf_sql_row(sql)) {
    }
}

hf_status hf_sql_done(hf_sql *sql, hf_error *err)
{
    hf_status status = HF_OK;
    if (sql->failed != SQLITE_OK) {
        sql->store->failure = sql->failed;
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s: %s", sql->store->path, sql->doing,
                            sql->complaint[0]             ? sql->complaint
                            : sql->failed == SQLITE_NOMEM ? "out of memory"
                                                          : sqlite3_errmsg(sql->store->db));
    }
    /* A statement outside a transaction may fail to commit only now. */
    if (sqlite3_finalize(sql->statement) != SQLITE_OK && status == HF_OK)
        status = hf_sql_fail(sql->store, err, sql->doing);
    sql->statement = NULL;
    return status;
}

void hf_sql_complain(hf_sql *sql, int column, const char *what)
{
    if (sql->failed != SQLITE_OK)
        return;
    sql->failed = SQLITE_CORRUPT;
    snprintf(sql->complaint, sizeof sql->complaint, "it is damaged: %.40s %s",
             sqlite3_column_name(sql->statement, column), what);
}

int64_t hf_sql_int(hf_sql *sql, int column, int64_t low, int64_t high)
{
    const int type = sqlite3_column_type(sql->statement, column);
    const int64_t value = sqlite3_column_int64(sql->statement, column);
    if ((type == SQLITE_INTEGER || type == SQLITE_NULL) && value >= low && value <= high)
        return value;
    char what[100];
    if (type == SQLITE_INTEGER)
        snprintf(what, sizeof what, "is %" PRId64 ", expected %" PRId64 " .. %" PRId64, value, low, high);
    else
        snprintf(what, sizeof what, "is %s, expected an integer",
                 type == SQLITE_NULL ? "missing" : "of another type");
    hf_sql_complain(sql, column, what);
    return 0;
}

int32_t hf_sql_count(hf_sql *sql, int column)
{
    return (int32_t)hf_sql_int(sql, column, 0, INT32_MAX);
}

int64_t hf_sql_time(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, HF_SQL_TIME_MAX_MS);
}

int64_t hf_sql_duration(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, HF_SQL_DURATION_MAX_NS);
}

double hf_sql_real(hf_sql *sql, int column, double low, double high)
{
    const int type = sqlite3_column_type(sql->statement, column);
    const double value = sqlite3_column_double(sql->statement, column);
    if ((type == SQLITE_FLOAT || type == SQLITE_INTEGER || type == SQLITE_NULL) && value >= low &&
        value <= high)
        return value;
    char what[100];
    snprintf(what, sizeof what, "is %g, expected %g .. %g", value, low, high);
    hf_sql_complain(sql, column, what);
    return 0;
}

char *hf_sql_text(hf_sql *sql, int column)
{
    const int type = sqlite3_column_type(sql->statement, column);
    if (type == SQLITE_NULL)
        return NULL;
    if (type != SQLITE_TEXT) {
        hf_sql_complain(sql, column, "is not a text");
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(sql->statement, column);
    char *copy = text ? strdup(text) : NULL;
    if (!copy && sql->failed == SQLITE_OK)
        sql->failed = SQLITE_NOMEM;
    return copy;
}

char *hf_sql_needed_text(hf_sql *sql, int column)
{
    char *text = hf_sql_text(sql, column);
    if (!text)
        hf_sql_complain(sql, column, "is missing");
    return text;
}

void hf_sql_short_text(hf_sql *sql, int column, char *text, size_t size_bytes)
{
    char *value = hf_sql_needed_text(sql, column);
    if (value && strlen(value) >= size_bytes)
        hf_sql_complain(sql, column, "is too long");
    snprintf(text, size_bytes, "%s", value ? value : "");
    free(value);
}

/* ---- Writing ---- */

hf_status hf_sql_begin(hf_store *store, const char *doing, hf_error *err)
{
    if (group_is_undone(store))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s: " GROUP_UNDONE, store->path, doing);
    return hf_sql_exec(store, store->grouped ? "SAVEPOINT one" : "BEGIN IMMEDIATE", doing, err);
}

hf_status hf_sql_end_transaction(hf_store *store, hf_status status, const char *doing, hf_error *err)
{
    if (status == HF_OK)
        status = hf_sql_exec(store, store->grouped ? "RELEASE one" : "COMMIT", doing, err);
    if (status != HF_OK)
        sqlite3_exec(store->db, store->grouped ? "ROLLBACK TO one; RELEASE one" : "ROLLBACK", NULL, NULL,
                     NULL); /* fails without effect if SQLite has rolled back already */
    return status;
}

hf_status hf_sql_finish(hf_sql *sql, hf_error *err)
{
    hf_sql_step(sql);
    return hf_sql_done(sql, err);
}

hf_status hf_sql_missing(hf_store *store, const char *what, hf_error *err)
{
    store->failure = SQLITE_NOTFOUND;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s does not exist", store->path, what);
}

hf_status hf_sql_number(hf_sql *sql, int64_t *out, const char *what, hf_error *err)
{
    bool found = hf_sql_row(sql);
    int64_t number = found ? hf_sql_int(sql, 0, INT64_MIN, INT64_MAX) : 0;
    hf_store *store = sql->store;
    if (found)
        hf_sql_step(sql); /* to its end, because only that commits */
    hf_status status = hf_sql_done(sql, err);
    if (status == HF_OK && !found)
        status = hf_sql_missing(store, what, err);
    if (status == HF_OK)
        *out = number;
    return status;
}

hf_status hf_sql_update(hf_sql *sql, const char *what, hf_error *err)
{
    hf_store *store = sql->store;
    hf_status status = hf_sql_finish(sql, err);
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status = hf_sql_missing(store, what, err);
    return status;
}
