/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "html_run_page.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"

/* A right-aligned cell that sorts by its value; an unknown figure (0) is a dash and sorts last. */
static void put_figure(hf_buffer *out, int64_t value, void (*put)(hf_buffer *out, int64_t value),
                       hf_verdict verdict)
{
    if (value <= 0) {
        hf_buffer_puts(out, "<td class=\"n\" data-v=\"\">-</td>");
        return;
    }
    hf_buffer_printf(out, "<td class=\"n%s\" data-v=\"%" PRId64 "\">",
                     verdict == HF_VERDICT_MISSED ? " bad" : "", value);
    put(out, value);
    hf_buffer_puts(out, "</td>");
}

static void put_latency(const hf_result_row *row, hf_buffer *out)
{
    hf_latency latency;
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency) || latency.median_ns <= 0) {
        hf_buffer_puts(out, "<td class=\"n\" data-v=\"\">-</td><td class=\"n\" data-v=\"\">-</td><td>-</td>");
        return;
    }
    hf_buffer_printf(out, "<td class=\"n\" data-v=\"%.3f\"><b>", latency.median_ns);
    hf_html_ns(out, latency.median_ns);
    const double spread = hf_latency_spread_percent(&latency);
    hf_buffer_printf(out, "</b></td><td class=\"n\" data-v=\"%.4f\" title=\"", spread);
    hf_html_ns(out, latency.min_ns);
    hf_buffer_puts(out, " .. ");
    hf_html_ns(out, latency.max_ns);
    hf_buffer_printf(out, "\">&plusmn;%.2f %%", spread);
    hf_buffer_puts(out, "</td><td>");
    hf_html_timing_badge(row->modelled, out);
    hf_buffer_puts(out, "</td>");
}

static void put_verdict(const hf_result_row *row, const hf_verdicts *verdicts, hf_buffer *out)
{
    hf_buffer_puts(out, "<td>");
    if (row->outcome != HF_RESULT_MEASURED)
        hf_buffer_printf(out, "<span class=\"%s\">%s</span>",
                         row->outcome == HF_RESULT_FAILED ? "bad" : "warn", hf_html_outcome(row->outcome));
    else if (verdicts->all == HF_VERDICT_MISSED)
        hf_buffer_printf(out, "<span class=\"bad\">missed:%s%s%s</span>",
                         verdicts->ram == HF_VERDICT_MISSED ? " RAM" : "",
                         verdicts->rom == HF_VERDICT_MISSED ? " ROM" : "",
                         verdicts->macs == HF_VERDICT_MISSED ? " MACs" : "");
    else
        hf_buffer_puts(out, verdicts->all == HF_VERDICT_MET ? "<span class=\"good\">met</span>" : "-");
    hf_buffer_puts(out, "</td>");
}

/* A name that may be broken into lines before a factor. */
static void put_breakable(const char *name, hf_buffer *out)
{
    hf_buffer part = HF_BUFFER_INIT;
    for (; *name; name++) {
        hf_buffer_putc(&part, *name);
        if (name[1] && name[1] != '_')
            continue;
        hf_html_text(out, hf_buffer_text(&part));
        hf_buffer_puts(out, name[1] ? "<wbr>" : "");
        hf_buffer_clear(&part);
    }
    out->failed |= part.failed;
    hf_buffer_free(&part);
}

static void put_accuracy(const hf_result_row *row, hf_buffer *out)
{
    if (!row->has_accuracy) {
        hf_buffer_puts(out, "<td class=\"n\" data-v=\"\">-</td>");
        return;
    }
    hf_buffer_printf(out, "<td class=\"n\" data-v=\"%.4f\" title=\"", row->accuracy_percent);
    if (row->accuracy_low_percent < row->accuracy_high_percent)
        hf_buffer_printf(out, "95 %% confidence: %.1f .. %.1f %%; ", row->accuracy_low_percent,
                         row->accuracy_high_percent);
    hf_html_text(out, row->accuracy_source);
    hf_buffer_printf(out, "\">%.1f %%</td>", row->accuracy_percent);
}

void hf_html_results(const hf_report *report, hf_buffer *out)
{
    hf_buffer_puts(out, "<h2>Results</h2>\n");
    if (!report->result_count) {
        hf_buffer_puts(out, "<p class=\"soft\">This run holds no variations.</p>\n");
        return;
    }
    bool any_accuracy = false;
    for (size_t i = 0; i < report->result_count; i++)
        any_accuracy |= report->results[i].has_accuracy;
    hf_buffer_puts(out,
                   "<div class=\"card scroll\"><table class=\"sortable\"><thead><tr><th class=\"n\">#</th>"
                   "<th>Variation</th><th>Chip</th>");
    if (any_accuracy)
        hf_buffer_puts(out, "<th class=\"n\">Accuracy</th>");
    hf_buffer_puts(out,
                   "<th class=\"n\">MACs</th><th class=\"n\">Params</th>"
                   "<th class=\"n\" title=\"the model as stored in flash\">Model size</th>"
                   "<th class=\"n\" title=\"largest sum of live activations, by analysis\">Peak memory</th>"
                   "<th class=\"n\" title=\"arena, static data and stack\">RAM</th>"
                   "<th class=\"n\" title=\"model and firmware in flash\">ROM</th>"
                   "<th class=\"n\" title=\"median of the timed inferences\">Latency</th>"
                   "<th class=\"n\" title=\"half the distance between the fastest and the slowest "
                   "inference\">Spread</th><th>Timing</th>"
                   "<th>Limits</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        bool measured = row->outcome == HF_RESULT_MEASURED;
        hf_verdicts verdicts = hf_result_verdicts(row, &report->run.limits);
        hf_buffer_printf(out,
                         "<tr><td class=\"n\" data-v=\"%zu\">%zu</td><td class=\"name\">"
                         "<a href=\"#v%zu\">",
                         i + 1, i + 1, i + 1);
        put_breakable(row->name, out);
        hf_buffer_puts(out, "</a></td><td>");
        hf_html_text(out, row->chip);
        hf_buffer_puts(out, "</td>");
        if (any_accuracy)
            put_accuracy(row, out);
        put_figure(out, row->macs, hf_html_count, verdicts.macs);
        put_figure(out, row->params, hf_html_count, HF_VERDICT_NONE);
        put_figure(out, row->image_bytes, hf_html_bytes, HF_VERDICT_NONE);
        put_figure(out, row->peak_memory_bytes, hf_html_bytes, HF_VERDICT_NONE);
        put_figure(out, measured ? hf_result_ram_bytes(row) : 0, hf_html_bytes, verdicts.ram);
        put_figure(out, measured ? hf_result_rom_bytes(row) : 0, hf_html_bytes, verdicts.rom);
        put_latency(row, out);
        put_verdict(row, &verdicts, out);
        hf_buffer_puts(out, "</tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div>\n");
}
