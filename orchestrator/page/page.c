/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page.h"

#include <inttypes.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "baseline_data.h"
#include "packed_text.h"
#include "report/c_locale.h"
#include "report/html_page.h"
#include "result_columns.h"
#include "result_details.h"
#include "run_data.h"

/* A trend has at most so many points, all trends of a page together too; fewer than so many show nothing. */
#define NIGHTS_MOST        60
#define TREND_POINTS_MOST  30000
#define TREND_POINTS_LEAST 3

struct hf_page_writer {
    hf_page_options options;
    size_t nights_most; /* points of a trend */
    hf_text_sink sink;
    hf_buffer out;
    hf_result_columns columns;
    hf_result_details block;
    hf_board_attempts *boards; /* owned; one per board of the run */
};

/* ---- The frame ---- */

/* The security policy allows the page's own program, by its digest, and nothing from elsewhere. */
static void put_policy(hf_buffer *out)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)hf_page_script, hf_page_script_bytes());
    SHA256Final(digest, &context);
    hf_buffer_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                        "style-src 'unsafe-inline'; script-src 'sha256-");
    hf_base64_append(out, digest, sizeof digest);
    hf_buffer_puts(out, "'\">\n");
}

static void put_head(const hf_run_row *run, hf_buffer *out)
{
    hf_buffer_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    put_policy(out);
    hf_buffer_puts(out, "<title>");
    hf_html_text(out, run->name);
    hf_buffer_printf(out, " - hilfarm run %" PRId64 "</title>\n<style>", run->id);
    hf_buffer_append(out, hf_page_style, hf_page_style_bytes());
    hf_buffer_puts(out, "</style></head><body><main><p>Reading the results.</p><noscript><p>This page needs "
                        "JavaScript. The same results are in results.csv beside it, and <code>hilfarm report"
                        "</code> prints them.</p></noscript></main>\n");
}

/* ---- The data ---- */

/* Passes on text that is packed. */
static void pack(void *user, const void *bytes, size_t size)
{
    hf_packed_text_add(user, bytes, size);
}

static void append(void *user, const void *bytes, size_t size)
{
    hf_buffer_append(user, bytes, size);
}

static void put_buffer(hf_buffer *text, hf_put_text *put, void *user)
{
    put(user, hf_buffer_text(text), text->size);
    hf_buffer_clear(text);
}

/* All data but the details. @return false if memory is short */
static bool put_data(const hf_page_writer *self, const hf_results_head *head, hf_put_text *put, void *user)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_putc(&text, '{');
    hf_run_data_json(head->report, self->boards, &text);
    hf_buffer_puts(&text, ",\"baseline\":");
    hf_baseline_data_json(self->options.comparison, &text);
    hf_buffer_printf(&text, ",\"details_block\":%d", HF_DETAILS_BLOCK);
    bool failed = text.failed;
    put_buffer(&text, put, user);
    hf_result_columns_write(&self->columns, head, put, user);
    put(user, "}", 1);
    hf_buffer_free(&text);
    return !failed;
}

static void put_packed_data(hf_page_writer *self, const hf_results_head *head)
{
    hf_packed_text packed;
    hf_buffer_puts(&self->out, "<script id=\"data\" type=\"application/octet-stream\">");
    hf_packed_text_begin(&packed, &self->out);
    if (!put_data(self, head, pack, &packed))
        self->out.failed = true;
    hf_packed_text_end(&packed);
    hf_buffer_puts(&self->out, "</script>\n");
}

static void put_packed_block(hf_page_writer *self)
{
    hf_packed_text packed;
    hf_buffer json = HF_BUFFER_INIT;
    hf_buffer_puts(&self->out, "<script class=\"details\" type=\"application/octet-stream\">");
    if (!hf_result_details_take(&self->block, &json))
        self->out.failed = true;
    hf_packed_text_begin(&packed, &self->out);
    put_buffer(&json, pack, &packed);
    hf_packed_text_end(&packed);
    hf_buffer_puts(&self->out, "</script>\n");
    hf_buffer_free(&json);
}

/* ---- The visit ---- */

static hf_status begin(void *user, const hf_results_head *head, hf_error *err)
{
    hf_page_writer *self = user;
    self->boards = calloc(head->report->board_count + 1, sizeof *self->boards);
    if (!self->boards || !hf_result_columns_begin(&self->columns, head))
        return HF_FAIL(err, HF_ENOMEM, "no memory for a page");
    const size_t share = head->total ? TREND_POINTS_MOST / head->total : 0;
    self->nights_most = share < TREND_POINTS_LEAST ? 0 : share < NIGHTS_MOST ? share : NIGHTS_MOST;
    if (self->options.kind == HF_PAGE_WHOLE)
        put_head(&head->report->run, &self->out);
    return HF_OK;
}

static void count_attempts(hf_page_writer *self, const hf_report *report, const hf_results_item *item)
{
    for (size_t a = 0; a < item->attempt_count; a++) {
        const int64_t board = hf_board_index(report, item->attempts[a]->board_id);
        if (board < 0)
            continue;
        self->boards[board].attempts++;
        self->boards[board].failed += !item->attempts[a]->succeeded;
    }
}

/* Details with the trend of the variation, if there is room for all trends. */
static hf_status add_details(hf_page_writer *self, const hf_results_head *head, const hf_results_item *item,
                             hf_error *err)
{
    const hf_page_history *history = self->options.history;
    hf_trend_row *trend = NULL;
    size_t count = 0;
    hf_status status = HF_OK;
    if (history && self->nights_most)
        status = history->load(history->user, item->row->name, item->row->chip, head->report->run.id + 1,
                               self->nights_most, &trend, &count, err);
    if (status == HF_OK && !hf_result_details_add(&self->block, head->report, item, trend, count))
        status = HF_FAIL(err, HF_ENOMEM, "no memory for a page");
    hf_rows_free(&hf_trend_row_type, trend, count);
    return status;
}

static hf_status put_item(void *user, const hf_results_head *head, const hf_results_item *item, hf_error *err)
{
    hf_page_writer *self = user;
    count_attempts(self, head->report, item);
    if (self->options.kind != HF_PAGE_DETAILS && !hf_result_columns_add(&self->columns, head, item->row))
        return HF_FAIL(err, HF_ENOMEM, "no memory for a page");
    hf_status status = self->options.kind == HF_PAGE_DATA ? HF_OK : add_details(self, head, item, err);
    if (status != HF_OK)
        return status;
    if (self->options.kind == HF_PAGE_WHOLE && self->block.count == HF_DETAILS_BLOCK)
        put_packed_block(self);
    return hf_results_flush(&self->out, false, &self->sink, err);
}

static hf_status end(void *user, const hf_results_head *head, hf_error *err)
{
    hf_page_writer *self = user;
    switch (self->options.kind) {
    case HF_PAGE_DETAILS:
        (void)hf_result_details_take(&self->block, &self->out);
        break;
    case HF_PAGE_DATA:
        if (!put_data(self, head, append, &self->out))
            self->out.failed = true;
        break;
    case HF_PAGE_WHOLE:
        if (self->block.count)
            put_packed_block(self);
        put_packed_data(self, head);
        hf_buffer_puts(&self->out, "<script>");
        hf_buffer_append(&self->out, hf_page_script, hf_page_script_bytes());
        hf_buffer_puts(&self->out, "</script></body></html>\n");
        break;
    }
    return hf_results_flush(&self->out, true, &self->sink, err);
}

hf_page_writer *hf_page_writer_new(const hf_page_options *options, const hf_text_sink *sink)
{
    hf_page_writer *self = calloc(1, sizeof *self);
    if (self)
        *self = (hf_page_writer){.options = *options, .sink = *sink};
    return self;
}

hf_results_visitor hf_page_visitor(hf_page_writer *writer)
{
    return (hf_results_visitor){
        .user = writer,
        .parts = writer->options.kind == HF_PAGE_DATA ? HF_PART_ATTEMPTS : HF_PARTS_ALL,
        .begin = begin,
        .item = put_item,
        .end = end,
    };
}

void hf_page_writer_free(hf_page_writer *writer)
{
    if (!writer)
        return;
    hf_buffer_free(&writer->out);
    hf_result_columns_free(&writer->columns);
    hf_result_details_free(&writer->block);
    free(writer->boards);
    free(writer);
}

/* ---- A report in memory ---- */

static hf_status append_piece(void *user, const void *bytes, size_t size, hf_error *err)
{
    hf_buffer *out = user;
    hf_buffer_append(out, bytes, size);
    return out->failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a page") : HF_OK;
}

void hf_page_render(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out)
{
    const hf_text_sink sink = {out, append_piece};
    const hf_page_options options = {.kind = HF_PAGE_WHOLE, .comparison = comparison};
    hf_page_writer *writer = hf_page_writer_new(&options, &sink);
    locale_t before = hf_c_locale_enter();
    if (writer) {
        const hf_results_visitor visitor = hf_page_visitor(writer);
        if (hf_report_visit(report, &visitor, NULL) != HF_OK)
            out->failed = true;
    } else {
        out->failed = true;
    }
    hf_c_locale_leave(before);
    hf_page_writer_free(writer);
}
