/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_SHELL_COMMAND_H
#define HF_PROCESS_SHELL_COMMAND_H

#include <stdbool.h>

#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file shell_command.h
 * A command of the user, such as a hook or one that switches a board's power, run by the shell within a
 * deadline.
 */

typedef struct hf_shell_command {
    const char *name;             /**< for messages: the key in the farm file, "power.cycle" */
    const char *text;             /**< run by /bin/sh -c */
    const char *shown;            /**< for messages: what the user wrote; NULL = the text */
    const char *const *variables; /**< added to the environment, "NAME=VALUE", NULL-terminated; NULL = none */
    uint32_t limit_ms;            /**< then the command and its process group are killed */
    hf_fault fault;               /**< class of its failure */
    bool for_all_boards;          /**< if it cannot be executed, no board can work: HF_FAULT_FARM */
    hf_transcript *transcript;    /**< logs its output; NULL = none */
    const hf_watch *watch;        /**< served while it runs, and can cancel it; NULL = none */
    int *exit_status; /**< receives it; -1 = a signal ended it, or it did not exit; NULL = not needed */
} hf_shell_command;

/**
 * Runs a command and waits until it exits. What it leaves in its process group is killed then.
 * @return HF_OK if it exits with status 0; HF_ECHILD with the reason and its last line of output, and
 *         HF_PERMANENT if the shell did not find a program or could not execute it (status 127 or 126);
 *         HF_ETIMEOUT; HF_ECANCELLED
 */
hf_status hf_shell_command_run(const hf_shell_command *command, hf_error *err);

#endif
