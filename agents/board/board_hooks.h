/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_HOOKS_H
#define HF_BOARD_HOOKS_H

#include "board/board.h"
#include "flasher/flasher.h"

/**
 * @file board_hooks.h
 * What tests put in place of a board's own parts, to reach paths that a healthy board does not take.
 */

struct hf_serial;

typedef struct hf_board_hooks {
    const char *const *vboard_arguments; /**< further arguments of hilfarm-vboard ("--fault", "uart-mute"),
                                            NULL-terminated; read at every start of it */
    struct hf_serial *(*wrap_serial)(void *user, struct hf_serial *line); /**< puts a decorator around a line
                                                                             just opened; takes ownership */
    void *wrap_serial_user;
    /** Opens another flasher than the one the farm file describes. */
    hf_status (*open_flasher)(void *user, const hf_chip *chip, hf_flasher **out, hf_error *err);
    void *open_flasher_user;
} hf_board_hooks;

/** hf_board_open() with hooks; copied. NULL = none. */
hf_status hf_board_open_hooked(const hf_board_config *config, const hf_board_options *options,
                               const hf_board_hooks *hooks, hf_board **out, hf_error *err);

#endif
