/* SPDX-License-Identifier: Apache-2.0 */
#include "report/results_format.h"

#include <stdlib.h>
#include <string.h>

#include "report/c_locale.h"

#define FLUSH_BYTES 65536

const hf_factor_row *hf_result_factor(const hf_result_row *row, const char *name)
{
    for (size_t f = 0; f < row->factor_count; f++)
        if (strcmp(row->factors[f].name, name) == 0)
            return &row->factors[f];
    return NULL;
}

hf_status hf_results_flush(hf_buffer *text, bool at_end, const hf_text_sink *sink, hf_error *err)
{
    if (text->failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a result");
    if (!text->size || (!at_end && text->size < FLUSH_BYTES))
        return HF_OK;
    hf_status status = sink->write(sink->user, text->data, text->size, err);
    hf_buffer_clear(text);
    return status;
}

bool hf_attempts_by_result_make(const hf_report *report, hf_attempts_by_result *out)
{
    *out = (hf_attempts_by_result){calloc(report->attempt_count + 1, sizeof(const hf_attempt_row *)),
                                   calloc(report->result_count + 2, sizeof *out->start)};
    if (!out->attempts || !out->start) {
        hf_attempts_by_result_free(out);
        return false;
    }
    /* Counting sort: start[i + 1] first counts, then is where the next attempt of result i goes. */
    size_t *next = out->start + 1;
    for (size_t a = 0; a < report->attempt_count; a++)
        next[report->attempt_results[a] + 1]++;
    for (size_t i = 0; i < report->result_count; i++)
        next[i + 1] += next[i];
    for (size_t a = 0; a < report->attempt_count; a++)
        out->attempts[next[report->attempt_results[a]]++] = &report->attempts[a];
    return true;
}

void hf_attempts_by_result_free(hf_attempts_by_result *attempts)
{
    free(attempts->attempts);
    free(attempts->start);
    *attempts = (hf_attempts_by_result){0};
}

/* ---- A report in memory ---- */

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The names of all factors. @return an array that the caller frees; NULL if memory is short */
static const char **list_factors(const hf_report *report, size_t *count)
{
    const char **names = calloc(1, sizeof *names);
    *count = 0;
    for (size_t i = 0; names && i < report->result_count; i++)
        for (size_t f = 0; f < report->results[i].factor_count; f++) {
            const char *name = report->results[i].factors[f].name;
            if (is_listed(names, *count, name))
                continue;
            const char **longer = reallocarray(names, *count + 1, sizeof *names);
            if (!longer) {
                free(names);
                return NULL;
            }
            names = longer;
            names[(*count)++] = name;
        }
    return names;
}

static hf_status visit_all(const hf_results_head *head, const hf_attempts_by_result *attempts,
                           const hf_results_visitor *visitor, hf_error *err)
{
    const hf_report *report = head->report;
    hf_status status = visitor->begin(visitor->user, head, err);
    for (size_t i = 0; status == HF_OK && i < report->result_count; i++) {
        const hf_results_item item = {.row = &report->results[i],
                                      .attempts = attempts->attempts + attempts->start[i],
                                      .attempt_count = attempts->start[i + 1] - attempts->start[i],
                                      .is_first = i == 0};
        status = visitor->item(visitor->user, head, &item, err);
    }
    return status == HF_OK ? visitor->end(visitor->user, head, err) : status;
}

hf_status hf_report_visit(const hf_report *report, const hf_results_visitor *visitor, hf_error *err)
{
    hf_attempts_by_result attempts;
    hf_results_head head = {.report = report, .total = report->result_count};
    const char **factors = list_factors(report, &head.factor_count);
    if (!factors || !hf_attempts_by_result_make(report, &attempts)) {
        free(factors);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a run");
    }
    head.factors = factors;
    hf_status status = visit_all(&head, &attempts, visitor, err);
    hf_attempts_by_result_free(&attempts);
    free(factors);
    return status;
}

/* ---- As text ---- */

typedef struct renderer {
    const hf_results_format *format;
    hf_buffer *out;
    bool any;
} renderer;

static hf_status begin(void *user, const hf_results_head *head, hf_error *err)
{
    const renderer *self = user;
    (void)err;
    if (self->format->begin)
        self->format->begin(head, self->out);
    return HF_OK;
}

static hf_status put_item(void *user, const hf_results_head *head, const hf_results_item *item, hf_error *err)
{
    renderer *self = user;
    const size_t size = self->out->size;
    (void)err;
    self->format->item(head, item, self->out);
    self->any |= self->out->size > size;
    return HF_OK;
}

static hf_status end(void *user, const hf_results_head *head, hf_error *err)
{
    const renderer *self = user;
    (void)err;
    if (self->format->end)
        self->format->end(head, self->any, self->out);
    return HF_OK;
}

void hf_render_results(const hf_results_format *format, const hf_report *report, hf_buffer *out)
{
    renderer self = {.format = format, .out = out};
    const hf_results_visitor visitor = {
        .user = &self, .parts = format->parts, .begin = begin, .item = put_item, .end = end};
    locale_t before = hf_c_locale_enter();
    if (hf_report_visit(report, &visitor, NULL) != HF_OK)
        out->failed = true;
    hf_c_locale_leave(before);
}
