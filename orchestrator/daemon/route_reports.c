/* SPDX-License-Identifier: Apache-2.0 */
/* A run as tables, CSV and JSON: rendered from the store by the functions that `hilfarm` uses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer_text.h"
#include "answers.h"
#include "query_numbers.h"
#include "report/night_report.h"
#include "report/outputs.h"
#include "report/render.h"
#include "requested_baseline.h"
#include "route_page.h"
#include "routes.h"
#include "store/board_health.h"
#include "store/transcripts.h"

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
    {"junit.xml", "application/xml", render_junit},
    {"summary.md", "text/markdown; charset=utf-8", render_markdown},
    {"summary.json", HF_HTTP_JSON, render_summary},
};
#define REPORTS (sizeof reports / sizeof reports[0])

/* ---- Outputs ---- */

static int output_of(const hf_http_request *request)
{
    const char *output = hf_http_request_query(request, "output");
    const long number = output ? strtol(output, NULL, 10) : 0;
    return number > 0 && number <= MOST_COLUMNS ? (int)number : 0;
}

static bool wants_outputs(const hf_http_request *request)
{
    return strcmp(hf_http_request_segment(request, 1), "outputs.csv") == 0 ||
           strcmp(hf_http_request_segment(request, 1), "outputs.npy") == 0;
}

static void answer_outputs(const hf_dispatched *task)
{
    const hf_http_request *request = task->request;
    const bool csv = strcmp(hf_http_request_segment(request, 1), "outputs.csv") == 0;
    const char *real = hf_http_request_query(request, "real");
    const hf_outputs_choice choice = {.model = hf_http_request_query(request, "model"),
                                      .chip = hf_http_request_query(request, "chip"),
                                      .output = output_of(request),
                                      .real = real && strcmp(real, "1") == 0};
    int64_t run_id = 0;
    hf_report report = {0};
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_status status = hf_store_find_run(task->store, hf_http_request_segment(request, 0), &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_report(task->store, run_id, &report, &err);
    for (size_t i = 0; status == HF_OK && i < report.result_count; i++)
        if (hf_outputs_chosen(&choice, &report.results[i]))
            status = hf_store_load_outputs(task->store, report.run.id, &report.results[i], &err);
    if (status == HF_OK)
        status = (csv ? hf_render_outputs_csv : hf_render_outputs_npy)(&report, &choice, &bytes, &err);
    if (status == HF_OK)
        hf_http_respond(task->request, 200, csv ? "text/csv; charset=utf-8" : "application/octet-stream",
                        &bytes);
    else
        hf_answer_failure(task->request, &err);
    hf_buffer_free(&bytes);
    hf_report_free(&report);
}

/* ---- Transcripts ---- */

static bool wants_transcript(const hf_http_request *request)
{
    return strcmp(hf_http_request_segment(request, 1), "transcript.txt") == 0;
}

static void answer_transcript(const hf_dispatched *task)
{
    const hf_http_request *request = task->request;
    const char *raw = hf_http_request_query(request, "raw");
    int64_t attempt = 0;
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (!hf_query_number(task->request, "attempt", INT32_MAX, &attempt))
        return;
    const hf_transcript_choice choice = {.model = hf_http_request_query(request, "model"),
                                         .chip = hf_http_request_query(request, "chip"),
                                         .board = hf_http_request_query(request, "board"),
                                         .attempt = (int32_t)attempt};
    hf_status status = hf_store_show_transcript(task->store, hf_http_request_segment(request, 0), &choice,
                                                raw && strcmp(raw, "1") == 0, &text, &err);
    if (status == HF_OK)
        hf_http_respond(task->request, 200, HF_HTTP_TEXT, &text);
    else
        hf_answer_failure(task->request, &err);
    hf_buffer_free(&text);
}

static size_t find(const hf_http_request *request)
{
    size_t i = 0;
    while (i < REPORTS && strcmp(reports[i].name, hf_http_request_segment(request, 1)) != 0)
        i++;
    return i;
}

/* Compares the report with a baseline if there is one. @param baseline hf_report_free() */
static hf_status compare(const hf_dispatched *task, const hf_report *report, hf_report *baseline,
                         hf_run_comparison *comparison, hf_error *err)
{
    int64_t run_id = 0;
    hf_status status = hf_find_requested_baseline(task, &report->run, &run_id, err);
    if (status != HF_OK || !run_id)
        return status;
    status = hf_store_load_parts(task->store, run_id, 0, baseline, err);
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
        status = hf_store_load_parts(task->store, run_id, 0, &report, &err);
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

/* ---- Results for other programs: of any size, through a file ---- */

static const struct {
    const hf_results_format *format;
    const char *type;
} texts[] = {
    {&hf_results_csv, "text/csv; charset=utf-8"},
    {&hf_layers_csv, "text/csv; charset=utf-8"},
    {&hf_results_json, HF_HTTP_JSON},
    {&hf_results_markdown, "text/markdown; charset=utf-8"},
    {&hf_layers_table, HF_HTTP_TEXT},
};
#define TEXTS (sizeof texts / sizeof texts[0])

static size_t find_text(const hf_http_request *request)
{
    size_t i = 0;
    while (i < TEXTS && strcmp(texts[i].format->name, hf_http_request_segment(request, 1)) != 0)
        i++;
    return i;
}

static hf_status write_text(const hf_dispatched *task, const void *user, const hf_text_sink *sink,
                            hf_error *err)
{
    hf_result_range range;
    int64_t run_id = 0;
    hf_status status = hf_requested_range(task->request, &range, err);
    if (status == HF_OK)
        status = hf_store_find_run(task->store, hf_http_request_segment(task->request, 0), &run_id, err);
    return status == HF_OK ? hf_store_write_results(task->store, run_id, user, &range, sink, err) : status;
}

static void answer_text(const hf_dispatched *task)
{
    const size_t i = find_text(task->request);
    hf_answer_text(task, texts[i].type, write_text, texts[i].format);
}

void hf_get_report(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    if (wants_outputs(request))
        hf_dispatch_to_pool(daemon, request, daemon->slow, answer_outputs);
    else if (wants_transcript(request))
        hf_dispatch_to_pool(daemon, request, daemon->quick, answer_transcript);
    else if (hf_is_page(request))
        hf_dispatch_to_pool(daemon, request, daemon->slow, hf_answer_page);
    else if (find(request) < REPORTS)
        hf_dispatch_to_pool(daemon, request, daemon->slow, answer);
    else if (find_text(request) < TEXTS)
        hf_dispatch_to_pool(daemon, request, daemon->slow, answer_text);
    else
        hf_http_respond_error(request, 404, "there is no report '%s': see API.md for those there are",
                              hf_http_request_segment(request, 1));
}
