/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_PART_H
#define HF_CLI_RUN_PART_H

#include "exit_status.h"
#include "farm/partial_run.h"
#include "spec/run_config.h"

/**
 * @file run_part.h
 * `hilfarm run` with --only, --boards and --failed: which part of a sweep is measured. Failures are printed.
 */

typedef struct hf_cli_part_options {
    const char *only, *boards; /**< NULL = all */
    const char *failed_run;    /**< number, key or name; NULL = without --failed */
    const char *db;            /**< store of that run */
} hf_cli_part_options;

/**
 * Selects the part, and reduces the configuration's boards.
 * @param part hf_partial_run_free()
 * @param spec_text set to the text to record, the caller's to free(); NULL = the whole sweep is selected
 */
hf_exit hf_cli_select_part(const hf_cli_part_options *options, hf_run_config *config, hf_partial_run *part,
                           char **spec_text);

/** Selects the part that a run had which is resumed. */
hf_exit hf_cli_restore_part(const hf_report *earlier, hf_run_config *config, hf_partial_run *part);

#endif
