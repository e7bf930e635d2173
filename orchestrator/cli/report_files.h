/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPORT_FILES_H
#define HF_CLI_REPORT_FILES_H

#include "exit_status.h"
#include "report/run_comparison.h"

/**
 * @file report_files.h
 * The files of a run's report, in a folder beside the store.
 */

/**
 * Writes results.csv, layers.csv and report.html into <folder of the store>/<key>-<name>/ and makes the link
 * `latest` point there. Prints failures.
 * @param comparison with a baseline, written to comparison.json; NULL = none, and a file of an earlier end of the run
 * is removed
 * @param folder set on HF_EXIT_OK; the caller's to free()
 */
hf_exit hf_cli_write_report(const hf_report *report, const hf_run_comparison *comparison, const char *db,
                            char **folder);

#endif
