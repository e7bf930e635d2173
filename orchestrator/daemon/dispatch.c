/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "run_list.h"
#include "store/history.h"

#define NO_MEMORY "no memory for the request"

void hf_dispatch_to_loop(hf_daemon *daemon, hf_http_request *request, hf_loop_call *call)
{
    if (hf_loop_calls_add(daemon->calls, call, request) != HF_OK)
        hf_http_respond_error(request, 500, NO_MEMORY);
}

typedef struct pool_task {
    hf_dispatched task;
    void (*work)(const hf_dispatched *task);
} pool_task;

static void do_work(hf_task_pool_thread *thread, void *argument)
{
    pool_task *done = argument;
    hf_error err = {0};
    if (hf_task_pool_store(thread, &done->task.store, &err) == HF_OK)
        done->work(&done->task);
    else
        hf_answer_failure(done->task.request, &err);
    free(done);
}

void hf_dispatch_to_pool(hf_daemon *daemon, hf_http_request *request, hf_task_pool *pool,
                         void (*work)(const hf_dispatched *task))
{
    pool_task *added = malloc(sizeof *added);
    if (added)
        *added = (pool_task){.task = {.daemon = daemon, .request = request}, .work = work};
    if (added && hf_task_pool_add(pool, do_work, added) == HF_OK)
        return;
    free(added);
    hf_http_respond_error(request, 500, NO_MEMORY);
}

/* ---- Runs ---- */

typedef struct lookup {
    hf_daemon *daemon;
    hf_http_request *request;
    int64_t run_id;
    void (*found)(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run, int64_t run_id);
} lookup;

static void on_found_in_store(void *user, void *argument)
{
    hf_daemon *daemon = user;
    lookup *looked = argument;
    looked->found(daemon, looked->request, hf_run_list_find_id(daemon, looked->run_id), looked->run_id);
    free(looked);
}

static void look_in_store(hf_task_pool_thread *thread, void *argument)
{
    lookup *looked = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    hf_status status = hf_task_pool_store(thread, &store, &err);
    if (status == HF_OK)
        status = hf_store_find_run(store, hf_http_request_segment(looked->request, 0), &looked->run_id, &err);
    if (status == HF_OK && !looked->run_id) { /* "latest": its number is needed */
        hf_run_row newest = {0};
        status = hf_store_load_run(store, 0, &newest, &err);
        looked->run_id = newest.id;
        hf_row_clear(&hf_run_row_type, &newest);
    }
    if (status == HF_OK && hf_loop_calls_add(looked->daemon->calls, on_found_in_store, looked) == HF_OK)
        return;
    if (status == HF_OK)
        hf_http_respond_error(looked->request, 500, NO_MEMORY);
    else
        hf_answer_failure(looked->request, &err);
    free(looked);
}

static void look_in_list(void *user, void *argument)
{
    hf_daemon *daemon = user;
    lookup *looked = argument;
    hf_daemon_run *run = hf_run_list_find(daemon, hf_http_request_segment(looked->request, 0));
    if (run) {
        looked->found(daemon, looked->request, run, run->shown_run_id);
        free(looked);
        return;
    }
    if (hf_task_pool_add(daemon->quick, look_in_store, looked) == HF_OK)
        return;
    hf_http_respond_error(looked->request, 500, NO_MEMORY);
    free(looked);
}

void hf_dispatch_to_run(hf_daemon *daemon, hf_http_request *request,
                        void (*found)(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run,
                                      int64_t run_id))
{
    lookup *looked = malloc(sizeof *looked);
    if (looked)
        *looked = (lookup){.daemon = daemon, .request = request, .found = found};
    if (looked && hf_loop_calls_add(daemon->calls, look_in_list, looked) == HF_OK)
        return;
    free(looked);
    hf_http_respond_error(request, 500, NO_MEMORY);
}
