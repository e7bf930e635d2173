/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_BOARD_H
#define HF_API_BOARD_H

#include "api/api.h"
#include "run_view/run_view.h"

/**
 * @file board.h
 * The boards of the daemon's farm.
 */

typedef struct hf_api_board {
    hf_board_view view; /**< what it does now */
    /* What people have decided, and what is known of its health. Texts are NULL where it does not apply. */
    char *disabled_reason, *disabled_by;
    int64_t disabled_ms;
    char *reserved_by, *reserved_note;
    int64_t reserved_ms, reserved_until_ms; /**< until: 0 = until it is released */
    char *attention;                        /**< why a person must look at it */
    int64_t attention_ms;                   /**< since when */
    char *host;                             /**< of a board of another host */
    char *host_problem;                     /**< why that host cannot be used now */
    int64_t host_heard_ms; /**< when it was last heard of; 0 = not since the daemon started */
} hf_api_board;

/** GET /api/v1/boards. */
typedef struct hf_api_boards {
    hf_api_board *boards;
    size_t board_count;
} hf_api_boards;

/** POST /api/v1/boards/ID/{reserve,release,disable}. */
typedef struct hf_api_board_change {
    int64_t until_ms; /**< reserve; 0 = until it is released */
    char *note;       /**< reserve: for people; may be NULL */
    char *reason;     /**< disable; may be NULL */
    bool force;       /**< reserve, release: also if another user has reserved it */
} hf_api_board_change;

extern const hf_api_type hf_api_board_view_type, hf_api_board_type, hf_api_boards_type,
    hf_api_board_change_type;

#endif
