/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_CHILD_H
#define HF_PROCESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file child.h
 * A child process in a process group of its own, with stdin from /dev/null and both outputs in one pipe. It
 * never outlives its starter: it is killed when the *thread* that started it ends (prctl(2),
 * PR_SET_PDEATHSIG), so that thread must live as long as the child is wanted.
 */

typedef struct hf_child hf_child;

typedef struct hf_child_options {
    const char *name;          /**< for messages: "OpenOCD"; outlives the child */
    const char *const *argv;   /**< NULL-terminated; argv[0] is looked up in PATH if it has no slash */
    int cpu;                   /**< pin to this CPU; -1 = do not */
    hf_fault fault;            /**< class of its unexpected end */
    hf_transcript *transcript; /**< its output goes here, as `speaker`; borrowed for the child's life */
    hf_speaker speaker;
    void (*line)(void *user, const char *line); /**< told each line of output (without LF); NULL = none */
    void *line_user;
} hf_child_options;

/** Starts a program. A program that cannot be executed is an error here (class farm), with the reason. */
hf_status hf_child_start(const hf_child_options *options, hf_child **out, hf_error *err);

/** Changes who is told each line of output; NULL = nobody. */
void hf_child_on_line(hf_child *child, void (*line)(void *user, const char *line), void *line_user);

pid_t hf_child_pid(const hf_child *child);

/** Readable when there is output or the child ended: what to watch, with hf_child_ready() as its callback. */
int hf_child_fd(const hf_child *child);

/** Reads the output there is, without waiting. @return HF_OK, or HF_ECHILD (class as in the options) once the
 * child closed its outputs or ended. `user` is the hf_child. */
hf_status hf_child_ready(void *user, hf_error *err);

/** Reads the output there is. @return false once the child has ended */
bool hf_child_alive(hf_child *child);

/** Its exit status once it has ended by itself; -1 while it runs, or when a signal ended it. */
int hf_child_exit_status(const hf_child *child);

/** Waits up to `wait_ms` for its end. @return HF_OK while it runs, else as hf_child_ready() */
hf_status hf_child_ended(hf_child *child, uint32_t wait_ms, hf_error *err);

/**
 * SIGTERM to its process group, SIGKILL to what is left after `stop_ms`; reaps it and frees the object.
 * NULL allowed.
 */
void hf_child_stop(hf_child *child, uint32_t stop_ms);

#endif
