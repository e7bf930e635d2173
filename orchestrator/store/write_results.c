/* SPDX-License-Identifier: Apache-2.0 */
/* Variations and the attempts to measure them. */
#include <math.h>

#include "base/clock.h"
#include "sql_figures.h"
#include "trainings.h"
#include "transcript_zlib.h"
#include "write_ports.h"
#include "write_runs.h"

#define INSERT_FACTOR "INSERT INTO factors (result_id, position, name, value) VALUES (?, ?, ?, ?)"

static void step_factors(hf_sql *insert, int64_t result_id, const hf_result_row *row)
{
    for (size_t i = 0; i < row->factor_count; i++) {
        hf_sql_again(insert, "iitr", result_id, (int64_t)i, row->factors[i].name, row->factors[i].value);
        hf_sql_step(insert);
    }
}

static hf_status add_factors(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert = hf_sql_start(store, "recording a variation's factors", INSERT_FACTOR, "");
    step_factors(&insert, result_id, row);
    return hf_sql_done(&insert, err);
}

/*
 * Prepares "INSERT INTO table (fixed columns, figures) VALUES (?, ...)", followed by `rest`. The caller binds
 * `fixed_count` parameters with hf_sql_again(); those of the figures follow.
 */
static hf_sql insert_figures(hf_store *store, const char *doing, const char *into, int fixed_count,
                             const hf_figure_table *table, unsigned origins, const char *rest)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "INSERT INTO %s", into);
    hf_sql_figure_names(table, origins, ", ", "", &text);
    hf_buffer_puts(&text, ") VALUES (?");
    for (int i = 1; i < fixed_count; i++)
        hf_buffer_puts(&text, ", ?");
    for (size_t i = 0; i < table->count; i++)
        if (hf_figure_is_from(&table->rows[i], origins))
            hf_buffer_puts(&text, ", ?");
    hf_buffer_printf(&text, ")%s", rest);
    hf_sql insert = hf_sql_start(store, doing, hf_buffer_text(&text), "");
    if (text.failed)
        insert.failed = SQLITE_NOMEM;
    hf_buffer_free(&text);
    return insert;
}

static hf_status add_layers(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert = insert_figures(store, "recording a variation's layers",
                                   "layers (result_id, position, name, op, height, width, channels", 7,
                                   &hf_layer_figures, HF_ORIGIN(LAYER), "");
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer *layer = &row->layers[i];
        hf_sql_again(&insert, "iittiii", result_id, (int64_t)i, layer->name, layer->op,
                     (int64_t)layer->height, (int64_t)layer->width, (int64_t)layer->channels);
        hf_sql_bind_figures(&insert, 8, &hf_layer_figures, HF_ORIGIN(LAYER), layer);
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}

/* Factors, layers and ports of an earlier analysis. */
static hf_status delete_parts(hf_store *store, int64_t result_id, hf_error *err)
{
    static const char *const texts[] = {"DELETE FROM factors WHERE result_id = ?",
                                        "DELETE FROM layers WHERE result_id = ?",
                                        "DELETE FROM ports WHERE result_id = ?"};
    hf_status status = HF_OK;
    for (int i = 0; status == HF_OK && i < 3; i++) {
        hf_sql delete = hf_sql_start(store, "recording a variation", texts[i], "i", result_id);
        status = hf_sql_finish(&delete, err);
    }
    return status;
}

/* An existing variation gets the new analysis. */
static hf_sql start_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row)
{
    static const char *const fixed[] = {"name",
                                        "family",
                                        "source",
                                        "chip",
                                        "image_sha256",
                                        "image_crc32",
                                        "accuracy_percent",
                                        "accuracy_low_percent",
                                        "accuracy_high_percent",
                                        "accuracy_source",
                                        "arena_map"};
    hf_buffer into = HF_BUFFER_INIT, update = HF_BUFFER_INIT;
    hf_buffer_puts(&into, "results (outcome, run_id, position");
    hf_buffer_puts(&update, " ON CONFLICT (run_id, position) DO UPDATE SET position = excluded.position");
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        hf_buffer_printf(&into, ", %s", fixed[i]);
        hf_buffer_printf(&update, ", %s = excluded.%s", fixed[i], fixed[i]);
    }
    for (size_t i = 0; i < hf_result_figures.count; i++)
        if (hf_figure_is_from(&hf_result_figures.rows[i], HF_ORIGINS_ANALYSED))
            hf_buffer_printf(&update, ", %s = excluded.%s", hf_result_figures.rows[i].name,
                             hf_result_figures.rows[i].name);
    hf_buffer_puts(&update, " RETURNING id");
    const int fixed_count = 3 + (int)(sizeof fixed / sizeof fixed[0]);
    hf_sql insert = insert_figures(store, "recording a variation", hf_buffer_text(&into), fixed_count,
                                   &hf_result_figures, HF_ORIGINS_ANALYSED, hf_buffer_text(&update));
    if (into.failed || update.failed)
        insert.failed = SQLITE_NOMEM;
    hf_buffer_free(&into);
    hf_buffer_free(&update);
    const double unknown = NAN; /* stored as NULL */
    hf_sql_again(&insert, "tiitttttzrrrtt", hf_result_outcome_name(HF_RESULT_NOT_RUN), run_id,
                 (int64_t)position, row->name, row->family, row->source, row->chip, row->image_sha256,
                 (int64_t)row->image_crc32, row->has_accuracy ? row->accuracy_percent : unknown,
                 row->has_accuracy ? row->accuracy_low_percent : unknown,
                 row->has_accuracy ? row->accuracy_high_percent : unknown, row->accuracy_source,
                 row->arena_map);
    hf_sql_bind_figures(&insert, fixed_count + 1, &hf_result_figures, HF_ORIGINS_ANALYSED, row);
    return insert;
}

hf_status hf_store_add_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row,
                              hf_error *err)
{
    static const char doing[] = "recording a variation";
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    int64_t id = 0;
    hf_sql insert = start_result(store, run_id, position, row);
    status = hf_sql_number(&insert, &id, "the new variation", err);
    if (status == HF_OK)
        status = delete_parts(store, id, err);
    if (status == HF_OK)
        status = add_factors(store, id, row, err);
    if (status == HF_OK)
        status = add_layers(store, id, row, err);
    if (status == HF_OK)
        status = hf_store_write_ports(store, id, row, err);
    if (status == HF_OK)
        status = hf_store_write_training(store, id, &row->training, err);
    return hf_sql_end_transaction(store, status, doing, err);
}

/* Inserts those that do not exist; an existing one keeps its analysis and outcome. */
static hf_status insert_planned(hf_store *store, int64_t run_id, const hf_result_row *rows, size_t count,
                                hf_error *err)
{
    hf_sql insert = hf_sql_start(store, "recording the plan of the run",
                                 "INSERT INTO results (run_id, position, name, family, source, chip, outcome)"
                                 " VALUES (?, ?, ?, ?, ?, ?, 'not_run')"
                                 " ON CONFLICT (run_id, position) DO NOTHING RETURNING id",
                                 "");
    hf_sql factor = hf_sql_start(store, "recording a variation's factors", INSERT_FACTOR, "");
    for (size_t i = 0; i < count && insert.failed == SQLITE_OK && factor.failed == SQLITE_OK; i++) {
        const hf_result_row *row = &rows[i];
        hf_sql_again(&insert, "iitttt", run_id, (int64_t)row->position, row->name, row->family, row->source,
                     row->chip);
        if (!hf_sql_row(&insert))
            continue;
        const int64_t id = hf_sql_int(&insert, 0, 1, INT64_MAX);
        hf_sql_step(&insert);
        step_factors(&factor, id, row);
    }
    hf_status status = hf_sql_done(&insert, err);
    hf_status factors = hf_sql_done(&factor, status == HF_OK ? err : NULL);
    return status != HF_OK ? status : factors;
}

hf_status hf_store_add_plan(hf_store *store, int64_t run_id, const hf_result_row *rows, size_t count,
                            hf_error *err)
{
    static const char doing[] = "recording the plan of the run";
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    status = insert_planned(store, run_id, rows, count, err);
    return hf_sql_end_transaction(store, status, doing, err);
}

static hf_status add_measurement(hf_store *store, int64_t attempt_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert = insert_figures(store, "recording a measurement",
                                   "measurements (attempt_id, firmware_id, output_crc32, clock_source", 4,
                                   &hf_result_figures, HF_ORIGINS_MEASURED, "");
    hf_sql_again(&insert, "itit", attempt_id, row->firmware_id, (int64_t)row->output_crc32,
                 row->clock_source);
    hf_sql_bind_figures(&insert, 5, &hf_result_figures, HF_ORIGINS_MEASURED, row);
    hf_status status = hf_sql_finish(&insert, err);
    if (status != HF_OK)
        return status;
    hf_sql sample = hf_sql_start(
        store, "recording samples",
        "INSERT INTO samples (attempt_id, position, cycles, instructions) VALUES (?, ?, ?, ?)", "");
    for (size_t i = 0; i < row->sample_count; i++) {
        hf_sql_again(&sample, "iiiz", attempt_id, (int64_t)i, row->samples[i].cycles,
                     row->samples[i].instructions);
        hf_sql_step(&sample);
    }
    status = hf_sql_done(&sample, err);
    if (status != HF_OK)
        return status;
    hf_sql layer = insert_figures(store, "recording layer times", "layer_times (attempt_id, position", 2,
                                  &hf_layer_figures, HF_ORIGINS_TIMED, "");
    for (size_t i = 0; i < row->layer_count; i++) {
        if (!row->layers[i].cycles) /* layers were not measured */
            continue;
        hf_sql_again(&layer, "ii", attempt_id, (int64_t)i);
        hf_sql_bind_figures(&layer, 3, &hf_layer_figures, HF_ORIGINS_TIMED, &row->layers[i]);
        hf_sql_step(&layer);
    }
    return hf_sql_done(&layer, err);
}

static hf_status add_attempt_failure(hf_store *store, int64_t run_id, int64_t result_id, int64_t attempt_id,
                                     int64_t board_id, const hf_attempt_row *attempt, hf_error *err)
{
    hf_deflated transcript;
    hf_deflate(attempt->transcript, &transcript);
    hf_sql insert = hf_sql_start(
        store, "recording a failure",
        "INSERT INTO failures (run_id, result_id, attempt_id, board_id, at_ms, fault, message, transcript,"
        " transcript_zlib) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "iiiiitttb", run_id, result_id, attempt_id, board_id,
        attempt->started_ms + attempt->duration_ns / (int64_t)HF_NS_PER_MS, attempt->fault, attempt->message,
        transcript.text, transcript.bytes, transcript.size_bytes);
    hf_deflated_free(&transcript);
    return hf_sql_finish(&insert, err);
}

static hf_status find_result(hf_store *store, int64_t run_id, int32_t position, int64_t *result_id,
                             hf_error *err)
{
    hf_sql find = hf_sql_start(store, "looking for a variation",
                               "SELECT id FROM results WHERE run_id = ? AND position = ?", "ii", run_id,
                               (int64_t)position);
    return hf_sql_number(&find, result_id, "the variation of an attempt", err);
}

/* @param attempt_id 0 = the same attempt was recorded before */
static hf_status insert_attempt(hf_store *store, int64_t result_id, int64_t board_id,
                                const hf_attempt_row *attempt, int64_t *attempt_id, hf_error *err)
{
    static const char doing[] = "recording an attempt";
    hf_sql insert = hf_sql_start(store, doing,
                                 "INSERT INTO attempts (result_id, number, board_id, started_ms, duration_ns,"
                                 " flash_ns, reset_ns, run_ns, succeeded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                 " ON CONFLICT (result_id, number) DO NOTHING RETURNING id",
                                 "iiiiiiiii", result_id, (int64_t)attempt->number, board_id,
                                 attempt->started_ms, attempt->duration_ns, attempt->flash_ns,
                                 attempt->reset_ns, attempt->run_ns, (int64_t)attempt->succeeded);
    bool inserted = hf_sql_row(&insert);
    *attempt_id = inserted ? hf_sql_int(&insert, 0, 1, INT64_MAX) : 0;
    hf_sql_step(&insert);
    hf_status status = hf_sql_done(&insert, err);
    if (status != HF_OK || inserted)
        return status;
    hf_sql same = hf_sql_start(store, doing,
                               "SELECT 1 FROM attempts WHERE result_id = ? AND number = ? AND board_id = ?"
                               " AND started_ms = ? AND duration_ns = ? AND succeeded = ?",
                               "iiiiii", result_id, (int64_t)attempt->number, board_id, attempt->started_ms,
                               attempt->duration_ns, (int64_t)attempt->succeeded);
    bool found = hf_sql_row(&same);
    status = hf_sql_done(&same, err);
    if (status == HF_OK && !found) {
        store->failure = SQLITE_CONSTRAINT;
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s: a different attempt %d exists",
                            store->path, doing, attempt->number);
    }
    return status;
}

hf_status hf_store_add_attempt(hf_store *store, int64_t run_id, int32_t position,
                               const hf_attempt_row *attempt, const hf_result_row *measured, hf_error *err)
{
    static const char doing[] = "recording an attempt";
    hf_attempt_row row = *attempt;
    row.succeeded = measured != NULL;
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    int64_t result_id = 0, board_id = 0, attempt_id = 0;
    status = find_result(store, run_id, position, &result_id, err);
    if (status == HF_OK)
        status = hf_find_run_board(store, run_id, row.board_id, &board_id, err);
    if (status == HF_OK)
        status = insert_attempt(store, result_id, board_id, &row, &attempt_id, err);
    if (status == HF_OK && attempt_id && measured) {
        status = add_measurement(store, attempt_id, measured, err);
        if (status == HF_OK)
            status = hf_store_write_outputs(store, attempt_id, measured, err);
        if (status == HF_OK) {
            hf_sql update = hf_sql_start(
                store, doing,
                "UPDATE results SET outcome = 'measured', fault = NULL, message = NULL WHERE id = ?", "i",
                result_id);
            status = hf_sql_finish(&update, err);
        }
    } else if (status == HF_OK && attempt_id) {
        status = add_attempt_failure(store, run_id, result_id, attempt_id, board_id, &row, err);
    }
    return hf_sql_end_transaction(store, status, doing, err);
}

hf_status hf_store_close_result(hf_store *store, int64_t run_id, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message, hf_error *err)
{
    hf_sql update =
        hf_sql_start(store, "recording an outcome",
                     "UPDATE results SET outcome = ?, fault = ?, message = ?"
                     " WHERE run_id = ? AND position = ? AND outcome <> 'measured'",
                     "tttii", hf_result_outcome_name(outcome), fault, message, run_id, (int64_t)position);
    hf_status status = hf_sql_finish(&update, err);
    int64_t result_id = 0;
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status = find_result(store, run_id, position, &result_id, err);
    return status;
}
