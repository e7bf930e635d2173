/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_START_H
#define HF_CLI_RUN_START_H

#include <stdint.h>

#include "run_view/run_view.h"

/**
 * @file run_start.h
 * Lines about a run: the first ones, and how many models were prepared before.
 */

typedef struct hf_cli_run_size {
    uint32_t models, chips, boards;
    uint32_t selected, jobs; /**< measurements that are to be made, of so many */
} hf_cli_run_size;

/** "my_sweep: 14 models on 1 chip, 2 boards" */
void hf_cli_print_start(const char *name, const hf_cli_run_size *size);
/** "resuming run 7 (20261130-9f0c21ab): 3 measured and 1 pruned before" */
void hf_cli_print_resumed(int64_t run_id, const char *key, uint32_t measured, uint32_t pruned);

/** At the end: "12 of 14 models were prepared before"; nothing if none was. */
void hf_cli_print_prepared(const hf_run_summary *summary);

#endif
