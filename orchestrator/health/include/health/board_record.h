/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HEALTH_BOARD_RECORD_H
#define HF_HEALTH_BOARD_RECORD_H

#include "board/board.h"
#include "farm/controller.h"
#include "health/judge.h"
#include "report/board_health_rows.h"
#include "spec/farm_file.h"
#include "store/store.h"

/**
 * @file board_record.h
 * What the store knows about the boards of a farm: reading it, and recording checks and changes. All functions wait for
 * the disk.
 */

/**
 * Loads what is known of each board of a farm.
 * @param rows farm->board_count of them, in the farm's order; all 0 but id, chip and modelled for a board of which nothing is
 *             known. hf_rows_free() with hf_board_state_row_type
 */
hf_status hf_health_load(hf_store *store, const hf_farm *farm, hf_board_state_row **rows, hf_error *err);

/**
 * Moves the row of a board out of a list of hf_store_list_board_states(), or makes one of which nothing is known.
 * @param out written on HF_OK; hf_row_clear()
 */
hf_status hf_health_take_state(hf_board_state_row *list, size_t count, const hf_farm_board *board,
                               hf_board_state_row *out, hf_error *err);

/** @return whether the reservation, if there is one, has not expired. @param now_ms wall clock, Unix ms */
bool hf_health_is_reserved(const hf_board_state_row *row, int64_t now_ms);

/** What a controller needs to know of a board. */
hf_board_standing hf_health_standing(const hf_board_state_row *row, int64_t now_ms);

/** A health check that was made. */
typedef struct hf_health_observation {
    hf_health_check_kind kind;
    int64_t started_ms; /**< wall clock, Unix ms */
    uint64_t duration_ns;
    uint32_t image_crc32;            /**< of the golden image */
    const hf_attempt_result *result; /**< NULL = the attempt failed */
    const hf_error *error;           /**< why; ignored with a result */
} hf_health_observation;

/** Whether a failure tells something about the board: not if others use it, the check was cancelled, or this host or
 * that of the board is at fault. */
bool hf_health_concerns_board(const hf_error *error);

/**
 * Records a check and what follows from it: a failed one makes the board need attention; one that passed clears that and the
 * quarantine, and the first with its firmware and image becomes the reference.
 * @param drift filled if the attempt succeeded; NULL = not needed
 */
hf_status hf_health_record_check(hf_store *store, const hf_farm_board *board,
                                 const hf_health_observation *observed, hf_health_drift *drift,
                                 hf_error *err);

/** Records a change of a board's health during a run. @param now_ms wall clock, Unix ms */
hf_status hf_health_record_event(hf_store *store, const hf_farm_board *board, const hf_board_event *event,
                                 int64_t now_ms, hf_error *err);

/** Makes the cycles of the last check that passed the reference. @return HF_ENOTFOUND if there is no such check */
hf_status hf_health_accept(hf_store *store, const hf_farm_board *board, int64_t *cycles, hf_error *err);

#endif
