/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CHECK_BOARDS_H
#define HF_CLI_CHECK_BOARDS_H

#include "cli.h"
#include "spec/farm_file.h"

/**
 * `hilfarm boards --check`: one attempt with a small model on every board of the farm, by the same way as a
 * run's. A board is "ok" only if it was flashed and verified through its probe and then answered over its
 * serial line with the nonce of that very reset, and with the right numbers. Prints a line for each board.
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED when some boards cannot be used; HF_EXIT_FARM when none can;
 * HF_EXIT_INTERRUPTED when a signal came before all were checked
 */
hf_exit hf_cli_check_boards(const hf_farm *farm, const hf_cli_options *options);

#endif
