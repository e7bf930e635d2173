/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPORT_PAGE_H
#define HF_CLI_REPORT_PAGE_H

#include "exit_status.h"
#include "report/night_report.h"

/**
 * @file report_page.h
 * The page of a run, on demand.
 */

/**
 * Writes the page, and shows it in a browser. Failures are printed.
 * @param night its report with all parts, and the comparison if there is one
 * @param path NULL = a file beside the report's other files, or in the folder for temporary files if there are none
 * @param open with xdg-open; without that program the path is printed
 */
hf_exit hf_cli_show_page(const hf_night *night, const char *path, bool open);

#endif
