/* SPDX-License-Identifier: Apache-2.0 */
#include "html_run_page.h"

#include <inttypes.h>
#include <string.h>

#include "report/c_locale.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"

static bool any_modelled(const hf_report *report)
{
    bool any = false;
    for (size_t i = 0; i < report->result_count; i++)
        any |= report->results[i].outcome == HF_RESULT_MEASURED && report->results[i].modelled;
    for (size_t i = 0; i < report->board_count; i++)
        any |= report->boards[i].modelled;
    return any;
}

static void put_limits(const hf_limits *limits, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        char text[32];
        if (hf_limit_of(limits, kind) <= 0)
            continue;
        kind->format((double)hf_limit_of(limits, kind), text, sizeof text);
        hf_buffer_printf(out, "%s%s &le; %s", any ? ", " : "", kind->title, text);
        any = true;
    }
    if (!any)
        hf_buffer_puts(out, "none");
}

static void put_tiles(const hf_report *report, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    size_t met = 0, judged = 0;
    const hf_result_row *fastest = NULL;
    hf_latency best = {0};
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_latency latency;
        if (row->outcome != HF_RESULT_MEASURED)
            continue;
        hf_verdict verdict = hf_result_verdicts(row, &run->limits).all;
        judged += verdict != HF_VERDICT_NONE;
        met += verdict == HF_VERDICT_MET;
        if (hf_result_latency(row, &latency) && (!fastest || latency.median_ns < best.median_ns)) {
            fastest = row;
            best = latency;
        }
    }
    hf_buffer_printf(out,
                     "<div class=\"tiles\"><div class=\"tile\"><b>%d of %zu</b><span>measured</span></div>",
                     run->measured, report->result_count);
    if (run->failed)
        hf_buffer_printf(out, "<div class=\"tile\"><b class=\"bad\">%d</b><span>failed</span></div>",
                         run->failed);
    if (run->not_run)
        hf_buffer_printf(out, "<div class=\"tile\"><b class=\"warn\">%d</b><span>not run</span></div>",
                         run->not_run);
    if (run->pruned)
        hf_buffer_printf(out, "<div class=\"tile\"><b class=\"warn\">%d</b><span>pruned</span></div>",
                         run->pruned);
    if (judged)
        hf_buffer_printf(out,
                         "<div class=\"tile\"><b>%zu of %zu</b><span>measured within all limits</span></div>",
                         met, judged);
    if (fastest) {
        hf_buffer_puts(out, "<div class=\"tile\"><b>");
        hf_html_ns(out, best.median_ns);
        hf_buffer_printf(out, "</b><span>fastest%s</span></div>", hf_modelled_suffix(fastest->modelled));
    }
    if (run->duration_ns)
        hf_buffer_printf(out, "<div class=\"tile\"><b>%.1f s</b><span>the run took</span></div>",
                         (double)run->duration_ns / 1e9);
    hf_buffer_puts(out, "</div>\n");
}

static void put_boards(const hf_report *report, hf_buffer *out)
{
    if (!report->board_count)
        return;
    hf_buffer_puts(out,
                   "<h2>Boards</h2><div class=\"card scroll\"><table><thead><tr><th>Board</th><th>Chip</th>"
                   "<th>Core</th><th class=\"n\">Clock</th><th>Timing</th><th class=\"n\">Attempts</th><th "
                   "class=\"n\">Failed</th>"
                   "</tr></thead><tbody>\n");
    for (size_t i = 0; i < report->board_count; i++) {
        const hf_board_row *board = &report->boards[i];
        size_t attempts = 0, failed = 0;
        for (size_t a = 0; a < report->attempt_count; a++) {
            bool here = strcmp(report->attempts[a].board_id, board->id) == 0;
            attempts += here;
            failed += here && !report->attempts[a].succeeded;
        }
        hf_buffer_puts(out, "<tr><td>");
        hf_html_text(out, board->id);
        hf_buffer_puts(out, "</td><td>");
        hf_html_text(out, board->chip);
        hf_buffer_puts(out, "</td><td>");
        hf_html_text(out, board->core);
        hf_buffer_puts(out, "</td><td class=\"n\">");
        if (board->clock_hz > 0)
            hf_buffer_printf(out, "%g MHz", (double)board->clock_hz / 1e6);
        else
            hf_buffer_puts(out, "-");
        hf_buffer_puts(out, "</td><td>");
        hf_html_timing_badge(board->modelled, out);
        hf_buffer_printf(out, "</td><td class=\"n\">%zu</td><td class=\"n\">%zu</td></tr>\n", attempts,
                         failed);
    }
    hf_buffer_puts(out, "</tbody></table></div>\n");
}

void hf_html_summary(const hf_report *report, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    hf_buffer_puts(out, "<header><h1>");
    hf_html_text(out, run->name);
    hf_buffer_printf(out, "</h1><p class=\"sub\">run %" PRId64 ", ", run->id);
    hf_html_time(out, run->started_ms);
    hf_buffer_printf(out, ", <b class=\"%s\">%s</b>", run->state == HF_RUN_DONE ? "good" : "bad",
                     hf_run_state_name(run->state));
    hf_buffer_printf(out, "; each variation: %d warm-up and %d timed inferences; limits: ", run->warmup,
                     run->runs);
    put_limits(&run->limits, out);
    hf_buffer_puts(out, "; hilfarm ");
    hf_html_text(out, run->hilfarm_version);
    hf_buffer_puts(out, "</p></header>\n");
    char note[HF_TRIMMED_NOTE_SIZE];
    hf_trimmed_note(run, note);
    if (note[0]) {
        hf_buffer_puts(out, "<p class=\"warn\">");
        hf_html_text(out, note);
        hf_buffer_puts(out, "</p>\n");
    }
    if (any_modelled(report))
        hf_html_modelled_notice(out);
    put_tiles(report, out);
}

void hf_render_html(const hf_report *report, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_buffer title = HF_BUFFER_INIT;
    hf_buffer_printf(&title, "%s - hilfarm run %" PRId64, report->run.name, report->run.id);
    out->failed |= title.failed;
    hf_html_page_begin(out, hf_buffer_text(&title));
    hf_buffer_free(&title);
    hf_html_summary(report, out);
    hf_html_results(report, out);
    hf_html_charts(report, out);
    put_boards(report, out);
    hf_html_failures(report, out);
    hf_html_variations(report, out);
    hf_html_provenance(report, out);
    hf_html_page_end(out);
    hf_c_locale_leave(before);
}
