/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CHECK_BOARDS_H
#define HF_CLI_CHECK_BOARDS_H

#include "exit_status.h"
#include "programs.h"
#include "spec/farm_file.h"

/**
 * `hilfarm boards --check`: a health check (health/golden.h) of every board of the farm, one after the other, as in a run. A
 * board is "ok" only if it was flashed and verified through its probe and then answered over its serial line with the
 * nonce of this very reset and with the right result. Boards that are disabled, or reserved by others, are left out.
 * Prints a line per board and records the checks.
 * @param store_path created if necessary
 * @param wait_ms how long to wait for a board that others use; 0 = not at all
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED if some boards cannot be used, or their cycles have drifted; HF_EXIT_FARM if none
 * can, or the store cannot be written; HF_EXIT_INTERRUPTED if a signal came before all were checked
 */
hf_exit hf_cli_check_boards(const hf_farm *farm, const hf_cli_programs *programs, const char *store_path,
                            uint64_t wait_ms);

#endif
