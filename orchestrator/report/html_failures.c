/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "html_run_page.h"

static void put_failed_attempts(const hf_report *report, size_t result, hf_buffer *out)
{
    for (size_t i = 0; i < report->attempt_count; i++) {
        const hf_attempt_row *attempt = &report->attempts[i];
        if (report->attempt_results[i] != result || attempt->succeeded)
            continue;
        hf_buffer_printf(out, "<p>Attempt %d on ", attempt->number);
        hf_html_text(out, attempt->board_id);
        hf_buffer_puts(out, " (");
        hf_html_text(out, attempt->fault);
        hf_buffer_puts(out, "): ");
        hf_html_text(out, attempt->message);
        hf_buffer_puts(out, "</p>");
        hf_html_transcript(out, attempt->transcript);
    }
}

static bool has_failed_attempt(const hf_report *report, size_t result)
{
    for (size_t i = 0; i < report->attempt_count; i++)
        if (report->attempt_results[i] == result && !report->attempts[i].succeeded)
            return true;
    return false;
}

static void put_result(const hf_report *report, size_t index, hf_buffer *out)
{
    const hf_result_row *row = &report->results[index];
    hf_buffer_printf(out, "<div class=\"card failure\"><p><a href=\"#v%zu\"><b>", index + 1);
    hf_html_text(out, row->name);
    hf_buffer_puts(out, "</b></a> on ");
    hf_html_text(out, row->chip);
    if (row->outcome == HF_RESULT_MEASURED) {
        hf_buffer_puts(out, " <span class=\"badge good\">measured at a later attempt</span></p>");
    } else {
        hf_buffer_puts(out, " <span class=\"badge bad\">");
        hf_html_text(out, row->fault ? row->fault : hf_result_outcome_name(row->outcome));
        hf_buffer_puts(out, "</span></p><p>");
        hf_html_text(out, row->message);
        hf_buffer_puts(out, "</p>");
    }
    put_failed_attempts(report, index, out);
    hf_buffer_puts(out, "</div>\n");
}

/* Variations that analysis found too large, so they never reached a board. */
static void put_pruned(const hf_report *report, hf_buffer *out)
{
    if (!report->run.pruned)
        return;
    hf_buffer_puts(out,
                   "<h2 id=\"pruned\">Pruned before flashing</h2>\n<div class=\"card scroll\"><table>"
                   "<thead><tr><th class=\"n\">#</th><th>Variation</th><th>Chip</th><th>Why it cannot fit"
                   "</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome != HF_RESULT_PRUNED)
            continue;
        hf_buffer_printf(out, "<tr><td class=\"n\">%zu</td><td class=\"name\"><a href=\"#v%zu\">", i + 1,
                         i + 1);
        hf_html_text(out, row->name);
        hf_buffer_puts(out, "</a></td><td>");
        hf_html_text(out, row->chip);
        hf_buffer_puts(out, "</td><td>");
        hf_html_text(out, row->message);
        hf_buffer_puts(out, "</td></tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div>\n");
}

void hf_html_failures(const hf_report *report, hf_buffer *out)
{
    put_pruned(report, out);
    bool any = report->failure_count > 0;
    for (size_t i = 0; i < report->result_count; i++)
        any |= report->results[i].outcome == HF_RESULT_FAILED || has_failed_attempt(report, i);
    if (!any)
        return;
    hf_buffer_puts(out, "<h2 id=\"failures\">Failures</h2>\n");
    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].outcome == HF_RESULT_FAILED || has_failed_attempt(report, i))
            put_result(report, i, out);
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *failure = &report->failures[i];
        hf_buffer_puts(out, "<div class=\"card failure\"><p><b>board ");
        hf_html_text(out, failure->board_id);
        const char *message = failure->message;
        const char *end = failure->dead ? hf_failure_end(failure, &message) : "";
        hf_buffer_printf(out, "</b> %s%s<span class=\"badge bad\">", end, *end ? " " : "");
        hf_html_text(out, failure->fault);
        hf_buffer_puts(out, "</span> <span class=\"soft\">");
        hf_html_time(out, failure->at_ms);
        hf_buffer_puts(out, "</span></p><p>");
        hf_html_text(out, message);
        hf_buffer_puts(out, "</p>");
        hf_html_transcript(out, failure->transcript);
        hf_buffer_puts(out, "</div>\n");
    }
}

static void put_fact(hf_buffer *out, const char *name, const char *value)
{
    if (!value)
        return;
    hf_buffer_printf(out, "<dt>%s</dt><dd>", name);
    hf_html_text(out, value);
    hf_buffer_puts(out, "</dd>");
}

static void put_file(hf_buffer *out, const char *title, const char *text)
{
    if (!text)
        return;
    hf_buffer_printf(out, "<details class=\"provenance log\"><summary>%s</summary><pre>\n", title);
    hf_html_text(out, text);
    hf_buffer_puts(out, "</pre></details>\n");
}

void hf_html_provenance(const hf_report *report, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    hf_buffer_puts(out, "<h2>Provenance</h2>\n<dl>");
    put_fact(out, "run", run->key);
    put_fact(out, "hilfarm", run->hilfarm_version);
    put_fact(out, "OpenOCD", run->openocd_version);
    put_fact(out, "host", run->host);
    put_fact(out, "job spec", run->spec_path);
    put_fact(out, "farm file", run->farm_text ? NULL : "none: the built-in virtual boards");
    hf_buffer_puts(out, "<dt>started</dt><dd>");
    hf_html_time(out, run->started_ms);
    hf_buffer_puts(out, "</dd>");
    if (run->finished_ms) {
        hf_buffer_puts(out, "<dt>finished</dt><dd>");
        hf_html_time(out, run->finished_ms);
        hf_buffer_puts(out, "</dd>");
    }
    hf_buffer_puts(out, "</dl>\n");
    put_file(out, "job spec", run->spec_text);
    put_file(out, "farm file", run->farm_text);
    if (!report->result_count)
        return;
    hf_buffer_puts(out,
                   "<details class=\"provenance log\"><summary>digests</summary><div class=\"scroll\">"
                   "<table><thead><tr><th class=\"n\">#</th><th>Image (SHA-256)</th><th>Image CRC-32</th>"
                   "<th>Firmware</th><th>Output CRC-32</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_buffer_printf(out, "<tr><td class=\"n\"><a href=\"#v%zu\">%zu</a></td><td><code>", i + 1, i + 1);
        hf_html_text(out, row->image_sha256 ? row->image_sha256 : "-");
        hf_buffer_printf(out, "</code></td><td><code>%08" PRIx32 "</code></td><td><code>", row->image_crc32);
        hf_html_text(out, row->firmware_id ? row->firmware_id : "-");
        if (row->outcome == HF_RESULT_MEASURED)
            hf_buffer_printf(out, "</code></td><td><code>%08" PRIx32, row->output_crc32);
        else
            hf_buffer_puts(out, "</code></td><td><code>-");
        hf_buffer_puts(out, "</code></td></tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div></details>\n");
}
