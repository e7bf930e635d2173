/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_CHILD_H
#define HF_PROCESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file child.h
 * A child process in its own process group, with stdin from /dev/null and stdout and stderr in one pipe. It
 * never outlives its parent: the kernel kills it when the *thread* that started it ends (prctl(2),
 * PR_SET_PDEATHSIG), so that thread must live as long as the child is needed.
 */

typedef struct hf_child hf_child;

typedef struct hf_child_options {
    const char *name;               /**< for messages: "OpenOCD"; outlives the child */
    const char *const *argv;        /**< NULL-terminated; argv[0] is looked up in PATH if it has no slash */
    const char *const *environment; /**< NULL-terminated; NULL = that of this process */
    int cpu;                        /**< pin to this CPU; -1 = do not */
    hf_fault fault;                 /**< fault class of an unexpected exit */
    hf_transcript *transcript;      /**< receives its output, as `speaker`; borrowed for the child's life */
    hf_speaker speaker;
    void (*line)(void *user,
                 const char *line); /**< called with each line of output, without its LF; NULL = none */
    void *line_user;
} hf_child_options;

/** Starts a program. If it cannot be executed, fails here (class farm) and gives the reason. */
hf_status hf_child_start(const hf_child_options *options, hf_child **out, hf_error *err);

/** Replaces the callback for lines of output; NULL = none. */
void hf_child_on_line(hf_child *child, void (*line)(void *user, const char *line), void *line_user);

pid_t hf_child_pid(const hf_child *child);

/** Readable when there is output or the child has ended. Add it to a watch with hf_child_ready() as its
 * callback. */
int hf_child_fd(const hf_child *child);

/** Readable once the child has exited, even if its output is still open. */
int hf_child_exit_fd(const hf_child *child);

/** Reads the available output without waiting. `user` is the hf_child. @return HF_OK, or HF_ECHILD (class as
 * in the options) once the child has closed its outputs or ended */
hf_status hf_child_ready(void *user, hf_error *err);

/** Reads the available output. @return false once the child has ended */
bool hf_child_alive(hf_child *child);

/** Its exit status once it has exited; -1 while it runs, or if a signal ended it. */
int hf_child_exit_status(const hf_child *child);

/** Waits up to `wait_ms` for the child to end. @return HF_OK while it runs, else as hf_child_ready() */
hf_status hf_child_ended(hf_child *child, uint32_t wait_ms, hf_error *err);

/**
 * Sends SIGTERM to the process group, SIGKILL to what is left after `stop_ms`, reaps the child and frees the
 * object. NULL allowed.
 */
void hf_child_stop(hf_child *child, uint32_t stop_ms);

#endif
