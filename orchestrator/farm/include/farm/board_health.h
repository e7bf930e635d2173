/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_BOARD_HEALTH_H
#define HF_FARM_BOARD_HEALTH_H

#include "board/board.h"
#include "spec/farm_file.h"

/**
 * @file board_health.h
 * What outlives the runs of a farm's boards: how they stand when a controller begins, changes of their health, and health
 * checks.
 */

/** What is known of a board from before the controller began. */
typedef struct hf_board_standing {
    bool disabled;
    bool reserved;
    int64_t reserved_until_ms; /**< wall clock, Unix ms; 0 = until it is released */
    bool needs_attention;      /**< it must pass a health check before it gets a job */
    /** since its last success; if there are any, it must pass a health check too, and one strike sends it away */
    uint32_t quarantines;
    int64_t
        quarantined_until_ms; /**< wall clock, Unix ms; 0, or a time that has passed = it is not in quarantine */
    hf_fault cause;           /**< class of the failure that led to its last quarantine */
    char failure[256];        /**< that failure; "" = not known */
} hf_board_standing;

typedef enum hf_board_event_kind {
    HF_BOARD_EVENT_QUARANTINED, /**< too many failures in a row; until_ms says how long */
    HF_BOARD_EVENT_GIVEN_UP, /**< it needs attention: no job gets it until it passes a health check or is enabled */
    HF_BOARD_EVENT_BACK, /**< it works again: its first success after one of the two above */
} hf_board_event_kind;

/** A change of a board's health that outlives the runs. Pointers are valid during the call. */
typedef struct hf_board_event {
    hf_board_event_kind kind;
    uint32_t board; /**< index in the farm */
    hf_fault fault; /**< of the last failure */
    const char *message;
    int64_t until_ms;     /**< QUARANTINED: wall clock, Unix ms */
    uint32_t quarantines; /**< QUARANTINED: since its last success, with this one */
} hf_board_event;

/** The outcome of a health check. Pointers are valid during the call. */
typedef struct hf_board_check {
    uint32_t board; /**< index in the farm */
    int64_t started_ms;
    uint64_t duration_ns;
    bool passed;
    const hf_attempt_result *result; /**< NULL = the attempt failed */
    const hf_error *error;           /**< why it did not pass */
} hf_board_check;

/** Health checks: an attempt with a known image. Without these functions every check passes at once. */
typedef struct hf_controller_checks {
    void *user;
    /**
     * Makes the request for a board's check. On a thread of its own.
     * @param out what it points to must stay valid as long as the controller
     */
    hf_status (*request)(void *user, const hf_farm_board *board, hf_attempt_request *out, hf_error *err);
    /** Whether a successful attempt passes. @return HF_OK, or why not in *err (a failure of class board) */
    hf_status (*judge)(void *user, const hf_farm_board *board, const hf_attempt_result *result,
                       hf_error *err);
} hf_controller_checks;

#endif
