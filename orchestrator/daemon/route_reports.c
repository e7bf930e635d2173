/* SPDX-License-Identifier: Apache-2.0 */
/* A run as tables, CSV, JSON and a page: rendered from the store by the functions that `hilfarm` uses. */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "dispatch.h"
#include "page/page.h"
#include "report/night_report.h"
#include "report/render.h"
#include "routes.h"
#include "store/board_health.h"

#define MOST_COLUMNS 10000

static void render_table(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    const char *columns = hf_http_request_query(request, "columns"),
               *colour = hf_http_request_query(request, "colour");
    const long width = columns ? strtol(columns, NULL, 10) : 0;
    hf_render_table(night->report, width > 0 && width <= MOST_COLUMNS ? (int)width : 0,
                    colour && strcmp(colour, "1") == 0, out);
}

static void render_failures(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    const char *missed = hf_http_request_query(request, "missed");
    hf_render_failures(night->report, missed && strcmp(missed, "1") == 0, out);
}

static void render_html(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_page_render(night->report, night->comparison, out);
}

static void render_page_data(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_page_render_data(night->report, night->comparison, out);
}

static void render_results(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_csv(night->report, out);
}

static void render_layers(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_layers_csv(night->report, out);
}

static void render_json(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_render_json(night->report, out);
}

static void render_junit(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_night_render_junit(night, out);
}

static void render_markdown(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_night_render_markdown(night, out);
}

static void render_summary(const hf_night *night, const hf_http_request *request, hf_buffer *out)
{
    (void)request;
    hf_night_render_json(night, out);
}

static const struct {
    const char *name, *type;
    void (*render)(const hf_night *night, const hf_http_request *request, hf_buffer *out);
} reports[] = {
    {"table.txt", HF_HTTP_TEXT, render_table},
    {"failures.txt", HF_HTTP_TEXT, render_failures},
    {"report.html", "text/html; charset=utf-8", render_html},
    {"page.json", HF_HTTP_JSON, render_page_data},
    {"results.csv", "text/csv; charset=utf-8", render_results},
    {"layers.csv", "text/csv; charset=utf-8", render_layers},
    {"results.json", HF_HTTP_JSON, render_json},
    {"junit.xml", "application/xml", render_junit},
    {"summary.md", "text/markdown; charset=utf-8", render_markdown},
    {"summary.json", HF_HTTP_JSON, render_summary},
};
#define REPORTS (sizeof reports / sizeof reports[0])

static size_t find(const hf_http_request *request)
{
    size_t i = 0;
    while (i < REPORTS && strcmp(reports[i].name, hf_http_request_segment(request, 1)) != 0)
        i++;
    return i;
}

/* What the report is compared with: the run that the query names. @param baseline hf_report_free() */
static hf_status compare(const hf_dispatched *task, const hf_report *report, hf_report *baseline,
                         hf_run_comparison *comparison, hf_error *err)
{
    const char *text = hf_http_request_query(task->request, "baseline");
    int64_t run_id = 0;
    if (!text)
        return HF_OK;
    hf_status status =
        strcmp(text, "last-green") == 0
            ? hf_store_find_last_green(task->store, report->run.name, report->run.id, &run_id, err)
            : hf_store_find_run(task->store, text, &run_id, err);
    if (status != HF_OK || !run_id) /* no run is green yet */
        return status;
    status = hf_store_load_report(task->store, run_id, baseline, err);
    return status == HF_OK ? hf_run_compare(baseline, report, comparison, err) : status;
}

static void answer(const hf_dispatched *task)
{
    const size_t i = find(task->request);
    int64_t run_id = 0;
    hf_report report = {0}, baseline = {0};
    hf_run_comparison comparison = {0};
    hf_board_state_row *states = NULL;
    hf_night night = {.report = &report};
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status =
        hf_store_find_run(task->store, hf_http_request_segment(task->request, 0), &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_report(task->store, run_id, &report, &err);
    if (status == HF_OK)
        status = compare(task, &report, &baseline, &comparison, &err);
    if (status == HF_OK)
        status = hf_store_list_board_states(task->store, &states, &night.state_count, &err);
    if (status == HF_OK) {
        night.comparison = comparison.after ? &comparison : NULL;
        night.states = states;
        reports[i].render(&night, task->request, &text);
        hf_http_respond(task->request, 200, reports[i].type, &text);
    } else {
        hf_answer_failure(task->request, &err);
    }
    hf_buffer_free(&text);
    hf_rows_free(&hf_board_state_row_type, states, night.state_count);
    hf_run_comparison_free(&comparison);
    hf_report_free(&baseline);
    hf_report_free(&report);
}

void hf_get_report(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    if (find(request) < REPORTS)
        hf_dispatch_to_pool(daemon, request, daemon->slow, answer);
    else
        hf_http_respond_error(request, 404, "there is no report '%s': see API.md for those there are",
                              hf_http_request_segment(request, 1));
}
