/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_RUNS_H
#define HF_STORE_WRITE_RUNS_H

#include "sql_statement.h"

/** @file write_runs.h Runs and their boards, for the other writers. */

/** The board of that name that takes part in the run. */
hf_status hf_find_run_board(hf_store *store, int64_t run_id, const char *name, int64_t *board_id,
                            hf_error *err);

#endif
