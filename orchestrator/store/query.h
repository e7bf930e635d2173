/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_QUERY_H
#define HF_STORE_QUERY_H

#include "sql_statement.h"

/**
 * @file query.h
 * Helpers of the queries. Every value of a row is checked when it is read (sql_statement.h), so sums and conversions
 * of checked values cannot overflow.
 */

/** Appends a zeroed element of `size_bytes` to an array of `count`; NULL, and a sticky failure, if memory is short. */
void *hf_query_append(hf_sql *sql, void **array, size_t count, size_t size_bytes);

/** Ends a query of rows: hands them to the caller or, after a failure, frees them. */
hf_status hf_query_done(hf_sql *sql, const hf_row_type *type, void *rows, size_t used, void **out,
                        size_t *count, hf_error *err);

/** Index of a column's text among some names; for another text or NULL it fails and returns 0. */
int hf_query_choice(hf_sql *sql, int column, const char *const *names, int count);

/**
 * The id that a statement with one text parameter selects.
 * @param run_id set to 0 if there is no row
 */
hf_status hf_query_id(hf_store *store, const char *doing, const char *text, const char *parameter,
                      int64_t *run_id, hf_error *err);

/** SELECT with the columns of hf_query_run(); "WHERE" or "ORDER BY" follows. */
extern const char hf_run_columns[];
#define HF_RUN_QUERY_SIZE 1400 /**< enough for it and what follows */
/** Reads a run. One whose process has died is "interrupted", even if its row is not updated yet. */
void hf_query_run(hf_sql *sql, hf_run_row *run);

#endif
