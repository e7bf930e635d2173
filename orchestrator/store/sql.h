/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SQL_H
#define HF_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"
#include "run_file.h"
#include "store/store.h"

/**
 * @file sql.h
 * What the store's files share: the handle, and statements with sticky errors.
 */

struct hf_store {
    sqlite3 *db;
    char *path;
    int failure; /**< SQLite result code of the last failure; SQLITE_OK = none yet */
    hf_run_file
        *run_file;  /**< of the run this handle has begun or resumed, until it is finished; else NULL */
    bool hung;      /**< a thread is stuck in a write: the handle must not be touched any more */
    char note[256]; /**< what opening it found to be told; "" = nothing */
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
    char complaint[160]; /**< what a value read was that it must not be; "" = nothing */
} hf_sql;

/**
 * Prepares a statement and binds its parameters in order.
 * @param types one letter a parameter: i = int64_t, r = double, t = const char * (NULL = NULL),
 *              z = int64_t stored as NULL when it is 0; d = double stored as NULL when it is 0;
 *              b = const void * and int64_t bytes (NULL = NULL); "" binds nothing
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

/*
 * Values that were read. Whoever changed the file by hand, or the disk, may have put anything there: a value
 * of another type or outside its range sticks as a failure, and 0, 0.0 or NULL is returned. NULL counts as 0.
 */

/** The last millisecond of the year 9999. */
#define HF_SQL_TIME_MAX_MS INT64_C(253402300799999)
/** About thirty years. */
#define HF_SQL_DURATION_MAX_NS INT64_C(1000000000000000000)

/** An integer of low .. high. */
int64_t hf_sql_int(hf_sql *sql, int column, int64_t low, int64_t high);
/** A number of low .. high. */
double hf_sql_real(hf_sql *sql, int column, double low, double high);
/** A copy the caller frees; NULL for NULL. Out of memory sticks as a failure. */
char *hf_sql_text(hf_sql *sql, int column);
/** As hf_sql_text(), but NULL is a failure. */
char *hf_sql_needed_text(hf_sql *sql, int column);
/** Makes a failure of a value that was read. @param what "is not among the variations" */
void hf_sql_complain(hf_sql *sql, int column, const char *what);

/** Refuses a foreign or newer database with HF_ESTORE, without changing it. */
hf_status hf_schema_identify(hf_store *store, hf_error *err);
/** Brings a new or older database up to date; HF_ESTORE for a foreign or newer one. */
hf_status hf_schema_migrate(hf_store *store, hf_error *err);
/** As hf_schema_identify(), and refuses an older database too. */
hf_status hf_schema_check(hf_store *store, hf_error *err);

#endif
