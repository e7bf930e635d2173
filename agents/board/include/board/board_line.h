/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_BOARD_LINE_H
#define HF_BOARD_BOARD_LINE_H

#include "base/clock.h"
#include "board/board.h"
#include "board/line_baud.h"

/**
 * @file board_line.h
 * The serial line of a board for a person, under the locks that an attempt takes: 8 data bits, no parity, 1 stop bit.
 * Calls block, with deadlines. One thread, which must live until hf_board_line_close().
 */

typedef struct hf_board_line hf_board_line;

typedef struct hf_board_line_settings {
    uint32_t baud; /**< 0 = that of the bench firmware after reset; at most HF_BOARD_LINE_MAX_BAUD */
    bool flash;    /**< first program the bench firmware, and reset */
    bool reset;    /**< reset the chip once the line is open, so that nothing it says is missed */
} hf_board_line_settings;

/**
 * Locks the board and opens its line. OpenOCD runs only for as long as `flash` and `reset` need it.
 * @param config, options as for hf_board_open(), borrowed until hf_board_line_close(); options.cancel_fd ends every wait
 * @param wake_fd readable = hf_board_line_read() returns; -1 = none
 * @return as hf_board_open(); HF_EBUSY while the board is in use
 */
hf_status hf_board_line_open(const hf_board_config *config, const hf_board_options *options,
                             const hf_board_line_settings *settings, int wake_fd, hf_board_line **out,
                             hf_error *err);

/** Reads what has arrived, as hf_serial_read(). @return HF_ETIMEOUT (not recorded) also if wake_fd is readable */
hf_status hf_board_line_read(hf_board_line *line, void *bytes, size_t capacity, hf_deadline deadline,
                             size_t *got, hf_error *err);
/** Writes all bytes, as hf_serial_write(). wake_fd is not looked at. */
hf_status hf_board_line_write(hf_board_line *line, const void *bytes, size_t size, hf_deadline deadline,
                              hf_error *err);

/** The speed of a line that is opened with these settings. @param baud as in the settings */
uint32_t hf_board_line_baud(uint32_t baud);

/** Closes the line, stops what was started and releases the locks. NULL allowed. */
void hf_board_line_close(hf_board_line *line);

#endif
