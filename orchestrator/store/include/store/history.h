/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_HISTORY_H
#define HF_STORE_HISTORY_H

#include "report/history_rows.h"
#include "store/store.h"

/**
 * @file history.h
 * Queries over many runs, a page at a time: each reads about as many rows as it returns, however large the store is.
 * Rows are freed with hf_rows_free() and the type that is named.
 */

/**
 * A page of the list of runs, newest first.
 * @param name   only runs of this spec; NULL = of all
 * @param before only runs with a smaller number
 * @param most   at most so many
 * @param rows   hf_run_row_type
 */
hf_status hf_store_page_runs(hf_store *store, const char *name, int64_t before, size_t most,
                             hf_run_row **rows, size_t *count, hf_error *err);

/**
 * The results of a variation on a chip, newest run first.
 * @param before, most as above
 * @param rows hf_trend_row_type
 */
hf_status hf_store_load_trend(hf_store *store, const char *name, const char *chip, int64_t before,
                              size_t most, hf_trend_row **rows, size_t *count, hf_error *err);
/**
 * The variations of all runs whose names begin with a text, by name and chip.
 * @param rows hf_variation_row_type
 */
hf_status hf_store_list_variations(hf_store *store, const char *prefix, size_t most, hf_variation_row **rows,
                                   size_t *count, hf_error *err);

/**
 * The attempts of a board by day, oldest first; days without any are left out.
 * @param board_id, chip, modelled the board
 * @param since_ms wall clock: the day of the first attempt since then is counted as a whole
 * @param rows the caller's to free()
 */
hf_status hf_store_list_board_days(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                   int64_t since_ms, hf_board_day_row **rows, size_t *count, hf_error *err);
/** The failures of a board, newest first. @param most at most so many. @param rows hf_board_failure_row_type */
hf_status hf_store_list_board_failures(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                       size_t most, hf_board_failure_row **rows, size_t *count,
                                       hf_error *err);

#endif
