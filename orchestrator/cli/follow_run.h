/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_FOLLOW_RUN_H
#define HF_CLI_FOLLOW_RUN_H

#include <stdbool.h>

#include "client/client.h"
#include "exit_status.h"
#include "night_output.h"

/**
 * @file follow_run.h
 * Showing a run on the daemon until it is over, and then its results.
 */

typedef struct hf_cli_follow_options {
    const char *baseline; /**< run to show the comparison with; NULL = none */
    unsigned fail_on;
    const hf_cli_night_options
        *night; /**< files to write and whom to notify at the end; NULL = none and nobody */
    bool quiet, plain;
    bool from_start; /**< with what has happened so far */
    bool owns_run;   /**< Ctrl-C and SIGTERM cancel the run; otherwise they only end the following */
} hf_cli_follow_options;

/**
 * Follows a run. SIGHUP, a lost terminal, leaves it going.
 * @param run key, number, tag or name
 * @return as a run in this process would; HF_EXIT_INTERRUPTED when it is left; HF_EXIT_FARM if the daemon is lost
 */
hf_exit hf_cli_follow_run(hf_client *client, const char *run, const hf_cli_follow_options *options);

#endif
