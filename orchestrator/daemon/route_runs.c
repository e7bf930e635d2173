/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "dispatch.h"
#include "routes.h"
#include "run_list.h"
#include "run_views.h"

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

/* A number of the query. @return false if it is not one; answered then */
static bool read_number(hf_http_request *request, const char *name, int64_t most, int64_t *value)
{
    const char *text = hf_http_request_query(request, name);
    char *end;
    if (!text)
        return true;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (*text && !*end && !errno && number >= 1 && number <= most) {
        *value = number;
        return true;
    }
    hf_http_respond_error(request, 400, "%s is '%.40s', expected a number from 1 to %lld", name, text,
                          (long long)most);
    return false;
}

static void list_runs(const hf_dispatched *task)
{
    int64_t limit = DEFAULT_RUNS, before = INT64_MAX;
    hf_run_row *rows = NULL;
    size_t count = 0, first = 0;
    hf_error err = {0};
    if (!read_number(task->request, "limit", MOST_RUNS, &limit) ||
        !read_number(task->request, "before", INT64_MAX, &before))
        return;
    if (hf_store_list_runs(task->store, &rows, &count, &err) != HF_OK) {
        hf_answer_failure(task->request, &err);
        return;
    }
    while (first < count && rows[first].id >= before) /* newest first */
        first++;
    const size_t left = count - first;
    const hf_api_runs runs = {.runs = rows + first, .run_count = left < (size_t)limit ? left : (size_t)limit};
    hf_answer_object(task->request, 200, &hf_api_runs_type, &runs);
    hf_rows_free(&hf_run_row_type, rows, count);
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
