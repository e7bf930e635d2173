/* SPDX-License-Identifier: Apache-2.0 */
/* results.csv: a line for each variation and chip. */
#include <inttypes.h>
#include <string.h>

#include "csv_columns.h"
#include "report/c_locale.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"

/* RFC 4180, 2.6-2.7: quoted if necessary, quotes doubled. */
void hf_csv_text(hf_buffer *out, const char *text)
{
    if (!text)
        return;
    if (!strpbrk(text, ",\"\r\n")) {
        hf_buffer_puts(out, text);
        return;
    }
    hf_buffer_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            hf_buffer_putc(out, '"');
        hf_buffer_putc(out, *text);
    }
    hf_buffer_putc(out, '"');
}

/* ---- Fields. PUT(name) starts the function of the column `name`. ---- */

#define PUT(name) static void put_##name(const hf_csv_line *line, hf_buffer *out)

PUT(run)
{
    hf_buffer_printf(out, "%" PRId64, line->report->run.id);
}

PUT(outcome)
{
    hf_csv_text(out, hf_result_outcome_name(line->row->outcome));
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
        hf_buffer_printf(out, "%" PRId64, (int64_t)line->row->sample_count + line->row->summary.deleted);
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
        hf_csv_text(out, line->row->firmware_id);
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

/* "alpha=0.25 l=3": one field, because each family has different factors. */
PUT(factors)
{
    hf_buffer factors = HF_BUFFER_INIT;
    for (size_t f = 0; f < line->row->factor_count; f++)
        hf_buffer_printf(&factors, "%s%s=%.9g", f ? " " : "", line->row->factors[f].name,
                         line->row->factors[f].value);
    hf_csv_text(out, hf_buffer_text(&factors));
    out->failed |= factors.failed;
    hf_buffer_free(&factors);
}

PUT(run_key)
{
    hf_csv_text(out, line->report->run.key);
}

#define PUT_TEXT(name, text)                                                                                 \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_csv_text(out, line->row->text);                                                                   \
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
PUT_LATENCY(p05)
PUT_LATENCY(p95)

#define PUT_ACCURACY(name)                                                                                   \
    PUT(name)                                                                                                \
    {                                                                                                        \
        if (line->row->has_accuracy)                                                                         \
            hf_buffer_printf(out, "%.4f", line->row->name);                                                  \
    }
PUT_ACCURACY(accuracy_percent)
PUT_ACCURACY(accuracy_low_percent)
PUT_ACCURACY(accuracy_high_percent)

#define PUT_VERDICT(name, member)                                                                            \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_csv_text(out, hf_verdict_name(line->verdicts.member));                                            \
    }
PUT_VERDICT(ram_verdict, ram)
PUT_VERDICT(rom_verdict, rom)
PUT_VERDICT(macs_verdict, macs)
PUT_VERDICT(verdict, all)

/* ---- Columns; the places between are those of HF_RESULT_FIGURES ---- */

#define COLUMN(place, name, unit)                                                                            \
    {                                                                                                        \
        place, #name, unit, put_##name                                                                       \
    }

static const hf_csv_column columns[] = {
    COLUMN(1, run, ""),
    COLUMN(2, name, ""),
    COLUMN(3, family, ""),
    COLUMN(4, chip, ""),
    COLUMN(5, board, ""),
    COLUMN(6, outcome, ""),
    COLUMN(7, attempts, ""),
    COLUMN(15, timing, ""),
    COLUMN(17, samples, ""),
    COLUMN(18, latency_median_ms, "ms"),
    COLUMN(19, latency_min_ms, "ms"),
    COLUMN(20, latency_max_ms, "ms"),
    COLUMN(21, cycles_median, "cycles"),
    COLUMN(22, instructions_median, ""),
    COLUMN(23, ram_bytes, "bytes"),
    COLUMN(27, rom_bytes, "bytes"),
    COLUMN(28, firmware_id, ""),
    COLUMN(29, output_crc32, ""),
    COLUMN(30, ram_verdict, ""),
    COLUMN(31, rom_verdict, ""),
    COLUMN(32, macs_verdict, ""),
    COLUMN(33, verdict, ""),
    COLUMN(34, factors, ""),
    COLUMN(35, fault, ""),
    COLUMN(36, message, ""),
    COLUMN(37, source, ""),
    COLUMN(38, image_sha256, ""),
    COLUMN(40, latency_p05_ms, "ms"),
    COLUMN(41, latency_p95_ms, "ms"),
    COLUMN(42, accuracy_percent, "%"),
    COLUMN(43, accuracy_low_percent, "%"),
    COLUMN(44, accuracy_high_percent, "%"),
    COLUMN(45, accuracy_source, ""),
    COLUMN(46, macs_per_cycle, "MACs/cycle"),
    COLUMN(47, run_key, ""),
    COLUMN(50, clock_source, ""),
};
const hf_csv_columns hf_result_columns = {columns, sizeof columns / sizeof *columns, &hf_result_figures};

void hf_render_csv(const hf_report *report, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_csv_put_names(&hf_result_columns, out);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_csv_line line = {
            .report = report, .row = row, .verdicts = hf_result_verdicts(row, &report->run.limits)};
        line.measured = row->outcome == HF_RESULT_MEASURED && hf_result_latency(row, &line.latency);
        hf_csv_put_line(&hf_result_columns, &line, row, out);
    }
    hf_c_locale_leave(before);
}
