/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_STORE_H
#define HF_STORE_STORE_H

#include <stdbool.h>

#include "base/error.h"
#include "report/results_format.h"

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

/** Size of a run's key with its NUL. */
#define HF_RUN_KEY_SIZE 18
/**
 * Makes a key, unique over all stores: the day and 32 random bits, "20261130-9f0c21ab".
 * @param started_ms wall clock, Unix milliseconds; the day is local time
 */
void hf_store_make_key(int64_t started_ms, char key[HF_RUN_KEY_SIZE]);
/** Whether a text has the form of a key. */
bool hf_store_key_is_valid(const char *key);
/** Finds a run by its whole key. @param run_id set to 0 if there is none, which is not an error */
hf_status hf_store_find_key(hf_store *store, const char *key, int64_t *run_id, hf_error *err);

/**
 * Begins a transaction that combines calls of this header until hf_store_end_group(). Each call is still all or
 * nothing: one that fails leaves the others of the group in effect. Groups do not nest.
 */
hf_status hf_store_begin_group(hf_store *store, hf_error *err);
/**
 * Ends the transaction.
 * @param status HF_OK: commit. Otherwise nothing of the group is stored, and `status` is returned.
 */
hf_status hf_store_end_group(hf_store *store, hf_status status, hf_error *err);

/**
 * Records a run in state running. run->id is ignored. While it runs, its journal is locked, which other processes see;
 * one run at a time per handle.
 * @param run run->key: its key, so that the caller finds the run again if it dies now; NULL = the store makes one
 * @return HF_OK; HF_EINVALID: the key is invalid or another run has it; HF_EBUSY: another process begins that run
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
 * Records the variations that a run is to measure, in state not_run, in one transaction. Existing ones stay as they are.
 * @param rows position, name, family, source, chip and factors are recorded; the analysis follows with
 *             hf_store_add_result()
 */
hf_status hf_store_add_plan(hf_store *store, int64_t run_id, const hf_result_row *rows, size_t count,
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
 * Finds a run. The first that fits is taken, in this order: its number; its key, or the name of its report's folder;
 * "last-green", the newest run of any spec and owner as in hf_store_find_last_green(); "latest"; a tag; the name of its spec (the
 * newest run of that name); a prefix of at least four characters of its key or of the key's random part.
 * @param run_id set to 0 for "latest"
 * @return HF_ENOTFOUND if there is none
 */
hf_status hf_store_find_run(hf_store *store, const char *text, int64_t *run_id, hf_error *err);

/**
 * Finds the newest finished run of a spec in which nothing failed or regressed. Runs of a part of a sweep and runs
 * that measured nothing are skipped, and so are those with a dead board.
 * @param name of the spec; NULL = of any
 * @param owner who submitted it: two users may have specs of one name. NULL = as that of before_id, or any if there is
 * none. Runs whose owner is not known count as everybody's.
 * @param before_id only earlier runs than this one; 0 = any
 * @param run_id set to 0 if there is none
 */
hf_status hf_store_find_last_green(hf_store *store, const char *name, const char *owner, int64_t before_id,
                                   int64_t *run_id, hf_error *err);
/**
 * Records which run a run was compared with and how many of its results regressed; resuming the run forgets both.
 * @param baseline key of the earlier run
 */
hf_status hf_store_set_comparison(hf_store *store, int64_t run_id, const char *baseline, int64_t regressed,
                                  hf_error *err);
/**
 * Finds the run that a run was compared with when it ended.
 * @param run_id set to 0 if it was not compared, or the baseline was not recorded or is not in the store
 */
hf_status hf_store_find_baseline(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err);

/** @param run_id 0 = the newest; HF_ENOTFOUND if there is none. *out is freed with hf_report_free() */
hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err);
/**
 * The same with some parts only (report/results_format.h): without HF_PART_LAYERS no result has layers, without
 * HF_PART_ATTEMPTS no attempt has a transcript. For tables and lists, which a large run must not fill the memory for.
 */
hf_status hf_store_load_parts(hf_store *store, int64_t run_id, unsigned parts, hf_report *out, hf_error *err);
/** The run alone. @param run_id 0 = the newest; HF_ENOTFOUND if there is none. *out is freed with hf_row_clear() */
hf_status hf_store_load_run(hf_store *store, int64_t run_id, hf_run_row *out, hf_error *err);
/** Some results of a run. */
typedef struct hf_result_range {
    int64_t offset; /**< results to skip */
    int64_t most;   /**< at most so many; 0 = all */
} hf_result_range;
/**
 * Visits the results of a run, with the memory of one result. All of it is one view of the run, also while it is in progress.
 * @param run_id 0 = the newest
 * @param range NULL = all results
 */
hf_status hf_store_visit_results(hf_store *store, int64_t run_id, const hf_result_range *range,
                                 const hf_results_visitor *visitor, hf_error *err);
/**
 * Writes a run in a format, with the memory of one result. All of it is one view of the run, also while it is in progress.
 * @param run_id 0 = the newest
 * @param range NULL = all results
 */
hf_status hf_store_write_results(hf_store *store, int64_t run_id, const hf_results_format *format,
                                 const hf_result_range *range, const hf_text_sink *sink, hf_error *err);
/**
 * Writes a run into a new SQLite database of flat tables (report/FORMATS.md, "SQLite"), for other programs.
 * @param run_id 0 = the newest
 * @param path of the database; an existing file is replaced once all of the new one is written
 */
hf_status hf_store_export(hf_store *store, int64_t run_id, const char *path, hf_error *err);
/**
 * Reads the stored outputs of a result of a loaded report.
 * @param row its `outputs` are empty; none are added if none were stored
 */
hf_status hf_store_load_outputs(hf_store *store, int64_t run_id, hf_result_row *row, hf_error *err);
/** Newest first. @param runs owned by the caller: hf_rows_free() with hf_run_row_type */
hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err);
/** All boards that ever took part in a run, by id. @param boards as above, with hf_board_history_row_type */
hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err);

#endif
