/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_LIST_BOARDS_H
#define HF_CLI_LIST_BOARDS_H

#include "exit_status.h"
#include "spec/farm_file.h"

/**
 * `hilfarm boards`: prints the boards of a farm with what the store knows of them: history, maintenance, reservations, need of
 * attention, last health check.
 * @param store_path need not exist
 */
hf_exit hf_cli_list_boards(const hf_farm *farm, const char *store_path);

#endif
