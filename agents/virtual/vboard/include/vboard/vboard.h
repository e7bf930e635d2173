/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_VBOARD_H
#define VB_VBOARD_H

#include <stdint.h>

#include "uart/pty_port.h"

/**
 * @file vboard.h
 * One virtual board: machine, debug chain, serial port, and the loop that serves them.
 */

typedef struct vb_board vb_board;

typedef struct vb_board_options {
    const char *chip;
    const char *socket_path;
    const char *pty_link;   /**< NULL = none */
    const char *flash_path; /**< file that keeps the flash; NULL = the flash starts erased and is not saved */
    uint32_t jtag_wait;     /**< fault: every n-th DP or AP access answers WAIT; 0 = never */
    uint32_t jtag_wait_at;  /**< fault: the n-th alone does; 0 = never */
    uint64_t die_after;     /**< fault: the process exits without cleaning up after n accesses; 0 = never */
    const char *dead_part;  /**< fault: as vb_machine_set_dead(); NULL = none */
    vb_uart_faults serial;  /**< faults of the serial line */
    uint32_t flash_percent; /**< erase and program times, in percent of the data sheet's; 0 = no time */
    bool oscillators;       /**< the next two replace the board's default */
    uint32_t hse_hz;        /**< on OSC_IN; 0 = nothing */
    bool lse;               /**< the crystal of 32,768 Hz is fitted */
} vb_board_options;

/** @return NULL with a message on stderr */
vb_board *vb_board_new(const vb_board_options *options);
/** Removes the socket and the link; does not save the flash. NULL allowed. */
void vb_board_free(vb_board *board);
/** Writes options->flash_path, if set. @return false with a message on stderr */
bool vb_board_save_flash(vb_board *board);

const char *vb_board_pty(const vb_board *board);

/**
 * Runs the board.
 * @param stop_fd readable = return
 * @return 0, or -1 with a message on stderr
 */
int vb_board_run(vb_board *board, int stop_fd);

#endif
