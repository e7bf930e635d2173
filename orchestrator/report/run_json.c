/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_members.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"

/* jansson's setters fail without a message if the value is NULL: hf_render_json() checks the result once, at the
 * end. */

/* The figures of a table that come from some origins. */
static void set_figures(json_t *object, const hf_figure_table *table, unsigned origins, const void *row)
{
    for (size_t i = 0; i < table->count; i++) {
        const hf_figure *figure = &table->rows[i];
        if (!hf_figure_is_from(figure, origins))
            continue;
        if (!hf_figure_known(figure, row))
            json_object_set_new(object, figure->name, json_null());
        else if (figure->type == HF_FIGURE_INTEGER)
            hf_json_set_int(object, figure->name, hf_figure_integer(figure, row));
        else
            json_object_set_new(object, figure->name, json_real(hf_figure_value(figure, row)));
    }
}

static void set_crc(json_t *object, const char *key, uint32_t value)
{
    char text[9];
    snprintf(text, sizeof text, "%08x", value);
    hf_json_set_text(object, key, text);
}

static json_t *run_object(const hf_run_row *run)
{
    json_t *object = json_object();
    hf_json_set_int(object, "id", run->id);
    hf_json_set_text(object, "key", run->key);
    hf_json_set_text(object, "name", run->name);
    hf_json_set_text(object, "owner", run->owner);
    hf_json_set_int(object, "priority", run->priority);
    hf_json_set_text(object, "tags", run->tags);
    hf_json_set_text(object, "state", hf_run_state_name(run->state));
    hf_json_set_int(object, "started_ms", run->started_ms);
    hf_json_set_known(object, "finished_ms", run->finished_ms);
    hf_json_set_known(object, "duration_ns", run->duration_ns);
    hf_json_set_int(object, "resumptions", run->resumptions);
    json_object_set_new(object, "regressed", run->compared ? json_integer(run->regressed) : json_null());
    hf_json_set_text(object, "spec_path", run->spec_path);
    hf_json_set_text(object, "spec_text", run->spec_text);
    hf_json_set_text(object, "farm_path", run->farm_path);
    hf_json_set_text(object, "farm_text", run->farm_text);
    hf_json_set_text(object, "hilfarm_version", run->hilfarm_version);
    hf_json_set_text(object, "openocd_version", run->openocd_version);
    hf_json_set_text(object, "host", run->host);
    hf_json_set_known(object, "trimmed_ms", run->trimmed_ms);
    hf_json_set_int(object, "warmup", run->warmup);
    hf_json_set_int(object, "runs", run->runs);
    hf_json_set_known(object, "limit_ram_bytes", run->limits.ram_bytes);
    hf_json_set_known(object, "limit_rom_bytes", run->limits.rom_bytes);
    hf_json_set_known(object, "limit_macs", run->limits.macs);
    hf_json_set_int(object, "measured", run->measured);
    hf_json_set_int(object, "failed", run->failed);
    hf_json_set_int(object, "not_run", run->not_run);
    hf_json_set_int(object, "pruned", run->pruned);
    return object;
}

static json_t *layer_array(const hf_result_row *row)
{
    json_t *array = json_array();
    const int64_t all_cycles = hf_result_layers_cycles(row);
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer *layer = &row->layers[i];
        json_t *object = json_object();
        hf_json_set_text(object, "name", layer->name);
        hf_json_set_text(object, "op", layer->op);
        json_object_set_new(object, "output",
                            json_pack("[iii]", layer->height, layer->width, layer->channels));
        set_figures(object, &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGIN(CYCLES), layer);
        hf_json_set_known_real(object, "cycles_share_percent",
                               hf_layer_cycles_share_percent(layer, all_cycles));
        hf_json_set_known_real(object, "macs_per_cycle",
                               hf_macs_per_cycle(layer->macs, (double)layer->cycles));
        set_figures(object, &hf_layer_figures, HF_ORIGIN(COUNTER), layer);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *measurement_object(const hf_result_row *row)
{
    hf_latency latency;
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency))
        return json_null();
    json_t *object = json_object();
    hf_json_set_text(object, "board", row->board_id);
    hf_json_set_text(object, "timing", hf_timing_name(row->modelled));
    set_figures(object, &hf_result_figures, HF_ORIGIN(CLOCK), row);
    hf_json_set_text(object, "clock_source", row->clock_source);
    json_object_set_new(object, "latency_median_ns", json_real(latency.median_ns));
    json_object_set_new(object, "latency_min_ns", json_real(latency.min_ns));
    json_object_set_new(object, "latency_max_ns", json_real(latency.max_ns));
    json_object_set_new(object, "cycles_median", json_real(latency.median_cycles));
    hf_json_set_known_real(object, "instructions_median", latency.median_instructions);
    hf_json_set_known_real(object, "macs_per_cycle", hf_macs_per_cycle(row->macs, latency.median_cycles));
    hf_json_set_int(object, "ram_bytes", hf_result_ram_bytes(row));
    set_figures(object, &hf_result_figures, HF_ORIGIN(MEMORY), row);
    hf_json_set_int(object, "rom_bytes", hf_result_rom_bytes(row));
    set_figures(object, &hf_result_figures, HF_ORIGIN(FIRMWARE), row);
    set_figures(object, &hf_result_figures, HF_ORIGIN(CHECK), row);
    hf_json_set_text(object, "firmware_id", row->firmware_id);
    set_crc(object, "output_crc32", row->output_crc32);
    json_t *samples = json_array();
    for (size_t i = 0; i < row->sample_count; i++) {
        json_t *sample = json_object();
        hf_json_set_int(sample, "cycles", row->samples[i].cycles);
        hf_json_set_known(sample, "instructions", row->samples[i].instructions);
        json_array_append_new(samples, sample);
    }
    json_object_set_new(object, "samples", samples);
    hf_json_set_known(object, "samples_deleted", row->summary.deleted);
    return object;
}

static json_t *port_array(const hf_result_row *row)
{
    json_t *array = json_array();
    for (size_t i = 0; i < row->port_count; i++) {
        const hf_port_row *port = &row->ports[i];
        json_t *object = json_object();
        hf_json_set_text(object, "kind", port->kind);
        hf_json_set_text(object, "type", port->type);
        hf_json_set_int(object, "height", port->height);
        hf_json_set_int(object, "width", port->width);
        hf_json_set_int(object, "channels", port->channels);
        hf_json_set_known_real(object, "scale", port->scale);
        hf_json_set_int(object, "zero_point", port->zero_point);
        hf_json_set_text(object, "float_tail", port->float_tail);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *accuracy_object(const hf_result_row *row)
{
    if (!row->has_accuracy)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "percent", json_real(row->accuracy_percent));
    json_object_set_new(object, "low_percent", json_real(row->accuracy_low_percent));
    json_object_set_new(object, "high_percent", json_real(row->accuracy_high_percent));
    hf_json_set_text(object, "source", row->accuracy_source);
    return object;
}

static json_t *attempt_array(const hf_report *report, size_t result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->attempt_count; i++) {
        if (report->attempt_results[i] != result)
            continue;
        const hf_attempt_row *attempt = &report->attempts[i];
        json_t *object = json_object();
        hf_json_set_int(object, "number", attempt->number);
        hf_json_set_text(object, "board", attempt->board_id);
        hf_json_set_int(object, "started_ms", attempt->started_ms);
        hf_json_set_int(object, "duration_ns", attempt->duration_ns);
        hf_json_set_int(object, "flash_ns", attempt->flash_ns);
        hf_json_set_int(object, "reset_ns", attempt->reset_ns);
        hf_json_set_int(object, "run_ns", attempt->run_ns);
        json_object_set_new(object, "succeeded", json_boolean(attempt->succeeded));
        hf_json_set_text(object, "fault", attempt->fault);
        hf_json_set_text(object, "message", attempt->message);
        hf_json_set_text(object, "transcript", attempt->transcript);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *result_object(const hf_report *report, size_t index)
{
    const hf_result_row *row = &report->results[index];
    json_t *object = json_object();
    hf_json_set_text(object, "name", row->name);
    hf_json_set_text(object, "family", row->family);
    hf_json_set_text(object, "source", row->source);
    hf_json_set_text(object, "chip", row->chip);
    json_t *factors = json_object();
    for (size_t i = 0; i < row->factor_count; i++)
        json_object_set_new(factors, row->factors[i].name, json_real(row->factors[i].value));
    json_object_set_new(object, "factors", factors);
    set_figures(object, &hf_result_figures, HF_ORIGINS_ANALYSED, row);
    hf_json_set_text(object, "image_sha256", row->image_sha256);
    set_crc(object, "image_crc32", row->image_crc32);
    json_object_set_new(object, "accuracy", accuracy_object(row));
    hf_json_set_text(object, "outcome", hf_result_outcome_name(row->outcome));
    hf_json_set_text(object, "fault", row->fault);
    hf_json_set_text(object, "message", row->message);
    hf_verdicts verdicts = hf_result_verdicts(row, &report->run.limits);
    hf_json_set_text(object, "ram_verdict", hf_verdict_name(verdicts.ram));
    hf_json_set_text(object, "rom_verdict", hf_verdict_name(verdicts.rom));
    hf_json_set_text(object, "macs_verdict", hf_verdict_name(verdicts.macs));
    hf_json_set_text(object, "verdict", hf_verdict_name(verdicts.all));
    json_object_set_new(object, "measurement", measurement_object(row));
    json_object_set_new(object, "ports", port_array(row));
    json_object_set_new(object, "layers", layer_array(row));
    json_object_set_new(object, "attempts", attempt_array(report, index));
    return object;
}

static json_t *board_array(const hf_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->board_count; i++) {
        const hf_board_row *board = &report->boards[i];
        json_t *object = json_object();
        hf_json_set_text(object, "id", board->id);
        hf_json_set_text(object, "chip", board->chip);
        hf_json_set_text(object, "core", board->core);
        hf_json_set_text(object, "timing", hf_timing_name(board->modelled));
        hf_json_set_known(object, "clock_hz", board->clock_hz);
        hf_json_set_text(object, "dead", hf_report_dead_board(report, board->id));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *failure_array(const hf_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *failure = &report->failures[i];
        if (failure->dead) /* reported with the board */
            continue;
        json_t *object = json_object();
        hf_json_set_text(object, "board", failure->board_id);
        hf_json_set_int(object, "at_ms", failure->at_ms);
        hf_json_set_text(object, "fault", failure->fault);
        hf_json_set_text(object, "message", failure->message);
        hf_json_set_text(object, "transcript", failure->transcript);
        json_array_append_new(array, object);
    }
    return array;
}

void hf_render_json(const hf_report *report, hf_buffer *out)
{
    json_t *root = json_object();
    json_object_set_new(root, "run", run_object(&report->run));
    json_object_set_new(root, "boards", board_array(report));
    json_t *results = json_array();
    for (size_t i = 0; i < report->result_count; i++)
        json_array_append_new(results, result_object(report, i));
    json_object_set_new(root, "results", results);
    json_object_set_new(root, "board_failures", failure_array(report));
    char *text = json_object_size(root) == 4 ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(root);
    if (text) {
        hf_buffer_puts(out, text);
        hf_buffer_putc(out, '\n');
    } else {
        out->failed = true;
    }
    free(text);
}
