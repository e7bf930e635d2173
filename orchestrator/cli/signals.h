/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_SIGNALS_H
#define HF_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/**
 * @file signals.h
 * SIGINT, SIGTERM and SIGHUP as a descriptor, so that children end and files are removed before the program
 * does. For commands without a loop of their own.
 */
typedef struct hf_cli_signals {
    int fd; /**< readable once a signal has come: a board's cancel_fd; -1 if there is none */
    sigset_t before;
} hf_cli_signals;

void hf_cli_signals_catch(hf_cli_signals *signals);
/** Lets signals act as before. @return whether one has come */
bool hf_cli_signals_release(hf_cli_signals *signals);

#endif
