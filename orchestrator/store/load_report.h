/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_LOAD_REPORT_H
#define HF_STORE_LOAD_REPORT_H

#include "query.h"

/**
 * @file load_report.h
 * The parts of a report, loaded in this order. Each function appends to the report, which already has its run; after a
 * failure the caller frees it.
 */

/** The variations with factors, layers, measurements and samples, by position. */
hf_status hf_load_results(hf_store *store, hf_report *report, hf_error *err);
/** The attempts in the order in which they were recorded, after the results. */
hf_status hf_load_attempts(hf_store *store, hf_report *report, hf_error *err);
/** The samples of an attempt, ?1: cycles and instructions. */
#define HF_SAMPLES_QUERY "SELECT cycles, instructions FROM samples WHERE attempt_id = ? ORDER BY position"
/** Reads the rows of a started HF_SAMPLES_QUERY into row->samples, which is empty. */
void hf_read_samples(hf_sql *query, hf_result_row *row);
/** Columns of a measurement: the order statistics of samples that were deleted. */
#define HF_SUMMARY_COLUMNS                                                                                   \
    "deleted_samples, min_cycles, max_cycles, p05_cycles, median_cycles, p95_cycles, median_instructions"
/** Reads them from column `at` on. @return the next column */
int hf_read_summary(hf_sql *sql, int at, hf_sample_summary *summary);
/** The failures of boards. */
hf_status hf_load_failures(hf_store *store, hf_report *report, hf_error *err);

#endif
