/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sql.h"

/* Makes room for one more element of `size` bytes behind `count`; NULL (and a sticky failure) without memory.
 */
static void *grow(hf_sql *sql, void **array, size_t count, size_t size)
{
    /* Grown at powers of two. */
    if ((count & (count - 1)) == 0) {
        void *grown = reallocarray(*array, count ? count * 2 : 1, size);
        if (!grown) {
            sql->failed = SQLITE_NOMEM;
            return NULL;
        }
        *array = grown;
    }
    void *row = (char *)*array + count * size;
    memset(row, 0, size);
    return row;
}

static hf_run_state run_state(const char *name)
{
    for (int state = HF_RUN_RUNNING; state <= HF_RUN_ABORTED; state++)
        if (name && strcmp(name, hf_run_state_name((hf_run_state)state)) == 0)
            return (hf_run_state)state;
    return HF_RUN_ABORTED;
}

static hf_result_outcome result_outcome(const char *name)
{
    for (int outcome = HF_RESULT_MEASURED; outcome <= HF_RESULT_PRUNED; outcome++)
        if (name && strcmp(name, hf_result_outcome_name((hf_result_outcome)outcome)) == 0)
            return (hf_result_outcome)outcome;
    return HF_RESULT_NOT_RUN;
}

#define RUN_COLUMNS                                                                                          \
    "SELECT id, name, spec_path, spec_text, farm_text, started_ms, finished_ms, state, hilfarm_version,"     \
    " openocd_version, host, pid, warmup, runs, limit_ram_bytes, limit_rom_bytes, limit_macs,"               \
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'measured'),"                       \
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'failed'),"                         \
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'not_run'),"                        \
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'pruned') FROM runs "

static void read_run(hf_sql *sql, hf_run_row *run)
{
    char *state = hf_sql_text(sql, 7);
    *run = (hf_run_row){
        .id = hf_sql_int(sql, 0),
        .name = hf_sql_text(sql, 1),
        .spec_path = hf_sql_text(sql, 2),
        .spec_text = hf_sql_text(sql, 3),
        .farm_text = hf_sql_text(sql, 4),
        .started_ms = hf_sql_int(sql, 5),
        .finished_ms = hf_sql_int(sql, 6),
        .state = run_state(state),
        .hilfarm_version = hf_sql_text(sql, 8),
        .openocd_version = hf_sql_text(sql, 9),
        .host = hf_sql_text(sql, 10),
        .pid = hf_sql_int(sql, 11),
        .warmup = (int32_t)hf_sql_int(sql, 12),
        .runs = (int32_t)hf_sql_int(sql, 13),
        .limits = {hf_sql_int(sql, 14), hf_sql_int(sql, 15), hf_sql_int(sql, 16)},
        .measured = (int32_t)hf_sql_int(sql, 17),
        .failed = (int32_t)hf_sql_int(sql, 18),
        .not_run = (int32_t)hf_sql_int(sql, 19),
        .pruned = (int32_t)hf_sql_int(sql, 20),
    };
    free(state);
}

static hf_status load_run(hf_store *store, int64_t run_id, hf_run_row *run, hf_error *err)
{
    hf_sql query =
        run_id ? hf_sql_start(store, "reading a run", RUN_COLUMNS "WHERE id = ?", "i", run_id)
               : hf_sql_start(store, "reading the latest run", RUN_COLUMNS "ORDER BY id DESC LIMIT 1", "");
    bool found = hf_sql_row(&query);
    if (found)
        read_run(&query, run);
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
        hf_board_row *row = grow(&query, (void **)&report->boards, report->board_count, sizeof *row);
        if (!row)
            break;
        report->board_count++;
        row->id = hf_sql_text(&query, 0);
        row->chip = hf_sql_text(&query, 1);
        row->core = hf_sql_text(&query, 2);
        row->modelled = hf_sql_int(&query, 3) != 0;
        row->clock_hz = hf_sql_int(&query, 4);
    }
    return hf_sql_done(&query, err);
}

static hf_status load_factors(hf_store *store, int64_t result_id, hf_result_row *row, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading factors",
                     "SELECT name, value FROM factors WHERE result_id = ? ORDER BY position", "i", result_id);
    while (hf_sql_row(&query)) {
        hf_factor_row *factor = grow(&query, (void **)&row->factors, row->factor_count, sizeof *factor);
        if (!factor)
            break;
        row->factor_count++;
        factor->name = hf_sql_text(&query, 0);
        factor->value = hf_sql_real(&query, 1);
    }
    return hf_sql_done(&query, err);
}

static hf_status load_layers(hf_store *store, int64_t result_id, int64_t attempt_id, hf_result_row *row,
                             hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, "reading layers",
        "SELECT name, op, height, width, channels, macs, parameter_bytes, alive_bytes, cycles, instructions"
        " FROM layers LEFT JOIN layer_times"
        " ON layer_times.attempt_id = ? AND layer_times.position = layers.position"
        " WHERE result_id = ? ORDER BY layers.position",
        "ii", attempt_id, result_id);
    while (hf_sql_row(&query)) {
        hf_layer_row *layer = grow(&query, (void **)&row->layers, row->layer_count, sizeof *layer);
        if (!layer)
            break;
        row->layer_count++;
        *layer = (hf_layer_row){
            .name = hf_sql_text(&query, 0),
            .op = hf_sql_text(&query, 1),
            .height = (int32_t)hf_sql_int(&query, 2),
            .width = (int32_t)hf_sql_int(&query, 3),
            .channels = (int32_t)hf_sql_int(&query, 4),
            .macs = hf_sql_int(&query, 5),
            .parameter_bytes = hf_sql_int(&query, 6),
            .alive_bytes = hf_sql_int(&query, 7),
            .cycles = hf_sql_int(&query, 8),
            .instructions = hf_sql_int(&query, 9),
        };
    }
    return hf_sql_done(&query, err);
}

static hf_status load_measurement(hf_store *store, int64_t attempt_id, hf_result_row *row, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading a measurement",
                     "SELECT boards.name, modelled, clock_hz, arena_bytes, static_bytes, stack_bytes,"
                     " firmware_bytes, firmware_id, output_crc32 FROM measurements"
                     " JOIN attempts ON attempts.id = attempt_id JOIN boards ON boards.id = board_id"
                     " WHERE attempt_id = ?",
                     "i", attempt_id);
    if (hf_sql_row(&query)) {
        row->board_id = hf_sql_text(&query, 0);
        row->modelled = hf_sql_int(&query, 1) != 0;
        row->clock_hz = hf_sql_int(&query, 2);
        row->arena_bytes = hf_sql_int(&query, 3);
        row->static_bytes = hf_sql_int(&query, 4);
        row->stack_bytes = hf_sql_int(&query, 5);
        row->firmware_bytes = hf_sql_int(&query, 6);
        row->firmware_id = hf_sql_text(&query, 7);
        row->output_crc32 = (uint32_t)hf_sql_int(&query, 8);
    }
    hf_status status = hf_sql_done(&query, err);
    if (status != HF_OK)
        return status;
    query = hf_sql_start(store, "reading samples",
                         "SELECT cycles, instructions FROM samples WHERE attempt_id = ? ORDER BY position",
                         "i", attempt_id);
    while (hf_sql_row(&query)) {
        hf_sample_row *sample = grow(&query, (void **)&row->samples, row->sample_count, sizeof *sample);
        if (!sample)
            break;
        row->sample_count++;
        sample->cycles = hf_sql_int(&query, 0);
        sample->instructions = hf_sql_int(&query, 1);
    }
    return hf_sql_done(&query, err);
}

static void read_result(hf_sql *sql, hf_result_row *row)
{
    char *outcome = hf_sql_text(sql, 14);
    *row = (hf_result_row){
        .name = hf_sql_text(sql, 1),
        .family = hf_sql_text(sql, 2),
        .source = hf_sql_text(sql, 3),
        .chip = hf_sql_text(sql, 4),
        .macs = hf_sql_int(sql, 5),
        .params = hf_sql_int(sql, 6),
        .params_non_trainable = hf_sql_int(sql, 7),
        .params_deployed = hf_sql_int(sql, 8),
        .image_bytes = hf_sql_int(sql, 9),
        .peak_memory_bytes = hf_sql_int(sql, 10),
        .planned_arena_bytes = hf_sql_int(sql, 11),
        .image_sha256 = hf_sql_text(sql, 12),
        .image_crc32 = (uint32_t)hf_sql_int(sql, 13),
        .outcome = result_outcome(outcome),
        .fault = hf_sql_text(sql, 15),
        .message = hf_sql_text(sql, 16),
        .attempt_count = (int32_t)hf_sql_int(sql, 17),
        .has_accuracy = sqlite3_column_type(sql->statement, 19) != SQLITE_NULL,
        .accuracy_percent = hf_sql_real(sql, 19),
        .accuracy_low_percent = hf_sql_real(sql, 20),
        .accuracy_high_percent = hf_sql_real(sql, 21),
        .accuracy_source = hf_sql_text(sql, 22),
    };
    free(outcome);
}

static hf_status load_results(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, "reading variations",
        "SELECT id, name, family, source, chip, macs, params, params_non_trainable, params_deployed, "
        "image_bytes,"
        " peak_memory_bytes, planned_arena_bytes, image_sha256, image_crc32, outcome, fault, message,"
        " (SELECT count(*) FROM attempts WHERE result_id = results.id),"
        " (SELECT max(id) FROM attempts WHERE result_id = results.id AND succeeded),"
        " accuracy_percent, accuracy_low_percent, accuracy_high_percent, accuracy_source"
        " FROM results WHERE run_id = ? ORDER BY position",
        "i", report->run.id);
    hf_status status = HF_OK;
    while (status == HF_OK && hf_sql_row(&query)) {
        hf_result_row *row = grow(&query, (void **)&report->results, report->result_count, sizeof *row);
        if (!row)
            break;
        report->result_count++;
        read_result(&query, row);
        int64_t result_id = hf_sql_int(&query, 0), attempt_id = hf_sql_int(&query, 18);
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
                     " failures.message, transcript,"
                     " (SELECT count(*) FROM results AS before WHERE before.run_id = results.run_id"
                     "  AND before.position < results.position)"
                     " FROM attempts JOIN results ON results.id = attempts.result_id JOIN boards ON "
                     "boards.id = attempts.board_id"
                     " LEFT JOIN failures ON failures.attempt_id = attempts.id"
                     " WHERE results.run_id = ? ORDER BY attempts.id",
                     "i", report->run.id);
    while (hf_sql_row(&query)) {
        size_t *result =
            grow(&query, (void **)&report->attempt_results, report->attempt_count, sizeof *result);
        hf_attempt_row *row =
            result ? grow(&query, (void **)&report->attempts, report->attempt_count, sizeof *row) : NULL;
        if (!row)
            break;
        report->attempt_count++;
        *row = (hf_attempt_row){
            .number = (int32_t)hf_sql_int(&query, 0),
            .board_id = hf_sql_text(&query, 1),
            .started_ms = hf_sql_int(&query, 2),
            .duration_ns = hf_sql_int(&query, 3),
            .flash_ns = hf_sql_int(&query, 4),
            .reset_ns = hf_sql_int(&query, 5),
            .run_ns = hf_sql_int(&query, 6),
            .succeeded = hf_sql_int(&query, 7) != 0,
            .fault = hf_sql_text(&query, 8),
            .message = hf_sql_text(&query, 9),
            .transcript = hf_sql_text(&query, 10),
        };
        *result = (size_t)hf_sql_int(&query, 11);
    }
    return hf_sql_done(&query, err);
}

static hf_status load_failures(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading failures",
                                "SELECT boards.name, at_ms, fault, message, transcript FROM failures"
                                " JOIN boards ON boards.id = board_id"
                                " WHERE run_id = ? AND attempt_id IS NULL ORDER BY failures.id",
                                "i", report->run.id);
    while (hf_sql_row(&query)) {
        hf_failure_row *row = grow(&query, (void **)&report->failures, report->failure_count, sizeof *row);
        if (!row)
            break;
        report->failure_count++;
        row->board_id = hf_sql_text(&query, 0);
        row->at_ms = hf_sql_int(&query, 1);
        row->fault = hf_sql_text(&query, 2);
        row->message = hf_sql_text(&query, 3);
        row->transcript = hf_sql_text(&query, 4);
    }
    return hf_sql_done(&query, err);
}

hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err)
{
    hf_report report = {0};
    /* One transaction, so that a run under way elsewhere is seen at one moment. */
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

hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "listing runs", RUN_COLUMNS "ORDER BY id DESC", "");
    hf_run_row *rows = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_run_row *row = grow(&query, (void **)&rows, used, sizeof *row);
        if (!row)
            break;
        used++;
        read_run(&query, row);
    }
    hf_status status = hf_sql_done(&query, err);
    if (status != HF_OK) {
        for (size_t i = 0; i < used; i++)
            hf_run_row_free(&rows[i]);
        free(rows);
        return status;
    }
    *runs = rows;
    *count = used;
    return HF_OK;
}

hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, "listing boards",
        "SELECT name, chip, modelled, (SELECT count(*) FROM run_boards WHERE board_id = boards.id),"
        " (SELECT count(*) FROM attempts WHERE board_id = boards.id AND succeeded),"
        " (SELECT count(*) FROM failures WHERE board_id = boards.id),"
        " max(coalesce((SELECT max(started_ms) FROM attempts WHERE board_id = boards.id), 0),"
        "     coalesce((SELECT max(at_ms) FROM failures WHERE board_id = boards.id), 0)),"
        " (SELECT fault FROM failures WHERE board_id = boards.id ORDER BY id DESC LIMIT 1),"
        " (SELECT message FROM failures WHERE board_id = boards.id ORDER BY id DESC LIMIT 1)"
        " FROM boards ORDER BY name, chip, modelled",
        "");
    hf_board_history_row *rows = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_board_history_row *row = grow(&query, (void **)&rows, used, sizeof *row);
        if (!row)
            break;
        used++;
        *row = (hf_board_history_row){
            .id = hf_sql_text(&query, 0),
            .chip = hf_sql_text(&query, 1),
            .modelled = hf_sql_int(&query, 2) != 0,
            .runs = (int32_t)hf_sql_int(&query, 3),
            .succeeded = (int32_t)hf_sql_int(&query, 4),
            .failed = (int32_t)hf_sql_int(&query, 5),
            .last_ms = hf_sql_int(&query, 6),
            .last_fault = hf_sql_text(&query, 7),
            .last_message = hf_sql_text(&query, 8),
        };
    }
    hf_status status = hf_sql_done(&query, err);
    if (status != HF_OK) {
        for (size_t i = 0; i < used; i++)
            hf_board_history_row_free(&rows[i]);
        free(rows);
        return status;
    }
    *boards = rows;
    *count = used;
    return HF_OK;
}
