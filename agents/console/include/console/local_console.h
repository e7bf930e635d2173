/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONSOLE_LOCAL_CONSOLE_H
#define HF_CONSOLE_LOCAL_CONSOLE_H

#include "board/board_line.h"
#include "console/console.h"

/** @file local_console.h
 * The back end for a board of this host. */

/**
 * @param config  borrowed for the back end's life
 * @param options copied; what they point to is borrowed for the back end's life; cancel_fd is the console's
 */
hf_status hf_local_console_new(const hf_board_config *config, const hf_board_options *options,
                               const hf_board_line_settings *settings, hf_console_backend *out,
                               hf_error *err);

#endif
