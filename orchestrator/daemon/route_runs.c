/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "answers.h"
#include "dispatch.h"
#include "query_numbers.h"
#include "routes.h"
#include "run_list.h"
#include "run_views.h"
#include "store/history.h"

#define DEFAULT_RUNS 100
#define MOST_RUNS    1000

static void answer_queue(void *user, void *argument)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (hf_views_render_queue(user, &text, &err) == HF_OK)
        hf_http_respond(argument, 200, HF_HTTP_JSON, &text);
    else
        hf_answer_failure(argument, &err);
    hf_buffer_free(&text);
}

void hf_get_queue(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, answer_queue);
}

static void list_runs(const hf_dispatched *task)
{
    int64_t limit = DEFAULT_RUNS, before = INT64_MAX;
    hf_api_runs runs = {0};
    hf_error err = {0};
    if (!hf_query_number(task->request, "limit", MOST_RUNS, &limit) ||
        !hf_query_number(task->request, "before", INT64_MAX, &before))
        return;
    if (hf_store_page_runs(task->store, hf_http_request_query(task->request, "name"), before, (size_t)limit,
                           &runs.runs, &runs.run_count, &err) == HF_OK)
        hf_answer_object(task->request, 200, &hf_api_runs_type, &runs);
    else
        hf_answer_failure(task->request, &err);
    hf_rows_free(&hf_run_row_type, runs.runs, runs.run_count);
}

void hf_get_runs(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, list_runs);
}

/* ---- One run ---- */

static void answer_row(const hf_dispatched *task)
{
    const char *text = hf_http_request_segment(task->request, 0);
    int64_t run_id = 0;
    hf_run_row run = {0};
    hf_error err = {0};
    hf_status status = hf_store_find_run(task->store, text, &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_run(task->store, run_id, &run, &err);
    if (status == HF_OK)
        hf_answer_object(task->request, 200, &hf_api_run_row_type, &run);
    else
        hf_answer_failure(task->request, &err);
    hf_row_clear(&hf_run_row_type, &run);
}

/* A run that is not in the store yet is known by what was submitted. */
static void answer_run(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_daemon_run *run = hf_run_list_find(daemon, hf_http_request_segment(argument, 0));
    if (!run || run->shown_run_id) {
        hf_dispatch_to_pool(daemon, argument, daemon->quick, answer_row);
        return;
    }
    const hf_run_row row = {.key = run->submitted.key,
                            .name = run->name,
                            .spec_path = "",
                            .spec_text = "",
                            .started_ms = run->submitted.submitted_ms,
                            .state = HF_RUN_RUNNING,
                            .hilfarm_version = (char *)daemon->options->version,
                            .host = "",
                            .owner = run->submitted.owner,
                            .priority = run->priority};
    hf_answer_object(argument, 200, &hf_api_run_row_type, &row);
}

void hf_get_run(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, answer_run);
}
