/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_SCAN_BOARDS_H
#define HF_CLI_SCAN_BOARDS_H

#include "chips/chips.h"
#include "draft_output.h"

typedef struct hf_cli_scan {
    hf_cli_draft draft;
    const hf_chip *chip; /**< of all boards; NULL = unknown */
} hf_cli_scan;

/**
 * `hilfarm boards scan`: writes a farm file with the boards that are connected to this host.
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED if the user must complete it; HF_EXIT_FARM if there is no probe (then
 *         nothing is written) or the ports cannot be listed; HF_EXIT_BAD_INPUT if the file exists
 */
hf_exit hf_cli_scan_boards(const hf_cli_scan *scan);

#endif
