/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a whole run for the reports. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "sql_figures.h"
#include "transcript_zlib.h"

#define LAYERS_MOST  65536
#define SAMPLES_MOST 1000000

static hf_result_outcome result_outcome(hf_sql *sql, int column)
{
    const char *names[HF_RESULT_PRUNED + 1];
    for (int i = 0; i <= HF_RESULT_PRUNED; i++)
        names[i] = hf_result_outcome_name((hf_result_outcome)i);
    return (hf_result_outcome)hf_query_choice(sql, column, names, HF_RESULT_PRUNED + 1);
}

static int32_t small(hf_sql *sql, int column)
{
    return (int32_t)hf_sql_int(sql, column, 0, INT32_MAX);
}

static int64_t duration(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, HF_SQL_DURATION_MAX_NS);
}

static int64_t time_of_day(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, HF_SQL_TIME_MAX_MS);
}

static int64_t hertz(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, INT64_C(1000000000000));
}

/* "SELECT a, b" with the figures of some origins appended, then the rest of the statement. */
static hf_sql select_figures(hf_store *store, const char *doing, const char *fixed,
                             const hf_figure_table *table, unsigned origins, const char *rest)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, fixed);
    hf_sql_figure_names(table, origins, ", ", "", &text);
    hf_buffer_puts(&text, rest);
    hf_sql query = hf_sql_start(store, doing, hf_buffer_text(&text), "");
    if (text.failed)
        query.failed = SQLITE_NOMEM;
    hf_buffer_free(&text);
    return query;
}

static hf_status load_run(hf_store *store, int64_t run_id, hf_run_row *run, hf_error *err)
{
    char text[HF_RUN_QUERY_SIZE];
    snprintf(text, sizeof text, "%s%s", hf_run_columns, run_id ? "WHERE id = ?" : "ORDER BY id DESC LIMIT 1");
    hf_sql query = hf_sql_start(store, "reading a run", text, run_id ? "i" : "", run_id);
    bool found = hf_sql_row(&query);
    if (found)
        hf_query_run(&query, run);
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !found && run_id)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    else if (status == HF_OK && !found)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run yet", store->path);
    return status;
}

static hf_status load_boards(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading boards",
                                "SELECT name, chip, core, modelled, clock_hz FROM run_boards"
                                " JOIN boards ON boards.id = board_id WHERE run_id = ? ORDER BY name",
                                "i", report->run.id);
    while (hf_sql_row(&query)) {
        hf_board_row *row =
            hf_query_append(&query, (void **)&report->boards, report->board_count, sizeof *row);
        if (!row)
            break;
        report->board_count++;
        int at = 0;
        row->id = hf_sql_needed_text(&query, at++);
        row->chip = hf_sql_needed_text(&query, at++);
        row->core = hf_sql_needed_text(&query, at++);
        row->modelled = hf_sql_int(&query, at++, 0, 1) != 0;
        row->clock_hz = hertz(&query, at++);
    }
    return hf_sql_done(&query, err);
}

static hf_status load_factors(hf_store *store, int64_t result_id, hf_result_row *row, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading factors",
                     "SELECT name, value FROM factors WHERE result_id = ? ORDER BY position", "i", result_id);
    while (hf_sql_row(&query)) {
        hf_factor_row *factor =
            hf_query_append(&query, (void **)&row->factors, row->factor_count, sizeof *factor);
        if (!factor)
            break;
        row->factor_count++;
        factor->name = hf_sql_needed_text(&query, 0);
        factor->value = hf_sql_real(&query, 1, -1e12, 1e12);
    }
    return hf_sql_done(&query, err);
}

static hf_status load_layers(hf_store *store, int64_t result_id, int64_t attempt_id, hf_result_row *row,
                             hf_error *err)
{
    hf_sql query = select_figures(store, "reading layers", "SELECT name, op, height, width, channels",
                                  &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGINS_TIMED,
                                  " FROM layers LEFT JOIN layer_times"
                                  " ON layer_times.attempt_id = ? AND layer_times.position = layers.position"
                                  " WHERE result_id = ? ORDER BY layers.position");
    hf_sql_again(&query, "ii", attempt_id, result_id);
    while (hf_sql_row(&query)) {
        hf_layer *layer = hf_query_append(&query, (void **)&row->layers, row->layer_count, sizeof *layer);
        if (!layer)
            break;
        row->layer_count++;
        int at = 0;
        hf_sql_short_text(&query, at++, layer->name, sizeof layer->name);
        hf_sql_short_text(&query, at++, layer->op, sizeof layer->op);
        layer->height = small(&query, at++);
        layer->width = small(&query, at++);
        layer->channels = small(&query, at++);
        hf_sql_read_figures(&query, at, &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGINS_TIMED, layer);
        if (row->layer_count > LAYERS_MOST)
            hf_sql_complain(&query, 0, "belongs to too many layers");
    }
    return hf_sql_done(&query, err);
}

/* @return the next column */
static int read_summary(hf_sql *sql, int at, hf_sample_summary *summary)
{
    const int64_t most = (int64_t)HF_FIGURE_MOST;
    summary->deleted = hf_sql_int(sql, at++, 0, SAMPLES_MOST);
    summary->min_cycles = hf_sql_int(sql, at++, summary->deleted ? 1 : 0, most);
    summary->max_cycles = hf_sql_int(sql, at++, summary->min_cycles, most);
    const double low = (double)summary->min_cycles, high = (double)summary->max_cycles;
    summary->p05_cycles = hf_sql_real(sql, at++, low, high);
    summary->median_cycles = hf_sql_real(sql, at++, low, high);
    summary->p95_cycles = hf_sql_real(sql, at++, low, high);
    summary->median_instructions = hf_sql_real(sql, at++, 0, HF_FIGURE_MOST);
    return at;
}

static hf_status load_measurement(hf_store *store, int64_t attempt_id, hf_result_row *row, hf_error *err)
{
    hf_sql query = select_figures(
        store, "reading a measurement",
        "SELECT boards.name, modelled, firmware_id, output_crc32, clock_source, deleted_samples, min_cycles,"
        " max_cycles, p05_cycles, median_cycles, p95_cycles, median_instructions",
        &hf_result_figures, HF_ORIGINS_MEASURED,
        " FROM measurements JOIN attempts ON attempts.id = attempt_id JOIN boards ON boards.id = board_id"
        " WHERE attempt_id = ?");
    hf_sql_again(&query, "i", attempt_id);
    if (hf_sql_row(&query)) {
        int at = 0;
        row->board_id = hf_sql_needed_text(&query, at++);
        row->modelled = hf_sql_int(&query, at++, 0, 1) != 0;
        row->firmware_id = hf_sql_needed_text(&query, at++);
        row->output_crc32 = (uint32_t)hf_sql_int(&query, at++, 0, UINT32_MAX);
        row->clock_source = hf_sql_text(&query, at++);
        at = read_summary(&query, at, &row->summary);
        hf_sql_read_figures(&query, at, &hf_result_figures, HF_ORIGINS_MEASURED, row);
    }
    hf_status status = hf_sql_done(&query, err);
    if (status != HF_OK)
        return status;
    query = hf_sql_start(store, "reading samples",
                         "SELECT cycles, instructions FROM samples WHERE attempt_id = ? ORDER BY position",
                         "i", attempt_id);
    while (hf_sql_row(&query)) {
        hf_sample *sample =
            hf_query_append(&query, (void **)&row->samples, row->sample_count, sizeof *sample);
        if (!sample)
            break;
        row->sample_count++;
        sample->cycles = hf_sql_int(&query, 0, 1, (int64_t)HF_FIGURE_MOST);
        sample->instructions = hf_sql_int(&query, 1, 0, (int64_t)HF_FIGURE_MOST);
        if (row->sample_count > SAMPLES_MOST)
            hf_sql_complain(&query, 0, "belongs to too many samples");
    }
    return hf_sql_done(&query, err);
}

/* @param attempt_id receives the attempt that succeeded; 0 = none */
static int64_t read_result(hf_sql *sql, hf_result_row *row, int64_t *attempt_id)
{
    int at = 0;
    const int64_t id = hf_sql_int(sql, at++, 0, INT64_MAX);
    *attempt_id = hf_sql_int(sql, at++, 0, INT64_MAX);
    row->attempt_count = small(sql, at++);
    row->position = small(sql, at++);
    row->name = hf_sql_needed_text(sql, at++);
    row->family = hf_sql_needed_text(sql, at++);
    row->source = hf_sql_text(sql, at++);
    row->chip = hf_sql_needed_text(sql, at++);
    row->image_sha256 = hf_sql_text(sql, at++);
    row->image_crc32 = (uint32_t)hf_sql_int(sql, at++, 0, UINT32_MAX);
    row->outcome = result_outcome(sql, at++);
    row->fault = hf_sql_text(sql, at++);
    row->message = hf_sql_text(sql, at++);
    row->has_accuracy = sqlite3_column_type(sql->statement, at) != SQLITE_NULL;
    row->accuracy_percent = hf_sql_real(sql, at++, 0, 100);
    row->accuracy_low_percent = hf_sql_real(sql, at++, 0, 100);
    row->accuracy_high_percent = hf_sql_real(sql, at++, 0, 100);
    row->accuracy_source = hf_sql_text(sql, at++);
    hf_sql_read_figures(sql, at, &hf_result_figures, HF_ORIGINS_ANALYSED, row);
    return id;
}

static hf_status load_results(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = select_figures(
        store, "reading variations",
        "SELECT id, (SELECT max(id) FROM attempts WHERE result_id = results.id AND succeeded),"
        " (SELECT count(*) FROM attempts WHERE result_id = results.id), position, name, family, source, chip,"
        " image_sha256, image_crc32, outcome, fault, message,"
        " accuracy_percent, accuracy_low_percent, accuracy_high_percent, accuracy_source",
        &hf_result_figures, HF_ORIGINS_ANALYSED, " FROM results WHERE run_id = ? ORDER BY position");
    hf_sql_again(&query, "i", report->run.id);
    hf_status status = HF_OK;
    while (status == HF_OK && hf_sql_row(&query)) {
        hf_result_row *row =
            hf_query_append(&query, (void **)&report->results, report->result_count, sizeof *row);
        if (!row)
            break;
        report->result_count++;
        int64_t attempt_id = 0;
        const int64_t result_id = read_result(&query, row, &attempt_id);
        status = load_factors(store, result_id, row, err);
        if (status == HF_OK)
            status = load_layers(store, result_id, attempt_id, row, err);
        if (status == HF_OK && attempt_id)
            status = load_measurement(store, attempt_id, row, err);
    }
    hf_status done = hf_sql_done(&query, err);
    return status != HF_OK ? status : done;
}

static hf_status load_attempts(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading attempts",
                     "SELECT number, boards.name, started_ms, duration_ns, flash_ns, reset_ns, run_ns, "
                     "succeeded, failures.fault,"
                     " failures.message, transcript, transcript_zlib,"
                     " (SELECT count(*) FROM results AS before WHERE before.run_id = results.run_id"
                     "  AND before.position < results.position)"
                     " FROM attempts JOIN results ON results.id = attempts.result_id JOIN boards ON "
                     "boards.id = attempts.board_id"
                     " LEFT JOIN failures ON failures.attempt_id = attempts.id"
                     " WHERE results.run_id = ? ORDER BY attempts.id",
                     "i", report->run.id);
    while (hf_sql_row(&query)) {
        size_t *result =
            hf_query_append(&query, (void **)&report->attempt_results, report->attempt_count, sizeof *result);
        hf_attempt_row *row =
            result ? hf_query_append(&query, (void **)&report->attempts, report->attempt_count, sizeof *row)
                   : NULL;
        if (!row)
            break;
        report->attempt_count++;
        int at = 0;
        row->number = (int32_t)hf_sql_int(&query, at++, 1, INT32_MAX);
        row->board_id = hf_sql_needed_text(&query, at++);
        row->started_ms = time_of_day(&query, at++);
        row->duration_ns = duration(&query, at++);
        row->flash_ns = duration(&query, at++);
        row->reset_ns = duration(&query, at++);
        row->run_ns = duration(&query, at++);
        row->succeeded = hf_sql_int(&query, at++, 0, 1) != 0;
        row->fault = hf_sql_text(&query, at++);
        row->message = hf_sql_text(&query, at++);
        row->transcript = hf_sql_transcript(&query, at, at + 1);
        at += 2;
        *result =
            (size_t)hf_sql_int(&query, at++, 0, report->result_count ? (int64_t)report->result_count - 1 : 0);
        if (!row->succeeded && (!row->fault || !row->message))
            hf_sql_complain(&query, 0, "belongs to a failed attempt without a cause");
        if (!report->result_count)
            hf_sql_complain(&query, 0, "belongs to an attempt without a variation");
    }
    return hf_sql_done(&query, err);
}

static hf_status load_failures(hf_store *store, hf_report *report, hf_error *err)
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
        row->at_ms = time_of_day(&query, at++);
        row->fault = hf_sql_needed_text(&query, at++);
        row->message = hf_sql_needed_text(&query, at++);
        row->transcript = hf_sql_transcript(&query, at, at + 1);
        row->dead = hf_sql_int(&query, at + 2, 0, 1) != 0;
    }
    return hf_sql_done(&query, err);
}

hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err)
{
    hf_report report = {0};
    if (store->hung)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: a write to it hangs", store->path);
    /* One transaction, for a consistent view of a run that is in progress elsewhere. */
    hf_status status = hf_sql_exec(store, "BEGIN", "reading a run", err);
    if (status != HF_OK)
        return status;
    status = load_run(store, run_id, &report.run, err);
    if (status == HF_OK)
        status = load_boards(store, &report, err);
    if (status == HF_OK)
        status = load_results(store, &report, err);
    if (status == HF_OK)
        status = load_attempts(store, &report, err);
    if (status == HF_OK)
        status = load_failures(store, &report, err);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (status == HF_OK)
        *out = report;
    else
        hf_report_free(&report);
    return status;
}
