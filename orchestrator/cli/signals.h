/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_SIGNALS_H
#define HF_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/**
 * @file signals.h
 * SIGINT, SIGTERM and SIGHUP as a descriptor, so that children are ended and files removed before the program
 * exits. For commands without an event loop.
 */
typedef struct hf_cli_signals {
    int fd; /**< readable once a signal has come, to be a board's cancel_fd; -1 if there is none */
    sigset_t before;
} hf_cli_signals;

void hf_cli_signals_catch(hf_cli_signals *signals);
/** Restores the signals. @return whether one has come */
bool hf_cli_signals_release(hf_cli_signals *signals);

#endif
