/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_CONSOLE_H
#define HF_API_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"

/**
 * @file console.h
 * A person's console of a board.
 */

/** POST /api/v1/boards/ID/console. */
typedef struct hf_api_console_request {
    uint32_t baud;    /**< as in hf_board_line_settings */
    uint32_t wait_ms; /**< how long to wait for a board in use */
    bool watch;       /**< read only: what the board says in runs and consoles */
    bool reset;       /**< the chip, once the line is open */
    bool flash;       /**< the bench firmware first */
} hf_api_console_request;

/** The event `console`, the first one. */
typedef struct hf_api_console_started {
    char *console; /**< its name in paths; unguessable */
    char *board;
    uint32_t baud; /**< 0: it is watched, at whatever speed it has */
} hf_api_console_started;

/** The event `output`. */
typedef struct hf_api_console_output {
    int64_t offset; /**< of the first byte in what the board has said since the console was opened */
    char *hex;      /**< two digits a byte */
} hf_api_console_output;

/** The events `waiting`: who uses the board; `closed`: why it has ended, the last one. */
typedef struct hf_api_console_note {
    char *text;
    bool failed; /**< it did not end as asked */
} hf_api_console_note;

extern const hf_api_type hf_api_console_request_type, hf_api_console_started_type, hf_api_console_output_type,
    hf_api_console_note_type;

#endif
