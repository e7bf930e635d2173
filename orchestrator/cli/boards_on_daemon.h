/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_BOARDS_ON_DAEMON_H
#define HF_CLI_BOARDS_ON_DAEMON_H

#include "board_maintenance.h"
#include "client/client.h"
#include "exit_status.h"

/**
 * @file boards_on_daemon.h
 * `hilfarm boards` with a daemon, to which the boards belong. Failures are printed.
 */

/** Lists the boards: what they do now, what people have decided about them, and what is wrong with them. */
hf_exit hf_cli_list_daemon_boards(hf_client *client);

/**
 * Has every board checked that is not out of service, and waits for the outcomes.
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED; HF_EXIT_FARM if none passed
 */
hf_exit hf_cli_check_daemon_boards(hf_client *client);

typedef enum hf_cli_board_change {
    HF_CLI_DISABLE_BOARD,
    HF_CLI_ENABLE_BOARD,
    HF_CLI_RESERVE_BOARD,
    HF_CLI_RELEASE_BOARD,
} hf_cli_board_change;

/** Changes a board's service and prints what has changed. */
hf_exit hf_cli_change_daemon_board(hf_client *client, hf_cli_board_change change,
                                   const hf_cli_maintenance *wanted);

#endif
