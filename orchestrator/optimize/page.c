/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a search as a page of its own: one file without script and without references to others. */
#include <inttypes.h>
#include <stdio.h>

#include "page/page.h"
#include "report/html_page.h"
#include "report/render.h"
#include "state.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>";

static void cell(hf_buffer *out, const char *text)
{
    hf_buffer_puts(out, "<td>");
    hf_html_text(out, text);
    hf_buffer_puts(out, "</td>");
}

static void put_point(const hf_optimize_point *p, hf_buffer *out)
{
    const hf_optimize_result *r = &p->result;
    char text[128];
    hf_buffer_puts(out, "<tr>");
    cell(out, p->variation->name);
    if (r->has_accuracy && p->tflite_path)
        snprintf(text, sizeof text, "%.2f %% (%.1f..%.1f)", r->accuracy_percent, r->accuracy_low_percent,
                 r->accuracy_high_percent);
    else if (p->tflite_path)
        snprintf(text, sizeof text, "%.2f %% on validation samples", p->training.validation_percent);
    else
        snprintf(text, sizeof text, "not trained");
    cell(out, text);
    snprintf(text, sizeof text, "%.4g ms%s", r->latency_ns / 1e6, r->modelled ? " (modelled)" : "");
    cell(out, text);
    hf_format_bytes((double)r->ram_bytes, text, sizeof text);
    cell(out, text);
    hf_format_bytes((double)r->rom_bytes, text, sizeof text);
    cell(out, text);
    snprintf(text, sizeof text, "%" PRIu32 " epochs%s", p->training.epochs,
             p->training.complete ? "" : ", paused");
    cell(out, p->tflite_path ? text : "");
    snprintf(text, sizeof text, "equal, bit for bit, on %s, run %s", r->board, r->run);
    cell(out, text);
    snprintf(text, sizeof text, "%.16s", p->sha256);
    cell(out, text);
    hf_buffer_puts(out, "</tr>\n");
}

static void put_decision(const hf_optimizer *o, const hf_search_decision *d, hf_buffer *out)
{
    hf_buffer_puts(out, "<tr>");
    cell(out, hf_search_step_name(d->step));
    cell(out, d->candidate < 0 ? "all" : o->space.candidates[d->candidate].name);
    hf_buffer_puts(out, d->kept ? "<td><b>kept</b></td>" : "<td class=\"soft\">dropped</td>");
    cell(out, d->reason);
    hf_buffer_puts(out, "</tr>\n");
}

static void put_tile(hf_buffer *out, uint64_t value, const char *what)
{
    hf_buffer_printf(out, "<div class=\"tile\"><b>%" PRIu64 "</b><span>%s</span></div>", value, what);
}

/* A box that scrolls where its table does not fit, by keyboard too. */
static void begin_table(hf_buffer *out, const char *title, const char *heads)
{
    hf_buffer_printf(
        out,
        "<h2>%s</h2>\n<div class=\"scroll card\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
        "<table><thead><tr>%s</tr></thead><tbody>\n",
        title, title, heads);
}

static void put_head(const hf_optimizer *o, hf_buffer *out)
{
    size_t bytes = 0;
    const char *style = hf_page_style_sheet(&bytes);
    const char *name = o->options.spec->name;
    hf_buffer_puts(out, head);
    hf_buffer_append(out, style, bytes);
    hf_buffer_puts(out, "</style>\n<title>");
    hf_html_text(out, name);
    hf_buffer_puts(out, ": search</title></head><body><main>\n<header><h1>");
    hf_html_text(out, name);
    hf_buffer_puts(
        out, "</h1><p class=\"sub\">hilfarm optimize: the result of the search, with its proof, and every "
             "decision</p></header>\n");
}

void hf_optimizer_page(const hf_optimizer *o, hf_buffer *out)
{
    bool modelled = false;
    for (uint32_t i = 0; i < o->point_count; i++)
        modelled |= o->points[i].result.modelled;
    put_head(o, out);
    if (modelled)
        hf_buffer_puts(
            out, "<p class=\"notice\">Latencies are modelled: they come from virtual boards, whose cycle "
                 "counts a timing model computes.</p>\n");
    hf_buffer_puts(out, "<div class=\"tiles\">");
    put_tile(out, o->space.count, "variations in the search space");
    put_tile(out, hf_optimizer_epochs_done(o), "epochs trained");
    put_tile(out, o->point_count, o->point_count == 1 ? "variation found" : "variations found");
    hf_buffer_puts(out, "</div>\n");
    begin_table(
        out, "Result",
        "<th scope=\"col\">Variation</th><th scope=\"col\">Accuracy as int8 (95 %)</th><th scope=\"col\">"
        "Latency</th><th scope=\"col\">RAM</th><th scope=\"col\">ROM</th><th scope=\"col\">Trained</th><th "
        "scope=\"col\">Output and layers</th><th scope=\"col\">SHA-256 of the file</th>");
    for (uint32_t i = 0; i < o->point_count; i++)
        put_point(&o->points[i], out);
    hf_buffer_puts(out, "</tbody></table></div>\n");
    begin_table(
        out, "Decisions",
        "<th scope=\"col\">Step</th><th scope=\"col\">Variation</th><th scope=\"col\">Decision</th><th "
        "scope=\"col\">Reason</th>");
    for (size_t i = 0; i < o->plan.decision_count; i++)
        put_decision(o, &o->plan.decisions[i], out);
    hf_buffer_puts(out, "</tbody></table></div>\n</main></body></html>\n");
}
