/* SPDX-License-Identifier: Apache-2.0 */
#include "run_end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "changes.h"
#include "log.h"
#include "notices.h"
#include "report/limit_verdicts.h"
#include "report/run_comparison.h"
#include "run_list.h"
#include "run_views.h"
#include "store/run_tags.h"

static uint32_t count_missed(const hf_report *report)
{
    uint32_t missed = 0;
    for (size_t i = 0; i < report->result_count; i++)
        missed += hf_report_missed(report, &report->results[i]);
    return missed;
}

hf_status hf_run_end_render(const hf_report *report, hf_buffer *out, hf_error *err)
{
    const hf_run_row *row = &report->run;
    const hf_api_run_end end = {
        .key = row->key,
        .name = row->name,
        .summary = {.run_id = row->id,
                    .state = row->state,
                    .measured = (uint32_t)row->measured,
                    .failed = (uint32_t)row->failed,
                    .not_run = (uint32_t)row->not_run,
                    .pruned = (uint32_t)row->pruned,
                    .interrupted = row->state == HF_RUN_INTERRUPTED},
        .missed = count_missed(report),
        .compared = row->compared,
        .regressed = (uint32_t)row->regressed,
    };
    return hf_api_write(&hf_api_run_end_type, &end, out, err);
}

/* Compares the run with its baseline and records which run that was and how many results regressed. */
static hf_status compare(hf_daemon_run *run, hf_store *store, const hf_report *report, hf_api_run_end *end,
                         hf_error *err)
{
    hf_report baseline = {0};
    hf_run_comparison comparison;
    hf_status status = hf_store_load_parts(store, run->plan.baseline_id, 0, &baseline, err);
    if (status != HF_OK)
        return status;
    status = hf_run_compare(&baseline, report, &comparison, err);
    if (status == HF_OK) {
        end->compared = true;
        end->regressed = (uint32_t)comparison.counts[HF_CHANGE_REGRESSED];
        end->improved = (uint32_t)comparison.counts[HF_CHANGE_IMPROVED];
        status = hf_store_set_comparison(store, run->run_id, baseline.run.key, (int64_t)end->regressed, err);
        hf_run_comparison_free(&comparison);
    }
    hf_report_free(&baseline);
    return status;
}

/* What is missing here does not change the run's results; it is logged. */
static void log_failure(const hf_daemon_run *run, const char *what, const hf_error *err)
{
    hf_log(HF_LOG_ERROR, "run %s (%s): %s: %s", run->submitted.key, run->name, what, err->message);
}

/* Everything that needs the store. @param report filled */
static void conclude(hf_daemon_run *run, hf_task_pool_thread *thread, hf_report *report, hf_api_run_end *end)
{
    hf_error err = {0};
    hf_store *store = NULL;
    if (hf_task_pool_store(thread, &store, &err) != HF_OK ||
        hf_store_load_parts(store, run->run_id, 0, report, &err) != HF_OK) {
        log_failure(run, "its results cannot be read", &err);
        return;
    }
    end->missed = count_missed(report);
    if (run->plan.baseline_id && compare(run, store, report, end, &err) != HF_OK)
        log_failure(run, "it cannot be compared with its baseline", &err);
    hf_error_clear(&err);
    const char *tag = run->submitted.submission.options.tag;
    if (tag && hf_store_tag_run(store, tag, run->run_id, true, &err) != HF_OK)
        log_failure(run, "it cannot be tagged", &err);
}

static void mark_over(hf_daemon_run *run)
{
    hf_daemon *daemon = run->daemon;
    hf_error err = {0};
    pthread_mutex_lock(&daemon->spool_mutex);
    if (hf_spool_set_over(daemon->spool, run->submitted.spool_key, hf_buffer_text(&run->end_json),
                          run->end_json.size, &err) != HF_OK)
        log_failure(run, "the next daemon may end it again", &err);
    pthread_mutex_unlock(&daemon->spool_mutex);
    hf_changes_remove(daemon, run->submitted.spool_key);
}

static void log_end(const hf_daemon_run *run, const hf_api_run_end *end)
{
    const hf_run_summary *summary = &end->summary;
    hf_log(run->failure.status == HF_OK ? HF_LOG_INFO : HF_LOG_ERROR,
           "run %lld (%s, %s, of %s): %s: %u measured, %u failed, %u not run, %u pruned, %u regressed%s%s",
           (long long)run->run_id, run->submitted.key, run->name, run->submitted.owner,
           hf_run_state_name(summary->state), summary->measured, summary->failed, summary->not_run,
           summary->pruned, end->regressed, run->failure.status == HF_OK ? "" : ": ", run->failure.message);
}

/* On a thread of the pool, when the run is over for everybody else. */
static void notify_job(hf_task_pool_thread *thread, void *argument)
{
    hf_daemon_run *run = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    if (hf_task_pool_store(thread, &store, &err) == HF_OK)
        hf_notices_send(run, store);
    else
        log_failure(run, "the next daemon notifies of it", &err);
    hf_daemon_run_free(run);
}

static void count(const hf_daemon_run *run, hf_daemon_totals *totals)
{
    const hf_run_summary *summary = &run->summary;
    totals->runs[summary->state]++;
    totals->results[HF_RESULT_MEASURED] += summary->measured;
    totals->results[HF_RESULT_FAILED] += summary->failed;
    totals->results[HF_RESULT_NOT_RUN] += summary->not_run;
    totals->results[HF_RESULT_PRUNED] += summary->pruned;
    totals->regressed += run->regressed;
}

static void on_ended(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_daemon_run *run = argument;
    const bool notify =
        !run->keep && run->run_id && (daemon->options->notify_command || daemon->options->webhook);
    if (!run->keep) {
        count(run, &daemon->totals);
        hf_event_ring_end(run->ring, "over", hf_buffer_text(&run->end_json));
    }
    hf_run_list_remove(daemon, run);
    hf_views_changed(daemon);
    if (!notify || hf_task_pool_add(daemon->slow, notify_job, run) != HF_OK)
        hf_daemon_run_free(run);
}

/* Ends in the store a run that began there and that the controller did not take. */
static void close_in_store(hf_daemon_run *run)
{
    hf_error err = {0};
    if (hf_store_finish_run(run->store, run->run_id, HF_RUN_ABORTED, hf_wall_ms(), 0, NULL, &err) != HF_OK)
        log_failure(run, "it cannot be ended in the store", &err);
}

/* On a thread of the pool. */
static void end_run(hf_task_pool_thread *thread, void *argument)
{
    hf_daemon_run *run = argument;
    hf_report report = {0};
    hf_error err = {0};
    if (run->recorded && !run->keep && run->failure.status != HF_OK && !run->given)
        close_in_store(run);
    hf_store_close(run->store);
    run->store = NULL;
    if (!run->keep) {
        hf_api_run_end end = {.key = run->submitted.key,
                              .name = run->name,
                              .summary = run->summary,
                              .error = hf_api_failure_of(&run->failure)};
        if (run->run_id)
            conclude(run, thread, &report, &end);
        run->regressed = end.regressed;
        if (hf_api_write(&hf_api_run_end_type, &end, &run->end_json, &err) != HF_OK)
            log_failure(run, "its end cannot be written", &err);
        hf_notices_add(run);
        mark_over(run);
        log_end(run, &end);
        hf_report_free(&report);
    }
    if (hf_loop_calls_add(run->daemon->calls, on_ended, run) != HF_OK)
        abort(); /* no memory for 24 bytes: the next daemon goes on from the disk */
}

void hf_run_end(hf_daemon_run *run)
{
    run->state = HF_API_QUEUE_STOPPING;
    run->ending = true;
    run->controlled = NULL;
    run->daemon->queue_changed = true;
    /* What the stop of the daemon interrupted is resumed by the next one. */
    run->keep = run->daemon->stopping && !run->stop_requested && run->failure.status == HF_OK &&
                run->summary.state != HF_RUN_DONE;
    if (hf_task_pool_add(run->daemon->slow, end_run, run) != HF_OK)
        abort();
}
