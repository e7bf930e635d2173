/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_EVALUATE_ON_BOARD_H
#define HF_CLI_EVALUATE_ON_BOARD_H

#include "evaluate/evaluate.h"
#include "evaluate/verify_on_board.h"
#include "exit_status.h"
#include "programs.h"
#include "spec/farm_file.h"

/**
 * @file evaluate_on_board.h
 * `hilfarm evaluate --on-board`: some samples of a data set on a board of the farm. Failures are printed.
 */

typedef struct hf_cli_on_board {
    uint32_t samples; /**< how many; 0 = no board */
    hf_cli_programs programs;
    uint64_t wait_ms;           /**< for a board that others use; 0 = not at all */
    const hf_farm_board *board; /**< hf_cli_choose_board() */
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< user: a label; NULL = none */
} hf_cli_on_board;

/**
 * Chooses the board: the first with the tag (NULL = any) that the image fits, and that nobody has disabled or reserved for others.
 * @param store_path what is known of the boards; need not exist
 * @param out written on HF_EXIT_OK
 * @return HF_EXIT_BAD_INPUT if there is no such board; HF_EXIT_FARM: all that there are, are kept from being used
 */
hf_exit hf_cli_choose_board(const hf_farm *farm, const char *store_path, const char *tag,
                            const hf_image *image, const hf_farm_board **out);

/**
 * @param reading, evaluation of the host's evaluation: which samples can be read, and how
 * @return HF_EXIT_OK; HF_EXIT_SOME_FAILED if an output was wrong or missing; HF_EXIT_FARM; HF_EXIT_INTERRUPTED
 */
hf_exit hf_cli_evaluate_on_board(const hf_cli_on_board *options, const hf_evaluated_model *model,
                                 const hf_dataset *dataset, const hf_sample_reading *reading,
                                 const hf_evaluation *evaluation, hf_on_board_result *result);

#endif
