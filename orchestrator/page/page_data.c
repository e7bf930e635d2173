/* SPDX-License-Identifier: Apache-2.0 */
#include "page_data.h"

#include <stdlib.h>
#include <string.h>

#include "name_table.h"
#include "report/json_text.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"

#define NO_BOARD (-1)

typedef struct page_data {
    const hf_report *report;
    hf_buffer *out;
    hf_name_table families, chips, texts, factors, arenas;
    hf_latency *latencies; /* per result; all 0 = not measured */
    hf_attempts_by_result attempts;
} page_data;

/* ---- Columns: a function writes the value of one result ---- */

typedef void write_value(const page_data *page, size_t i);

static const hf_result_row *row_of(const page_data *page, size_t i)
{
    return &page->report->results[i];
}

static bool is_measured(const page_data *page, size_t i)
{
    return page->latencies[i].median_ns > 0;
}

#define TEXT_COLUMN(member)                                                                                  \
    static void write_##member(const page_data *page, size_t i)                                              \
    {                                                                                                        \
        hf_json_text(page->out, row_of(page, i)->member);                                                    \
    }
#define FIGURE_COLUMN(member)                                                                                \
    static void write_##member(const page_data *page, size_t i)                                              \
    {                                                                                                        \
        hf_json_known(page->out, row_of(page, i)->member);                                                   \
    }
#define MEASURED_COLUMN(name, value)                                                                         \
    static void write_##name(const page_data *page, size_t i)                                                \
    {                                                                                                        \
        hf_json_real(page->out, is_measured(page, i), (double)(value));                                      \
    }

TEXT_COLUMN(name)
TEXT_COLUMN(source)
TEXT_COLUMN(fault)
TEXT_COLUMN(message)
TEXT_COLUMN(accuracy_source)
TEXT_COLUMN(image_sha256)
TEXT_COLUMN(firmware_id)
TEXT_COLUMN(clock_source)

static void write_ports(const page_data *page, size_t i)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_ports_text(row_of(page, i), &text);
    hf_json_text(page->out, text.size ? hf_buffer_text(&text) : NULL);
    page->out->failed |= text.failed;
    hf_buffer_free(&text);
}

FIGURE_COLUMN(macs)
FIGURE_COLUMN(params)
FIGURE_COLUMN(image_bytes)
FIGURE_COLUMN(image_bytes_min)
FIGURE_COLUMN(peak_memory_bytes)
FIGURE_COLUMN(planned_arena_bytes)
MEASURED_COLUMN(ram_bytes, hf_result_ram_bytes(row_of(page, i)))
MEASURED_COLUMN(arena_bytes, row_of(page, i)->arena_bytes)
MEASURED_COLUMN(static_bytes, row_of(page, i)->static_bytes)
MEASURED_COLUMN(stack_bytes, row_of(page, i)->stack_bytes)
MEASURED_COLUMN(rom_bytes, hf_result_rom_bytes(row_of(page, i)))
MEASURED_COLUMN(firmware_bytes, row_of(page, i)->firmware_bytes)
MEASURED_COLUMN(clock_hz, row_of(page, i)->clock_hz)
MEASURED_COLUMN(latency_ns, page->latencies[i].median_ns)
MEASURED_COLUMN(latency_low_ns, page->latencies[i].min_ns)
MEASURED_COLUMN(latency_high_ns, page->latencies[i].max_ns)
MEASURED_COLUMN(cycles, page->latencies[i].median_cycles)

static void write_instructions(const page_data *page, size_t i)
{
    const double value = page->latencies[i].median_instructions;
    hf_json_real(page->out, value > 0, value);
}

static void write_samples_deleted(const page_data *page, size_t i)
{
    hf_json_integer(page->out, row_of(page, i)->summary.deleted);
}

static void write_outcome(const page_data *page, size_t i)
{
    hf_json_text(page->out, hf_result_outcome_name(row_of(page, i)->outcome));
}

static void write_verdict(const page_data *page, size_t i)
{
    hf_json_text(page->out,
                 hf_verdict_name(hf_result_verdicts(row_of(page, i), &page->report->run.limits).all));
}

static void write_modelled(const page_data *page, size_t i)
{
    hf_buffer_puts(page->out, row_of(page, i)->modelled ? "true" : "false");
}

static void write_accuracy(const page_data *page, size_t i)
{
    hf_json_real(page->out, row_of(page, i)->has_accuracy, row_of(page, i)->accuracy_percent);
}

static void write_accuracy_low(const page_data *page, size_t i)
{
    hf_json_real(page->out, row_of(page, i)->has_accuracy, row_of(page, i)->accuracy_low_percent);
}

static void write_accuracy_high(const page_data *page, size_t i)
{
    hf_json_real(page->out, row_of(page, i)->has_accuracy, row_of(page, i)->accuracy_high_percent);
}

static int64_t board_index(const hf_report *report, const char *id)
{
    for (size_t b = 0; id && b < report->board_count; b++)
        if (strcmp(report->boards[b].id, id) == 0)
            return (int64_t)b;
    return NO_BOARD;
}

static void write_board(const page_data *page, size_t i)
{
    hf_json_integer(page->out, board_index(page->report, row_of(page, i)->board_id));
}

static void write_samples(const page_data *page, size_t i)
{
    const hf_result_row *row = row_of(page, i);
    hf_buffer_putc(page->out, '[');
    for (size_t s = 0; s < row->sample_count; s++) {
        hf_buffer_puts(page->out, s ? "," : "");
        hf_json_integer(page->out, row->samples[s].cycles);
    }
    hf_buffer_putc(page->out, ']');
}

static void write_attempts(const page_data *page, size_t i)
{
    hf_buffer_putc(page->out, '[');
    for (size_t at = page->attempts.start[i]; at < page->attempts.start[i + 1]; at++) {
        const hf_attempt_row *attempt = page->attempts.attempts[at];
        const int64_t numbers[] = {attempt->number,     board_index(page->report, attempt->board_id),
                                   attempt->started_ms, attempt->duration_ns,
                                   attempt->flash_ns,   attempt->reset_ns,
                                   attempt->run_ns};
        hf_buffer_puts(page->out, at > page->attempts.start[i] ? ",[" : "[");
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            hf_json_integer(page->out, numbers[n]);
            hf_buffer_putc(page->out, ',');
        }
        hf_json_text(page->out, attempt->succeeded ? NULL : attempt->fault);
        hf_buffer_putc(page->out, ',');
        hf_json_text(page->out, attempt->message);
        hf_buffer_putc(page->out, ',');
        hf_json_text(page->out, attempt->transcript);
        hf_buffer_putc(page->out, ']');
    }
    hf_buffer_putc(page->out, ']');
}

static void write_layer(page_data *page, const hf_layer *layer)
{
    const int64_t numbers[] = {hf_name_number(&page->texts, layer->name, page->out),
                               hf_name_number(&page->texts, layer->op, page->out),
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
        hf_buffer_puts(page->out, n ? "," : "");
        hf_json_integer(page->out, numbers[n]);
    }
}

static const struct {
    const char *name;
    write_value *write;
} columns[] = {
    {"name", write_name},
    {"outcome", write_outcome},
    {"verdict", write_verdict},
    {"source", write_source},
    {"fault", write_fault},
    {"message", write_message},
    {"board", write_board},
    {"modelled", write_modelled},
    {"macs", write_macs},
    {"params", write_params},
    {"image_bytes", write_image_bytes},
    {"image_bytes_min", write_image_bytes_min},
    {"peak_memory_bytes", write_peak_memory_bytes},
    {"planned_arena_bytes", write_planned_arena_bytes},
    {"ram_bytes", write_ram_bytes},
    {"arena_bytes", write_arena_bytes},
    {"static_bytes", write_static_bytes},
    {"stack_bytes", write_stack_bytes},
    {"rom_bytes", write_rom_bytes},
    {"firmware_bytes", write_firmware_bytes},
    {"clock_hz", write_clock_hz},
    {"latency_ns", write_latency_ns},
    {"latency_low_ns", write_latency_low_ns},
    {"latency_high_ns", write_latency_high_ns},
    {"cycles", write_cycles},
    {"instructions", write_instructions},
    {"accuracy", write_accuracy},
    {"accuracy_low", write_accuracy_low},
    {"accuracy_high", write_accuracy_high},
    {"accuracy_source", write_accuracy_source},
    {"image_sha256", write_image_sha256},
    {"firmware_id", write_firmware_id},
    {"clock_source", write_clock_source},
    {"ports", write_ports},
    {"samples", write_samples},
    {"samples_deleted", write_samples_deleted},
    {"attempts", write_attempts},
};

/* ---- Columns of numbers for names ---- */

static void write_numbers(page_data *page, const char *name, hf_name_table *table, size_t offset)
{
    hf_json_key(page->out, false, name);
    hf_buffer_putc(page->out, '[');
    for (size_t i = 0; i < page->report->result_count; i++) {
        const char *value = *(char *const *)((const char *)row_of(page, i) + offset);
        hf_buffer_puts(page->out, i ? "," : "");
        hf_json_integer(page->out, hf_name_number(table, value, page->out));
    }
    hf_buffer_putc(page->out, ']');
}

static void write_layers(page_data *page)
{
    hf_json_key(page->out, false, "layers");
    hf_buffer_putc(page->out, '[');
    for (size_t i = 0; i < page->report->result_count; i++) {
        const hf_result_row *row = row_of(page, i);
        hf_buffer_puts(page->out, i ? ",[" : "[");
        for (size_t l = 0; l < row->layer_count; l++) {
            hf_buffer_puts(page->out, l ? "," : "");
            write_layer(page, &row->layers[l]);
        }
        hf_buffer_putc(page->out, ']');
    }
    hf_buffer_putc(page->out, ']');
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

/* Two chips share a plan, so a result has the number of its plan. */
static void write_arena_numbers(page_data *page)
{
    hf_json_key(page->out, false, "arena");
    hf_buffer_putc(page->out, '[');
    for (size_t i = 0; i < page->report->result_count; i++) {
        const char *map = row_of(page, i)->arena_map;
        hf_buffer_puts(page->out, i ? "," : "");
        hf_json_integer(
            page->out, is_list_of_numbers(map) ? (int64_t)hf_name_number(&page->arenas, map, page->out) : -1);
    }
    hf_buffer_putc(page->out, ']');
}

static void write_arenas(const page_data *page)
{
    hf_json_key(page->out, false, "arenas");
    hf_buffer_putc(page->out, '[');
    for (uint32_t i = 0; i < page->arenas.count; i++)
        hf_buffer_printf(page->out, "%s[%s]", i ? "," : "", page->arenas.names[i]);
    hf_buffer_putc(page->out, ']');
}

static void write_results(page_data *page)
{
    hf_json_key(page->out, false, "results");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        hf_buffer_puts(page->out, c ? "" : "{");
        hf_json_key(page->out, c == 0, columns[c].name);
        hf_buffer_putc(page->out, '[');
        for (size_t i = 0; i < page->report->result_count; i++) {
            hf_buffer_puts(page->out, i ? "," : "");
            columns[c].write(page, i);
        }
        hf_buffer_putc(page->out, ']');
    }
    write_numbers(page, "family", &page->families, offsetof(hf_result_row, family));
    write_numbers(page, "chip", &page->chips, offsetof(hf_result_row, chip));
    write_arena_numbers(page);
    write_layers(page);
    hf_buffer_putc(page->out, '}');
}

/* ---- Names and factors ---- */

static void write_names(const page_data *page, const char *name, const hf_name_table *table)
{
    hf_json_key(page->out, false, name);
    hf_buffer_putc(page->out, '[');
    for (uint32_t i = 0; i < table->count; i++) {
        hf_buffer_puts(page->out, i ? "," : "");
        hf_json_text(page->out, table->names[i]);
    }
    hf_buffer_putc(page->out, ']');
}

static void write_factor(const page_data *page, const char *factor)
{
    hf_buffer_putc(page->out, '[');
    for (size_t i = 0; i < page->report->result_count; i++) {
        const hf_result_row *row = row_of(page, i);
        size_t f = 0;
        while (f < row->factor_count && strcmp(row->factors[f].name, factor) != 0)
            f++;
        hf_buffer_puts(page->out, i ? "," : "");
        hf_json_real(page->out, f < row->factor_count, f < row->factor_count ? row->factors[f].value : 0);
    }
    hf_buffer_putc(page->out, ']');
}

static void write_factors(page_data *page)
{
    for (size_t i = 0; i < page->report->result_count; i++)
        for (size_t f = 0; f < row_of(page, i)->factor_count; f++)
            (void)hf_name_number(&page->factors, row_of(page, i)->factors[f].name, page->out);
    hf_json_key(page->out, false, "factors");
    hf_buffer_putc(page->out, '{');
    for (uint32_t f = 0; f < page->factors.count; f++) {
        hf_json_key(page->out, f == 0, page->factors.names[f]);
        write_factor(page, page->factors.names[f]);
    }
    hf_buffer_putc(page->out, '}');
}

/* ---- The run and its boards ---- */

static void write_run(const page_data *page)
{
    const hf_run_row *run = &page->report->run;
    const struct {
        const char *name, *text;
    } texts[] = {{"key", run->key},
                 {"name", run->name},
                 {"owner", run->owner},
                 {"tags", run->tags},
                 {"state", hf_run_state_name(run->state)},
                 {"baseline", run->baseline},
                 {"hilfarm_version", run->hilfarm_version},
                 {"openocd_version", run->openocd_version},
                 {"host", run->host},
                 {"spec_path", run->spec_path},
                 {"spec_text", run->spec_text},
                 {"farm_path", run->farm_path},
                 {"farm_text", run->farm_text}};
    const struct {
        const char *name;
        int64_t value;
        bool zero_is_unknown;
    } numbers[] = {{"id", run->id, false},
                   {"started_ms", run->started_ms, false},
                   {"duration_ns", run->duration_ns, true},
                   {"resumptions", run->resumptions, false},
                   {"warmup", run->warmup, false},
                   {"runs", run->runs, false},
                   {"measured", run->measured, false},
                   {"failed", run->failed, false},
                   {"not_run", run->not_run, false},
                   {"pruned", run->pruned, false}};
    char trimmed[HF_TRIMMED_NOTE_SIZE];
    hf_trimmed_note(run, trimmed);
    hf_buffer_printf(page->out, "\"analysed\":%s", page->report->analysed ? "true" : "false");
    hf_json_key(page->out, false, "run");
    hf_buffer_puts(page->out, "{\"trimmed\":");
    hf_json_text(page->out, trimmed);
    hf_json_key(page->out, false, "regressed");
    hf_json_real(page->out, run->compared, run->regressed);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hf_json_key(page->out, false, texts[i].name);
        hf_json_text(page->out, texts[i].text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hf_json_key(page->out, false, numbers[i].name);
        (numbers[i].zero_is_unknown ? hf_json_known : hf_json_integer)(page->out, numbers[i].value);
    }
    hf_buffer_puts(page->out, "},\"limits\":{\"ram_bytes\":");
    hf_json_known(page->out, run->limits.ram_bytes);
    hf_buffer_puts(page->out, ",\"rom_bytes\":");
    hf_json_known(page->out, run->limits.rom_bytes);
    hf_buffer_puts(page->out, ",\"macs\":");
    hf_json_known(page->out, run->limits.macs);
    hf_buffer_putc(page->out, '}');
}

static void write_boards(const page_data *page)
{
    const hf_report *report = page->report;
    hf_json_key(page->out, false, "boards");
    for (size_t b = 0; b < report->board_count; b++) {
        const hf_board_row *board = &report->boards[b];
        int64_t attempts = 0, failed = 0;
        for (size_t a = 0; a < report->attempt_count; a++) {
            const bool here = strcmp(report->attempts[a].board_id, board->id) == 0;
            attempts += here;
            failed += here && !report->attempts[a].succeeded;
        }
        hf_buffer_puts(page->out, b ? ",{\"id\":" : "[{\"id\":");
        hf_json_text(page->out, board->id);
        hf_buffer_puts(page->out, ",\"chip\":");
        hf_json_text(page->out, board->chip);
        hf_buffer_puts(page->out, ",\"core\":");
        hf_json_text(page->out, board->core);
        hf_buffer_printf(page->out, ",\"modelled\":%s,\"clock_hz\":", board->modelled ? "true" : "false");
        hf_json_known(page->out, board->clock_hz);
        hf_buffer_puts(page->out, ",\"dead\":");
        hf_json_text(page->out, hf_report_dead_board(report, board->id));
        hf_buffer_puts(page->out, ",\"attempts\":");
        hf_json_integer(page->out, attempts);
        hf_buffer_puts(page->out, ",\"failed\":");
        hf_json_integer(page->out, failed);
        hf_buffer_putc(page->out, '}');
    }
    hf_buffer_puts(page->out, report->board_count ? "]" : "[]");
}

static void write_failures(const page_data *page)
{
    bool any = false;
    hf_json_key(page->out, false, "failures");
    hf_buffer_putc(page->out, '[');
    for (size_t i = 0; i < page->report->failure_count; i++) {
        const hf_failure_row *failure = &page->report->failures[i];
        if (failure->dead) /* shown with the board */
            continue;
        hf_buffer_puts(page->out, any ? ",{\"board\":" : "{\"board\":");
        hf_json_text(page->out, failure->board_id);
        hf_buffer_puts(page->out, ",\"at_ms\":");
        hf_json_integer(page->out, failure->at_ms);
        hf_buffer_puts(page->out, ",\"fault\":");
        hf_json_text(page->out, failure->fault);
        hf_buffer_puts(page->out, ",\"message\":");
        hf_json_text(page->out, failure->message);
        hf_buffer_puts(page->out, ",\"transcript\":");
        hf_json_text(page->out, failure->transcript);
        hf_buffer_putc(page->out, '}');
        any = true;
    }
    hf_buffer_putc(page->out, ']');
}

/* ---- The comparison ---- */

/* The metric of the page (web/report/metrics.ts) that a quantity is. */
static const char *const metric_of[HF_QUANTITY_COUNT] = {[HF_QUANTITY_LATENCY] = "latency",
                                                         [HF_QUANTITY_RAM] = "ram",
                                                         [HF_QUANTITY_IMAGE] = "image",
                                                         [HF_QUANTITY_ACCURACY] = "accuracy"};

static bool write_changes_of(const page_data *page, const hf_result_comparison *result, bool any)
{
    const size_t index = (size_t)(result->after - page->report->results);
    for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
        const hf_quantity_change *change = &result->quantities[q];
        if (change->change == HF_CHANGE_NONE || change->change == HF_CHANGE_NOT_COMPARABLE)
            continue;
        hf_buffer_printf(page->out, "%s{\"result\":%zu,\"figure\":", any ? "," : "", index);
        hf_json_text(page->out, metric_of[q]);
        hf_buffer_puts(page->out, ",\"change\":");
        hf_json_text(page->out, hf_change_name(change->change));
        hf_buffer_puts(page->out, ",\"before\":");
        hf_json_real(page->out, true, change->before);
        hf_buffer_puts(page->out, ",\"after\":");
        hf_json_real(page->out, true, change->after);
        hf_buffer_puts(page->out, ",\"percent\":");
        hf_json_real(page->out, true, change->percent);
        hf_buffer_putc(page->out, '}');
        any = true;
    }
    return any;
}

/* What was compared of one side: its outcome, or how it was timed where that is the difference. */
static const char *side_name(const hf_result_row *row, bool by_timing)
{
    return by_timing ? hf_timing_name(row->modelled) : hf_compared_outcome(row);
}

/* A result that its figures do not explain: it failed, is missing in one run, or was timed in another way.
 * @return whether it was written */
static bool write_other(const page_data *page, const hf_result_comparison *result, bool any)
{
    const hf_result_row *row = result->after ? result->after : result->before;
    if (!row)
        return false; /* of neither run */
    const bool by_timing = result->before && result->after && result->before->outcome == HF_RESULT_MEASURED &&
                           result->after->outcome == HF_RESULT_MEASURED &&
                           result->before->modelled != result->after->modelled;
    const char *was = side_name(result->before, by_timing), *is = side_name(result->after, by_timing);
    if (strcmp(was, is) == 0 && result->change != HF_CHANGE_NOT_COMPARABLE)
        return false;
    hf_buffer_puts(page->out, any ? ",{\"result\":" : "{\"result\":");
    if (result->after)
        hf_json_integer(page->out, result->after - page->report->results);
    else
        hf_buffer_puts(page->out, "null");
    const char *const texts[][2] = {
        {"name", row->name},
        {"chip", row->chip},
        {"change", hf_change_name(by_timing ? HF_CHANGE_NOT_COMPARABLE : result->change)},
        {"was", was},
        {"is", is}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hf_json_key(page->out, false, texts[i][0]);
        hf_json_text(page->out, texts[i][1]);
    }
    hf_buffer_putc(page->out, '}');
    return true;
}

static void write_baseline(const page_data *page, const hf_run_comparison *comparison)
{
    hf_json_key(page->out, false, "baseline");
    if (!comparison) {
        hf_buffer_puts(page->out, "null");
        return;
    }
    hf_buffer_puts(page->out, "{\"run\":");
    hf_json_text(page->out, comparison->before->run.key);
    hf_buffer_puts(page->out, ",\"started_ms\":");
    hf_json_integer(page->out, comparison->before->run.started_ms);
    hf_buffer_puts(page->out, ",\"counts\":{");
    for (int c = 0; c <= HF_CHANGE_NOT_COMPARABLE; c++) {
        hf_json_key(page->out, c == 0, hf_change_name((hf_change)c));
        hf_json_integer(page->out, (int64_t)comparison->counts[c]);
    }
    hf_buffer_puts(page->out, "},\"changes\":[");
    bool any = false;
    for (size_t i = 0; i < comparison->result_count; i++)
        if (comparison->results[i].after)
            any = write_changes_of(page, &comparison->results[i], any);
    hf_buffer_puts(page->out, "],\"others\":[");
    any = false;
    for (size_t i = 0; i < comparison->result_count; i++)
        any |= write_other(page, &comparison->results[i], any);
    hf_buffer_puts(page->out, "]}");
}

/* ---- All of it ---- */

static bool begin(page_data *page)
{
    const hf_report *report = page->report;
    page->latencies = calloc(report->result_count + 1, sizeof *page->latencies);
    if (!page->latencies || !hf_attempts_by_result_make(report, &page->attempts))
        return false;
    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].outcome == HF_RESULT_MEASURED)
            (void)hf_result_latency(&report->results[i], &page->latencies[i]); /* all 0 without samples */
    return true;
}

void hf_page_data_json(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out)
{
    page_data page = {.report = report, .out = out};
    if (begin(&page)) {
        hf_buffer_putc(out, '{');
        write_run(&page);
        write_boards(&page);
        write_failures(&page);
        write_results(&page);
        write_factors(&page);
        write_names(&page, "families", &page.families);
        write_names(&page, "chips", &page.chips);
        write_names(&page, "texts", &page.texts);
        write_arenas(&page);
        write_baseline(&page, comparison);
        hf_buffer_putc(out, '}');
    } else {
        out->failed = true;
    }
    free(page.latencies);
    hf_attempts_by_result_free(&page.attempts);
    hf_name_table_free(&page.families);
    hf_name_table_free(&page.chips);
    hf_name_table_free(&page.texts);
    hf_name_table_free(&page.factors);
    hf_name_table_free(&page.arenas);
}
