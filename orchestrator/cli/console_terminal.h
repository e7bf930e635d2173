/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CONSOLE_TERMINAL_H
#define HF_CLI_CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "console_keys.h"
#include "signals.h"

/**
 * @file console_terminal.h
 * The person's side of a console: standard input, a terminal in raw mode or a pipe, and standard output.
 */

typedef struct hf_cli_console_terminal {
    bool typing;     /**< standard input is a terminal in raw mode */
    bool escape;     /**< control characters of the board are shown as \\xNN */
    bool reads;      /**< not only watching */
    bool input_over; /**< the pipe has ended, or nothing is read and the time to stay is limited */
    bool leave, interrupted, output_failed;
    uint64_t
        timeout_ms; /**< how long to stay after the end of the input; if nothing is read, once the line is open */
    hf_deadline stay;
    hf_cli_console_keys keys;
    struct termios before;
    hf_cli_signals signals;
} hf_cli_console_terminal;

#define HF_CLI_CONSOLE_FOREVER UINT64_MAX
/** Prepares both: signals are caught from now on. @param watch nothing is read @param timeout_ms HF_CLI_CONSOLE_FOREVER = with
 * `watch`: until the user leaves */
void hf_cli_console_begin(hf_cli_console_terminal *terminal, bool watch, bool escape, uint64_t timeout_ms);
/** The line is open: a terminal is put into raw mode, and the person is told how to leave. */
void hf_cli_console_opened(hf_cli_console_terminal *terminal, const char *board, uint32_t baud);
/** Everything is as it was before. */
void hf_cli_console_end(hf_cli_console_terminal *terminal);

/** @return -1 = there is no input, or no more */
int hf_cli_console_input_fd(const hf_cli_console_terminal *terminal);
/** Reads what is there. @return bytes for the board, at most `size` */
size_t hf_cli_console_input(hf_cli_console_terminal *terminal, uint8_t *bytes, size_t size);
/** Shows what the board says. */
void hf_cli_console_output(hf_cli_console_terminal *terminal, const uint8_t *bytes, size_t size);
#define HF_CLI_CONSOLE_LINE 600
/** A line on standard error, also in raw mode. */
void hf_cli_console_say(const hf_cli_console_terminal *terminal, const char *line);
/** Whether the console must end: the user left, a signal came, the time to stay has passed, or the reader of the
 * output is gone. */
bool hf_cli_console_leaving(hf_cli_console_terminal *terminal);

/** Appends bytes with control characters, and what is not ASCII, as \\xNN; line feeds, tabs and carriage returns before a
 * line feed stay. */
void hf_cli_console_escape(const uint8_t *bytes, size_t size, hf_buffer *out);

#endif
