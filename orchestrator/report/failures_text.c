/* SPDX-License-Identifier: Apache-2.0 */
/* Failures and missed limits, without the table. */
#include "report/c_locale.h"
#include "report/limit_verdicts.h"
#include "report/render.h"
#include "results_table.h"
#include "terminal_safe_text.h"

static void put_missed(const hf_report *report, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        char verdict[HF_VERDICT_SIZE];
        if (row->outcome != HF_RESULT_MEASURED || !hf_report_missed(report, row))
            continue;
        const hf_verdicts verdicts = hf_result_verdicts(row, &report->run.limits);
        hf_table_verdict(&verdicts, verdict);
        hf_buffer_puts(out, any ? "  " : "\nlimits missed:\n  ");
        any = true;
        hf_terminal_put(out, row->name);
        hf_buffer_puts(out, " on ");
        hf_terminal_put(out, row->chip);
        hf_buffer_printf(out, ": %s\n", verdict);
    }
}

void hf_render_failures(const hf_report *report, bool missed, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_buffer found = HF_BUFFER_INIT;
    hf_table_failures(report, &found);
    if (missed) {
        hf_table_pruned(report, &found);
        put_missed(report, &found);
    }
    if (found.size) {
        hf_table_header(report, false, out);
        hf_buffer_append(out, found.data, found.size);
    }
    out->failed |= found.failed;
    hf_buffer_free(&found);
    hf_c_locale_leave(before);
}
