/* SPDX-License-Identifier: Apache-2.0 */
/* Queries over many runs, a page at a time. */
#include "store/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_report.h"
#include "sql_figures.h"
#include "transcript_zlib.h"

#define MS_PER_DAY INT64_C(86400000)
#define DAYS_MOST  INT64_C(3000000) /* of the year 9999 */

static int64_t limit_of(size_t most)
{
    return most > INT32_MAX ? INT32_MAX : (int64_t)most;
}

/* ---- Runs ---- */

hf_status hf_store_page_runs(hf_store *store, const char *name, int64_t before, size_t most,
                             hf_run_row **rows, size_t *count, hf_error *err)
{
    char text[HF_RUN_QUERY_SIZE];
    /* Two statements, so that the one with a name uses the index of names. */
    snprintf(text, sizeof text, "%sWHERE %sid < ? ORDER BY id DESC LIMIT ?", hf_run_columns,
             name ? "name = ? AND " : "");
    hf_sql query = name ? hf_sql_start(store, "listing runs", text, "tii", name, before, limit_of(most))
                        : hf_sql_start(store, "listing runs", text, "ii", before, limit_of(most));
    hf_run_row *runs = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_run_row *row = hf_query_append(&query, (void **)&runs, used, sizeof *row);
        if (!row)
            break;
        used++;
        hf_query_run(&query, row);
    }
    return hf_query_done(&query, &hf_run_row_type, runs, used, (void **)rows, count, err);
}

/* ---- A variation ---- */

/* @param attempt_id receives the attempt that succeeded; 0 = none */
static void read_trend(hf_sql *sql, hf_trend_row *row, int64_t *attempt_id)
{
    const char *outcomes[HF_RESULT_PRUNED + 1];
    hf_result_row *result = &row->result;
    int at = 0;
    for (int i = 0; i <= HF_RESULT_PRUNED; i++)
        outcomes[i] = hf_result_outcome_name((hf_result_outcome)i);
    row->run_id = hf_sql_int(sql, at++, 1, INT64_MAX);
    row->run_key = hf_sql_needed_text(sql, at++);
    row->run_name = hf_sql_needed_text(sql, at++);
    row->started_ms = hf_sql_time(sql, at++);
    row->hilfarm_version = hf_sql_needed_text(sql, at++);
    row->host = hf_sql_needed_text(sql, at++);
    result->outcome = (hf_result_outcome)hf_query_choice(sql, at++, outcomes, HF_RESULT_PRUNED + 1);
    result->fault = hf_sql_text(sql, at++);
    result->message = hf_sql_text(sql, at++);
    result->image_sha256 = hf_sql_text(sql, at++);
    result->has_accuracy = sqlite3_column_type(sql->statement, at) != SQLITE_NULL;
    result->accuracy_percent = hf_sql_real(sql, at++, 0, 100);
    *attempt_id = hf_sql_int(sql, at++, 0, INT64_MAX);
    result->board_id = hf_sql_text(sql, at++);
    result->modelled = hf_sql_int(sql, at++, 0, 1) != 0;
    result->firmware_id = hf_sql_text(sql, at++);
    result->clock_source = hf_sql_text(sql, at++);
    at = hf_read_summary(sql, at, &result->summary);
    at = hf_sql_read_figures(sql, at, &hf_result_figures, HF_ORIGINS_ANALYSED, result);
    hf_sql_read_figures(sql, at, &hf_result_figures, HF_ORIGINS_MEASURED, result);
}

static hf_sql start_trend(hf_store *store, const char *name, const char *chip, int64_t before, size_t most)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "SELECT runs.id, runs.key, runs.name, runs.started_ms, hilfarm_version, host,"
                          " outcome, fault, message, image_sha256, accuracy_percent, attempts.id,"
                          " boards.name, boards.modelled, firmware_id, clock_source, " HF_SUMMARY_COLUMNS);
    hf_sql_figure_names(&hf_result_figures, HF_ORIGINS_ANALYSED, ", ", "", &text);
    hf_sql_figure_names(&hf_result_figures, HF_ORIGINS_MEASURED, ", ", "", &text);
    hf_buffer_puts(&text, " FROM results CROSS JOIN runs ON runs.id = run_id"
                          " LEFT JOIN attempts ON attempts.id ="
                          " (SELECT max(id) FROM attempts WHERE result_id = results.id AND succeeded)"
                          " LEFT JOIN measurements ON attempt_id = attempts.id"
                          " LEFT JOIN boards ON boards.id = board_id"
                          " WHERE results.name = ? AND results.chip = ? AND run_id < ?"
                          " ORDER BY run_id DESC LIMIT ?");
    hf_sql query = hf_sql_start(store, "reading the results of a variation", hf_buffer_text(&text), "ttii",
                                name, chip, before, limit_of(most));
    if (text.failed)
        query.failed = SQLITE_NOMEM;
    hf_buffer_free(&text);
    return query;
}

hf_status hf_store_load_trend(hf_store *store, const char *name, const char *chip, int64_t before,
                              size_t most, hf_trend_row **rows, size_t *count, hf_error *err)
{
    hf_sql query = start_trend(store, name, chip, before, most);
    hf_sql samples = hf_sql_start(store, "reading samples", HF_SAMPLES_QUERY, "");
    hf_trend_row *trend = NULL;
    size_t used = 0;
    while (samples.failed == SQLITE_OK && hf_sql_row(&query)) {
        int64_t attempt_id = 0;
        hf_trend_row *row = hf_query_append(&query, (void **)&trend, used, sizeof *row);
        if (!row)
            break;
        used++;
        read_trend(&query, row, &attempt_id);
        if (!attempt_id)
            continue;
        hf_sql_again(&samples, "i", attempt_id);
        hf_read_samples(&samples, &row->result);
    }
    hf_status status = hf_sql_done(&samples, err);
    if (status == HF_OK)
        return hf_query_done(&query, &hf_trend_row_type, trend, used, (void **)rows, count, err);
    (void)hf_sql_done(&query, NULL);
    hf_rows_free(&hf_trend_row_type, trend, used);
    return status;
}

hf_status hf_store_list_variations(hf_store *store, const char *prefix, size_t most, hf_variation_row **rows,
                                   size_t *count, hf_error *err)
{
    /* One step in the index for each name, however often it occurs: behind the newest run that a name can have. */
    hf_sql query = hf_sql_start(store, "listing variations",
                                "SELECT name, chip FROM results WHERE (name, chip, run_id) > (?, ?, ?)"
                                " ORDER BY name, chip, run_id LIMIT 1",
                                "tti", prefix, "", INT64_MAX);
    hf_variation_row *variations = NULL;
    size_t used = 0;
    while (used < most && hf_sql_row(&query)) {
        hf_variation_row *row = hf_query_append(&query, (void **)&variations, used, sizeof *row);
        if (!row)
            break;
        row->name = hf_sql_needed_text(&query, 0);
        row->chip = hf_sql_needed_text(&query, 1);
        used++;
        if (!row->name || !row->chip)
            break;
        if (strncmp(row->name, prefix, strlen(prefix)) != 0) {
            hf_row_clear(&hf_variation_row_type, row);
            used--;
            break;
        }
        hf_sql_again(&query, "tti", row->name, row->chip, INT64_MAX);
    }
    return hf_query_done(&query, &hf_variation_row_type, variations, used, (void **)rows, count, err);
}

/* ---- A board ---- */

#define BOARD "(SELECT id FROM boards WHERE name = ?1 AND chip = ?2 AND modelled = ?3)"

#define ATTEMPTS(of)         "attempts WHERE board_id = " BOARD " AND succeeded = " of
#define FIRST_FROM(of, from) "SELECT min(started_ms) AS at_ms FROM " ATTEMPTS(of) " AND started_ms >= " from
/* The day of the first attempt from a time on; NULL = there is none. */
#define FIRST_DAY_FROM(from)                                                                                 \
    "(SELECT min(at_ms) / ?5 FROM (" FIRST_FROM("1", from) " UNION ALL " FIRST_FROM("0", from) "))"
#define COUNT_OF_DAY(of)                                                                                     \
    "(SELECT count(*) FROM " ATTEMPTS(of) " AND started_ms >= day * ?5 AND started_ms < (day + 1) * ?5)"
#define KNOWN " WHERE day IS NOT NULL"
#define DAYS                                                                                                 \
    "WITH RECURSIVE days (day) AS (SELECT " FIRST_DAY_FROM("?4") " UNION ALL SELECT " FIRST_DAY_FROM(        \
        "(day + 1) * ?5") " FROM days" KNOWN ")"

hf_status hf_store_list_board_days(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                   int64_t since_ms, hf_board_day_row **rows, size_t *count, hf_error *err)
{
    /* From day to day in the index, and over the attempts of each day: without sorting them. */
    static const char text[] =
        DAYS " SELECT day, " COUNT_OF_DAY("1") ", " COUNT_OF_DAY("0") " FROM days" KNOWN;
    hf_sql query = hf_sql_start(store, "listing the days of a board", text, "ttiii", board_id, chip,
                                (int64_t)modelled, since_ms, MS_PER_DAY);
    hf_board_day_row *days = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_board_day_row *row = hf_query_append(&query, (void **)&days, used, sizeof *row);
        if (!row)
            break;
        used++;
        row->day = hf_sql_int(&query, 0, 0, DAYS_MOST);
        row->succeeded = hf_sql_count(&query, 1);
        row->failed = hf_sql_count(&query, 2);
    }
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK) {
        *rows = days;
        *count = used;
    } else {
        free(days);
    }
    return status;
}

hf_status hf_store_list_board_failures(hf_store *store, const char *board_id, const char *chip, bool modelled,
                                       size_t most, hf_board_failure_row **rows, size_t *count, hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, "listing the failures of a board",
        "SELECT failures.run_id, runs.name, results.name, at_ms, failures.fault, failures.message,"
        " transcript, transcript_zlib, dead"
        " FROM failures CROSS JOIN runs ON runs.id = failures.run_id"
        " LEFT JOIN results ON results.id = failures.result_id"
        " WHERE failures.board_id = " BOARD " ORDER BY failures.id DESC LIMIT ?4",
        "ttii", board_id, chip, (int64_t)modelled, limit_of(most));
    hf_board_failure_row *failures = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_board_failure_row *row = hf_query_append(&query, (void **)&failures, used, sizeof *row);
        if (!row)
            break;
        used++;
        row->run_id = hf_sql_int(&query, 0, 1, INT64_MAX);
        row->run_name = hf_sql_needed_text(&query, 1);
        row->model = hf_sql_text(&query, 2);
        row->failure.at_ms = hf_sql_time(&query, 3);
        row->failure.fault = hf_sql_needed_text(&query, 4);
        row->failure.message = hf_sql_needed_text(&query, 5);
        row->failure.transcript = hf_sql_transcript(&query, 6, 7);
        row->failure.dead = hf_sql_int(&query, 8, 0, 1) != 0;
    }
    return hf_query_done(&query, &hf_board_failure_row_type, failures, used, (void **)rows, count, err);
}
