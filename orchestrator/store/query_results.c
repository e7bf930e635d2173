/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the variations of a run. The statements are prepared once and used for every variation. */
#include <stdlib.h>
#include <string.h>

#include "load_report.h"
#include "sql_figures.h"
#include "trainings.h"

#define LAYERS_MOST  65536
#define PARTS        6 /* of hf_result_queries */
#define SAMPLES_MOST 1000000

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

static void load_measurement(hf_result_queries *queries, int64_t attempt_id, hf_result_row *row)
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
    row->attempted_ms = hf_sql_time(sql, at++);
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
    row->arena_map = hf_sql_text(sql, at++);
    hf_sql_read_figures(sql, at, &hf_result_figures, HF_ORIGINS_ANALYSED, row);
    return id;
}

static hf_result_queries start_queries(hf_store *store)
{
    return (hf_result_queries){
        .factors = hf_sql_start(store, "reading factors",
                                "SELECT name, value FROM factors WHERE result_id = ? ORDER BY position", ""),
        .layers = select_figures(store, "reading layers", "SELECT name, op, height, width, channels",
                                 &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGINS_TIMED,
                                 " FROM layers LEFT JOIN layer_times"
                                 " ON layer_times.attempt_id = ? AND layer_times.position = layers.position"
                                 " WHERE result_id = ? ORDER BY layers.position"),
        .ports = hf_ports_query(store),
        .trainings = hf_store_training_query(store),
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

static bool have_failed(const hf_result_queries *queries)
{
    return queries->factors.failed || queries->layers.failed || queries->ports.failed ||
           queries->trainings.failed || queries->measurement.failed || queries->samples.failed;
}

/* Frees the statements and reports the first failure. */
static hf_status finish_queries(hf_result_queries *queries, hf_error *err)
{
    hf_sql *const all[PARTS] = {&queries->factors,   &queries->layers,      &queries->ports,
                                &queries->trainings, &queries->measurement, &queries->samples};
    hf_status status = HF_OK;
    for (int i = 0; i < PARTS; i++) {
        hf_status one = hf_sql_done(all[i], status == HF_OK ? err : NULL);
        status = status == HF_OK ? one : status;
    }
    return status;
}

hf_result_cursor hf_result_cursor_start(hf_store *store, int64_t run_id, unsigned parts, int64_t offset,
                                        int64_t most)
{
    hf_result_cursor cursor = {
        .parts = parts,
        .results = select_figures(
            store, "reading variations",
            "SELECT id, (SELECT max(id) FROM attempts WHERE result_id = results.id AND succeeded),"
            " (SELECT count(*) FROM attempts WHERE result_id = results.id),"
            " (SELECT started_ms FROM attempts WHERE result_id = results.id ORDER BY succeeded DESC, id DESC "
            "LIMIT 1),"
            " position, name, family, source, chip, image_sha256, image_crc32, outcome, fault, message,"
            " accuracy_percent, accuracy_low_percent, accuracy_high_percent, accuracy_source, arena_map",
            &hf_result_figures, HF_ORIGINS_ANALYSED,
            " FROM results WHERE run_id = ? ORDER BY position LIMIT ? OFFSET ?"),
        .of_result = start_queries(store)};
    hf_sql_again(&cursor.results, "iii", run_id, most, offset);
    return cursor;
}

bool hf_result_cursor_next(hf_result_cursor *cursor, hf_result_row *row, int64_t *result_id)
{
    if (have_failed(&cursor->of_result) || !hf_sql_row(&cursor->results))
        return false;
    int64_t attempt_id = 0;
    *result_id = read_result(&cursor->results, row, &attempt_id);
    load_factors(&cursor->of_result.factors, *result_id, row);
    hf_read_ports(&cursor->of_result.ports, *result_id, row);
    hf_store_read_training(&cursor->of_result.trainings, *result_id, &row->training);
    if (cursor->parts & HF_PART_LAYERS)
        load_layers(&cursor->of_result.layers, *result_id, attempt_id, row);
    if (attempt_id)
        load_measurement(&cursor->of_result, attempt_id, row);
    return !cursor->results.failed && !have_failed(&cursor->of_result);
}

hf_status hf_result_cursor_end(hf_result_cursor *cursor, hf_error *err)
{
    hf_status status = hf_sql_done(&cursor->results, err);
    hf_status of_parts = finish_queries(&cursor->of_result, status == HF_OK ? err : NULL);
    return status != HF_OK ? status : of_parts;
}

hf_status hf_load_results(hf_store *store, unsigned parts, hf_report *report, hf_error *err)
{
    hf_result_cursor cursor = hf_result_cursor_start(store, report->run.id, parts, 0, -1);
    for (bool more = true; more;) {
        int64_t result_id;
        hf_result_row row = {0}, *place;
        more = hf_result_cursor_next(&cursor, &row, &result_id);
        place = more ? hf_query_append(&cursor.results, (void **)&report->results, report->result_count,
                                       sizeof *place)
                     : NULL;
        if (place) {
            *place = row;
            report->result_count++;
        } else {
            hf_row_clear(&hf_result_row_type, &row);
            more = false;
        }
    }
    return hf_result_cursor_end(&cursor, err);
}
