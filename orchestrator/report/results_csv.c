/* SPDX-License-Identifier: Apache-2.0 */
/* results.csv: a line for each variation and chip. */
#include <inttypes.h>
#include <time.h>

#include "report/csv_columns.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"

/* ---- Fields. PUT(name) starts the function of the column `name`. ---- */

#define PUT(name) static void put_##name(const hf_csv_line *line, hf_buffer *out)

static void put_known_text(hf_buffer *out, const char *text)
{
    if (text)
        hf_buffer_puts(out, text);
}

PUT(run)
{
    hf_buffer_printf(out, "%" PRId64, line->run->id);
}

PUT(outcome)
{
    put_known_text(out, hf_result_outcome_name(line->row->outcome));
}

PUT(attempts)
{
    hf_buffer_printf(out, "%d", line->row->attempt_count);
}

PUT(timing)
{
    if (line->measured)
        hf_buffer_puts(out, hf_timing_name(line->row->modelled));
}

PUT(samples)
{
    if (line->measured)
        hf_buffer_printf(out, "%" PRId64, hf_result_samples(line->row));
}

PUT(ram_bytes)
{
    if (line->measured)
        hf_buffer_printf(out, "%" PRId64, hf_result_ram_bytes(line->row));
}

PUT(rom_bytes)
{
    if (line->measured)
        hf_buffer_printf(out, "%" PRId64, hf_result_rom_bytes(line->row));
}

PUT(output_crc32)
{
    if (line->measured)
        hf_buffer_printf(out, "%08" PRIx32, line->row->output_crc32);
}

PUT(firmware_id)
{
    if (line->measured)
        put_known_text(out, line->row->firmware_id);
}

PUT(cycles_median)
{
    if (line->measured)
        hf_buffer_printf(out, "%.1f", line->latency.median_cycles);
}

PUT(instructions_median)
{
    if (line->latency.median_instructions > 0)
        hf_buffer_printf(out, "%.1f", line->latency.median_instructions);
}

PUT(macs_per_cycle)
{
    double speed = hf_macs_per_cycle(line->row->macs, line->latency.median_cycles);
    if (speed > 0)
        hf_buffer_printf(out, "%.6f", speed);
}

/* "alpha=0.25 l=3": all in one field; the columns after the last one have them one by one. */
PUT(factors)
{
    for (size_t f = 0; f < line->row->factor_count; f++)
        hf_buffer_printf(out, "%s%s=%.9g", f ? " " : "", line->row->factors[f].name,
                         line->row->factors[f].value);
}

PUT(run_key)
{
    put_known_text(out, line->run->key);
}

#define PUT_TEXT(name, text)                                                                                 \
    PUT(name)                                                                                                \
    {                                                                                                        \
        put_known_text(out, line->row->text);                                                                \
    }
PUT_TEXT(name, name)
PUT_TEXT(family, family)
PUT_TEXT(chip, chip)
PUT_TEXT(board, board_id)
PUT_TEXT(fault, fault)
PUT_TEXT(message, message)
PUT_TEXT(source, source)
PUT_TEXT(image_sha256, image_sha256)
PUT_TEXT(accuracy_source, accuracy_source)
PUT_TEXT(clock_source, clock_source)

#define PUT_LATENCY(name)                                                                                    \
    PUT(latency_##name##_ms)                                                                                 \
    {                                                                                                        \
        if (line->measured)                                                                                  \
            hf_buffer_printf(out, "%.6f", line->latency.name##_ns / 1e6);                                    \
    }
PUT_LATENCY(median)
PUT_LATENCY(min)
PUT_LATENCY(max)

/* One sample has no quantiles. */
#define PUT_QUANTILE(name)                                                                                   \
    PUT(latency_##name##_ms)                                                                                 \
    {                                                                                                        \
        if (line->measured && hf_result_samples(line->row) > 1)                                              \
            hf_buffer_printf(out, "%.6f", line->latency.name##_ns / 1e6);                                    \
    }
PUT_QUANTILE(p05)
PUT_QUANTILE(p95)

#define PUT_ACCURACY(name, known)                                                                            \
    PUT(name)                                                                                                \
    {                                                                                                        \
        if (known)                                                                                           \
            hf_buffer_printf(out, "%.4f", line->row->name);                                                  \
    }
PUT_ACCURACY(accuracy_percent, line->row->has_accuracy)
PUT_ACCURACY(accuracy_low_percent, hf_result_has_accuracy_interval(line->row))
PUT_ACCURACY(accuracy_high_percent, hf_result_has_accuracy_interval(line->row))

PUT(image_exactness)
{
    put_known_text(out, hf_image_exactness(line->row));
}

PUT(accuracy_exactness)
{
    put_known_text(out, hf_accuracy_exactness(line->row));
}

/* ISO 8601, in UTC: what pandas and spreadsheets read as a time. */
static void put_time(hf_buffer *out, int64_t ms)
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    char text[32];
    if (ms > 0 && gmtime_r(&seconds, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc))
        hf_buffer_printf(out, "%s.%03dZ", text, (int)(ms % 1000));
}

PUT(run_started)
{
    put_time(out, line->run->started_ms);
}

PUT(attempted)
{
    put_time(out, line->row->attempted_ms);
}

#define PUT_VERDICT(name, member)                                                                            \
    PUT(name)                                                                                                \
    {                                                                                                        \
        put_known_text(out, hf_verdict_name(line->verdicts.member));                                         \
    }
PUT_VERDICT(ram_verdict, ram)
PUT_VERDICT(rom_verdict, rom)
PUT_VERDICT(macs_verdict, macs)
PUT_VERDICT(verdict, all)

/* ---- Columns; the places between are those of HF_RESULT_FIGURES ---- */

#define COLUMN(place, name, type, unit)                                                                      \
    {                                                                                                        \
        place, HF_CSV_##type, #name, unit, put_##name                                                        \
    }

static const hf_csv_column columns[] = {
    COLUMN(1, run, INTEGER, ""),
    COLUMN(2, name, TEXT, ""),
    COLUMN(3, family, TEXT, ""),
    COLUMN(4, chip, TEXT, ""),
    COLUMN(5, board, TEXT, ""),
    COLUMN(6, outcome, TEXT, ""),
    COLUMN(7, attempts, INTEGER, ""),
    COLUMN(15, timing, TEXT, ""),
    COLUMN(17, samples, INTEGER, ""),
    COLUMN(18, latency_median_ms, REAL, "ms"),
    COLUMN(19, latency_min_ms, REAL, "ms"),
    COLUMN(20, latency_max_ms, REAL, "ms"),
    COLUMN(21, cycles_median, REAL, "cycles"),
    COLUMN(22, instructions_median, REAL, ""),
    COLUMN(23, ram_bytes, INTEGER, "bytes"),
    COLUMN(27, rom_bytes, INTEGER, "bytes"),
    COLUMN(28, firmware_id, TEXT, ""),
    COLUMN(29, output_crc32, TEXT, ""),
    COLUMN(30, ram_verdict, TEXT, ""),
    COLUMN(31, rom_verdict, TEXT, ""),
    COLUMN(32, macs_verdict, TEXT, ""),
    COLUMN(33, verdict, TEXT, ""),
    COLUMN(34, factors, TEXT, ""),
    COLUMN(35, fault, TEXT, ""),
    COLUMN(36, message, TEXT, ""),
    COLUMN(37, source, TEXT, ""),
    COLUMN(38, image_sha256, TEXT, ""),
    COLUMN(40, latency_p05_ms, REAL, "ms"),
    COLUMN(41, latency_p95_ms, REAL, "ms"),
    COLUMN(42, accuracy_percent, REAL, "%"),
    COLUMN(43, accuracy_low_percent, REAL, "%"),
    COLUMN(44, accuracy_high_percent, REAL, "%"),
    COLUMN(45, accuracy_source, TEXT, ""),
    COLUMN(46, macs_per_cycle, REAL, "MACs/cycle"),
    COLUMN(47, run_key, TEXT, ""),
    COLUMN(50, clock_source, TEXT, ""),
    COLUMN(51, run_started, TEXT, ""),
    COLUMN(52, attempted, TEXT, ""),
    COLUMN(53, image_exactness, TEXT, ""),
    COLUMN(54, accuracy_exactness, TEXT, ""),
};
const hf_csv_columns hf_result_columns = {columns, sizeof columns / sizeof *columns, &hf_result_figures};

hf_csv_line hf_csv_result_line(const hf_run_row *run, const hf_result_row *row)
{
    hf_csv_line line = {.run = run, .row = row, .verdicts = hf_result_verdicts(row, &run->limits)};
    line.measured = row->outcome == HF_RESULT_MEASURED && hf_result_latency(row, &line.latency);
    return line;
}

/* ---- The format: the columns above, then a column for each factor of the run ---- */

static void begin(const hf_results_head *head, hf_buffer *out)
{
    hf_csv_put_names(&hf_result_columns, out);
    for (size_t f = 0; f < head->factor_count; f++) {
        hf_buffer name = HF_BUFFER_INIT;
        hf_buffer_printf(&name, HF_CSV_FACTOR_PREFIX "%s", head->factors[f]);
        hf_buffer_putc(out, ',');
        hf_buffer_csv(out, hf_buffer_text(&name));
        out->failed |= name.failed;
        hf_buffer_free(&name);
    }
    hf_buffer_puts(out, HF_CSV_LINE_END);
}

static void put_item(const hf_results_head *head, const hf_results_item *item, hf_buffer *out)
{
    const hf_csv_line line = hf_csv_result_line(&head->report->run, item->row);
    hf_csv_put_fields(&hf_result_columns, &line, item->row, out);
    for (size_t f = 0; f < head->factor_count; f++) {
        const hf_factor_row *factor = hf_result_factor(item->row, head->factors[f]);
        hf_buffer_putc(out, ',');
        if (factor)
            hf_buffer_printf(out, "%.9g", factor->value);
    }
    hf_buffer_puts(out, HF_CSV_LINE_END);
}

const hf_results_format hf_results_csv = {.name = "results.csv", .begin = begin, .item = put_item};

void hf_render_csv(const hf_report *report, hf_buffer *out)
{
    hf_render_results(&hf_results_csv, report, out);
}
