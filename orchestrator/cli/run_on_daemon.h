/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_ON_DAEMON_H
#define HF_CLI_RUN_ON_DAEMON_H

#include "client/client.h"
#include "exit_status.h"
#include "run_options.h"

/**
 * @file run_on_daemon.h
 * `hilfarm run` with a daemon: submits the run and follows it.
 */

/**
 * @param argument path of the spec; with --resume a run
 * @return as a run in this process; with --detach HF_EXIT_OK once the daemon has accepted the run
 */
hf_exit hf_cli_run_on_daemon(hf_client *client, const char *argument, const hf_cli_run_options *options);

#endif
