/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_BASELINE_H
#define HF_CLI_BASELINE_H

#include "exit_status.h"
#include "report/rows.h"
#include "store/store.h"

/**
 * @file baseline.h
 * The run that another run is compared with: --baseline RUN or last-green.
 */

/** The newest earlier run of the same spec by the same user in which nothing failed or regressed. */
#define HF_CLI_LAST_GREEN "last-green"

/**
 * Loads the baseline of a run; prints failures. A run cannot be its own baseline.
 * @param text    as for hf_store_find_run(), or HF_CLI_LAST_GREEN
 * @param name    of the run's spec
 * @param run_id  the run; 0 = it has not begun
 * @param before  hf_report_free(); its run.id is 0 if no run is green yet, which is printed and not a failure
 */
hf_exit hf_cli_load_baseline(hf_store *store, const char *text, const char *name, int64_t run_id,
                             hf_report *before);

/** The same for a run that is in the store at a path. */
hf_exit hf_cli_read_baseline(const char *store_path, const char *text, const hf_report *after,
                             hf_report *before);

/** The run that a run in the store at a path was compared with when it ended. @param before its run.id stays 0 if there is none */
hf_exit hf_cli_read_recorded_baseline(const char *store_path, const hf_report *after, hf_report *before);

#endif
