/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPORT_PAGE_H
#define HF_CLI_REPORT_PAGE_H

#include "exit_status.h"
#include "report/night_report.h"
#include "store/store.h"

/**
 * @file report_page.h
 * The page of a run, on demand.
 */

/**
 * Writes the page, and shows it in a browser. Failures are printed.
 * @param night its report, of which no parts are needed, and the comparison if there is one
 * @param db the store, which has the details
 * @param path NULL = a file beside the report's other files, or in the folder for temporary files if there are none
 * @param open with xdg-open; without that program the path is printed
 */
hf_exit hf_cli_show_page(const hf_night *night, const char *db, const char *path, bool open);

/**
 * Writes the page of a run, with the trends of its variations.
 * @param comparison of this run (`after`); NULL = none
 * @param path NULL = standard output
 */
hf_exit hf_cli_write_page(hf_store *store, int64_t run_id, const hf_run_comparison *comparison,
                          const char *path);

/**
 * Writes the page of a run in a store, with the memory of one result and of the figures of all. It compares with the run that the
 * run was compared with when it ended. Failures are printed.
 * @param run number, key or name; NULL = the latest
 * @param path NULL = standard output
 */
hf_exit hf_cli_export_page(const char *db, const char *run, const char *path);

#endif
