/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TWO_BOARDS_H
#define TWO_BOARDS_H

#include "board/board.h"
#include "board_hooks.h"
#include "farm/prepare.h"
#include "process.h"
#include "spec/farm_file.h"

/**
 * @file two_boards.h
 * Two boards of one chip, "left" and "right", each a hilfarm-vboard that the farm file describes as it does a
 * real board: a debug probe (an interface script) and a serial port (a pty). There are two farm files of
 * them: one is right, in the other their serial lines are swapped. Not for tests alone: failures are told by
 * return values.
 */

/** States of the board at the end of a wrong serial line. */
typedef enum other_state {
    OTHER_FINISHED,    /**< waits for a request after an attempt that succeeded */
    OTHER_RESET_AGAIN, /**< the same, but was then reset without a nonce */
    OTHER_MID_RUN,     /**< sends the samples of a run whose host has exited */
    OTHER_FAULTED,     /**< answers every line with its fault */
    OTHER_HUNG,        /**< is in an endless loop */
    OTHER_BLANK,       /**< just powered on, with empty flash */
    OTHER_STATE_COUNT,
} other_state;

extern const char *const other_state_names[OTHER_STATE_COUNT];

typedef struct two_boards {
    const char *chip;
    char dir[40];
    char vboard[1024], firmware_dir[1024];
    char scripts[2][80]; /**< the probes' interface scripts */
    char ports[2][80];   /**< ptys; a board that is power-cycled gets another one */
    process processes[2];
    hf_farm *farms[2]; /**< the correct one, and one with swapped serial lines */
    char farm_paths[2][80];
    hf_prepared model;
    hf_board_deadlines deadlines; /**< of attempts on swapped lines; 0 = the defaults */
    hf_board_hooks hooks;         /**< for every attempt */
    char said[2][4096];           /**< end of each board's last transcript */
} two_boards;

/**
 * Powers both on, with nothing in their flash.
 * @param bin_dir, firmware_dir of the build; copied
 * @param chip, model  static strings; the model is a family's variation by name
 * @return false after a message on stderr
 */
bool two_boards_start(two_boards *self, const char *bin_dir, const char *firmware_dir, const char *chip,
                      const char *model);
void two_boards_stop(two_boards *self);

/**
 * One attempt with the model on board `which` (0 left, 1 right): opened, measured, closed, as a run does it.
 * On its own line it gets all the time a busy machine may need.
 * @param swapped the farm file has the boards' serial lines swapped
 * @param runs    timed inferences
 * @param result  of hf_board_attempt()
 */
hf_status two_boards_attempt(two_boards *self, int which, bool swapped, uint32_t runs,
                             hf_attempt_result *result, hf_error *err);

/**
 * Brings a board into a state. Whatever it was, it then holds firmware and model of an earlier attempt that
 * succeeded over its own serial line, unless it is blank.
 * @return false after a message on stderr
 */
bool two_boards_bring(two_boards *self, int which, other_state state);

#endif
