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
 * Opens or creates (with missing parent folders), migrates an older schema, refuses a newer one. What runs
 * that died could not write is written now (SCHEMA.md, "When the store cannot be written"), and those of this
 * host become "interrupted".
 */
hf_status hf_store_open(const char *path, hf_store **out, hf_error *err);
/**
 * As hf_store_open(), but never creates or migrates anything; HF_ENOTFOUND if there is no such file. What
 * runs that died could not write is written where that is possible within a moment.
 */
hf_status hf_store_open_readonly(const char *path, hf_store **out, hf_error *err);
/** A run that was begun or resumed and not finished is left as one that died. NULL allowed. */
void hf_store_close(hf_store *store);

/** What opening it found that people should be told, "" if nothing. Valid until it is closed. */
const char *hf_store_note(const hf_store *store);

/**
 * Records a run in state running; its id and key are given by the store, run->id and run->key are ignored.
 * While it runs, a file beside the store says so to other processes; one run at a time for each handle.
 */
hf_status hf_store_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err);
/**
 * Makes an ended run running again: its variations that failed or were not run have no outcome any more.
 * @param host, pid as in hf_run_row
 * @return HF_EBUSY: a process runs it; HF_ENOTFOUND
 */
hf_status hf_store_resume_run(hf_store *store, int64_t run_id, const char *host, int64_t pid, hf_error *err);
hf_status hf_store_add_board(hf_store *store, int64_t run_id, const hf_board_row *board, hf_error *err);

/*
 * What follows may be said again with the same values, which changes nothing. A variation is named by its run
 * and its position in it.
 */

/** A board could not be brought up. */
hf_status hf_store_add_failure(hf_store *store, int64_t run_id, const hf_failure_row *failure, hf_error *err);

/**
 * Records a variation on a chip with its analysis and layers, in state not_run; measured fields are ignored.
 * One that is there already gets the new analysis and keeps its outcome.
 * @param position order in the report
 */
hf_status hf_store_add_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row,
                              hf_error *err);

/**
 * Records a finished attempt: all of it in one transaction or nothing. Another one of the same number is an
 * error.
 * @param measured what was measured (samples, layers' cycles, memory, board), only for a successful attempt,
 * else NULL
 */
hf_status hf_store_add_attempt(hf_store *store, int64_t run_id, int32_t position,
                               const hf_attempt_row *attempt, const hf_result_row *measured, hf_error *err);

/** Sets the final word on a result that was not measured: failed (fault, message), pruned (message) or not
 * run. One that was measured stays so. */
hf_status hf_store_close_result(hf_store *store, int64_t run_id, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message, hf_error *err);
/**
 * Ends a run.
 * @param finished_ms wall clock, Unix milliseconds
 * @param duration_ns how long the run took, monotonic, with all its stretches that came to an end
 * @param openocd_version NULL = leave as it is
 */
hf_status hf_store_finish_run(hf_store *store, int64_t run_id, hf_run_state state, int64_t finished_ms,
                              int64_t duration_ns, const char *openocd_version, hf_error *err);

/**
 * Finds a run by what people call it: its number, its key, the name of its report's folder, four or more
 * characters that its key or the key's random part begins with, or its spec's name (the newest of that name).
 * @param run_id set to 0 for "latest"
 * @return HF_ENOTFOUND if there is none
 */
hf_status hf_store_find_run(hf_store *store, const char *text, int64_t *run_id, hf_error *err);

/** @param run_id 0 = the newest; HF_ENOTFOUND if there is none. *out is freed with hf_report_free() */
hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err);
/** Newest first. @param runs owned by the caller: hf_rows_free() with hf_run_row_type */
hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err);
/** Every board that ever took part, by id. @param boards as above, with hf_board_history_row_type */
hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err);

#endif
