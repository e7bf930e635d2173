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

/** Index of a column's text among some names; for another text or NULL it fails and returns 0. */
int hf_query_choice(hf_sql *sql, int column, const char *const *names, int count);

/** SELECT with the columns of hf_query_run(); "WHERE" or "ORDER BY" follows. */
extern const char hf_run_columns[];
/** Reads a run. One whose process has died is "interrupted", even if its row is not updated yet. */
void hf_query_run(hf_sql *sql, hf_run_row *run);

#endif
