/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a run as text for other programs. */
#include "load_report.h"
#include "report/c_locale.h"

typedef struct writer {
    const hf_results_format *format;
    const hf_text_sink *sink;
    hf_buffer text;
    bool any;
} writer;

static hf_status begin(void *user, const hf_results_head *head, hf_error *err)
{
    writer *self = user;
    (void)err;
    if (self->format->begin)
        self->format->begin(head, &self->text);
    return HF_OK;
}

static hf_status put_item(void *user, const hf_results_head *head, const hf_results_item *item, hf_error *err)
{
    writer *self = user;
    const size_t size = self->text.size;
    self->format->item(head, item, &self->text);
    self->any |= self->text.size > size;
    return hf_results_flush(&self->text, false, self->sink, err);
}

static hf_status end(void *user, const hf_results_head *head, hf_error *err)
{
    writer *self = user;
    if (self->format->end)
        self->format->end(head, self->any, &self->text);
    return hf_results_flush(&self->text, true, self->sink, err);
}

hf_status hf_store_write_results(hf_store *store, int64_t run_id, const hf_results_format *format,
                                 const hf_result_range *range, const hf_text_sink *sink, hf_error *err)
{
    writer self = {.format = format, .sink = sink};
    const hf_results_visitor visitor = {
        .user = &self, .parts = format->parts, .begin = begin, .item = put_item, .end = end};
    locale_t before = hf_c_locale_enter();
    hf_status status = hf_store_visit_results(store, run_id, range, &visitor, err);
    hf_c_locale_leave(before);
    hf_buffer_free(&self.text);
    return status;
}
