/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the attempts of a run and the failures of its boards. */
#include <stdlib.h>

#include "load_report.h"
#include "transcript_zlib.h"

static int compare_position(const void *key, const void *element)
{
    const int32_t wanted = *(const int32_t *)key, position = ((const hf_result_row *)element)->position;
    return (wanted > position) - (wanted < position);
}

/* The index of the result with the position in a column. */
static size_t result_at(hf_sql *sql, int column, const hf_report *report)
{
    const int32_t position = hf_sql_count(sql, column);
    const hf_result_row *found = report->result_count
                                     ? bsearch(&position, report->results, report->result_count,
                                               sizeof *report->results, compare_position)
                                     : NULL;
    if (!found)
        hf_sql_complain(sql, column, "belongs to an attempt without a variation");
    return found ? (size_t)(found - report->results) : 0;
}

/* By that index always: failures of boards belong to no attempt, and statistics of a store that has hardly any others make SQLite read them
 * all for each attempt. */
#define ATTEMPT_QUERY                                                                                        \
    "SELECT number, boards.name, started_ms, duration_ns, flash_ns, reset_ns, run_ns, succeeded,"            \
    " failures.fault, failures.message, transcript, transcript_zlib, results.position"                       \
    " FROM attempts JOIN results ON results.id = attempts.result_id"                                         \
    " JOIN boards ON boards.id = attempts.board_id"                                                          \
    " LEFT JOIN failures INDEXED BY failures_by_attempt ON failures.attempt_id = attempts.id"

int hf_read_attempt(hf_sql *query, bool transcript, hf_attempt_row *row)
{
    int at = 0;
    row->number = (int32_t)hf_sql_int(query, at++, 1, INT32_MAX);
    row->board_id = hf_sql_needed_text(query, at++);
    row->started_ms = hf_sql_time(query, at++);
    row->duration_ns = hf_sql_duration(query, at++);
    row->flash_ns = hf_sql_duration(query, at++);
    row->reset_ns = hf_sql_duration(query, at++);
    row->run_ns = hf_sql_duration(query, at++);
    row->succeeded = hf_sql_int(query, at++, 0, 1) != 0;
    row->fault = hf_sql_text(query, at++);
    row->message = hf_sql_text(query, at++);
    row->transcript = transcript ? hf_sql_transcript(query, at, at + 1) : NULL;
    if (!row->succeeded && (!row->fault || !row->message))
        hf_sql_complain(query, 0, "belongs to a failed attempt without a cause");
    return at + 2;
}

hf_sql hf_start_attempts_of_result(hf_store *store)
{
    return hf_sql_start(store, "reading attempts",
                        ATTEMPT_QUERY " WHERE attempts.result_id = ? ORDER BY attempts.id", "");
}

hf_status hf_load_attempts(hf_store *store, bool transcripts, hf_report *report, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading attempts",
                     ATTEMPT_QUERY " WHERE results.run_id = ? ORDER BY attempts.id", "i", report->run.id);
    while (hf_sql_row(&query)) {
        size_t *result =
            hf_query_append(&query, (void **)&report->attempt_results, report->attempt_count, sizeof *result);
        hf_attempt_row *row =
            result ? hf_query_append(&query, (void **)&report->attempts, report->attempt_count, sizeof *row)
                   : NULL;
        if (!row)
            break;
        report->attempt_count++;
        *result = result_at(&query, hf_read_attempt(&query, transcripts, row), report);
    }
    return hf_sql_done(&query, err);
}

hf_status hf_load_failures(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading failures",
                                "SELECT boards.name, at_ms, fault, message, transcript, transcript_zlib, dead"
                                " FROM failures"
                                " JOIN boards ON boards.id = board_id"
                                " WHERE run_id = ? AND attempt_id IS NULL ORDER BY failures.id",
                                "i", report->run.id);
    while (hf_sql_row(&query)) {
        hf_failure_row *row =
            hf_query_append(&query, (void **)&report->failures, report->failure_count, sizeof *row);
        if (!row)
            break;
        report->failure_count++;
        int at = 0;
        row->board_id = hf_sql_needed_text(&query, at++);
        row->at_ms = hf_sql_time(&query, at++);
        row->fault = hf_sql_needed_text(&query, at++);
        row->message = hf_sql_needed_text(&query, at++);
        row->transcript = hf_sql_transcript(&query, at, at + 1);
        row->dead = hf_sql_int(&query, at + 2, 0, 1) != 0;
    }
    return hf_sql_done(&query, err);
}
