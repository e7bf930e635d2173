/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_H
#define HF_STORE_WRITE_H

#include "sql.h"

/**
 * @file write.h
 * What the writers share.
 */

/** Ends a transaction: all of it or, after a failure, nothing. @param status what came of its statements */
hf_status hf_write_end(hf_store *store, hf_status status, const char *doing, hf_error *err);

/** Steps a statement to its end and frees it. */
hf_status hf_write_finish(hf_sql *sql, hf_error *err);
/** The same of one that finds or makes one number; none is a failure. @param what it is the number of */
hf_status hf_write_number(hf_sql *sql, int64_t *out, const char *what, hf_error *err);
/** The same of an update that must hit a row. */
hf_status hf_write_update(hf_sql *sql, const char *what, hf_error *err);
/** Something that must be there is not: a failure that will not pass. */
hf_status hf_write_not_there(hf_store *store, const char *what, hf_error *err);

/** The board of that name that takes part in the run. */
hf_status hf_write_find_board(hf_store *store, int64_t run_id, const char *name, int64_t *board_id,
                              hf_error *err);

#endif
