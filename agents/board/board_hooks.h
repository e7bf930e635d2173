/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_HOOKS_H
#define HF_BOARD_HOOKS_H

#include "board/board.h"
#include "flasher/flasher.h"

/**
 * @file board_hooks.h
 * Replacements for parts of a board, so that tests reach paths that a healthy board does not take.
 */

struct hf_serial;

typedef struct hf_board_hooks {
    const char *const *vboard_arguments; /**< more arguments for hilfarm-vboard ("--fault", "uart-mute"),
                                            NULL-terminated; read whenever it is started */
    struct hf_serial *(*wrap_serial)(void *user,
                                     struct hf_serial *line); /**< wraps a line that was just opened in
                                                                             a decorator; takes ownership */
    void *wrap_serial_user;
    /** Opens a flasher in place of the one in the farm file. */
    hf_status (*open_flasher)(void *user, const hf_chip *chip, hf_flasher **out, hf_error *err);
    void *open_flasher_user;
    const char *lock_dir; /**< for the locks of real boards; NULL = where all users of this host meet,
                             hf_lock_shared_dir() */
} hf_board_hooks;

/** hf_board_open() with hooks, which are copied; NULL = none. */
hf_status hf_board_open_hooked(const hf_board_config *config, const hf_board_options *options,
                               const hf_board_hooks *hooks, hf_board **out, hf_error *err);

#endif
