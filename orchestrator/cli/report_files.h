/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPORT_FILES_H
#define HF_CLI_REPORT_FILES_H

#include "base/buffer.h"
#include "exit_status.h"
#include "report/run_comparison.h"
#include "store/store.h"

/**
 * @file report_files.h
 * The files of a run's report, in a folder beside the store.
 */

/** The files of every report, in the order of their texts. */
#define HF_CLI_REPORT_FILES                                                                                  \
    {                                                                                                        \
        "results.csv", "layers.csv", "report.html"                                                           \
    }
#define HF_CLI_REPORT_FILE_COUNT 3

/**
 * Writes results.csv, layers.csv and report.html into <folder of the store>/<key>-<name>/ and makes the link
 * `latest` point there. Prints failures.
 * @param store has the run @param db its path
 * @param comparison with a baseline, written to comparison.json; NULL = none, and a file of an earlier end of the run
 * is removed
 * @param folder set on HF_EXIT_OK; the caller's to free()
 */
hf_exit hf_cli_write_report(hf_store *store, const hf_report *report, const hf_run_comparison *comparison,
                            const char *db, char **folder);

/** The same with texts that were rendered elsewhere, and without a comparison. */
hf_exit hf_cli_write_report_texts(const char *key, const char *name,
                                  const hf_buffer texts[HF_CLI_REPORT_FILE_COUNT], const char *db,
                                  char **folder);

/** The folder of a report that was written before; freed by the caller. NULL = there is none. */
char *hf_cli_find_report(const hf_report *report, const char *db);

#endif
