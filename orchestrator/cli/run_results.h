/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_RESULTS_H
#define HF_CLI_RUN_RESULTS_H

#include "exit_status.h"
#include "night_output.h"
#include "report/rows.h"
#include "store/store.h"

/**
 * @file run_results.h
 * What `hilfarm run` shows and writes when a run has ended.
 */

typedef struct hf_cli_results_options {
    const char *db;            /**< the files go beside this path; of the store, unless it is the daemon's */
    const char *daemon_store;  /**< path of the store if it is the daemon's, which is only read; else NULL */
    const hf_report *baseline; /**< to compare the run with; NULL = none */
    unsigned fail_on;          /**< HF_FAIL_ON_MISSED: models that missed a limit are failures */
    const hf_cli_night_options *night; /**< files to write and whom to notify; NULL = none and nobody */
    bool quiet; /**< print failures and regressions only, and nothing if there are none */
    bool plain; /**< no colours */
} hf_cli_results_options;

/** What the exit status of the run depends on. */
typedef struct hf_cli_run_verdict {
    unsigned missed;  /**< models that missed a limit */
    size_t regressed; /**< models that are worse than in the baseline */
} hf_cli_run_verdict;

/**
 * Prints the table and the comparison, or with `quiet` what failed or regressed; records in the store how many models
 * regressed; writes the files. Prints failures.
 * @param verdict filled if the run could be loaded
 */
hf_exit hf_cli_show_results(hf_store *store, int64_t run_id, const hf_cli_results_options *options,
                            hf_cli_run_verdict *verdict);

#endif
