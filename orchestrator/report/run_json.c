/* SPDX-License-Identifier: Apache-2.0 */
/* results.json: the whole run as one object, one result after the other (results.schema.json). */
#include <stdio.h>

#include "report/json_text.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"

/* A member after others. */
static void put_text(hf_buffer *out, const char *key, const char *text)
{
    hf_json_key(out, false, key);
    hf_json_text(out, text);
}

static void put_int(hf_buffer *out, const char *key, int64_t value)
{
    hf_json_key(out, false, key);
    hf_json_integer(out, value);
}

static void put_known(hf_buffer *out, const char *key, int64_t value)
{
    hf_json_key(out, false, key);
    hf_json_known(out, value);
}

static void put_real(hf_buffer *out, const char *key, bool known, double value)
{
    hf_json_key(out, false, key);
    hf_json_exact(out, known, value);
}

static void put_crc(hf_buffer *out, const char *key, uint32_t value)
{
    char text[9];
    snprintf(text, sizeof text, "%08x", value);
    put_text(out, key, text);
}

/* The figures of a table that come from some origins. */
static void put_figures(hf_buffer *out, const hf_figure_table *table, unsigned origins, const void *row)
{
    for (size_t i = 0; i < table->count; i++) {
        const hf_figure *figure = &table->rows[i];
        if (!hf_figure_is_from(figure, origins))
            continue;
        hf_json_key(out, false, figure->name);
        if (!hf_figure_known(figure, row))
            hf_json_text(out, NULL);
        else if (figure->type == HF_FIGURE_INTEGER)
            hf_json_integer(out, hf_figure_integer(figure, row));
        else
            hf_json_exact(out, true, hf_figure_value(figure, row));
    }
}

/* ---- The run ---- */

void hf_json_run(const hf_run_row *run, hf_buffer *out)
{
    hf_buffer_puts(out, "{\"id\":");
    hf_json_integer(out, run->id);
    put_text(out, "key", run->key);
    put_text(out, "name", run->name);
    put_text(out, "owner", run->owner);
    put_int(out, "priority", run->priority);
    put_text(out, "tags", run->tags);
    put_text(out, "state", hf_run_state_name(run->state));
    put_int(out, "started_ms", run->started_ms);
    put_known(out, "finished_ms", run->finished_ms);
    put_known(out, "duration_ns", run->duration_ns);
    put_int(out, "resumptions", run->resumptions);
    hf_json_key(out, false, "regressed");
    if (run->compared)
        hf_json_integer(out, run->regressed);
    else
        hf_json_text(out, NULL);
    put_text(out, "baseline", run->baseline);
    put_text(out, "spec_path", run->spec_path);
    put_text(out, "spec_text", run->spec_text);
    put_text(out, "farm_path", run->farm_path);
    put_text(out, "farm_text", run->farm_text);
    put_text(out, "hilfarm_version", run->hilfarm_version);
    put_text(out, "openocd_version", run->openocd_version);
    put_text(out, "host", run->host);
    put_known(out, "trimmed_ms", run->trimmed_ms);
    put_int(out, "warmup", run->warmup);
    put_int(out, "runs", run->runs);
    put_known(out, "limit_ram_bytes", run->limits.ram_bytes);
    put_known(out, "limit_rom_bytes", run->limits.rom_bytes);
    put_known(out, "limit_macs", run->limits.macs);
    put_int(out, "measured", run->measured);
    put_int(out, "failed", run->failed);
    put_int(out, "not_run", run->not_run);
    put_int(out, "pruned", run->pruned);
    hf_buffer_putc(out, '}');
}

static void put_boards(const hf_report *report, hf_buffer *out)
{
    for (size_t i = 0; i < report->board_count; i++) {
        const hf_board_row *board = &report->boards[i];
        hf_buffer_puts(out, i ? ",\n{\"id\":" : "\n{\"id\":");
        hf_json_text(out, board->id);
        put_text(out, "chip", board->chip);
        put_text(out, "core", board->core);
        put_text(out, "timing", hf_timing_name(board->modelled));
        put_known(out, "clock_hz", board->clock_hz);
        put_text(out, "dead", hf_report_dead_board(report, board->id));
        hf_buffer_putc(out, '}');
    }
}

static void put_failures(const hf_report *report, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *failure = &report->failures[i];
        if (failure->dead) /* reported with the board */
            continue;
        hf_buffer_puts(out, any ? ",\n{\"board\":" : "\n{\"board\":");
        hf_json_text(out, failure->board_id);
        put_int(out, "at_ms", failure->at_ms);
        put_text(out, "fault", failure->fault);
        put_text(out, "message", failure->message);
        put_text(out, "transcript", failure->transcript);
        hf_buffer_putc(out, '}');
        any = true;
    }
}

/* ---- A result ---- */

static void put_ports(const hf_result_row *row, hf_buffer *out)
{
    hf_buffer_puts(out, ",\"ports\":[");
    for (size_t i = 0; i < row->port_count; i++) {
        const hf_port_row *port = &row->ports[i];
        hf_buffer_puts(out, i ? ",{\"kind\":" : "{\"kind\":");
        hf_json_text(out, port->kind);
        put_text(out, "type", port->type);
        put_int(out, "height", port->height);
        put_int(out, "width", port->width);
        put_int(out, "channels", port->channels);
        put_real(out, "scale", port->scale > 0, port->scale);
        put_int(out, "zero_point", port->zero_point);
        put_text(out, "float_tail", port->float_tail);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_putc(out, ']');
}

static void put_training(const hf_training_row *training, hf_buffer *out)
{
    hf_json_key(out, false, "training");
    if (!training->key) {
        hf_json_text(out, NULL);
        return;
    }
    hf_buffer_puts(out, "{\"key\":");
    hf_json_text(out, training->key);
    hf_json_key(out, false, "complete");
    hf_json_bool(out, training->complete);
    put_int(out, "epochs", training->epochs);
    put_real(out, "seconds", true, training->seconds);
    put_text(out, "warning", training->warning);
    hf_buffer_puts(out, ",\"curve\":[");
    for (size_t i = 0; i < training->curve_count; i++) {
        const hf_epoch_row *epoch = &training->curve[i];
        hf_buffer_puts(out, i ? ",{\"epoch\":" : "{\"epoch\":");
        hf_json_integer(out, epoch->epoch);
        put_real(out, "loss", epoch->loss >= 0, epoch->loss);
        put_real(out, "training_percent", epoch->training_percent >= 0, epoch->training_percent);
        put_real(out, "validation_percent", epoch->validation_percent >= 0, epoch->validation_percent);
        put_real(out, "seconds", true, epoch->seconds);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_puts(out, "]}");
}

static void put_layers(const hf_result_row *row, hf_buffer *out)
{
    const int64_t all_cycles = hf_result_layers_cycles(row);
    hf_buffer_puts(out, ",\"layers\":[");
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer *layer = &row->layers[i];
        const double share = hf_layer_cycles_share_percent(layer, all_cycles),
                     speed = hf_macs_per_cycle(layer->macs, (double)layer->cycles);
        hf_buffer_puts(out, i ? ",{\"name\":" : "{\"name\":");
        hf_json_text(out, layer->name);
        put_text(out, "op", layer->op);
        hf_buffer_puts(out, ",\"output\":[");
        hf_json_integer(out, layer->height);
        hf_buffer_putc(out, ',');
        hf_json_integer(out, layer->width);
        hf_buffer_putc(out, ',');
        hf_json_integer(out, layer->channels);
        hf_buffer_putc(out, ']');
        put_figures(out, &hf_layer_figures, HF_ORIGIN(LAYER) | HF_ORIGIN(CYCLES), layer);
        put_real(out, "cycles_share_percent", share > 0, share);
        put_real(out, "macs_per_cycle", speed > 0, speed);
        put_figures(out, &hf_layer_figures, HF_ORIGIN(COUNTER), layer);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_putc(out, ']');
}

static void put_samples(const hf_result_row *row, hf_buffer *out)
{
    hf_buffer_puts(out, ",\"samples\":[");
    for (size_t i = 0; i < row->sample_count; i++) {
        hf_buffer_puts(out, i ? ",{\"cycles\":" : "{\"cycles\":");
        hf_json_integer(out, row->samples[i].cycles);
        put_known(out, "instructions", row->samples[i].instructions);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_putc(out, ']');
}

static void put_measurement(const hf_result_row *row, hf_buffer *out)
{
    hf_latency latency;
    hf_json_key(out, false, "measurement");
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency)) {
        hf_json_text(out, NULL);
        return;
    }
    const double speed = hf_macs_per_cycle(row->macs, latency.median_cycles);
    hf_buffer_puts(out, "{\"board\":");
    hf_json_text(out, row->board_id);
    put_text(out, "timing", hf_timing_name(row->modelled));
    put_figures(out, &hf_result_figures, HF_ORIGIN(CLOCK), row);
    put_text(out, "clock_source", row->clock_source);
    put_real(out, "latency_median_ns", true, latency.median_ns);
    put_real(out, "latency_min_ns", true, latency.min_ns);
    put_real(out, "latency_max_ns", true, latency.max_ns);
    put_real(out, "cycles_median", true, latency.median_cycles);
    put_real(out, "instructions_median", latency.median_instructions > 0, latency.median_instructions);
    put_real(out, "macs_per_cycle", speed > 0, speed);
    put_int(out, "ram_bytes", hf_result_ram_bytes(row));
    put_figures(out, &hf_result_figures, HF_ORIGIN(MEMORY), row);
    put_int(out, "rom_bytes", hf_result_rom_bytes(row));
    put_figures(out, &hf_result_figures, HF_ORIGIN(FIRMWARE), row);
    put_figures(out, &hf_result_figures, HF_ORIGIN(CHECK), row);
    put_text(out, "firmware_id", row->firmware_id);
    put_crc(out, "output_crc32", row->output_crc32);
    put_samples(row, out);
    put_known(out, "samples_deleted", row->summary.deleted);
    hf_buffer_putc(out, '}');
}

static void put_accuracy(const hf_result_row *row, hf_buffer *out)
{
    hf_json_key(out, false, "accuracy");
    if (!row->has_accuracy) {
        hf_json_text(out, NULL);
        return;
    }
    const bool interval = hf_result_has_accuracy_interval(row);
    hf_buffer_puts(out, "{\"percent\":");
    hf_json_exact(out, true, row->accuracy_percent);
    put_real(out, "low_percent", interval, row->accuracy_low_percent);
    put_real(out, "high_percent", interval, row->accuracy_high_percent);
    put_text(out, "exactness", hf_accuracy_exactness(row));
    put_text(out, "source", row->accuracy_source);
    hf_buffer_putc(out, '}');
}

static void put_attempts(const hf_results_item *item, hf_buffer *out)
{
    hf_buffer_puts(out, ",\"attempts\":[");
    for (size_t i = 0; i < item->attempt_count; i++) {
        const hf_attempt_row *attempt = item->attempts[i];
        hf_buffer_puts(out, i ? ",{\"number\":" : "{\"number\":");
        hf_json_integer(out, attempt->number);
        put_text(out, "board", attempt->board_id);
        put_int(out, "started_ms", attempt->started_ms);
        put_int(out, "duration_ns", attempt->duration_ns);
        put_int(out, "flash_ns", attempt->flash_ns);
        put_int(out, "reset_ns", attempt->reset_ns);
        put_int(out, "run_ns", attempt->run_ns);
        hf_json_key(out, false, "succeeded");
        hf_json_bool(out, attempt->succeeded);
        put_text(out, "fault", attempt->fault);
        put_text(out, "message", attempt->message);
        put_text(out, "transcript", attempt->transcript);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_putc(out, ']');
}

static void put_result(const hf_results_head *head, const hf_results_item *item, hf_buffer *out)
{
    const hf_result_row *row = item->row;
    const hf_verdicts verdicts = hf_result_verdicts(row, &head->report->run.limits);
    hf_buffer_puts(out, item->is_first ? "\n{\"name\":" : ",\n{\"name\":");
    hf_json_text(out, row->name);
    put_text(out, "family", row->family);
    put_text(out, "source", row->source);
    put_text(out, "chip", row->chip);
    hf_buffer_puts(out, ",\"factors\":{");
    for (size_t i = 0; i < row->factor_count; i++) {
        if (hf_result_factor(row, row->factors[i].name) != &row->factors[i])
            continue; /* a store that was edited by hand: a name cannot be there twice */
        hf_json_key(out, i == 0, row->factors[i].name);
        hf_json_exact(out, true, row->factors[i].value);
    }
    hf_buffer_putc(out, '}');
    put_figures(out, &hf_result_figures, HF_ORIGINS_ANALYSED, row);
    put_text(out, "image_exactness", hf_image_exactness(row));
    put_text(out, "image_sha256", row->image_sha256);
    put_crc(out, "image_crc32", row->image_crc32);
    put_accuracy(row, out);
    put_text(out, "outcome", hf_result_outcome_name(row->outcome));
    put_text(out, "fault", row->fault);
    put_text(out, "message", row->message);
    put_known(out, "attempted_ms", row->attempted_ms);
    put_text(out, "ram_verdict", hf_verdict_name(verdicts.ram));
    put_text(out, "rom_verdict", hf_verdict_name(verdicts.rom));
    put_text(out, "macs_verdict", hf_verdict_name(verdicts.macs));
    put_text(out, "verdict", hf_verdict_name(verdicts.all));
    put_measurement(row, out);
    put_ports(row, out);
    put_training(&row->training, out);
    put_layers(row, out);
    put_attempts(item, out);
    hf_buffer_putc(out, '}');
}

/* ---- All of it ---- */

static void begin(const hf_results_head *head, hf_buffer *out)
{
    hf_buffer_puts(out, "{\"run\":");
    hf_json_run(&head->report->run, out);
    hf_buffer_puts(out, ",\n\"boards\":[");
    put_boards(head->report, out);
    hf_buffer_puts(out, "],\n\"board_failures\":[");
    put_failures(head->report, out);
    hf_buffer_putc(out, ']');
    put_int(out, "results_total", (int64_t)head->total);
    put_int(out, "results_offset", (int64_t)head->offset);
    hf_buffer_puts(out, ",\n\"results\":[");
}

static void end(const hf_results_head *head, bool any, hf_buffer *out)
{
    (void)head;
    (void)any;
    hf_buffer_puts(out, "]}\n");
}

const hf_results_format hf_results_json = {
    .name = "results.json", .parts = HF_PARTS_ALL, .begin = begin, .item = put_result, .end = end};

void hf_render_json(const hf_report *report, hf_buffer *out)
{
    hf_render_results(&hf_results_json, report, out);
}
