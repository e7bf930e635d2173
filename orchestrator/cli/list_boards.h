/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_LIST_BOARDS_H
#define HF_CLI_LIST_BOARDS_H

#include "exit_status.h"
#include "report/board_health_rows.h"
#include "spec/farm_file.h"

/**
 * `hilfarm boards`: prints the boards of a farm with what the store knows of them: history, maintenance, reservations, need of
 * attention, last health check.
 * @param store_path need not exist
 */
hf_exit hf_cli_list_boards(const hf_farm *farm, const char *store_path);

/**
 * Prints lines about what keeps a board from working: maintenance, reservation, need of attention, quarantine.
 * @param indent columns before them
 * @param now_ms wall clock, Unix ms
 */
void hf_cli_print_board_state(int indent, const hf_board_state_row *state, int64_t now_ms);

#endif
