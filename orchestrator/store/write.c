/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "deflate.h"
#include "sql.h"

#define KEY_SIZE 32

/* Ends a transaction: all of it, or, after a failure, nothing. */
static hf_status end_transaction(hf_store *store, hf_status status, const char *doing, hf_error *err)
{
    if (status == HF_OK)
        status = hf_sql_exec(store, "COMMIT", doing, err);
    if (status != HF_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL,
                     NULL); /* fails harmlessly if SQLite rolled back itself */
    return status;
}

static hf_status finish(hf_sql *sql, hf_error *err)
{
    hf_sql_step(sql);
    return hf_sql_done(sql, err);
}

static hf_status not_there(hf_store *store, const char *what, hf_error *err)
{
    store->failure = SQLITE_NOTFOUND;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s is not there", store->path, what);
}

/* The query finds one number or none. */
static hf_status finish_number(hf_sql *sql, int64_t *out, const char *what, hf_error *err)
{
    bool found = hf_sql_row(sql);
    int64_t number = found ? hf_sql_int(sql, 0, INT64_MIN, INT64_MAX) : 0;
    hf_store *store = sql->store;
    if (found)
        hf_sql_step(sql); /* to its end, as only that tells whether it was committed */
    hf_status status = hf_sql_done(sql, err);
    if (status == HF_OK && !found)
        status = not_there(store, what, err);
    if (status == HF_OK)
        *out = number;
    return status;
}

/* An update that must hit a row. */
static hf_status finish_update(hf_sql *sql, const char *what, hf_error *err)
{
    hf_store *store = sql->store;
    hf_status status = finish(sql, err);
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status = not_there(store, what, err);
    return status;
}

/* The day for people, the number so that no two runs of any two stores have the same: their reports may lie
 * in one folder. */
static void make_key(int64_t started_ms, char key[KEY_SIZE])
{
    const time_t seconds = (time_t)(started_ms / 1000);
    struct tm local = {.tm_year = 70, .tm_mday = 1};
    localtime_r(&seconds, &local);
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        number = (uint32_t)hf_now_ns();
    snprintf(key, KEY_SIZE, "%04d%02d%02d-%08" PRIx32, (local.tm_year + 1900) % 10000, local.tm_mon + 1,
             local.tm_mday, number);
}

/* Before the row is there, so that nobody ever sees the row of a running run without its file. */
static hf_status hold_run_file(hf_store *store, const char *key, hf_error *err)
{
    hf_run_file_release(store->run_file, true);
    store->run_file = NULL;
    return hf_run_file_hold(store->path, key, &store->run_file, err);
}

static void drop_run_file(hf_store *store, bool keep)
{
    hf_run_file_release(store->run_file, keep);
    store->run_file = NULL;
}

hf_status hf_store_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err)
{
    char key[KEY_SIZE];
    make_key(run->started_ms, key);
    hf_status status = hold_run_file(store, key, err);
    if (status != HF_OK)
        return status;
    hf_sql insert = hf_sql_start(
        store, "recording the run",
        "INSERT INTO runs (key, name, spec_path, spec_text, farm_path, farm_text, started_ms, state,"
        " hilfarm_version, host, pid, warmup, runs, limit_ram_bytes, limit_rom_bytes, limit_macs)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        "ttttttittiiizzz", key, run->name, run->spec_path, run->spec_text, run->farm_path, run->farm_text,
        run->started_ms, run->hilfarm_version, run->host, run->pid, (int64_t)run->warmup, (int64_t)run->runs,
        run->limits.ram_bytes, run->limits.rom_bytes, run->limits.macs);
    status = finish_number(&insert, run_id, "the new run", err);
    if (status != HF_OK)
        drop_run_file(store, false);
    return status;
}

static hf_status find_key(hf_store *store, int64_t run_id, char key[HF_RUN_KEY_MOST + 1], hf_error *err)
{
    hf_sql query = hf_sql_start(store, "looking for a run", "SELECT key FROM runs WHERE id = ?", "i", run_id);
    bool found = hf_sql_row(&query);
    char *text = found ? hf_sql_needed_text(&query, 0) : NULL;
    if (text && (strlen(text) > HF_RUN_KEY_MOST || strpbrk(text, "/.")))
        hf_sql_complain(&query, 0, "is none there can be");
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !found)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    if (status == HF_OK && text)
        snprintf(key, HF_RUN_KEY_MOST + 1, "%s", text);
    free(text);
    return status;
}

hf_status hf_store_resume_run(hf_store *store, int64_t run_id, const char *host, int64_t pid, hf_error *err)
{
    static const char doing[] = "resuming the run";
    char key[HF_RUN_KEY_MOST + 1] = "";
    hf_status status = find_key(store, run_id, key, err);
    if (status == HF_OK)
        status = hold_run_file(store, key, err);
    if (status != HF_OK)
        return status;
    status = hf_sql_exec(store, "BEGIN IMMEDIATE", doing, err);
    if (status == HF_OK) {
        hf_sql update =
            hf_sql_start(store, doing,
                         "UPDATE runs SET state = 'running', finished_ms = NULL, host = ?, pid = ?,"
                         " resumptions = resumptions + 1 WHERE id = ?",
                         "tii", host, pid, run_id);
        status = finish_update(&update, "the run", err);
        if (status == HF_OK) {
            update = hf_sql_start(store, doing,
                                  "UPDATE results SET outcome = 'not_run', fault = NULL, message = NULL"
                                  " WHERE run_id = ? AND outcome IN ('failed', 'not_run')",
                                  "i", run_id);
            status = finish(&update, err);
        }
        if (status == HF_OK) { /* a board that was of no use then may be by the end of it */
            update =
                hf_sql_start(store, doing, "DELETE FROM failures WHERE run_id = ? AND dead", "i", run_id);
            status = finish(&update, err);
        }
        status = end_transaction(store, status, doing, err);
    }
    if (status != HF_OK)
        drop_run_file(store, hf_run_file_bytes(store->run_file) > 0);
    return status;
}

hf_status hf_store_add_board(hf_store *store, int64_t run_id, const hf_board_row *board, hf_error *err)
{
    static const char doing[] = "recording a board";
    hf_status status = hf_sql_exec(store, "BEGIN IMMEDIATE", doing, err);
    if (status != HF_OK)
        return status;
    hf_sql insert = hf_sql_start(store, doing,
                                 "INSERT INTO boards (name, chip, core, modelled) VALUES (?, ?, ?, ?)"
                                 " ON CONFLICT (name, chip, modelled) DO UPDATE SET core = excluded.core",
                                 "ttti", board->id, board->chip, board->core, (int64_t)board->modelled);
    status = finish(&insert, err);
    if (status == HF_OK) {
        hf_sql link =
            hf_sql_start(store, doing,
                         "INSERT OR REPLACE INTO run_boards (run_id, board_id, clock_hz)"
                         " SELECT ?, id, ? FROM boards WHERE name = ? AND chip = ? AND modelled = ?",
                         "iztti", run_id, board->clock_hz, board->id, board->chip, (int64_t)board->modelled);
        status = finish(&link, err);
    }
    return end_transaction(store, status, doing, err);
}

/* The board of that name that takes part in the run. */
static hf_status find_board(hf_store *store, int64_t run_id, const char *name, int64_t *board_id,
                            hf_error *err)
{
    hf_sql query = hf_sql_start(store, "finding a board",
                                "SELECT boards.id FROM run_boards JOIN boards ON boards.id = board_id"
                                " WHERE run_id = ? AND boards.name = ?",
                                "it", run_id, name);
    return finish_number(&query, board_id, "the board of an attempt", err);
}

hf_status hf_store_add_failure(hf_store *store, int64_t run_id, const hf_failure_row *failure, hf_error *err)
{
    int64_t board_id = 0;
    hf_status status = find_board(store, run_id, failure->board_id, &board_id, err);
    if (status != HF_OK)
        return status;
    hf_deflated transcript;
    hf_deflate(failure->transcript, &transcript);
    hf_sql insert =
        hf_sql_start(store, "recording a board's failure",
                     "INSERT INTO failures (run_id, board_id, at_ms, fault, message, transcript,"
                     " transcript_zlib, dead) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS"
                     " (SELECT 1 FROM failures WHERE run_id = ?1 AND board_id = ?2 AND at_ms = ?3"
                     " AND attempt_id IS NULL AND message = ?5 AND dead = ?8)",
                     "iiitttbi", run_id, board_id, failure->at_ms, failure->fault, failure->message,
                     transcript.text, transcript.bytes, transcript.size_bytes, (int64_t)failure->dead);
    hf_deflated_free(&transcript);
    return finish(&insert, err);
}

static hf_status add_factors(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert =
        hf_sql_start(store, "recording a variation's factors",
                     "INSERT INTO factors (result_id, position, name, value) VALUES (?, ?, ?, ?)", "");
    for (size_t i = 0; i < row->factor_count; i++) {
        hf_sql_again(&insert, "iitr", result_id, (int64_t)i, row->factors[i].name, row->factors[i].value);
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}

static hf_status add_layers(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert =
        hf_sql_start(store, "recording a variation's layers",
                     "INSERT INTO layers (result_id, position, name, op, height, width, channels, macs,"
                     " parameter_bytes, alive_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "");
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer_row *layer = &row->layers[i];
        hf_sql_again(&insert, "iittiiiiii", result_id, (int64_t)i, layer->name, layer->op,
                     (int64_t)layer->height, (int64_t)layer->width, (int64_t)layer->channels, layer->macs,
                     layer->parameter_bytes, layer->alive_bytes);
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}

/* Factors and layers of an earlier analysis. */
static hf_status forget_parts(hf_store *store, int64_t result_id, hf_error *err)
{
    static const char *const texts[] = {"DELETE FROM factors WHERE result_id = ?",
                                        "DELETE FROM layers WHERE result_id = ?"};
    hf_status status = HF_OK;
    for (int i = 0; status == HF_OK && i < 2; i++) {
        hf_sql delete = hf_sql_start(store, "recording a variation", texts[i], "i", result_id);
        status = finish(&delete, err);
    }
    return status;
}

hf_status hf_store_add_result(hf_store *store, int64_t run_id, int32_t position, const hf_result_row *row,
                              hf_error *err)
{
    static const char doing[] = "recording a variation";
    hf_status status = hf_sql_exec(store, "BEGIN IMMEDIATE", doing, err);
    if (status != HF_OK)
        return status;
    int64_t id = 0;
    hf_sql insert = hf_sql_start(
        store, doing,
        "INSERT INTO results (run_id, position, name, family, source, chip, macs, params, "
        "params_non_trainable,"
        " params_deployed, image_bytes, peak_memory_bytes, planned_arena_bytes, image_sha256, image_crc32, "
        "accuracy_percent, accuracy_low_percent, accuracy_high_percent, accuracy_source, image_bytes_min,"
        " outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'not_run')"
        " ON CONFLICT (run_id, position) DO UPDATE SET name = excluded.name, family = excluded.family,"
        " source = excluded.source, chip = excluded.chip, macs = excluded.macs, params = excluded.params,"
        " params_non_trainable = excluded.params_non_trainable, params_deployed = excluded.params_deployed,"
        " image_bytes = excluded.image_bytes, peak_memory_bytes = excluded.peak_memory_bytes,"
        " planned_arena_bytes = excluded.planned_arena_bytes, image_sha256 = excluded.image_sha256,"
        " image_crc32 = excluded.image_crc32, accuracy_percent = excluded.accuracy_percent,"
        " accuracy_low_percent = excluded.accuracy_low_percent,"
        " accuracy_high_percent = excluded.accuracy_high_percent, accuracy_source = excluded.accuracy_source,"
        " image_bytes_min = excluded.image_bytes_min RETURNING id",
        "iittttzzzzzzztzrrrtz", run_id, (int64_t)position, row->name, row->family, row->source, row->chip,
        row->macs, row->params, row->params_non_trainable, row->params_deployed, row->image_bytes,
        row->peak_memory_bytes, row->planned_arena_bytes, row->image_sha256, (int64_t)row->image_crc32,
        row->has_accuracy ? row->accuracy_percent : NAN, row->has_accuracy ? row->accuracy_low_percent : NAN,
        row->has_accuracy ? row->accuracy_high_percent : NAN, row->accuracy_source,
        row->image_bytes_min); /* NaN is stored as NULL */
    status = finish_number(&insert, &id, "the new variation", err);
    if (status == HF_OK)
        status = forget_parts(store, id, err);
    if (status == HF_OK)
        status = add_factors(store, id, row, err);
    if (status == HF_OK)
        status = add_layers(store, id, row, err);
    return end_transaction(store, status, doing, err);
}

static hf_status add_measurement(hf_store *store, int64_t attempt_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert =
        hf_sql_start(store, "recording a measurement",
                     "INSERT INTO measurements (attempt_id, clock_hz, arena_bytes, static_bytes,"
                     " stack_bytes, firmware_bytes, firmware_id, output_crc32, clock_ratio, clock_source)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "iiiiiitidt", attempt_id, row->clock_hz, row->arena_bytes, row->static_bytes,
                     row->stack_bytes, row->firmware_bytes, row->firmware_id, (int64_t)row->output_crc32,
                     row->clock_ratio, row->clock_source);
    hf_status status = finish(&insert, err);
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
    hf_sql layer = hf_sql_start(
        store, "recording layer times",
        "INSERT INTO layer_times (attempt_id, position, cycles, instructions) VALUES (?, ?, ?, ?)", "");
    for (size_t i = 0; i < row->layer_count; i++) {
        if (!row->layers[i].cycles) /* layers were not measured */
            continue;
        hf_sql_again(&layer, "iiiz", attempt_id, (int64_t)i, row->layers[i].cycles,
                     row->layers[i].instructions);
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
    return finish(&insert, err);
}

static hf_status find_result(hf_store *store, int64_t run_id, int32_t position, int64_t *result_id,
                             hf_error *err)
{
    hf_sql find = hf_sql_start(store, "looking for a variation",
                               "SELECT id FROM results WHERE run_id = ? AND position = ?", "ii", run_id,
                               (int64_t)position);
    return finish_number(&find, result_id, "the variation of an attempt", err);
}

/* @param attempt_id 0 = this very attempt was recorded before */
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
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: %s: there is another attempt %d of it",
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
    hf_status status = hf_sql_exec(store, "BEGIN IMMEDIATE", doing, err);
    if (status != HF_OK)
        return status;
    int64_t result_id = 0, board_id = 0, attempt_id = 0;
    status = find_result(store, run_id, position, &result_id, err);
    if (status == HF_OK)
        status = find_board(store, run_id, row.board_id, &board_id, err);
    if (status == HF_OK)
        status = insert_attempt(store, result_id, board_id, &row, &attempt_id, err);
    if (status == HF_OK && attempt_id && measured) {
        status = add_measurement(store, attempt_id, measured, err);
        if (status == HF_OK) {
            hf_sql update = hf_sql_start(
                store, doing,
                "UPDATE results SET outcome = 'measured', fault = NULL, message = NULL WHERE id = ?", "i",
                result_id);
            status = finish(&update, err);
        }
    } else if (status == HF_OK && attempt_id) {
        status = add_attempt_failure(store, run_id, result_id, attempt_id, board_id, &row, err);
    }
    return end_transaction(store, status, doing, err);
}

hf_status hf_store_close_result(hf_store *store, int64_t run_id, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message, hf_error *err)
{
    hf_sql update =
        hf_sql_start(store, "recording an outcome",
                     "UPDATE results SET outcome = ?, fault = ?, message = ?"
                     " WHERE run_id = ? AND position = ? AND outcome <> 'measured'",
                     "tttii", hf_result_outcome_name(outcome), fault, message, run_id, (int64_t)position);
    hf_status status = finish(&update, err);
    int64_t result_id = 0;
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status = find_result(store, run_id, position, &result_id, err);
    return status;
}

hf_status hf_store_finish_run(hf_store *store, int64_t run_id, hf_run_state state, int64_t finished_ms,
                              int64_t duration_ns, const char *openocd_version, hf_error *err)
{
    hf_sql update =
        hf_sql_start(store, "recording the end of the run",
                     "UPDATE runs SET state = ?, finished_ms = ?, duration_ns = ?,"
                     " openocd_version = coalesce(?, openocd_version) WHERE id = ?",
                     "tiiti", hf_run_state_name(state), finished_ms, duration_ns, openocd_version, run_id);
    hf_status status = finish_update(&update, "the run to end", err);
    /* Records are written in order, so all that the file may hold is in the store. */
    if (status == HF_OK)
        drop_run_file(store, false);
    return status;
}
