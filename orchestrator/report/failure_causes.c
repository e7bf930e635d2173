/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "report/c_locale.h"
#include "report/render.h"
#include "results_table.h"
#include "terminal_safe_text.h"

/* Lists each cause of failure once, with the number of models or boards that it affected. */

typedef struct cause {
    const char *what, *fault, *message; /* a model's chip, or a board; fault may be NULL */
    const char *first;                  /* the first model's name */
    size_t count;
    const char *end; /* of a board that was unusable at the end: "quarantined"; else NULL */
} cause;

typedef struct causes {
    cause *items;
    size_t count;
} causes;

static bool equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static cause *find(causes *list, const char *what, const char *fault, const char *message)
{
    for (size_t i = 0; i < list->count; i++) {
        cause *c = &list->items[i];
        if (equal(c->what, what) && equal(c->fault, fault) && equal(c->message, message))
            return c;
    }
    cause *c = &list->items[list->count++];
    *c = (cause){.what = what, .fault = fault, .message = message};
    return c;
}

/* Length of a message without its end, if the end repeats a failure in the list of boards ("no board left: ..."). */
static int own_length(const hf_report *report, const char *message)
{
    size_t length = strlen(message);
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *row = &report->failures[i];
        const char *tail_text = row->message;
        if (row->dead)
            (void)hf_failure_end(row, &tail_text); /* only the cause is compared */
        size_t tail = strlen(tail_text);
        if (length > tail + 2 && strcmp(message + length - tail, tail_text) == 0 &&
            memcmp(message + length - tail - 2, ": ", 2) == 0)
            return (int)(length - tail - 2);
    }
    return (int)length;
}

static void put_cause(const cause *c, int length, hf_buffer *out)
{
    if (c->fault) {
        hf_buffer_puts(out, " (");
        hf_terminal_put(out, c->fault);
        hf_buffer_putc(out, ')');
    }
    hf_buffer_puts(out, ": ");
    hf_terminal_put_some(out, c->message, length);
    hf_buffer_putc(out, '\n');
}

/* "  net_a on stm32l4r5zi (job): ..." or "  3 models on stm32l4r5zi (job): ..." under a heading. */
static void put_models(const hf_report *report, hf_result_outcome outcome, const char *heading,
                       hf_buffer *out)
{
    causes list = {.items = calloc(report->result_count + 1, sizeof *list.items)};
    if (!list.items) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome != outcome)
            continue;
        const char *silent = outcome == HF_RESULT_NOT_RUN ? "the run ended first" : "no reason was recorded";
        cause *c = find(&list, row->chip, row->fault, row->message ? row->message : silent);
        if (!c->count++)
            c->first = row->name;
    }
    for (size_t i = 0; i < list.count; i++) {
        const cause *c = &list.items[i];
        hf_buffer_printf(out, "%s%s%s  ", i ? "" : "\n", i ? "" : heading, i ? "" : ":\n");
        if (c->count > 1)
            hf_buffer_printf(out, "%zu models", c->count);
        else
            hf_terminal_put(out, c->first);
        hf_buffer_puts(out, " on ");
        hf_terminal_put(out, c->what);
        put_cause(c, own_length(report, c->message), out);
    }
    free(list.items);
}

static void put_boards(const hf_report *report, hf_buffer *out)
{
    causes list = {.items = calloc(report->failure_count + 1, sizeof *list.items)};
    if (!list.items) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *row = &report->failures[i];
        const char *message = row->message;
        const char *end = row->dead ? hf_failure_end(row, &message) : NULL;
        cause *c = find(&list, row->board_id, row->fault, message);
        if (end)
            c->end = end;
        c->count += !row->dead;
    }
    for (size_t i = 0; i < list.count; i++) {
        const cause *c = &list.items[i];
        hf_buffer_puts(out, i ? "  " : "\nboards that failed:\n  ");
        hf_terminal_put(out, c->what);
        if (c->end)
            hf_buffer_printf(out, ", %s", c->end);
        if (c->count > 1)
            hf_buffer_printf(out, ", %zu times", c->count);
        put_cause(c, (int)strlen(c->message), out);
    }
    free(list.items);
}

void hf_table_pruned(const hf_report *report, hf_buffer *out)
{
    put_models(report, HF_RESULT_PRUNED, "pruned because they cannot fit", out);
}

void hf_table_failures(const hf_report *report, hf_buffer *out)
{
    put_models(report, HF_RESULT_FAILED, "failed", out);
    if (report->run.state != HF_RUN_RUNNING) /* until then they may still be run */
        put_models(report, HF_RESULT_NOT_RUN, "not run", out);
    put_boards(report, out);
}
