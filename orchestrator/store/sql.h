/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SQL_H
#define HF_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"
#include "store/store.h"

/**
 * @file sql.h
 * What the store's files share: the handle, and statements with sticky errors.
 */

struct hf_store {
    sqlite3 *db;
    char *path;
    int failure; /**< SQLite result code of the last failure; SQLITE_OK = none yet */
};

/**
 * Records SQLite's last error on the handle.
 * @param doing "recording the run"
 */
hf_status hf_sql_fail(hf_store *store, hf_error *err, const char *doing);

/** Runs statements that return nothing. */
hf_status hf_sql_exec(hf_store *store, const char *sql, const char *doing, hf_error *err);

/** A statement being bound and stepped; the first failure sticks and is what hf_sql_done() reports. */
typedef struct hf_sql {
    hf_store *store;
    sqlite3_stmt *statement;
    int failed; /**< SQLite result code of the first failure, SQLITE_OK while there is none */
    const char *doing;
} hf_sql;

/**
 * Prepares a statement and binds its parameters in order.
 * @param types one letter a parameter: i = int64_t, r = double, t = const char * (NULL = NULL),
 *              z = int64_t stored as NULL when it is 0; "" binds nothing
 */
hf_sql hf_sql_start(hf_store *store, const char *doing, const char *text, const char *types, ...);
/** Binds again from the first parameter on, for the next row of an insert. */
void hf_sql_again(hf_sql *sql, const char *types, ...);
/** @return true while there is a row */
bool hf_sql_row(hf_sql *sql);
/** Steps a statement without rows to its end. */
void hf_sql_step(hf_sql *sql);
/** Frees the statement and reports its first failure. */
hf_status hf_sql_done(hf_sql *sql, hf_error *err);

int64_t hf_sql_int(const hf_sql *sql, int column);
double hf_sql_real(const hf_sql *sql, int column);
/** A copy the caller frees; NULL for NULL. Out of memory sticks as a failure. */
char *hf_sql_text(hf_sql *sql, int column);

/** Refuses a foreign or newer database with HF_ESTORE, without changing it. */
hf_status hf_schema_identify(hf_store *store, hf_error *err);
/** Brings a new or older database up to date; HF_ESTORE for a foreign or newer one. */
hf_status hf_schema_migrate(hf_store *store, hf_error *err);
/** As hf_schema_identify(), and refuses an older database too. */
hf_status hf_schema_check(hf_store *store, hf_error *err);

#endif
