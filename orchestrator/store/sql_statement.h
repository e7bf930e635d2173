/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SQL_STATEMENT_H
#define HF_STORE_SQL_STATEMENT_H

#include "store_handle.h"

/**
 * @file sql_statement.h
 * SQL statements with sticky errors.
 */

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
    char complaint[160]; /**< why a value is invalid; "" = none is */
} hf_sql;

/**
 * Prepares a statement and binds its parameters in order.
 * @param types one letter per parameter: i = int64_t, r = double, t = const char * (NULL = NULL),
 *              z = int64_t stored as NULL when it is 0; d = double stored as NULL when it is 0;
 *              b = const void * and int64_t bytes (NULL = NULL); "" binds nothing
 */
hf_sql hf_sql_start(hf_store *store, const char *doing, const char *text, const char *types, ...);
/** Resets the statement and binds all parameters again, for the next row of an insert. */
void hf_sql_again(hf_sql *sql, const char *types, ...);
/** @return true while there is a row */
bool hf_sql_row(hf_sql *sql);
/** Executes a statement without rows. */
void hf_sql_step(hf_sql *sql);
/** Frees the statement and reports its first failure. */
hf_status hf_sql_done(hf_sql *sql, hf_error *err);

/*
 * Values of a row. The file may be damaged or edited by hand: a wrong type or a value out of range is a sticky failure,
 * and 0, 0.0 or NULL is returned. NULL counts as 0.
 */

/** The last millisecond of the year 9999. */
#define HF_SQL_TIME_MAX_MS INT64_C(253402300799999)
/** About 31 years. */
#define HF_SQL_DURATION_MAX_NS INT64_C(1000000000000000000)

/** An integer of low .. high. */
int64_t hf_sql_int(hf_sql *sql, int column, int64_t low, int64_t high);
/** A count: an integer of 0 .. INT32_MAX. */
int32_t hf_sql_count(hf_sql *sql, int column);
/** A time of day, Unix milliseconds, up to the year 9999. */
int64_t hf_sql_time(hf_sql *sql, int column);
/** A duration in nanoseconds. */
int64_t hf_sql_duration(hf_sql *sql, int column);
/** A number of low .. high. */
double hf_sql_real(hf_sql *sql, int column, double low, double high);
/** A copy that the caller frees; NULL for NULL. Out of memory is a sticky failure. */
char *hf_sql_text(hf_sql *sql, int column);
/** As hf_sql_text(), but NULL is a failure. */
char *hf_sql_needed_text(hf_sql *sql, int column);
/** Copies a text into an array of `size_bytes`. NULL, and a text that does not fit, are failures. */
void hf_sql_short_text(hf_sql *sql, int column, char *text, size_t size_bytes);
/** Rejects a value that was read. @param what the reason: "is not among the variations" */
void hf_sql_complain(hf_sql *sql, int column, const char *what);

/* ---- Writing ---- */

/** Begins a transaction, or in a group (hf_store_begin_group()) a part of it that can fail alone. */
hf_status hf_sql_begin(hf_store *store, const char *doing, hf_error *err);
/** Ends it: all of it or, after a failure, nothing. @param status the status of its statements */
hf_status hf_sql_end_transaction(hf_store *store, hf_status status, const char *doing, hf_error *err);

/** Steps a statement to its end and frees it. */
hf_status hf_sql_finish(hf_sql *sql, hf_error *err);
/** The same for a statement that returns one number; none is a failure. @param what the number identifies */
hf_status hf_sql_number(hf_sql *sql, int64_t *out, const char *what, hf_error *err);
/** The same for an update that must change a row. */
hf_status hf_sql_update(hf_sql *sql, const char *what, hf_error *err);
/** Reports that a required row is missing: a permanent failure. */
hf_status hf_sql_missing(hf_store *store, const char *what, hf_error *err);

#endif
