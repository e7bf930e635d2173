/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DAEMON_RESULTS_H
#define HF_CLI_DAEMON_RESULTS_H

#include "api/run.h"
#include "client/client.h"
#include "exit_status.h"
#include "night_output.h"

/**
 * @file daemon_results.h
 * The results of a run on the daemon, as `hilfarm run` shows and writes them: rendered here if the daemon's store can
 * be read, by the daemon otherwise.
 */

typedef struct hf_cli_daemon_results_options {
    const char *baseline; /**< run to show the comparison with; NULL = none */
    unsigned fail_on;
    const hf_cli_night_options *night; /**< files to write and whom to notify; NULL = none and nobody */
    bool quiet, plain;
} hf_cli_daemon_results_options;

/** Prints the table and writes the report's files beside the store of the current folder. Prints failures. */
hf_exit hf_cli_show_daemon_results(hf_client *client, const hf_api_run_end *end,
                                   const hf_cli_daemon_results_options *options);

#endif
