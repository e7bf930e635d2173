/* SPDX-License-Identifier: Apache-2.0 */
#include "run_begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "farm/resume.h"
#include "log.h"
#include "run_end.h"
#include "run_list.h"
#include "run_views.h"

/* ---- The controller's callbacks ---- */

static void on_changed(void *user, hf_controller_run *controlled)
{
    (void)controlled;
    hf_daemon_run *run = user;
    run->view_changed = true;
    run->daemon->queue_changed = true;
    hf_views_changed(run->daemon);
}

static void on_event(void *user, const hf_run_event *event)
{
    hf_daemon_run *run = user;
    hf_views_event(run, event);
    if (event->kind == HF_RUN_EVENT_STORE_WAITS)
        hf_log(HF_LOG_WARNING, "run %s: the store cannot be written, results are kept until it can: %s",
               run->submitted.key, event->message);
}

static void on_over(void *user, hf_status status, const hf_run_summary *summary, const hf_error *err)
{
    hf_daemon_run *run = user;
    hf_views_show_run(run); /* the last state of all boards and counts */
    run->summary = *summary;
    if (status != HF_OK)
        run->failure = *err;
    hf_run_end(run);
}

/* ---- On a thread of the pool ---- */

/* The first mistake stands for all: they were all told when the run was submitted. */
static hf_status pass_mistakes(const hf_diagnostics *diagnostics, hf_error *err)
{
    const hf_diagnostic *first = hf_diagnostics_at(diagnostics, 0);
    if (!first)
        return err->status;
    hf_error_clear(err);
    return HF_FAIL(err, HF_EINVALID, "%s:%u:%u: %s", first->file, first->line, first->column, first->text);
}

static hf_status make_plan(hf_daemon_run *run, hf_error *err)
{
    hf_daemon *daemon = run->daemon;
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    pthread_mutex_lock(&daemon->spool_mutex);
    char *tree = hf_spool_tree(daemon->spool, run->submitted.spool_key);
    pthread_mutex_unlock(&daemon->spool_mutex);
    hf_status status = diagnostics && tree
                           ? HF_OK
                           : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "its files are gone from the spool");
    if (status == HF_OK)
        status =
            hf_run_plan_make(&run->submitted, tree, daemon->farm, run->store,
                             run->resumed ? run->earlier.run.spec_text : NULL, diagnostics, &run->plan, err);
    if (status == HF_EINVALID)
        status = pass_mistakes(diagnostics, err);
    hf_diagnostics_free(diagnostics);
    free(tree);
    return status;
}

/* The run as it is in the store, if it is there. */
static hf_status find_earlier(hf_daemon_run *run, hf_error *err)
{
    int64_t run_id = 0;
    hf_status status = hf_store_find_key(run->store, run->submitted.key, &run_id, err);
    if (status == HF_OK && run_id)
        status = hf_store_load_parts(run->store, run_id, 0, &run->earlier, err);
    if (status == HF_OK && run_id) {
        run->resumed = true;
        run->run_id = run_id;
    }
    return status;
}

static hf_status record(hf_daemon_run *run, hf_error *err)
{
    const hf_daemon *daemon = run->daemon;
    const hf_run_record row = {.spec = run->plan.spec,
                               .spec_text = run->plan.spec_text,
                               .farm = daemon->farm,
                               .selection = &run->plan.selection,
                               .version = daemon->options->version,
                               .key = run->submitted.key,
                               .owner = run->submitted.owner,
                               .priority = run->priority,
                               .resumed_id = run->resumed ? run->run_id : 0};
    return hf_run_begin(run->store, &row, &run->run_id, err);
}

static hf_status begin(hf_daemon_run *run, hf_error *err)
{
    hf_daemon *daemon = run->daemon;
    hf_status status = hf_store_open(daemon->store_path, &run->store, err);
    if (status == HF_OK)
        status = find_earlier(run, err);
    if (status == HF_OK && !run->plan.spec)
        status = make_plan(run, err);
    run->was_over =
        status == HF_OK && run->resumed && run->earlier.run.state == HF_RUN_DONE && !run->submitted.resumes;
    if (status != HF_OK || run->was_over)
        return status;
    if (run->resumed)
        status = hf_resume_check(&run->earlier, run->plan.spec, &run->plan.selection,
                                 daemon->options->firmware_dir, hf_controller_cache(daemon->controller), err);
    if (status == HF_OK)
        status = record(run, err);
    run->recorded = status == HF_OK;
    return status;
}

/* ---- On the loop's thread ---- */

static void summarize_earlier(hf_daemon_run *run)
{
    const hf_run_row *row = &run->earlier.run;
    run->summary = (hf_run_summary){.run_id = row->id,
                                    .state = row->state,
                                    .measured = (uint32_t)row->measured,
                                    .failed = (uint32_t)row->failed,
                                    .not_run = (uint32_t)row->not_run,
                                    .pruned = (uint32_t)row->pruned};
}

static hf_status give_to_controller(hf_daemon_run *run, hf_error *err)
{
    const hf_controller_request request = {
        .spec = run->plan.spec,
        .selection = &run->plan.selection,
        .store = run->store,
        .run_id = run->run_id,
        .earlier = run->resumed ? &run->earlier : NULL,
        .selected = run->plan.part.jobs,
        .owner = run->owner_number,
        .owner_name = run->submitted.owner,
        .priority = run->priority,
        .observer = {.user = run, .changed = on_changed, .event = on_event, .over = on_over},
    };
    return hf_controller_add_run(run->daemon->controller, &request, &run->controlled, err);
}

static void on_begun(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_daemon_run *run = argument;
    hf_daemon_run_update(run);
    run->summary = (hf_run_summary){.run_id = run->run_id, .state = HF_RUN_INTERRUPTED, .interrupted = true};
    if (run->was_over)
        summarize_earlier(run);
    /* While the daemon stops, nothing begins: the next one begins it. */
    const bool give = run->failure.status == HF_OK && !run->was_over && !daemon->stopping;
    if (give && give_to_controller(run, &run->failure) != HF_OK)
        hf_error_context(&run->failure, HF_FAULT_FARM, "the run cannot begin");
    if (run->failure.status != HF_OK)
        run->summary.state = HF_RUN_ABORTED;
    if (!run->controlled) {
        hf_run_end(run);
        return;
    }
    run->given = true;
    run->state = HF_API_QUEUE_UNDER_WAY;
    run->started_ms = hf_wall_ms();
    hf_log(HF_LOG_INFO, "run %lld (%s, %s, of %s) %s", (long long)run->run_id, run->submitted.key, run->name,
           run->submitted.owner, run->resumed ? "is resumed" : "begins");
    if (run->stop_requested)
        hf_run_stop(run, run->stop_reason);
    daemon->queue_changed = true;
    hf_views_changed(daemon);
}

static void begin_job(hf_task_pool_thread *thread, void *argument)
{
    (void)thread;
    hf_daemon_run *run = argument;
    if (begin(run, &run->failure) != HF_OK)
        hf_error_context(&run->failure, HF_FAULT_FARM, "the run cannot begin");
    if (hf_loop_calls_add(run->daemon->calls, on_begun, run) != HF_OK)
        abort(); /* no memory for 24 bytes: the next daemon goes on from the disk */
}

void hf_run_begin_soon(hf_daemon_run *run)
{
    if (hf_task_pool_add(run->daemon->slow, begin_job, run) != HF_OK)
        abort();
}

void hf_run_stop(hf_daemon_run *run, const char *reason)
{
    run->stop_requested = true;
    if (reason != run->stop_reason)
        snprintf(run->stop_reason, sizeof run->stop_reason, "%s", reason);
    if (!run->controlled) /* once it has begun */
        return;
    run->state = HF_API_QUEUE_STOPPING;
    hf_controller_stop_run(run->controlled, run->stop_reason);
    run->daemon->queue_changed = true;
    hf_views_changed(run->daemon);
}
