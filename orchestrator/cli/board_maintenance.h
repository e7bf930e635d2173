/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_BOARD_MAINTENANCE_H
#define HF_CLI_BOARD_MAINTENANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_status.h"
#include "spec/farm_file.h"

/**
 * @file board_maintenance.h
 * `hilfarm boards disable`, `enable`, `reserve`, `release` and `accept`: what people decide about a board, kept in the store.
 */

#define HF_CLI_USER_SIZE 64
/** Name of the user of this process. */
void hf_cli_user_name(char name[HF_CLI_USER_SIZE]);

typedef struct hf_cli_maintenance {
    const char *board;  /**< id */
    const char *reason; /**< disable: why */
    const char *note;   /**< reserve: what for; NULL = none */
    uint64_t for_ms;    /**< reserve: how long; 0 = until it is released */
    bool force;         /**< reserve, release: also if it is reserved by somebody else */
} hf_cli_maintenance;

/** Whether `disable` has its reason; prints that it is missing. */
bool hf_cli_has_reason(const hf_cli_maintenance *wanted);

/**
 * One of the five. Prints what has changed.
 * @param farm has the board
 * @param store_path created if necessary
 * @return HF_EXIT_BAD_INPUT if the farm has no such board, or somebody else has reserved it
 */
typedef hf_exit hf_cli_maintain(const hf_farm *farm, const char *store_path,
                                const hf_cli_maintenance *wanted);

hf_cli_maintain hf_cli_disable_board; /**< no run uses it until it is enabled */
hf_cli_maintain hf_cli_enable_board;  /**< with a clean record: without need of attention and quarantine */
hf_cli_maintain hf_cli_reserve_board; /**< no run uses it, so that a person can work on it */
hf_cli_maintain hf_cli_release_board;
hf_cli_maintain hf_cli_accept_board; /**< the cycles of its last health check are right from now on */

#endif
