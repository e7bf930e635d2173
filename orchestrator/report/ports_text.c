/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is given and answers, in words. */
#include <string.h>

#include "report/render.h"
#include "results_table.h"
#include "terminal_safe_text.h"

/* Ports of a kind: "int8 96x96x3 + uint8 1x1x4". @return how many */
static int put_ports(const hf_result_row *row, const char *kind, hf_buffer *out)
{
    int count = 0;
    for (size_t i = 0; i < row->port_count; i++) {
        const hf_port_row *port = &row->ports[i];
        if (strcmp(port->kind, kind) != 0)
            continue;
        hf_buffer_puts(out, count++ ? " + " : "");
        hf_terminal_put(out, port->type);
        hf_buffer_printf(out, " %dx%dx%d", port->height, port->width, port->channels);
        if (!port->float_tail)
            continue;
        hf_buffer_puts(out, " (before the float ");
        hf_terminal_put(out, port->float_tail);
        hf_buffer_putc(out, ')');
    }
    return count;
}

static int count_states(const hf_result_row *row)
{
    int states = 0;
    for (size_t i = 0; i < row->port_count; i++)
        states += strcmp(row->ports[i].kind, "state") == 0;
    return states;
}

void hf_ports_text(const hf_result_row *row, hf_buffer *out)
{
    const int states = count_states(row);
    if (!row->port_count)
        return;
    put_ports(row, "input", out);
    hf_buffer_puts(out, " -> ");
    put_ports(row, "output", out);
    if (states)
        hf_buffer_printf(out, ", %d state%s", states, states == 1 ? "" : "s");
    if (row->inferences > 1)
        hf_buffer_printf(out, ", %d inferences compared", (int)row->inferences);
}

/* Whether a model is not simply int8 in and out, in one inference. */
static bool is_special(const hf_result_row *row)
{
    bool special = row->port_count > 2 || row->inferences > 1;
    for (size_t i = 0; i < row->port_count; i++)
        special |= strcmp(row->ports[i].type, "int8") != 0 || row->ports[i].float_tail;
    return special && row->port_count;
}

/* Whether a result before this one says the same of the same model. */
static bool is_repeated(const hf_report *report, size_t at)
{
    const hf_result_row *row = &report->results[at];
    for (size_t i = 0; i < at; i++)
        if (strcmp(report->results[i].name, row->name) == 0 &&
            report->results[i].inferences == row->inferences)
            return true;
    return false;
}

void hf_table_ports(const hf_report *report, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (!is_special(row) || is_repeated(report, i))
            continue;
        hf_buffer_puts(out, any ? "  " : "\ninputs and outputs:\n  ");
        hf_terminal_put(out, row->name);
        hf_buffer_puts(out, ": ");
        hf_ports_text(row, out);
        hf_buffer_putc(out, '\n');
        any = true;
    }
}
