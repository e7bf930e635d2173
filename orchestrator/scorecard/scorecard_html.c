/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "html_layer_charts.h"
#include "limit_text.h"
#include "report/c_locale.h"
#include "report/html_page.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "scorecard/limit_checks.h"
#include "scorecard/render.h"

static void put_cell(hf_buffer *out, double sort_by, const char *text, const char *extra_class)
{
    hf_buffer_printf(out, "<td class=\"n%s\" data-v=\"%.9g\">%s</td>", extra_class, sort_by, text);
}

static void put_row(const hf_candidates *candidates, size_t index, hf_buffer *out)
{
    const hf_candidate *model = &candidates->models[index];
    const hf_scorecard *card = &model->card;
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_scorecard_check_limits(card, &model->limits, &model->firmware, checks);
    const char *bad[HF_LIMIT_KINDS];
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++)
        bad[i] = checks[i].verdict == HF_VERDICT_MISSED ? " bad" : "";
    char text[48], marked[64], fails[64];
    hf_buffer_printf(out, "<tr><td class=\"n\" data-v=\"%zu\">%zu</td><td class=\"name\">", index + 1,
                     index + 1);
    if (index < HF_SCORECARD_PAGE_DETAILS)
        hf_buffer_printf(out, "<a href=\"#v%zu\">", index + 1);
    hf_html_text(out, card->name);
    hf_buffer_puts(out, index < HF_SCORECARD_PAGE_DETAILS ? "</a></td>" : "</td>");
    hf_format_count((double)card->macs, text, sizeof text);
    put_cell(out, (double)card->macs, text, bad[2]);
    hf_format_count((double)card->params, text, sizeof text);
    put_cell(out, (double)card->params, text, "");
    hf_format_bytes((double)card->model_bytes, text, sizeof text);
    snprintf(marked, sizeof marked, "%s%s", card->model_bytes_exact ? "" : "~", text);
    put_cell(out, (double)card->model_bytes, marked, bad[1]);
    snprintf(text, sizeof text, "%.3f", hf_scorecard_bytes_per_param(card));
    put_cell(out, hf_scorecard_bytes_per_param(card), text, "");
    hf_format_bytes((double)card->peak_memory_bytes, text, sizeof text);
    put_cell(out, (double)card->peak_memory_bytes, text, "");
    hf_format_bytes((double)card->arena_bytes, text, sizeof text);
    snprintf(marked, sizeof marked, "%s%s", hf_scorecard_arena_is_exact(card) ? "" : "~", text);
    put_cell(out, (double)card->arena_bytes, marked, bad[0]);
    for (uint32_t c = 0; c < card->latency_count; c++) {
        hf_format_ns(card->latencies[c].ns, text, sizeof text);
        put_cell(out, card->latencies[c].ns, text, "");
    }
    if (candidates->has_front)
        hf_buffer_printf(out, "<td>%s</td>",
                         model->on_front ? "<span class=\"badge good\">front</span>" : "");
    hf_limits_missed_text(model, "", fails, sizeof fails);
    bool limited = false, open = false;
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        limited |= checks[i].limit > 0;
        open |= checks[i].verdict == HF_VERDICT_OPEN;
    }
    hf_buffer_printf(out, "<td class=\"%s\">%s</td></tr>\n",
                     *fails ? "bad"
                     : open ? "soft"
                            : "good",
                     *fails    ? fails
                     : open    ? "open"
                     : limited ? "fits"
                               : "");
}

static void put_table(const hf_candidates *candidates, hf_buffer *out)
{
    hf_buffer_puts(out,
                   "<div class=\"card scroll\"><table class=\"sortable\"><thead><tr><th class=\"n\">#</th>"
                   "<th>Model</th><th class=\"n\">MACs</th><th class=\"n\">Params</th>"
                   "<th class=\"n\" title=\"the image in flash\">Model size</th>"
                   "<th class=\"n\" title=\"model size over params\">B/param</th>"
                   "<th class=\"n\" title=\"largest sum of live activations\">Peak memory</th>"
                   "<th class=\"n\" title=\"as planned, scratch space included\">Arena</th>");
    for (uint32_t c = 0; candidates->count && c < candidates->models[0].card.latency_count; c++) {
        hf_buffer_puts(out, "<th class=\"n\" title=\"" HF_ESTIMATED "\">");
        hf_html_text(out, candidates->models[0].card.latencies[c].chip->name);
        hf_buffer_puts(out, ", est.</th>");
    }
    hf_buffer_printf(out, "%s<th>Limits</th></tr></thead>\n<tbody>\n",
                     candidates->has_front ? "<th>Front</th>" : "");
    for (size_t i = 0; i < candidates->count; i++)
        put_row(candidates, i, out);
    hf_buffer_puts(out, "</tbody></table></div>\n");
}

static void put_tile(hf_buffer *out, const char *value, const char *what)
{
    hf_buffer_printf(out, "<div class=\"tile\"><b>%s</b><span>%s</span></div>", value, what);
}

static void put_tiles(const hf_scorecard *card, hf_buffer *out)
{
    char value[48], what[128];
    hf_buffer_puts(out, "<div class=\"tiles\">");
    hf_format_count((double)card->macs, value, sizeof value);
    snprintf(what, sizeof what, "MACs (%" PRId64 ")", card->macs);
    put_tile(out, value, what);
    hf_format_count((double)card->params, value, sizeof value);
    snprintf(what, sizeof what, "params (%" PRId64 "), %" PRId64 " not trainable, %" PRId64 " deployed",
             card->params, card->params_non_trainable, card->params_deployed);
    put_tile(out, value, what);
    hf_format_bytes((double)card->model_bytes, value, sizeof value);
    snprintf(what, sizeof what, "model size%s, %.3f bytes per param",
             card->model_bytes_exact ? "" : " (estimated without weights)",
             hf_scorecard_bytes_per_param(card));
    put_tile(out, value, what);
    hf_format_bytes((double)card->peak_memory_bytes, value, sizeof value);
    snprintf(what, sizeof what, "peak memory, in layer %d", card->peak_memory_layer + 1);
    put_tile(out, value, what);
    hf_format_bytes((double)card->arena_bytes, value, sizeof value);
    put_tile(out, value,
             hf_scorecard_arena_is_exact(card) ? "arena as planned" : "arena at most (first plan)");
    for (uint32_t c = 0; c < card->latency_count; c++) {
        hf_format_ns(card->latencies[c].ns, value, sizeof value);
        snprintf(what, sizeof what, "%s, " HF_ESTIMATED, card->latencies[c].chip->name);
        put_tile(out, value, what);
    }
    hf_buffer_puts(out, "</div>\n");
}

static void put_limits(const hf_candidate *model, hf_buffer *out)
{
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    bool any = false;
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        char value[48], limit[48];
        if (checks[i].limit <= 0)
            continue;
        hf_limit_format(&checks[i], checks[i].value, value, sizeof value);
        hf_limit_format(&checks[i], checks[i].limit, limit, sizeof limit);
        const char *class = checks[i].verdict == HF_VERDICT_MISSED ? "bad"
                            : checks[i].verdict == HF_VERDICT_MET  ? "good"
                                                                   : "soft";
        hf_buffer_printf(
            out,
            "%s<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
            "<td class=\"n %s\">%+.1f %%</td><td class=\"%s\">%s</td></tr>\n",
            any ? ""
                : "<h3>Limits</h3><div class=\"scroll\"><table><thead><tr><th>Limit</th>"
                  "<th class=\"n\">Value</th><th class=\"n\">Allowed</th><th class=\"n\">Margin</th>"
                  "<th>Verdict</th></tr></thead><tbody>\n",
            checks[i].kind->title, value, limit, class, 100 * checks[i].margin, class,
            hf_limit_verdict_text(checks[i].verdict, "failed"));
        any = true;
    }
    if (any)
        hf_buffer_printf(out, "</tbody></table></div><p class=\"soft\">%s.</p>\n",
                         hf_limits_counted_text(&model->firmware));
}

void hf_candidates_render_html(const hf_candidates *candidates, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    const bool one = candidates->count == 1;
    hf_html_page_begin(out, one ? candidates->models[0].card.name : "Model comparison - hilfarm analyze");
    hf_buffer_puts(out, "<header><h1>");
    hf_html_text(out, one ? candidates->models[0].card.name : "Model comparison");
    hf_buffer_printf(out,
                     "</h1><p class=\"sub\">%zu model%s, analysed before any board runs. Latencies are "
                     "<b>" HF_ESTIMATED "</b>: fitted to measurements on virtual boards.</p></header>\n",
                     candidates->count, one ? "" : "s");
    if (candidates->has_front)
        hf_buffer_printf(
            out, "<p class=\"sub\">On the front: no other model is better in both %s%s and %s%s.</p>\n",
            candidates->front[0].more_is_better ? "more " : "", hf_metric_name(candidates->front[0].metric),
            candidates->front[1].more_is_better ? "more " : "", hf_metric_name(candidates->front[1].metric));
    if (!one) {
        hf_buffer_puts(out, "<h2>Models</h2>\n");
        put_table(candidates, out);
        hf_buffer_puts(out, "<h2>Scorecards</h2>\n");
        if (candidates->count > HF_SCORECARD_PAGE_DETAILS)
            hf_buffer_printf(out, "<p class=\"soft\">Shown for the first %d models.</p>\n",
                             HF_SCORECARD_PAGE_DETAILS);
    }
    for (size_t i = 0; i < candidates->count && i < HF_SCORECARD_PAGE_DETAILS; i++) {
        const hf_candidate *model = &candidates->models[i];
        if (!one) {
            hf_buffer_printf(out, "<details class=\"variation\" id=\"v%zu\"><summary>%zu. <b>", i + 1, i + 1);
            hf_html_text(out, model->card.name);
            hf_buffer_puts(out, "</b></summary><div>\n");
        }
        put_tiles(&model->card, out);
        put_limits(model, out);
        hf_html_layer_charts(&model->card, &model->limits, out);
        hf_html_layer_table(&model->card, out);
        hf_buffer_puts(out, one ? "" : "</div></details>\n");
    }
    hf_html_page_end(out);
    hf_c_locale_leave(before);
}
