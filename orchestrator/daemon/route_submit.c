/* SPDX-License-Identifier: Apache-2.0 */
/* A submission on its way into the queue: its files must be there, then it goes to the spool, then its spec is read.
 * When the client gets status 201, the run survives a power failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "answers.h"
#include "base/clock.h"
#include "dispatch.h"
#include "earlier_submission.h"
#include "log.h"
#include "routes.h"
#include "run_begin.h"
#include "run_list.h"
#include "run_views.h"
#include "schedule/schedule.h"

typedef struct accepting {
    hf_daemon *daemon;
    hf_http_request *request;
    hf_daemon_run *run;
    hf_api_accepted answer; /* borrows from the run */
} accepting;

/* ---- On the loop's thread ---- */

static void enter(void *user, void *argument)
{
    hf_daemon *daemon = user;
    accepting *accepted = argument;
    hf_daemon_run *run = accepted->run;
    hf_daemon_run_update(run);
    accepted->answer.key = run->submitted.key;
    accepted->answer.name = run->name;
    accepted->answer.baseline = run->submitted.submission.options.baseline;
    accepted->answer.ahead = daemon->run_count;
    if (daemon->stopping) { /* it is in the spool: the next daemon begins it */
        hf_answer_object(accepted->request, 201, &hf_api_accepted_type, &accepted->answer);
        hf_daemon_run_free(run);
    } else if (hf_run_list_add(daemon, run) != HF_OK) { /* likewise */
        hf_http_respond_error(accepted->request, 500, "no memory for run %s", run->submitted.key);
        hf_daemon_run_free(run);
    } else {
        hf_answer_object(accepted->request, 201, &hf_api_accepted_type, &accepted->answer);
        hf_log(HF_LOG_INFO, "run %s (%s) is submitted by %s", run->submitted.key, run->name,
               run->submitted.owner);
        hf_run_begin_soon(run);
        hf_views_changed(daemon);
    }
    free(accepted);
}

/* ---- On a thread of the pool ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Answers with the contents that are not stored, each once. @return whether all are there */
static bool has_files(hf_daemon *daemon, hf_http_request *request, const hf_api_submission *submission)
{
    char **missing = calloc(submission->file_count + 1, sizeof *missing);
    size_t count = 0, distinct = 0;
    if (!missing) {
        hf_http_respond_error(request, 500, "no memory for %zu files", submission->file_count);
        return false;
    }
    pthread_mutex_lock(&daemon->spool_mutex);
    for (size_t i = 0; i < submission->file_count; i++)
        if (!hf_spool_has(daemon->spool, submission->files[i].sha256))
            missing[count++] = submission->files[i].sha256;
    pthread_mutex_unlock(&daemon->spool_mutex);
    qsort(missing, count, sizeof *missing, by_text);
    for (size_t i = 0; i < count; i++)
        if (!i || strcmp(missing[i], missing[distinct - 1]) != 0)
            missing[distinct++] = missing[i];
    if (distinct)
        hf_answer_missing(request, missing, distinct);
    free(missing);
    return !distinct;
}

static hf_status check_options(const hf_api_options *options, hf_error *err)
{
    if (options->priority < -HF_SCHEDULE_MAX_PRIORITY || options->priority > HF_SCHEDULE_MAX_PRIORITY)
        return HF_FAIL(err, HF_EINVALID, "options.priority is %d, expected -%d to %d", options->priority,
                       HF_SCHEDULE_MAX_PRIORITY, HF_SCHEDULE_MAX_PRIORITY);
    return HF_OK;
}

/* Names the baseline by its key: "latest" means another run tomorrow. */
static hf_status fix_baseline(hf_api_options *options, hf_store *store, hf_error *err)
{
    int64_t run_id = 0;
    hf_run_row baseline = {0};
    if (!options->baseline || strcmp(options->baseline, "last-green") == 0)
        return HF_OK;
    hf_status status = hf_store_find_run(store, options->baseline, &run_id, err);
    if (status == HF_OK)
        status = hf_store_load_run(store, run_id, &baseline, err);
    char *key = status == HF_OK ? strdup(baseline.key) : NULL;
    hf_row_clear(&hf_run_row_type, &baseline);
    if (status == HF_OK && !key)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for the baseline");
    if (status == HF_OK) {
        free(options->baseline);
        options->baseline = key;
    }
    return status;
}

static hf_status add_to_spool(hf_daemon *daemon, const hf_submitted *submitted, hf_error *err)
{
    const hf_api_submission *submission = &submitted->submission;
    hf_buffer text = HF_BUFFER_INIT;
    hf_spool_file *files = calloc(submission->file_count + 1, sizeof *files);
    hf_status status =
        files ? hf_submitted_write(submitted, &text, err)
              : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %zu files", submission->file_count);
    for (size_t i = 0; status == HF_OK && i < submission->file_count; i++)
        files[i] = (hf_spool_file){.path = submission->files[i].path, .sha256 = submission->files[i].sha256};
    if (status == HF_OK) {
        pthread_mutex_lock(&daemon->spool_mutex);
        status = hf_spool_add(daemon->spool, submitted->spool_key, hf_buffer_text(&text), text.size, files,
                              (uint32_t)submission->file_count, err);
        pthread_mutex_unlock(&daemon->spool_mutex);
    }
    hf_buffer_free(&text);
    free(files);
    return status;
}

/* The submission turned out to be wrong: it must not come back. */
static void remove_from_spool(hf_daemon *daemon, const char *spool_key)
{
    static const char rejected[] = "{\"rejected\":true}";
    hf_error err = {0};
    pthread_mutex_lock(&daemon->spool_mutex);
    if (hf_spool_set_over(daemon->spool, spool_key, rejected, sizeof rejected - 1, &err) != HF_OK)
        hf_log_error("a rejected submission", &err);
    pthread_mutex_unlock(&daemon->spool_mutex);
}

/* Reads the spec and counts what the answer tells. Answers if there are mistakes. */
static bool make_plan(const hf_dispatched *task, hf_daemon_run *run, hf_api_accepted *answer)
{
    hf_daemon *daemon = task->daemon;
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_report earlier = {0};
    int64_t run_id = 0;
    pthread_mutex_lock(&daemon->spool_mutex);
    char *tree = hf_spool_tree(daemon->spool, run->submitted.spool_key);
    pthread_mutex_unlock(&daemon->spool_mutex);
    hf_status status = diagnostics && tree ? HF_OK : HF_FAIL(&err, HF_ENOMEM, "no memory for the spec");
    if (status == HF_OK && run->submitted.resumes) {
        status = hf_store_find_key(task->store, run->submitted.key, &run_id, &err);
        if (status == HF_OK)
            status = hf_store_load_parts(task->store, run_id, 0, &earlier, &err);
    }
    if (status == HF_OK)
        status = hf_run_plan_make(&run->submitted, tree, daemon->farm, task->store,
                                  run->submitted.resumes ? earlier.run.spec_text : NULL, diagnostics,
                                  &run->plan, &err);
    if (status == HF_OK) {
        const hf_run_plan *plan = &run->plan;
        *answer = (hf_api_accepted){.model_count = plan->spec->variation_count,
                                    .chip_count = plan->selection.chip_count,
                                    .board_count = plan->selection.board_count,
                                    .job_count = plan->part.job_count,
                                    .selected = plan->part.selected,
                                    .resumed_id = run_id,
                                    .measured = (uint32_t)earlier.run.measured,
                                    .pruned = (uint32_t)earlier.run.pruned};
    } else {
        if (err.status == HF_OK)
            (void)HF_FAIL(&err, status, "the spec has mistakes");
        hf_answer_mistakes(task->request, diagnostics, &err);
    }
    hf_report_free(&earlier);
    hf_diagnostics_free(diagnostics);
    free(tree);
    return status == HF_OK;
}

/* From the spool to the queue. @param submitted in the spool; cleared or moved */
static void admit(const hf_dispatched *task, hf_submitted *submitted)
{
    char spool_key[HF_SPOOL_KEY_SIZE];
    snprintf(spool_key, sizeof spool_key, "%s", submitted->spool_key);
    accepting *accepted = calloc(1, sizeof *accepted);
    hf_daemon_run *run = accepted ? hf_daemon_run_new(task->daemon, submitted) : NULL;
    if (!run)
        hf_http_respond_error(task->request, 500, "no memory for the run");
    if (!run || !make_plan(task, run, &accepted->answer)) {
        remove_from_spool(task->daemon, spool_key);
        hf_daemon_run_free(run);
        free(accepted);
        return;
    }
    accepted->daemon = task->daemon;
    accepted->request = task->request;
    accepted->run = run;
    if (hf_loop_calls_add(task->daemon->calls, enter, accepted) != HF_OK)
        abort(); /* no memory for 24 bytes: the next daemon goes on from the spool */
}

/* @param submitted complete but for key, user and time; cleared or moved */
static void submit(const hf_dispatched *task, hf_submitted *submitted, hf_error *err)
{
    const hf_http_peer *peer = hf_http_request_peer(task->request);
    char name[HF_USER_NAME_SIZE];
    hf_access_name(peer, name);
    free(submitted->owner);
    submitted->owner = strdup(name);
    submitted->uid = peer->local ? (int64_t)peer->uid : -1;
    submitted->submitted_ms = hf_wall_ms();
    if (!submitted->resumes) {
        hf_store_make_key(submitted->submitted_ms, submitted->key);
        snprintf(submitted->spool_key, sizeof submitted->spool_key, "%s", submitted->key);
    }
    hf_status status = submitted->owner ? check_options(&submitted->submission.options, err)
                                        : HF_FAIL(err, HF_ENOMEM, "no memory for the submission");
    if (status == HF_OK)
        status = fix_baseline(&submitted->submission.options, task->store, err);
    if (status != HF_OK) {
        hf_answer_failure_as(task->request, status == HF_ENOTFOUND ? 422 : hf_http_status_of(status), err);
    } else if (has_files(task->daemon, task->request, &submitted->submission)) {
        status = add_to_spool(task->daemon, submitted, err);
        if (status == HF_OK)
            admit(task, submitted);
        else
            hf_answer_failure_as(task->request, status == HF_ELIMIT ? 429 : hf_http_status_of(status), err);
    }
    hf_submitted_clear(submitted);
}

/* Continues a run: its spec and files are those of its submission. */
static void resume(const hf_dispatched *task, const char *text, const hf_api_options *options)
{
    hf_submitted submitted = {0};
    hf_error err = {0};
    char name[HF_USER_NAME_SIZE];
    hf_report earlier = {0};
    int64_t run_id = 0;
    const hf_http_peer *peer = hf_http_request_peer(task->request);
    hf_access_name(peer, name);
    hf_status status = hf_store_find_run(task->store, text, &run_id, &err);
    if (status == HF_OK)
        status = hf_store_load_parts(task->store, run_id, 0, &earlier, &err);
    if (status == HF_OK && earlier.run.state == HF_RUN_RUNNING)
        status =
            HF_FAIL(&err, HF_EBUSY, "run %lld is under way: nothing to resume", (long long)earlier.run.id);
    if (status == HF_OK && !hf_access_may_change(peer, -1, NULL) &&
        !(earlier.run.owner && strcmp(earlier.run.owner, name) == 0))
        hf_http_respond_error(task->request, 403, "run %lld belongs to %s: only they and root may resume it",
                              (long long)earlier.run.id,
                              earlier.run.owner ? earlier.run.owner : "another user");
    else if (status == HF_OK &&
             (status = hf_earlier_submission(task->daemon, &earlier, options, &submitted, &err)) == HF_OK)
        submit(task, &submitted, &err);
    if (status != HF_OK)
        hf_answer_failure(task->request, &err);
    hf_report_free(&earlier);
}

static void post_runs(const hf_dispatched *task)
{
    hf_submitted submitted = {0};
    hf_error err = {0};
    size_t size;
    const char *body = hf_http_request_body(task->request, &size);
    hf_status status = hf_api_read(&hf_api_submission_type, body, size, &submitted.submission, &err);
    if (status != HF_OK) {
        hf_answer_failure(task->request, &err);
    } else if (submitted.submission.options.resume) {
        resume(task, submitted.submission.options.resume, &submitted.submission.options);
        hf_submitted_clear(&submitted);
    } else {
        submit(task, &submitted, &err);
    }
}

void hf_post_runs(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->slow, post_runs);
}

static void post_resume(const hf_dispatched *task)
{
    const hf_api_options options = {0};
    resume(task, hf_http_request_segment(task->request, 0), &options);
}

void hf_post_run_resume(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->slow, post_resume);
}
