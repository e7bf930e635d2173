/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_IMPORT_BOARDS_H
#define HF_CLI_IMPORT_BOARDS_H

#include "chips/chips.h"
#include "draft_output.h"
#include "inventory/import.h"

typedef struct hf_cli_import {
    hf_cli_draft draft;
    const char *file;    /**< of the other program */
    const char *format;  /**< "twister", "labgrid"; NULL = recognise it */
    const hf_chip *chip; /**< of boards that do not reveal theirs; NULL = unknown */
} hf_cli_import;

/**
 * `hilfarm boards import`: writes a farm file from the inventory of another program.
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED if the user must complete it; HF_EXIT_BAD_INPUT
 */
hf_exit hf_cli_import_boards(const hf_cli_import *import);

/** `hilfarm boards export`: writes a hardware map for twister. */
hf_exit hf_cli_export_boards(const hf_cli_draft *draft, const hf_farm *farm);

#endif
