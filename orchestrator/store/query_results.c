/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the variations of a run. The statements are prepared once and used for every variation. */
#include <stdlib.h>
#include <string.h>

#include "load_report.h"
#include "sql_figures.h"

#define LAYERS_MOST  65536
#define SAMPLES_MOST 1000000

#define PARTS 4

/* The parts of a variation. */
typedef struct part_queries {
    hf_sql factors, layers, measurement, samples;
} part_queries;

static hf_result_outcome result_outcome(hf_sql *sql, int column)
{
    const char *names[HF_RESULT_PRUNED + 1];
    for (int i = 0; i <= HF_RESULT_PRUNED; i++)
        names[i] = hf_result_outcome_name((hf_result_outcome)i);
    return (hf_result_outcome)hf_query_choice(sql, column, names, HF_RESULT_PRUNED + 1);
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

static void load_factors(hf_sql *query, int64_t result_id, hf_result_row *row)
{
    hf_sql_again(query, "i", result_id);
    while (hf_sql_row(query)) {
        hf_factor_row *factor =
            hf_query_append(query, (void **)&row->factors, row->factor_count, sizeof *factor);
        if (!factor)
            break;
        row->factor_count++;
        factor->name = hf_sql_needed_text(query, 0);
        factor->value = hf_sql_real(query, 1, -1e12, 1e12);
    }
}

static void load_layers(hf_sql *query, int64_t result_id, int64_t attempt_id, hf_result_row *row)
{
    hf_sql_again(query, "ii", attempt_id, result_id);
    while (hf_sql_row(query)) {
        hf_layer *layer = hf_query_append(query, (void **)&row->layers, row->layer_count, sizeof *layer);
        if (!layer)
            break;
        row->layer_count++;
        int at = 0;
        hf_sql_short_text(query, at++, layer->name, sizeof layer->name);
        hf_sql_short_text(query, at++, layer->op, sizeof layer->op);
        layer->height = hf_sql_count(query, at++);
        layer->width = hf_sql_count(query, at++);
        layer->channels = hf_sql_count(query, at++);
        hf_sql_read_figures(query, at, &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGINS_TIMED, layer);
        if (row->layer_count > LAYERS_MOST)
            hf_sql_complain(query, 0, "belongs to too many layers");
    }
}

int hf_read_summary(hf_sql *sql, int at, hf_sample_summary *summary)
{
    const int64_t most = (int64_t)HF_FIGURE_MOST;
    summary->deleted = hf_sql_int(sql, at++, 0, SAMPLES_MOST);
    summary->min_cycles = hf_sql_int(sql, at++, summary->deleted ? 1 : 0, most);
    summary->max_cycles = hf_sql_int(sql, at++, summary->min_cycles, most);
    /* Interpolation rounds. */
    const double low = (double)summary->min_cycles * (1 - 1e-9),
                 high = (double)summary->max_cycles * (1 + 1e-9);
    summary->p05_cycles = hf_sql_real(sql, at++, low, high);
    summary->median_cycles = hf_sql_real(sql, at++, low, high);
    summary->p95_cycles = hf_sql_real(sql, at++, low, high);
    summary->median_instructions = hf_sql_real(sql, at++, 0, HF_FIGURE_MOST);
    return at;
}

void hf_read_samples(hf_sql *query, hf_result_row *row)
{
    while (hf_sql_row(query)) {
        hf_sample *sample = hf_query_append(query, (void **)&row->samples, row->sample_count, sizeof *sample);
        if (!sample)
            break;
        row->sample_count++;
        sample->cycles = hf_sql_int(query, 0, 1, (int64_t)HF_FIGURE_MOST);
        sample->instructions = hf_sql_int(query, 1, 0, (int64_t)HF_FIGURE_MOST);
        if (row->sample_count > SAMPLES_MOST)
            hf_sql_complain(query, 0, "belongs to too many samples");
    }
}

static void load_measurement(part_queries *queries, int64_t attempt_id, hf_result_row *row)
{
    hf_sql *query = &queries->measurement;
    hf_sql_again(query, "i", attempt_id);
    if (hf_sql_row(query)) {
        int at = 0;
        row->board_id = hf_sql_needed_text(query, at++);
        row->modelled = hf_sql_int(query, at++, 0, 1) != 0;
        row->firmware_id = hf_sql_needed_text(query, at++);
        row->output_crc32 = (uint32_t)hf_sql_int(query, at++, 0, UINT32_MAX);
        row->clock_source = hf_sql_text(query, at++);
        at = hf_read_summary(query, at, &row->summary);
        hf_sql_read_figures(query, at, &hf_result_figures, HF_ORIGINS_MEASURED, row);
    }
    hf_sql_again(&queries->samples, "i", attempt_id);
    hf_read_samples(&queries->samples, row);
}

/* @param attempt_id receives the attempt that succeeded; 0 = none */
static int64_t read_result(hf_sql *sql, hf_result_row *row, int64_t *attempt_id)
{
    int at = 0;
    const int64_t id = hf_sql_int(sql, at++, 0, INT64_MAX);
    *attempt_id = hf_sql_int(sql, at++, 0, INT64_MAX);
    row->attempt_count = hf_sql_count(sql, at++);
    row->position = hf_sql_count(sql, at++);
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

static part_queries start_queries(hf_store *store)
{
    return (part_queries){
        .factors = hf_sql_start(store, "reading factors",
                                "SELECT name, value FROM factors WHERE result_id = ? ORDER BY position", ""),
        .layers = select_figures(store, "reading layers", "SELECT name, op, height, width, channels",
                                 &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGINS_TIMED,
                                 " FROM layers LEFT JOIN layer_times"
                                 " ON layer_times.attempt_id = ? AND layer_times.position = layers.position"
                                 " WHERE result_id = ? ORDER BY layers.position"),
        .measurement = select_figures(
            store, "reading a measurement",
            "SELECT boards.name, modelled, firmware_id, output_crc32, clock_source, " HF_SUMMARY_COLUMNS,
            &hf_result_figures, HF_ORIGINS_MEASURED,
            " FROM measurements JOIN attempts ON attempts.id = attempt_id JOIN boards ON boards.id = board_id"
            " WHERE attempt_id = ?"),
        .samples = hf_sql_start(
            store, "reading samples",
            "SELECT cycles, instructions FROM samples WHERE attempt_id = ? ORDER BY position", ""),
    };
}

static bool have_failed(const part_queries *queries)
{
    return queries->factors.failed || queries->layers.failed || queries->measurement.failed ||
           queries->samples.failed;
}

/* Frees the statements and reports the first failure. */
static hf_status finish_queries(part_queries *queries, hf_error *err)
{
    hf_sql *const all[PARTS] = {&queries->factors, &queries->layers, &queries->measurement,
                                &queries->samples};
    hf_status status = HF_OK;
    for (int i = 0; i < PARTS; i++) {
        hf_status one = hf_sql_done(all[i], status == HF_OK ? err : NULL);
        status = status == HF_OK ? one : status;
    }
    return status;
}

hf_status hf_load_results(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = select_figures(
        store, "reading variations",
        "SELECT id, (SELECT max(id) FROM attempts WHERE result_id = results.id AND succeeded),"
        " (SELECT count(*) FROM attempts WHERE result_id = results.id), position, name, family, source, chip,"
        " image_sha256, image_crc32, outcome, fault, message,"
        " accuracy_percent, accuracy_low_percent, accuracy_high_percent, accuracy_source",
        &hf_result_figures, HF_ORIGINS_ANALYSED, " FROM results WHERE run_id = ? ORDER BY position");
    hf_sql_again(&query, "i", report->run.id);
    part_queries queries = start_queries(store);
    while (!have_failed(&queries) && hf_sql_row(&query)) {
        hf_result_row *row =
            hf_query_append(&query, (void **)&report->results, report->result_count, sizeof *row);
        if (!row)
            break;
        report->result_count++;
        int64_t attempt_id = 0;
        const int64_t result_id = read_result(&query, row, &attempt_id);
        load_factors(&queries.factors, result_id, row);
        load_layers(&queries.layers, result_id, attempt_id, row);
        if (attempt_id)
            load_measurement(&queries, attempt_id, row);
    }
    hf_status status = hf_sql_done(&query, err);
    hf_status of_parts = finish_queries(&queries, status == HF_OK ? err : NULL);
    return status != HF_OK ? status : of_parts;
}
