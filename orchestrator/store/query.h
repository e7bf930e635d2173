/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_QUERY_H
#define HF_STORE_QUERY_H

#include "sql_statement.h"

/**
 * @file query.h
 * What the readers share. Every value they take from a row is checked where it is taken (sql.h): what is
 * handed on can be added up and converted without a second thought.
 */

/** Makes room for one more, zeroed element of `size_bytes` behind `count`; NULL (and a sticky failure)
 * without memory. */
void *hf_query_append(hf_sql *sql, void **array, size_t count, size_t size_bytes);

/** Which of some names a column holds; another one, or NULL, is a failure, and 0 is returned. */
int hf_query_choice(hf_sql *sql, int column, const char *const *names, int count);

/** The columns hf_query_run() wants; "WHERE" or "ORDER BY" follows. */
extern const char hf_run_columns[];
/** A run whose process is gone is read as interrupted, whatever its row still says. */
void hf_query_run(hf_sql *sql, hf_run_row *run);

#endif
