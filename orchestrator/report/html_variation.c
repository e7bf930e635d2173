/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "html_run_page.h"
#include "report/latency_statistics.h"
#include "report/modelled.h"

static void put_term(hf_buffer *out, const char *name)
{
    hf_buffer_printf(out, "<dt>%s</dt><dd>", name);
}

/* The known figures that have a heading. */
static void put_figures(const hf_result_row *row, unsigned origins, hf_buffer *out)
{
    for (size_t i = 0; i < hf_result_figures.count; i++) {
        const hf_figure *figure = &hf_result_figures.rows[i];
        if (!hf_figure_is_from(figure, origins) || !figure->heading[0] || !hf_figure_known(figure, row))
            continue;
        put_term(out, figure->heading);
        const char *space = figure->unit[0] ? " " : "";
        if (strcmp(figure->unit, "bytes") == 0)
            hf_html_bytes(out, hf_figure_integer(figure, row));
        else if (figure->type == HF_FIGURE_INTEGER)
            hf_buffer_printf(out, "%" PRId64 "%s%s", hf_figure_integer(figure, row), space, figure->unit);
        else
            hf_buffer_printf(out, "%.6g%s%s", hf_figure_value(figure, row), space, figure->unit);
        hf_buffer_puts(out, "</dd>");
    }
}

static void put_analysis(const hf_result_row *row, hf_buffer *out)
{
    hf_buffer_puts(out, "<div><h3>Model</h3><dl>");
    put_term(out, "family");
    hf_html_text(out, row->family);
    hf_buffer_puts(out, "</dd>");
    if (row->source) {
        put_term(out, "file");
        hf_html_text(out, row->source);
        hf_buffer_puts(out, "</dd>");
    }
    for (size_t i = 0; i < row->factor_count; i++) {
        hf_buffer_puts(out, "<dt>");
        hf_html_text(out, row->factors[i].name);
        hf_buffer_printf(out, "</dt><dd>%g</dd>", row->factors[i].value);
    }
    put_figures(row, HF_ORIGINS_ANALYSED, out);
    hf_buffer_puts(out, "</dl></div>\n");
}

/* Arena, static data and stack side by side, as shares of the limit or of their sum, whichever is larger. */
static void put_memory(const hf_result_row *row, const hf_limits *limits, hf_buffer *out)
{
    int64_t used = hf_result_ram_bytes(row), limit = limits->ram_bytes;
    int64_t whole = used > limit ? used : limit;
    if (whole <= 0)
        return;
    const struct {
        const char *name;
        int64_t bytes;
    } parts[] = {{"arena", row->arena_bytes}, {"static", row->static_bytes}, {"stack", row->stack_bytes}};
    hf_buffer_puts(out, "<h3>RAM</h3><div class=\"stack\">");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        hf_buffer_printf(out, "<i class=\"b%zu\" style=\"width:%.2f%%\"></i>", i,
                         100.0 * (double)parts[i].bytes / (double)whole);
    hf_buffer_puts(out, "</div><p class=\"legend\">");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        hf_buffer_printf(out,
                         "<span class=\"k%zu\"><svg viewBox=\"0 0 14 14\"><rect class=\"solid\" width=\"14\" "
                         "height=\"14\" rx=\"3\"/></svg><span class=\"soft\">%s ",
                         i, parts[i].name);
        hf_html_bytes(out, parts[i].bytes);
        hf_buffer_puts(out, "</span></span>");
    }
    hf_buffer_puts(out, "<span>together ");
    hf_html_bytes(out, used);
    if (limit > 0) {
        hf_buffer_puts(out, " of ");
        hf_html_bytes(out, limit);
        hf_buffer_puts(out, " allowed");
    }
    hf_buffer_puts(out, "</span></p>\n");
}

static void put_samples(const hf_result_row *row, hf_buffer *out)
{
    if (!row->sample_count) {
        hf_buffer_printf(out, "<p class=\"soft\">The %" PRId64 " samples were deleted.</p>\n",
                         row->summary.deleted);
        return;
    }
    bool same = true;
    for (size_t i = 1; i < row->sample_count; i++)
        same &= row->samples[i].cycles == row->samples[0].cycles &&
                row->samples[i].instructions == row->samples[0].instructions;
    if (row->sample_count > 1 && same) {
        hf_buffer_printf(out, "<p class=\"soft\">All %zu inferences took the same number of cycles.</p>\n",
                         row->sample_count);
        return;
    }
    hf_buffer_puts(out,
                   "<details class=\"log\"><summary>inferences</summary><div class=\"scroll\"><table>"
                   "<thead><tr><th class=\"n\">#</th><th class=\"n\">Cycles</th><th class=\"n\">Time</th>"
                   "<th class=\"n\">Instructions</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < row->sample_count; i++) {
        hf_buffer_printf(out, "<tr><td class=\"n\">%zu</td><td class=\"n\">%" PRId64 "</td><td class=\"n\">",
                         i + 1, row->samples[i].cycles);
        hf_html_ns(out, (double)row->samples[i].cycles * 1e9 / (double)row->clock_hz);
        if (row->samples[i].instructions)
            hf_buffer_printf(out, "</td><td class=\"n\">%" PRId64 "</td></tr>\n",
                             row->samples[i].instructions);
        else
            hf_buffer_puts(out, "</td><td class=\"n\">-</td></tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div></details>\n");
}

/* The source of the clock, and its deviation from the host's. */
static void put_clock(const hf_result_row *row, hf_buffer *out)
{
    if (row->clock_source) {
        hf_buffer_puts(out, ", ");
        hf_html_text(out, row->clock_source);
    }
    if (row->clock_ratio > 0)
        hf_buffer_printf(out, ", deviates by %+.3f %% from the host's clock", 100 * (row->clock_ratio - 1));
    if (hf_result_clock_off(row))
        hf_buffer_puts(out, " <span class=\"badge warn\">clock off</span>");
}

static void put_measurement(const hf_result_row *row, const hf_limits *limits, hf_buffer *out)
{
    hf_latency latency;
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency)) {
        hf_buffer_puts(out, "<div><h3>Measurement</h3><p class=\"bad\">");
        hf_html_text(out, row->message ? row->message : hf_result_outcome_name(row->outcome));
        hf_buffer_puts(out, "</p></div>\n");
        return;
    }
    hf_buffer_printf(out, "<div><h3>Measurement%s</h3><dl>", hf_modelled_suffix(row->modelled));
    put_term(out, "board");
    hf_html_text(out, row->board_id);
    hf_buffer_printf(out, " at %g MHz", (double)row->clock_hz / 1e6);
    put_clock(row, out);
    hf_buffer_puts(out, "</dd>");
    const struct {
        const char *name;
        double nanoseconds;
    } times[] = {{"latency, median", latency.median_ns},
                 {"fastest", latency.min_ns},
                 {"slowest", latency.max_ns},
                 {"5th percentile", latency.p05_ns},
                 {"95th percentile", latency.p95_ns}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        put_term(out, times[i].name);
        hf_html_ns(out, times[i].nanoseconds);
        hf_buffer_puts(out, "</dd>");
    }
    hf_buffer_printf(out, "<dt>cycles, median</dt><dd>%.0f</dd>", latency.median_cycles);
    if (latency.median_instructions > 0)
        hf_buffer_printf(out, "<dt>instructions, median</dt><dd>%.0f (%.2f cycles each)</dd>",
                         latency.median_instructions, latency.median_cycles / latency.median_instructions);
    if (row->macs && latency.median_cycles > 0)
        hf_buffer_printf(out, "<dt>MACs per cycle</dt><dd>%.3f</dd>",
                         hf_macs_per_cycle(row->macs, latency.median_cycles));
    put_term(out, "flash");
    hf_html_bytes(out, hf_result_rom_bytes(row));
    hf_buffer_puts(out, " (model ");
    hf_html_bytes(out, row->image_bytes);
    hf_buffer_puts(out, ", firmware ");
    hf_html_bytes(out, row->firmware_bytes);
    hf_buffer_puts(out, ")</dd>");
    put_figures(row, HF_ORIGINS_MEASURED, out);
    hf_buffer_puts(out, "</dl>\n");
    put_memory(row, limits, out);
    put_samples(row, out);
    hf_buffer_puts(out, "</div>\n");
}

static void put_attempts(const hf_report *report, size_t result, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < report->attempt_count; i++) {
        const hf_attempt_row *attempt = &report->attempts[i];
        if (report->attempt_results[i] != result)
            continue;
        if (!any)
            hf_buffer_puts(out, "<h3>Attempts</h3><div class=\"scroll\"><table><thead><tr><th class=\"n\">#"
                                "</th><th>Board</th><th>Started</th><th class=\"n\">Took</th>"
                                "<th class=\"n\">Flash</th><th class=\"n\">Reset</th><th class=\"n\">Run</th>"
                                "<th>Outcome</th></tr></thead><tbody>\n");
        any = true;
        hf_buffer_printf(out, "<tr><td class=\"n\">%d</td><td>", attempt->number);
        hf_html_text(out, attempt->board_id);
        hf_buffer_puts(out, "</td><td>");
        hf_html_time(out, attempt->started_ms);
        const int64_t times[] = {attempt->duration_ns, attempt->flash_ns, attempt->reset_ns, attempt->run_ns};
        for (size_t t = 0; t < sizeof times / sizeof times[0]; t++) {
            hf_buffer_puts(out, "</td><td class=\"n\">");
            hf_html_ns(out, (double)times[t]);
        }
        hf_buffer_puts(out, "</td><td>");
        if (attempt->succeeded) {
            hf_buffer_puts(out, "<span class=\"good\">measured</span>");
        } else {
            hf_buffer_puts(out, "<span class=\"bad\">");
            hf_html_text(out, attempt->fault);
            hf_buffer_puts(out, "</span>: ");
            hf_html_text(out, attempt->message);
        }
        hf_buffer_puts(out, "</td></tr>\n");
    }
    if (any)
        hf_buffer_puts(out, "</tbody></table></div>\n");
}

void hf_html_variations(const hf_report *report, hf_buffer *out)
{
    if (!report->result_count)
        return;
    hf_buffer_puts(out, "<h2>Variations</h2>\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_latency latency;
        hf_buffer_printf(out, "<details class=\"variation\" id=\"v%zu\"><summary>%zu. <b>", i + 1, i + 1);
        hf_html_text(out, row->name);
        hf_buffer_puts(out, "</b> <span class=\"soft\">on ");
        hf_html_text(out, row->chip);
        hf_buffer_puts(out, "</span> ");
        if (row->outcome == HF_RESULT_MEASURED && hf_result_latency(row, &latency)) {
            hf_html_ns(out, latency.median_ns);
            if (row->modelled) {
                hf_buffer_putc(out, ' ');
                hf_html_timing_badge(true, out);
            }
        } else {
            hf_buffer_printf(out, "<span class=\"badge %s\">%s</span>",
                             row->outcome == HF_RESULT_PRUNED ? "warn" : "bad",
                             hf_html_outcome(row->outcome));
        }
        hf_buffer_puts(out, "</summary><div>\n<div class=\"two\">");
        put_analysis(row, out);
        put_measurement(row, &report->run.limits, out);
        hf_buffer_puts(out, "</div>\n");
        hf_html_layers(row, out);
        put_attempts(report, i, out);
        hf_buffer_puts(out, "</div></details>\n");
    }
}
