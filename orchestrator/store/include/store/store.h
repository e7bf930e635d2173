/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_STORE_H
#define HF_STORE_STORE_H

#include "base/error.h"
#include "report/rows.h"

/**
 * @file store.h
 * The result store: one SQLite file (store/SCHEMA.md). One thread per handle. Failures are HF_ESTORE, class
 * farm.
 */

typedef struct hf_store hf_store;

/**
 * Opens or creates (with missing parent folders), migrates an older schema, refuses a newer one. Runs left in
 * state "running" by a process of this host that is gone become "interrupted".
 */
hf_status hf_store_open(const char *path, hf_store **out, hf_error *err);
/** As hf_store_open(), but never creates or changes anything; HF_ENOTFOUND if there is no such file. */
hf_status hf_store_open_readonly(const char *path, hf_store **out, hf_error *err);
void hf_store_close(hf_store *store);

/** Records a run in state running; its id and key are given by the store, run->id and run->key are ignored.
 */
hf_status hf_store_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err);
hf_status hf_store_add_board(hf_store *store, int64_t run_id, const hf_board_row *board, hf_error *err);
hf_status hf_store_add_failure(hf_store *store, int64_t run_id, const hf_failure_row *failure, hf_error *err);

/**
 * Records a variation on a chip with its analysis and layers, in state not_run; measured fields are ignored.
 * @param position order in the report
 */
hf_status hf_store_add_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row,
                              int64_t *result_id, hf_error *err);

/**
 * Records a finished attempt: all of it in one transaction or nothing.
 * @param measured what was measured (samples, layers' cycles, memory, board), only for a successful attempt,
 * else NULL
 */
hf_status hf_store_add_attempt(hf_store *store, int64_t result_id, const hf_attempt_row *attempt,
                               const hf_result_row *measured, hf_error *err);

/** Sets the final word on a result that was not measured: failed (fault, message), pruned (message) or not
 * run. */
hf_status hf_store_close_result(hf_store *store, int64_t result_id, hf_result_outcome outcome,
                                const char *fault, const char *message, hf_error *err);
/**
 * @param duration_ns how long the run took, monotonic; added to what earlier stretches of it took
 * @param openocd_version NULL = leave as it is
 */
hf_status hf_store_finish_run(hf_store *store, int64_t run_id, hf_run_state state, int64_t duration_ns,
                              const char *openocd_version, hf_error *err);

/**
 * Finds a run by what people call it: its number, its key, the name of its report's folder, four or more
 * characters that its key or the key's random part begins with, or its spec's name (the newest of that name).
 * @param run_id set to 0 for "latest"
 * @return HF_ENOTFOUND if there is none
 */
hf_status hf_store_find_run(hf_store *store, const char *text, int64_t *run_id, hf_error *err);

/** @param run_id 0 = the newest; HF_ENOTFOUND if there is none. *out is freed with hf_report_free() */
hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err);
/** Newest first. @param runs owned by the caller: hf_run_row_free() each, then free() */
hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err);
/** Every board that ever took part, by id. @param boards as above, with hf_board_history_row_free() */
hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err);

#endif
