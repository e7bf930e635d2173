/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of a search as comments of the spec that is recorded with its last run: reports show them (web/report/search_decisions.ts). */
#include "state.h"

/* One line, whatever a name or a reason contains. */
static void put_column(hf_buffer *out, const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '|')
            hf_buffer_putc(out, ' ');
        else
            hf_buffer_putc(out, *text);
}

void hf_optimizer_put_decisions(const hf_optimizer *o, hf_buffer *out)
{
    for (size_t i = 0; i < o->plan.decision_count; i++) {
        const hf_search_decision *d = &o->plan.decisions[i];
        hf_buffer_printf(out, HF_OPTIMIZE_DECISION_LINE "%s | ", hf_search_step_name(d->step));
        put_column(out, d->candidate < 0 ? "" : o->space.candidates[d->candidate].name);
        hf_buffer_puts(out, d->kept ? " | kept | " : " | dropped | ");
        put_column(out, d->reason);
        hf_buffer_putc(out, '\n');
    }
}
