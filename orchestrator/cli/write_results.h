/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_WRITE_RESULTS_H
#define HF_CLI_WRITE_RESULTS_H

#include "report/results_format.h"
#include "results_source.h"

/**
 * @file write_results.h
 * Writing a run in a format of report/results_format.h, with the memory of one result. Failures are printed.
 */

/**
 * From the store, or as the daemon renders it.
 * @param run number, key, tag or name; NULL = the latest
 * @param output NULL = standard output
 */
hf_exit hf_cli_write_results(const hf_cli_results_source *source, const char *run,
                             const hf_results_format *format, const char *output);

/** What the daemon renders of a run, such as "report.html". @param output as above */
hf_exit hf_cli_copy_rendered(const hf_cli_results_source *source, const char *run, const char *what,
                             const char *output);

#endif
