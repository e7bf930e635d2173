/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DRY_RUN_H
#define HF_CLI_DRY_RUN_H

#include "exit_status.h"
#include "farm/partial_run.h"
#include "farm/prepare_cache.h"
#include "spec/run_config.h"

/**
 * @file dry_run.h
 * `hilfarm run --dry-run`: what would run where, and how long, without a board. The time is estimated from
 * earlier attempts on the same boards; without any there is no estimate.
 */

/**
 * Prints the plan.
 * @param earlier results of the run that would be resumed; NULL = a new run
 * @param db store with earlier attempts; need not exist
 * @param cache to tell how many models were prepared before; NULL = none
 */
hf_exit hf_cli_dry_run(const hf_run_config *config, const hf_partial_run *part, const hf_report *earlier,
                       const char *db, const char *firmware_dir, hf_prepare_cache *cache);

#endif
