/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HISTORY_ROWS_H
#define HF_REPORT_HISTORY_ROWS_H

#include "report/rows.h"

/**
 * @file history_rows.h
 * What a store knows over many runs, as plain rows like those of rows.h.
 */

/** The result of a variation in one run. */
typedef struct hf_trend_row {
    int64_t run_id;
    char *run_key;
    char *run_name; /**< of the spec */
    int64_t started_ms;
    char *hilfarm_version;
    char *host;
    hf_result_row result; /**< without name, family, chip, factors and layers */
} hf_trend_row;

/** A variation on a chip that occurs in a run. */
typedef struct hf_variation_row {
    char *name;
    char *chip;
} hf_variation_row;

/** The attempts of a board on one day. */
typedef struct hf_board_day_row {
    int64_t day; /**< since 1970-01-01, UTC */
    int32_t succeeded, failed;
} hf_board_day_row;

/** A failure of a board, in a run. */
typedef struct hf_board_failure_row {
    int64_t run_id;
    char *run_name;
    char *model; /**< NULL = it could not be brought up, or was unusable at the end */
    hf_failure_row failure;
} hf_board_failure_row;

extern const hf_row_type hf_trend_row_type, hf_variation_row_type, hf_board_failure_row_type;

#endif
