/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_BOARD_HEALTH_H
#define HF_STORE_BOARD_HEALTH_H

#include "report/board_health_rows.h"
#include "store/store.h"

/**
 * @file board_health.h
 * What the store knows of boards beyond a run: maintenance, reservations, quarantine, the need of attention, and health
 * checks. Failures are HF_ESTORE, class farm.
 */

/** The parts of a board's state. A write changes only the parts that it names, so two writers do not undo each other. */
typedef enum hf_board_part {
    HF_BOARD_PART_DISABLED = 1u << 0,   /**< disabled_* */
    HF_BOARD_PART_RESERVED = 1u << 1,   /**< reserved_* */
    HF_BOARD_PART_QUARANTINE = 1u << 2, /**< quarantine_*, quarantined_until_ms */
    HF_BOARD_PART_ATTENTION = 1u << 3,  /**< attention, attention_ms */
    HF_BOARD_PART_GOLDEN = 1u << 4,     /**< golden_* */
    HF_BOARD_PART_ALL = (1u << 5) - 1,
} hf_board_part;

/** All boards of which something is known, by name. @param rows freed with hf_rows_free(), hf_board_state_row_type */
hf_status hf_store_list_board_states(hf_store *store, hf_board_state_row **rows, size_t *count,
                                     hf_error *err);
/**
 * Records parts of a board's state; a board that is not known yet is added.
 * @param row identifies the board; of the rest only the members of `parts` are read
 * @param parts hf_board_part bits, at least one
 */
hf_status hf_store_put_board_state(hf_store *store, const hf_board_state_row *row, unsigned parts,
                                   hf_error *err);

/** Records a health check; a board that is not known yet is added. */
hf_status hf_store_add_health_check(hf_store *store, const hf_health_check_row *row, hf_error *err);
/**
 * Lists health checks, newest first.
 * @param board_id, chip, modelled the board; board_id NULL = all boards
 * @param most at most so many, >= 1
 * @param rows freed with hf_rows_free(), hf_health_check_row_type
 */
hf_status hf_store_list_health_checks(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                      size_t most, hf_health_check_row **rows, size_t *count, hf_error *err);
/**
 * The cycles of the newest check of a board that passed without drift, with the same firmware and image.
 * @param cycles set to 0 if there is none
 */
hf_status hf_store_last_good_cycles(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                    const char *firmware_id, uint32_t image_crc32, int64_t *cycles,
                                    hf_error *err);

#endif
