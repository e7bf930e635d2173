/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/plain.h"
#include "report/render.h"

/* RFC 4180, 2.6-2.7: quoted where needed, quotes doubled. */
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

/* A figure that is not known is an empty field, never a zero. */
static void put_known(hf_buffer *out, int64_t value)
{
    hf_buffer_putc(out, ',');
    if (value)
        hf_buffer_printf(out, "%" PRId64, value);
}

static const char *verdict_name(hf_verdict verdict)
{
    return verdict == HF_VERDICT_MET ? "met" : verdict == HF_VERDICT_MISSED ? "missed" : "";
}

static void put_measured(hf_buffer *out, const hf_result_row *row)
{
    hf_latency latency;
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency)) {
        hf_buffer_puts(out, ",,,,,,,,,,,,,,,");
        return;
    }
    hf_buffer_printf(out, ",%s,%" PRId64 ",%zu", row->modelled ? "modelled" : "measured", row->clock_hz,
                     row->sample_count);
    hf_buffer_printf(out, ",%.6f,%.6f,%.6f,%.1f", latency.median_ns / 1e6, latency.min_ns / 1e6,
                     latency.max_ns / 1e6, latency.median_cycles);
    hf_buffer_putc(out, ',');
    if (latency.median_instructions > 0)
        hf_buffer_printf(out, "%.1f", latency.median_instructions);
    hf_buffer_printf(out, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64,
                     hf_result_ram_bytes(row), row->arena_bytes, row->static_bytes, row->stack_bytes,
                     hf_result_rom_bytes(row));
    hf_buffer_putc(out, ',');
    hf_csv_text(out, row->firmware_id);
    hf_buffer_printf(out, ",%08" PRIx32, row->output_crc32);
}

/* "alpha=0.25 l=3": one field, as every family has factors of its own. */
static void put_factors(hf_buffer *out, const hf_result_row *row)
{
    hf_buffer factors = HF_BUFFER_INIT;
    for (size_t f = 0; f < row->factor_count; f++)
        hf_buffer_printf(&factors, "%s%s=%.9g", f ? " " : "", row->factors[f].name, row->factors[f].value);
    hf_csv_text(out, hf_buffer_text(&factors));
    out->failed |= factors.failed;
    hf_buffer_free(&factors);
}

void hf_render_csv(const hf_report *report, hf_buffer *out)
{
    locale_t before = hf_plain_enter();
    hf_buffer_puts(
        out, "run,name,family,chip,board,outcome,attempts,macs,params,params_non_trainable,params_deployed,"
             "image_bytes,peak_memory_bytes,planned_arena_bytes,timing,clock_hz,samples,latency_median_ms,"
             "latency_min_ms,latency_max_ms,cycles_median,instructions_median,ram_bytes,arena_bytes,"
             "static_bytes,stack_bytes,rom_bytes,firmware_id,output_crc32,ram_verdict,rom_verdict,"
             "macs_verdict,verdict,factors,fault,message,source,image_sha256,firmware_bytes,latency_p05_ms,"
             "latency_p95_ms,accuracy_percent,accuracy_low_percent,accuracy_high_percent,accuracy_source,"
             "macs_per_cycle,run_key,image_bytes_min,clock_ratio,clock_source\r\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_buffer_printf(out, "%" PRId64 ",", report->run.id);
        const char *const texts[] = {row->name, row->family, row->chip, row->board_id,
                                     hf_result_outcome_name(row->outcome)};
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            hf_csv_text(out, texts[t]);
            hf_buffer_putc(out, ',');
        }
        hf_buffer_printf(out, "%d", row->attempt_count);
        const int64_t analysis[] = {row->macs,
                                    row->params,
                                    row->params_non_trainable,
                                    row->params_deployed,
                                    row->image_bytes,
                                    row->peak_memory_bytes,
                                    row->planned_arena_bytes};
        for (size_t a = 0; a < sizeof analysis / sizeof analysis[0]; a++)
            put_known(out, analysis[a]);
        put_measured(out, row);
        hf_verdicts verdicts = hf_result_verdicts(row, &report->run.limits);
        hf_buffer_printf(out, ",%s,%s,%s,%s,", verdict_name(verdicts.ram), verdict_name(verdicts.rom),
                         verdict_name(verdicts.macs), verdict_name(verdicts.all));
        put_factors(out, row);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, row->fault);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, row->message);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, row->source);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, row->image_sha256);
        put_known(out, row->firmware_bytes);
        hf_latency latency = {0};
        if (row->outcome == HF_RESULT_MEASURED && hf_result_latency(row, &latency))
            hf_buffer_printf(out, ",%.6f,%.6f", latency.p05_ns / 1e6, latency.p95_ns / 1e6);
        else
            hf_buffer_puts(out, ",,");
        if (row->has_accuracy)
            hf_buffer_printf(out, ",%.4f,%.4f,%.4f,", row->accuracy_percent, row->accuracy_low_percent,
                             row->accuracy_high_percent);
        else
            hf_buffer_puts(out, ",,,,");
        hf_csv_text(out, row->accuracy_source);
        hf_buffer_putc(out, ',');
        double speed = hf_macs_per_cycle(row->macs, latency.median_cycles);
        if (speed > 0)
            hf_buffer_printf(out, "%.6f", speed);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, report->run.key);
        put_known(out, row->image_bytes_min);
        hf_buffer_putc(out, ',');
        if (row->clock_ratio > 0)
            hf_buffer_printf(out, "%.6f", row->clock_ratio);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, row->clock_source);
        hf_buffer_puts(out, "\r\n");
    }
    hf_plain_leave(before);
}
