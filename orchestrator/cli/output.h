/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_OUTPUT_H
#define HF_CLI_OUTPUT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/file.h"
#include "exit_status.h"

/**
 * @file output.h
 * Standard output and files: terminals, colours, closed pipes.
 */

/** Whether `fd` is a terminal that can move its cursor: not with TERM=dumb. */
bool hf_cli_is_terminal(int fd);
/** Whether `fd` is such a terminal and NO_COLOR is not set. */
bool hf_cli_has_colours(int fd);
/** "12 s", "3 min 05 s", "2 h 07 min" */
void hf_cli_format_duration(uint64_t ns, char *text, size_t size);
#define HF_CLI_TIME_SIZE 24
/** "2026-11-30 09:05", local time. @param time_ms Unix milliseconds */
void hf_cli_format_time(int64_t time_ms, char *text, size_t size);
/** Width of the terminal at standard output; 0 = not a terminal. */
int hf_cli_columns(void);

/**
 * Writes a text to a file, or to standard output. A pipe whose reader is gone is not a failure.
 * @param path NULL = standard output
 */
hf_exit hf_cli_write(const hf_buffer *text, const char *path);

/** The same for a text that is too large for memory. @param path NULL = standard output */
hf_exit hf_cli_produce(const char *path, hf_file_producer *produce, void *user);

/** Flushes standard output at the end of the program. @return exit_status, or HF_EXIT_FARM if that fails */
int hf_cli_end_output(int exit_status);

#endif
