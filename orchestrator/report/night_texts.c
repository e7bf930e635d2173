/* SPDX-License-Identifier: Apache-2.0 */
#include "night_texts.h"

#include <string.h>
#include <time.h>

#include "report/c_locale.h"
#include "report/limit_verdicts.h"
#include "report/render.h"
#include "terminal_safe_text.h"

const hf_result_comparison *hf_night_compared(const hf_night *night, size_t index)
{
    /* A comparison lists the results of `after` first, in their order. */
    return night->comparison && index < night->comparison->result_count &&
                   night->comparison->results[index].after == &night->report->results[index]
               ? &night->comparison->results[index]
               : NULL;
}

bool hf_night_regressed(const hf_night *night, size_t index)
{
    const hf_result_comparison *result = hf_night_compared(night, index);
    return result && result->change == HF_CHANGE_REGRESSED;
}

bool hf_night_needs_attention(const hf_night *night, size_t state)
{
    const hf_board_state_row *row = &night->states[state];
    return row->attention && !row->disabled_reason && !hf_report_dead_board(night->report, row->id);
}

void hf_night_count(const hf_night *night, hf_night_counts *out)
{
    const hf_report *report = night->report;
    *out = (hf_night_counts){0};
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        out->measured += row->outcome == HF_RESULT_MEASURED;
        out->failed += row->outcome == HF_RESULT_FAILED;
        out->not_run += row->outcome == HF_RESULT_NOT_RUN;
        out->pruned += row->outcome == HF_RESULT_PRUNED;
        out->missed += row->outcome == HF_RESULT_MEASURED && hf_report_missed(report, row);
    }
    if (night->comparison) {
        out->regressed = night->comparison->counts[HF_CHANGE_REGRESSED];
        out->improved = night->comparison->counts[HF_CHANGE_IMPROVED];
    }
    for (size_t i = 0; i < report->board_count; i++)
        out->dead += hf_report_dead_board(report, report->boards[i].id) != NULL;
    for (size_t i = 0; i < night->state_count; i++)
        out->attention += hf_night_needs_attention(night, i);
    out->green =
        report->run.state == HF_RUN_DONE && !out->failed && !out->not_run && !out->regressed && !out->dead;
}

void hf_night_put_time(int64_t ms, hf_buffer *out)
{
    char text[32] = "";
    const time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    hf_buffer_puts(out, text);
}

void hf_night_put_regression(const hf_result_comparison *result, hf_buffer *out)
{
    bool any = false;
    for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
        const hf_quantity_change *quantity = &result->quantities[q];
        if (quantity->change != HF_CHANGE_REGRESSED)
            continue;
        char before[32], after[32], percent[32];
        hf_quantity_format((hf_quantity)q, quantity->before, before, sizeof before);
        hf_quantity_format((hf_quantity)q, quantity->after, after, sizeof after);
        hf_quantity_format_change((hf_quantity)q, quantity->percent, percent, sizeof percent);
        hf_buffer_printf(out, "%s%s %s -> %s (%s)", any ? ", " : "", hf_quantity_title((hf_quantity)q),
                         before, after, percent);
        any = true;
    }
    if (!any)
        hf_buffer_puts(out, "it was measured in the baseline");
}

void hf_night_put_missed(const hf_report *report, const hf_result_row *row, hf_buffer *out)
{
    const hf_verdicts verdicts = hf_result_verdicts(row, &report->run.limits);
    const int64_t needs[HF_LIMIT_KINDS] = {hf_result_ram_bytes(row), hf_result_rom_bytes(row), row->macs};
    bool any = false;
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        if (hf_verdict_of(&verdicts, kind) != HF_VERDICT_MISSED)
            continue;
        char needed[32], limit[32];
        kind->format((double)needs[i], needed, sizeof needed);
        kind->format((double)hf_limit_of(&report->run.limits, kind), limit, sizeof limit);
        hf_buffer_printf(out, "%s%s %s, limit %s", any ? "; " : "", kind->title, needed, limit);
        any = true;
    }
}

/* ", 2 failed"; nothing for 0. */
static void put_count(size_t count, const char *what, bool *any, hf_buffer *out)
{
    if (!count)
        return;
    hf_buffer_printf(out, "%s%zu %s", *any ? ", " : "", count, what);
    *any = true;
}

void hf_night_render_subject(const hf_night *night, hf_buffer *out)
{
    hf_night_counts counts;
    hf_night_count(night, &counts);
    const hf_run_row *run = &night->report->run;
    bool any = false;
    hf_buffer_puts(out, "hilfarm ");
    hf_terminal_put(out, run->name);
    hf_buffer_puts(out, ": ");
    if (run->state != HF_RUN_DONE) {
        hf_buffer_puts(out, hf_run_state_name(run->state));
        any = true;
    }
    put_count(counts.regressed, "regressed", &any, out);
    put_count(counts.failed, "failed", &any, out);
    put_count(counts.not_run, "not run", &any, out);
    put_count(counts.dead, counts.dead == 1 ? "board dead" : "boards dead", &any, out);
    put_count(counts.attention, counts.attention == 1 ? "board needs attention" : "boards need attention",
              &any, out);
    put_count(counts.missed, counts.missed == 1 ? "limit missed" : "limits missed", &any, out);
    if (!any)
        hf_buffer_puts(out, "ok");
    hf_buffer_printf(out, " (%zu of %zu measured", counts.measured, night->report->result_count);
    if (counts.pruned)
        hf_buffer_printf(out, ", %zu pruned", counts.pruned);
    if (counts.improved)
        hf_buffer_printf(out, ", %zu improved", counts.improved);
    hf_buffer_putc(out, ')');
}
