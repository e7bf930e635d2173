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
 * Opens or creates (with missing parent folders), migrates an older schema, refuses a newer one. Writes
 * the records that dead runs left in their journals (SCHEMA.md, "When the store cannot be written"), and marks dead runs
 * of this host "interrupted".
 */
hf_status hf_store_open(const char *path, hf_store **out, hf_error *err);
/**
 * As hf_store_open(), but never creates or migrates anything; HF_ENOTFOUND if there is no such file.
 * Writes the records that dead runs left in their journals if that is possible within a moment.
 */
hf_status hf_store_open_readonly(const char *path, hf_store **out, hf_error *err);
/** A run that was started or resumed on this handle and is not finished counts as dead. NULL allowed. */
void hf_store_close(hf_store *store);

/** A note for the user about what opening the store found; "" if there is none. Valid until it is closed. */
const char *hf_store_note(const hf_store *store);

/**
 * Records a run in state running; its id and key are given by the store, run->id and run->key are ignored.
 * While it runs, its journal is locked, which other processes see; one run at a time per handle.
 */
hf_status hf_store_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err);
/**
 * Resumes a run that has ended: its failed variations become not_run again.
 * @param host, pid as in hf_run_row
 * @return HF_EBUSY: a process runs it; HF_ENOTFOUND
 */
hf_status hf_store_resume_run(hf_store *store, int64_t run_id, const char *host, int64_t pid, hf_error *err);
hf_status hf_store_add_board(hf_store *store, int64_t run_id, const hf_board_row *board, hf_error *err);

/*
 * The following functions are idempotent: the same call again changes nothing. A variation is identified by its run
 * and its position.
 */

/** A board could not be brought up. */
hf_status hf_store_add_failure(hf_store *store, int64_t run_id, const hf_failure_row *failure, hf_error *err);

/**
 * Records a variation on a chip with its analysis and layers, in state not_run; measured fields are ignored.
 * An existing one gets the new analysis and keeps its outcome.
 * @param position order in the report
 */
hf_status hf_store_add_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row,
                              hf_error *err);

/**
 * Records a finished attempt in one transaction. A different attempt with the same number is an error.
 * @param measured the measurement (samples, cycles of layers, memory, board) of a successful attempt; NULL for a failed one
 */
hf_status hf_store_add_attempt(hf_store *store, int64_t run_id, int32_t position,
                               const hf_attempt_row *attempt, const hf_result_row *measured, hf_error *err);

/** Sets the final outcome of a result that was not measured: failed (fault, message), pruned (message) or not
 * run. A measured result stays measured. */
hf_status hf_store_close_result(hf_store *store, int64_t run_id, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message, hf_error *err);
/**
 * Ends a run.
 * @param finished_ms wall clock, Unix milliseconds
 * @param duration_ns duration of the run, monotonic: the sum of all stretches that ended normally
 * @param openocd_version NULL = leave as it is
 */
hf_status hf_store_finish_run(hf_store *store, int64_t run_id, hf_run_state state, int64_t finished_ms,
                              int64_t duration_ns, const char *openocd_version, hf_error *err);

/**
 * Finds a run by its number, its key, the name of its report's folder, a prefix of at least four characters of its key
 * or of the key's random part, or the name of its spec (the newest run of that name).
 * @param run_id set to 0 for "latest"
 * @return HF_ENOTFOUND if there is none
 */
hf_status hf_store_find_run(hf_store *store, const char *text, int64_t *run_id, hf_error *err);

/**
 * Finds the newest finished run of a spec in which nothing failed or regressed. Runs of a part of a sweep and runs
 * that measured nothing are skipped, and so are those with a dead board.
 * @param name of the spec
 * @param before_id only earlier runs than this one; 0 = any
 * @param run_id set to 0 if there is none
 */
hf_status hf_store_find_last_green(hf_store *store, const char *name, int64_t before_id, int64_t *run_id,
                                   hf_error *err);
/** Records how many results of a run regressed against its baseline; resuming the run forgets it. */
hf_status hf_store_set_regressed(hf_store *store, int64_t run_id, int64_t regressed, hf_error *err);

/** @param run_id 0 = the newest; HF_ENOTFOUND if there is none. *out is freed with hf_report_free() */
hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err);
/** Newest first. @param runs owned by the caller: hf_rows_free() with hf_run_row_type */
hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err);
/** All boards that ever took part in a run, by id. @param boards as above, with hf_board_history_row_type */
hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err);

#endif
