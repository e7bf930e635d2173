/* SPDX-License-Identifier: Apache-2.0 */
/* A table of the results for a pull request, an issue or a mail. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "markdown.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"
#include "terminal_safe_text.h"

static bool in_word(const char *text, const char *at)
{
    return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

/* Whether a character in the middle of a line would be taken for Markdown (GFM, chapter 6). Others have a meaning only at
 * the beginning of a line, or after one of these. Underscores mean nothing inside a word. */
static bool has_meaning(const char *text, const char *at)
{
    return *at == '_' ? !in_word(text, at) : strchr("\\`*[<|~&", *at) != NULL;
}

/* A text from outside, in the middle of a line: no control characters, and no character with a meaning. */
void hf_markdown_text(const char *text, hf_buffer *out)
{
    hf_buffer safe = HF_BUFFER_INIT;
    hf_terminal_put(&safe, text);
    const char *start = hf_buffer_text(&safe);
    for (const char *at = start; *at; at++) {
        if (has_meaning(start, at))
            hf_buffer_putc(out, '\\');
        hf_buffer_putc(out, *at);
    }
    out->failed |= safe.failed;
    hf_buffer_free(&safe);
}

void hf_markdown_table_head(hf_buffer *out)
{
    hf_buffer_puts(out, "| model | chip | accuracy | latency | RAM | ROM | MACs | verdict |\n"
                        "|---|---|--:|--:|--:|--:|--:|---|\n");
}

void hf_markdown_result(const hf_run_row *run, const hf_result_row *row, hf_buffer *out)
{
    char accuracy[32] = "-", latency[32] = "-", ram[32] = "-", rom[32] = "-", macs[32] = "-";
    const bool measured = row->outcome == HF_RESULT_MEASURED;
    hf_latency statistics;
    if (row->has_accuracy)
        snprintf(accuracy, sizeof accuracy, "%.1f %%", row->accuracy_percent);
    if (row->macs)
        hf_format_count((double)row->macs, macs, sizeof macs);
    if (measured) {
        hf_format_bytes((double)hf_result_ram_bytes(row), ram, sizeof ram);
        hf_format_bytes((double)hf_result_rom_bytes(row), rom, sizeof rom);
        if (hf_result_latency(row, &statistics))
            hf_format_ns(statistics.median_ns, latency, sizeof latency);
    }
    const char *verdict = hf_verdict_name(hf_result_verdicts(row, &run->limits).all);
    hf_buffer_puts(out, "| ");
    hf_markdown_text(row->name, out);
    hf_buffer_puts(out, " | ");
    hf_markdown_text(row->chip, out);
    hf_buffer_printf(out, " | %s | %s%s | %s | %s | %s | %s |\n", accuracy, latency,
                     measured && row->modelled ? " modelled" : "", ram, rom, macs,
                     !measured ? hf_result_outcome_name(row->outcome)
                     : verdict ? verdict
                               : "-");
}

static void begin(const hf_results_head *head, hf_buffer *out)
{
    (void)head;
    hf_markdown_table_head(out);
}

static void put_item(const hf_results_head *head, const hf_results_item *item, hf_buffer *out)
{
    hf_markdown_result(&head->report->run, item->row, out);
}

const hf_results_format hf_results_markdown = {.name = "results.md", .begin = begin, .item = put_item};
