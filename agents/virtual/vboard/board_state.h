/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_BOARD_STATE_H
#define VB_BOARD_STATE_H

#include "debug/server.h"
#include "machine/setup.h"
#include "vboard/vboard.h"

/**
 * @file board_state.h
 * The parts of a board, and what the event loop remembers.
 */

struct vb_board {
    vb_uart *uart;
    vb_core_debug *core;
    vb_machine *machine;
    vb_mem_ap *ap;
    vb_dp *dp;
    vb_tap *tap;
    vb_bitbang bitbang;
    vb_server *server;
    const char *chip, *flash_path;
    uint64_t die_after;
    bool idle;
    uint64_t idle_since_ns;
    uint64_t accounted_ns; /* up to here, idle and halted time has been passed to the machine */
    unsigned quiet_slices;
    unsigned talk_receives; /* scans still to be received in recv() before the next poll() */
};

#endif
