/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a run, and its data for the dashboard: written from the store one result after the other. */
#include <string.h>

#include "answer_text.h"
#include "page/page.h"
#include "report/c_locale.h"
#include "requested_baseline.h"
#include "route_page.h"
#include "store/history.h"

static const struct {
    const char *name, *type;
    hf_page_kind kind;
} pages[] = {
    {"report.html", "text/html; charset=utf-8", HF_PAGE_WHOLE},
    {"page.json", HF_HTTP_JSON, HF_PAGE_DATA},
    {"details.json", HF_HTTP_JSON, HF_PAGE_DETAILS},
};
#define PAGES (sizeof pages / sizeof pages[0])

static size_t find(const hf_http_request *request)
{
    size_t i = 0;
    while (i < PAGES && strcmp(pages[i].name, hf_http_request_segment(request, 1)) != 0)
        i++;
    return i;
}

bool hf_is_page(const hf_http_request *request)
{
    return find(request) < PAGES;
}

static hf_status load_trend(void *user, const char *name, const char *chip, int64_t before, size_t most,
                            hf_trend_row **rows, size_t *count, hf_error *err)
{
    return hf_store_load_trend(user, name, chip, before, most, rows, count, err);
}

static hf_status write_page(hf_store *store, int64_t run_id, hf_page_kind kind,
                            const hf_run_comparison *comparison, const hf_result_range *range,
                            const hf_text_sink *sink, hf_error *err)
{
    const hf_page_history history = {store, load_trend};
    const hf_page_options options = {
        .kind = kind, .comparison = comparison, .history = kind == HF_PAGE_WHOLE ? &history : NULL};
    hf_page_writer *writer = hf_page_writer_new(&options, sink);
    if (!writer)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a page");
    const hf_results_visitor visitor = hf_page_visitor(writer);
    locale_t before = hf_c_locale_enter();
    hf_status status = hf_store_visit_results(store, run_id, range, &visitor, err);
    hf_c_locale_leave(before);
    hf_page_writer_free(writer);
    return status;
}

/* The page compares with a baseline if there is one. */
static hf_status write_compared(const hf_dispatched *task, const hf_run_row *run, hf_page_kind kind,
                                const hf_text_sink *sink, hf_error *err)
{
    hf_report before = {0}, after = {0};
    hf_run_comparison comparison = {0};
    int64_t baseline = 0;
    hf_status status = hf_find_requested_baseline(task, run, &baseline, err);
    if (status == HF_OK && baseline) {
        status = hf_store_load_parts(task->store, baseline, 0, &before, err);
        if (status == HF_OK)
            status = hf_store_load_parts(task->store, run->id, 0, &after, err);
        if (status == HF_OK)
            status = hf_run_compare(&before, &after, &comparison, err);
    }
    if (status == HF_OK)
        status =
            write_page(task->store, run->id, kind, comparison.after ? &comparison : NULL, NULL, sink, err);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
    return status;
}

static hf_status produce(const hf_dispatched *task, const void *user, const hf_text_sink *sink, hf_error *err)
{
    const hf_page_kind kind = *(const hf_page_kind *)user;
    hf_run_row run = {0};
    hf_result_range range = {0};
    int64_t run_id = 0;
    hf_status status = hf_requested_range(task->request, &range, err);
    if (status == HF_OK)
        status = hf_store_find_run(task->store, hf_http_request_segment(task->request, 0), &run_id, err);
    if (status == HF_OK)
        status = hf_store_load_run(task->store, run_id, &run, err);
    if (status == HF_OK)
        status = kind == HF_PAGE_DETAILS ? write_page(task->store, run.id, kind, NULL, &range, sink, err)
                                         : write_compared(task, &run, kind, sink, err);
    hf_row_clear(&hf_run_row_type, &run);
    return status;
}

void hf_answer_page(const hf_dispatched *task)
{
    const size_t i = find(task->request);
    hf_answer_text(task, pages[i].type, produce, &pages[i].kind);
}
