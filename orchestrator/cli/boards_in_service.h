/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_BOARDS_IN_SERVICE_H
#define HF_CLI_BOARDS_IN_SERVICE_H

#include "exit_status.h"
#include "report/board_health_rows.h"
#include "spec/farm_file.h"

/**
 * @file boards_in_service.h
 * Boards that people keep from being used: disabled or reserved ones.
 */

/**
 * Why a board must not be used now.
 * @param user whose own reservations do not count; NULL = every reservation counts
 * @param text receives "disabled by ann: loose cable", or "reserved by ann until 2026-11-30 12:00"
 * @return false if nothing is against it
 */
bool hf_cli_is_left_out(const hf_board_state_row *state, const char *user, char *text, size_t size);

/**
 * Loads what the store knows of the boards. A store that is missing or cannot be read says nothing of them.
 * @param out NULL = nothing is known; else one row per board of the farm: hf_rows_free() with hf_board_state_row_type
 */
hf_status hf_cli_load_board_states(const hf_farm *farm, const char *store_path, hf_board_state_row **out,
                                   hf_error *err);

/**
 * Removes the boards that are disabled or reserved from those of a run, and says so on stderr. The chips stay: what only such
 * boards could measure is not measured.
 * @param store_path need not exist
 * @return HF_EXIT_FARM if no board is left
 */
hf_exit hf_cli_keep_boards_in_service(const hf_farm *farm, const char *store_path, bool quiet,
                                      hf_selection *selection);

#endif
