/* SPDX-License-Identifier: Apache-2.0 */
#include "result_details.h"

#include <string.h>

#include "report/json_text.h"
#include "report/latency_statistics.h"
#include "report/render.h"
#include "run_data.h"

static void put_text(hf_buffer *out, const char *key, const char *text)
{
    hf_json_key(out, false, key);
    hf_json_text(out, text);
}

static void put_ports(hf_buffer *out, const hf_result_row *row)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_ports_text(row, &text);
    put_text(out, "ports", text.size ? hf_buffer_text(&text) : NULL);
    out->failed |= text.failed;
    hf_buffer_free(&text);
}

static void put_samples(hf_buffer *out, const hf_result_row *row)
{
    hf_json_key(out, false, "samples");
    hf_buffer_putc(out, '[');
    for (size_t s = 0; s < row->sample_count; s++) {
        hf_buffer_puts(out, s ? "," : "");
        hf_json_integer(out, row->samples[s].cycles);
    }
    hf_buffer_putc(out, ']');
    hf_json_key(out, false, "samples_deleted");
    hf_json_integer(out, row->summary.deleted);
}

static void put_attempts(hf_buffer *out, const hf_report *report, const hf_results_item *item)
{
    hf_json_key(out, false, "attempts");
    hf_buffer_putc(out, '[');
    for (size_t at = 0; at < item->attempt_count; at++) {
        const hf_attempt_row *attempt = item->attempts[at];
        const int64_t numbers[] = {attempt->number,     hf_board_index(report, attempt->board_id),
                                   attempt->started_ms, attempt->duration_ns,
                                   attempt->flash_ns,   attempt->reset_ns,
                                   attempt->run_ns};
        hf_buffer_puts(out, at ? ",[" : "[");
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            hf_json_integer(out, numbers[n]);
            hf_buffer_putc(out, ',');
        }
        hf_json_text(out, attempt->succeeded ? NULL : attempt->fault);
        hf_buffer_putc(out, ',');
        hf_json_text(out, attempt->message);
        hf_buffer_putc(out, ',');
        hf_json_text(out, attempt->transcript);
        hf_buffer_putc(out, ']');
    }
    hf_buffer_putc(out, ']');
}

static void put_layers(hf_result_details *block, const hf_result_row *row)
{
    hf_buffer *out = &block->results;
    hf_json_key(out, false, "layers");
    hf_buffer_putc(out, '[');
    for (size_t l = 0; l < row->layer_count; l++) {
        const hf_layer *layer = &row->layers[l];
        const int64_t numbers[] = {hf_name_number(&block->texts, layer->name, out),
                                   hf_name_number(&block->texts, layer->op, out),
                                   layer->height,
                                   layer->width,
                                   layer->channels,
                                   layer->macs,
                                   layer->parameter_bytes,
                                   layer->live_bytes,
                                   layer->cycles,
                                   layer->instructions,
                                   layer->estimated_cycles};
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            hf_buffer_puts(out, l || n ? "," : "");
            hf_json_integer(out, numbers[n]);
        }
    }
    hf_buffer_putc(out, ']');
}

/* Whether a text is numbers separated by commas, which JSON may contain as they are (RFC 8259, section 6). */
static bool is_list_of_numbers(const char *text)
{
    if (!text)
        return false;
    for (;; text++) {
        text += *text == '-';
        const size_t digits = strspn(text, "0123456789");
        if (!digits || (digits > 1 && *text == '0'))
            return false;
        text += digits;
        if (*text != ',')
            return !*text;
    }
}

/* Two chips share a plan, so a result has the number of its plan; -1 = none is known. */
static void put_arena(hf_result_details *block, const hf_result_row *row)
{
    const char *map = row->arena_map;
    hf_json_key(&block->results, false, "arena");
    hf_json_integer(&block->results, is_list_of_numbers(map)
                                         ? (int64_t)hf_name_number(&block->arenas, map, &block->results)
                                         : -1);
}

/* The training of the weights: key, whether it is complete, epochs, seconds, five numbers for each epoch, and a warning or null. */
static void put_training(hf_buffer *out, const hf_training_row *training)
{
    hf_json_key(out, false, "training");
    if (!training->key) {
        hf_json_text(out, NULL);
        return;
    }
    hf_buffer_putc(out, '[');
    hf_json_text(out, training->key);
    hf_buffer_printf(out, ",%d,", training->complete ? 1 : 0);
    hf_json_integer(out, training->epochs);
    hf_buffer_putc(out, ',');
    hf_json_real(out, true, training->seconds);
    hf_buffer_puts(out, ",[");
    for (size_t i = 0; i < training->curve_count; i++) {
        const hf_epoch_row *epoch = &training->curve[i];
        hf_buffer_puts(out, i ? "," : "");
        hf_json_integer(out, epoch->epoch);
        const double figures[] = {epoch->loss, epoch->training_percent, epoch->validation_percent,
                                  epoch->seconds};
        for (size_t n = 0; n < sizeof figures / sizeof figures[0]; n++) {
            hf_buffer_putc(out, ',');
            hf_json_real(out, figures[n] >= 0, figures[n]);
        }
    }
    hf_buffer_puts(out, "],");
    hf_json_text(out, training->warning);
    hf_buffer_putc(out, ']');
}

static int64_t text_number(hf_result_details *block, const char *text)
{
    return text ? (int64_t)hf_name_number(&block->texts, text, &block->results) : -1;
}

/* A point of a trend: numbers, then indices of texts; -1 = unknown. */
static void put_point(hf_result_details *block, const hf_trend_row *point)
{
    const hf_result_row *result = &point->result;
    const bool measured = result->outcome == HF_RESULT_MEASURED;
    hf_buffer *out = &block->results;
    hf_latency latency = {0};
    if (measured)
        (void)hf_result_latency(result, &latency); /* all 0 without samples */
    const double reals[] = {latency.median_ns, latency.p05_ns, latency.p95_ns,
                            measured ? (double)hf_result_ram_bytes(result) : 0,
                            measured ? (double)hf_result_rom_bytes(result) : 0};
    const int64_t texts[] = {text_number(block, point->run_key),
                             text_number(block, hf_result_outcome_name(result->outcome)),
                             text_number(block, result->message),
                             text_number(block, result->board_id),
                             text_number(block, result->firmware_id),
                             text_number(block, result->image_sha256),
                             text_number(block, point->hilfarm_version),
                             text_number(block, point->host),
                             text_number(block, result->clock_source)};
    hf_buffer_putc(out, '[');
    hf_json_integer(out, point->run_id);
    hf_buffer_putc(out, ',');
    hf_json_integer(out, point->started_ms);
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        hf_buffer_putc(out, ',');
        hf_json_real(out, reals[i] > 0, reals[i]);
    }
    hf_buffer_putc(out, ',');
    hf_json_real(out, result->has_accuracy, result->accuracy_percent);
    hf_buffer_puts(out, result->modelled ? ",1" : ",0");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hf_buffer_putc(out, ',');
        hf_json_integer(out, texts[i]);
    }
    hf_buffer_putc(out, ']');
}

static void put_trend(hf_result_details *block, const hf_trend_row *trend, size_t count)
{
    hf_json_key(&block->results, false, "trend");
    hf_buffer_putc(&block->results, '[');
    for (size_t i = 0; i < count; i++) {
        hf_buffer_puts(&block->results, i ? "," : "");
        put_point(block, &trend[i]);
    }
    hf_buffer_putc(&block->results, ']');
}

bool hf_result_details_add(hf_result_details *block, const hf_report *report, const hf_results_item *item,
                           const hf_trend_row *trend, size_t trend_count)
{
    const hf_result_row *row = item->row;
    hf_buffer *out = &block->results;
    hf_buffer_puts(out, block->count++ ? ",{" : "{");
    hf_json_key(out, true, "source");
    hf_json_text(out, row->source);
    put_text(out, "accuracy_source", row->accuracy_source);
    put_text(out, "image_sha256", row->image_sha256);
    put_text(out, "clock_source", row->clock_source);
    put_ports(out, row);
    put_samples(out, row);
    put_attempts(out, report, item);
    put_layers(block, row);
    put_arena(block, row);
    put_training(out, &row->training);
    put_trend(block, trend, trend_count);
    hf_buffer_putc(out, '}');
    return !out->failed;
}

bool hf_result_details_take(hf_result_details *block, hf_buffer *out)
{
    hf_buffer_puts(out, "{\"texts\":");
    hf_name_table_json(&block->texts, out);
    hf_json_key(out, false, "arenas");
    hf_buffer_putc(out, '[');
    for (uint32_t i = 0; i < block->arenas.count; i++)
        hf_buffer_printf(out, "%s[%s]", i ? "," : "", block->arenas.names[i]);
    hf_buffer_puts(out, "],\"results\":[");
    hf_buffer_append(out, hf_buffer_text(&block->results), block->results.size);
    hf_buffer_puts(out, "]}");
    hf_buffer_clear(&block->results);
    hf_name_table_free(&block->texts);
    hf_name_table_free(&block->arenas);
    block->count = 0;
    return !out->failed;
}

void hf_result_details_free(hf_result_details *block)
{
    hf_buffer_free(&block->results);
    hf_name_table_free(&block->texts);
    hf_name_table_free(&block->arenas);
}
