/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * @file process.h
 * Child processes for end-to-end tests. Captures their output; every wait has a deadline, after which the
 * process is killed.
 */

#define PROCESS_OUTPUT_BYTES 65536

typedef struct process {
    pid_t pid; /**< 0 = not running */
    int output_fd;
    char output[PROCESS_OUTPUT_BYTES]; /**< stdout and stderr so far, NUL-terminated; excess is discarded */
    size_t output_size;
} process;

/** Starts argv[0] (looked up in PATH if it has no slash). @return false if it cannot be started */
bool process_start(process *child, const char *const *argv);

/** Waits until the output contains `text`. @return false if the output ends or the deadline passes first */
bool process_wait_output(process *child, const char *text, int deadline_ms);

/**
 * Waits for the process to exit and collects its output; kills it if the deadline passes.
 * @return exit status, 128 + signal, or -1 if it had to be killed
 */
int process_wait_exit(process *child, int deadline_ms);

/** SIGTERM, then process_wait_exit(). */
int process_stop(process *child, int deadline_ms);

#endif
