/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a search as a page of its own: one file without script and without references to others. */
#include <inttypes.h>
#include <stdio.h>

#include "report/html_page.h"
#include "report/render.h"
#include "state.h"

static const char head[] = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                           "style-src 'unsafe-inline'\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
                           "body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 "
                           "1em;color:#1b1b1b;background:#fff}\n"
                           "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em "
                           ".7em;border-bottom:1px solid #ccc;"
                           "vertical-align:top}\n.kept{font-weight:600}.no{color:#555}code{font-size:90%}\n"
                           "@media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}th,td{"
                           "border-color:#555}.no{color:#bbb}}\n"
                           "</style>\n<title>";

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
    hf_buffer_printf(out, "<tr class=\"%s\">", d->kept ? "kept" : "no");
    cell(out, hf_search_step_name(d->step));
    cell(out, d->candidate < 0 ? "all" : o->space.candidates[d->candidate].name);
    cell(out, d->kept ? "kept" : "");
    cell(out, d->reason);
    hf_buffer_puts(out, "</tr>\n");
}

void hf_optimizer_page(const hf_optimizer *o, hf_buffer *out)
{
    hf_buffer_puts(out, head);
    hf_html_text(out, o->options.spec->name);
    hf_buffer_puts(out, ": search</title></head><body>\n<h1>");
    hf_html_text(out, o->options.spec->name);
    hf_buffer_printf(
        out,
        "</h1>\n<p>%" PRIu32 " variations, %" PRIu64
        " epochs trained.</p>\n<h2>Result</h2>\n<table><thead><tr>"
        "<th>variation</th><th>accuracy as int8 (95 %%)</th><th>latency</th><th>RAM</th><th>ROM</th>"
        "<th>trained</th><th>output and layers</th><th>SHA-256 of the file</th></tr></thead><tbody>\n",
        o->space.count, hf_optimizer_epochs_done(o));
    for (uint32_t i = 0; i < o->point_count; i++)
        put_point(&o->points[i], out);
    hf_buffer_puts(out,
                   "</tbody></table>\n<h2>Decisions</h2>\n<table><thead><tr><th>step</th><th>variation</th>"
                   "<th></th><th>reason</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < o->plan.decision_count; i++)
        put_decision(o, &o->plan.decisions[i], out);
    hf_buffer_puts(out, "</tbody></table>\n</body></html>\n");
}
