/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_WATCH_H
#define HF_CLI_WATCH_H

#include "base/buffer.h"
#include "exit_status.h"

/**
 * @file watch.h
 * Lists that can be watched: printed once, or again and again until Ctrl-C.
 */

/** Appends the list as it is now. */
typedef hf_status hf_cli_render(void *user, hf_buffer *text, hf_error *err);

/** Prints a list once. Prints failures. */
hf_exit hf_cli_show_once(hf_cli_render *render, void *user);

/**
 * Prints a list every second until SIGINT, SIGTERM or SIGHUP: on a terminal in place, otherwise whenever it has
 * changed. A failure is shown instead of the list, and tried again, unless it is the first.
 */
hf_exit hf_cli_watch(hf_cli_render *render, void *user);

#endif
