/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_LOAD_REPORT_H
#define HF_STORE_LOAD_REPORT_H

#include "query.h"
#include "store/store.h"

/**
 * @file load_report.h
 * The parts of a report, loaded in this order. Each function appends to the report, which already has its run; after a
 * failure the caller frees it.
 */

/** The boards that took part. */
hf_status hf_load_boards(hf_store *store, hf_report *report, hf_error *err);
/** The variations with factors, measurements and samples, by position. @param parts HF_PART_LAYERS or 0 */
hf_status hf_load_results(hf_store *store, unsigned parts, hf_report *report, hf_error *err);
/**
 * The attempts in the order in which they were recorded, after the results.
 * @param transcripts false = without them
 */
hf_status hf_load_attempts(hf_store *store, bool transcripts, hf_report *report, hf_error *err);
/** The samples of an attempt, ?1: cycles and instructions. */
#define HF_SAMPLES_QUERY "SELECT cycles, instructions FROM samples WHERE attempt_id = ? ORDER BY position"
/** Reads the rows of a started HF_SAMPLES_QUERY into row->samples, which is empty. */
void hf_read_samples(hf_sql *query, hf_result_row *row);
/** Starts and reads the ports of a variation, by position. */
hf_sql hf_ports_query(hf_store *store);
void hf_read_ports(hf_sql *query, int64_t result_id, hf_result_row *row);
/** Columns of a measurement: the order statistics of samples that were deleted. */
#define HF_SUMMARY_COLUMNS                                                                                   \
    "deleted_samples, min_cycles, max_cycles, p05_cycles, median_cycles, p95_cycles, median_instructions"
/** Reads them from column `at` on. @return the next column */
int hf_read_summary(hf_sql *sql, int at, hf_sample_summary *summary);
/* ---- One result after the other ---- */

/** Statements for the parts of a result. */
typedef struct hf_result_queries {
    hf_sql factors, layers, ports, trainings, measurement, samples;
} hf_result_queries;

/** The results of a run, by position. */
typedef struct hf_result_cursor {
    unsigned parts;
    hf_sql results;
    hf_result_queries of_result;
} hf_result_cursor;

/**
 * @param parts HF_PART_LAYERS: with layers
 * @param offset results to skip @param most at most so many; -1 = all
 */
hf_result_cursor hf_result_cursor_start(hf_store *store, int64_t run_id, unsigned parts, int64_t offset,
                                        int64_t most);
/**
 * Reads the next result.
 * @param row zeroed by the caller, who clears it in any case
 * @return false at the end, and after a failure, which hf_result_cursor_end() reports
 */
bool hf_result_cursor_next(hf_result_cursor *cursor, hf_result_row *row, int64_t *result_id);
/** Must follow every start. */
hf_status hf_result_cursor_end(hf_result_cursor *cursor, hf_error *err);

/** Starts the statement that selects the attempts of a result, ?1, in order; hf_read_attempt() reads a row. */
hf_sql hf_start_attempts_of_result(hf_store *store);
/** Reads a row of attempts into one that is zeroed. @return the column after those of the attempt */
int hf_read_attempt(hf_sql *query, bool transcript, hf_attempt_row *row);

/** The failures of boards. */
hf_status hf_load_failures(hf_store *store, hf_report *report, hf_error *err);

#endif
