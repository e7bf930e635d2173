/* SPDX-License-Identifier: Apache-2.0 */
/* A run as tables, CSV, JSON and a page: rendered from the store by the functions that `hilfarm` uses. */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "dispatch.h"
#include "page/page.h"
#include "report/render.h"
#include "routes.h"

#define MOST_COLUMNS 10000

static void render_table(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    const char *columns = hf_http_request_query(request, "columns"),
               *colour = hf_http_request_query(request, "colour");
    const long width = columns ? strtol(columns, NULL, 10) : 0;
    hf_render_table(report, width > 0 && width <= MOST_COLUMNS ? (int)width : 0,
                    colour && strcmp(colour, "1") == 0, out);
}

static void render_failures(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    const char *missed = hf_http_request_query(request, "missed");
    hf_render_failures(report, missed && strcmp(missed, "1") == 0, out);
}

static void render_html(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_page_render(report, NULL, out);
}

static void render_results(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_csv(report, out);
}

static void render_layers(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_layers_csv(report, out);
}

static void render_json(const hf_report *report, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_json(report, out);
}

static const struct {
    const char *name, *type;
    void (*render)(const hf_report *report, const hf_http_request *request, hf_buffer *out);
} reports[] = {
    {"table.txt", HF_HTTP_TEXT, render_table},
    {"failures.txt", HF_HTTP_TEXT, render_failures},
    {"report.html", "text/html; charset=utf-8", render_html},
    {"results.csv", "text/csv; charset=utf-8", render_results},
    {"layers.csv", "text/csv; charset=utf-8", render_layers},
    {"results.json", HF_HTTP_JSON, render_json},
};
#define REPORTS (sizeof reports / sizeof reports[0])

static size_t find(const hf_http_request *request)
{
    size_t i = 0;
    while (i < REPORTS && strcmp(reports[i].name, hf_http_request_segment(request, 1)) != 0)
        i++;
    return i;
}

static void answer(const hf_dispatched *task)
{
    const size_t i = find(task->request);
    int64_t run_id = 0;
    hf_report report = {0};
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status =
        hf_store_find_run(task->store, hf_http_request_segment(task->request, 0), &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_report(task->store, run_id, &report, &err);
    if (status == HF_OK) {
        reports[i].render(&report, task->request, &text);
        hf_http_respond(task->request, 200, reports[i].type, &text);
    } else {
        hf_answer_failure(task->request, &err);
    }
    hf_buffer_free(&text);
    hf_report_free(&report);
}

void hf_get_report(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    if (find(request) < REPORTS)
        hf_dispatch_to_pool(daemon, request, daemon->slow, answer);
    else
        hf_http_respond_error(request, 404,
                              "there is no report '%s', expected table.txt, failures.txt, report.html, "
                              "results.csv, layers.csv or results.json",
                              hf_http_request_segment(request, 1));
}
