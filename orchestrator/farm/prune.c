/* SPDX-License-Identifier: Apache-2.0 */
/* Pruning: variations that cannot fit their chip or the spec's limits are excluded by analysis alone, before
 * any board is opened. So they are recorded as pruned even when no board works. */
#include <stdio.h>

#include "base/clock.h"
#include "run_state.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"

#define MAX_RUNNING 8u /* analyses queued at a time: enough for libuv's pool of four threads */

hf_prepare_request hf_runner_request(const hf_runner *runner, uint32_t variation)
{
    const hf_run_options *options = runner->options;
    return hf_prepare_request_make(options->spec, &options->spec->variations[variation], options->selection,
                                   runner->firmwares);
}

void hf_runner_prune(hf_runner *runner, uint32_t variation, const hf_prepared *prepared)
{
    const hf_limits *limits = &runner->options->spec->constraints;
    for (uint32_t i = 0; i < runner->job_count; i++) {
        hf_runner_job *job = &runner->jobs[i];
        char why[HF_CANNOT_FIT_SIZE];
        if (job->variation != variation || job->pruned ||
            !hf_cannot_fit(limits, job->chip, job->firmware, prepared->arena_bytes,
                           (int64_t)prepared->image_bytes, prepared->analysis.macs, why))
            continue;
        job->pruned = true;
        snprintf(job->fault_message, sizeof job->fault_message, "%s", why);
        hf_runner_record_job(runner, i, prepared);
        hf_runner_check_event(
            runner, hf_schedule_exclude(runner->schedule, runner->schedule_run, i, hf_now_ns(), NULL));
    }
}

/* Pool thread. */
static void analyse(uv_work_t *work)
{
    hf_runner_preparation *preparation = work->data;
    preparation->status = hf_prepare_analysis(&preparation->request, &preparation->prepared, NULL);
}

static void on_analysed(uv_work_t *work, int status);

static void analyse_next(hf_runner *runner)
{
    uint32_t count = runner->options->spec->variation_count;
    if (hf_schedule_stop_reason(runner->schedule, runner->schedule_run) != HF_REASON_NONE)
        runner->prune_next = count;
    while (runner->prune_next < count && runner->prune_running < MAX_RUNNING) {
        hf_runner_preparation *preparation = &runner->preparations[runner->prune_next];
        if (!preparation->wanted) {
            runner->prune_next++;
            continue;
        }
        preparation->request = hf_runner_request(runner, runner->prune_next++);
        runner->prune_running++;
        uv_queue_work(&runner->loop, &preparation->work, analyse, on_analysed);
    }
    if (runner->prune_running)
        return;
    runner->pruning = false;
    uv_async_send(&runner->wake);
}

/* Loop thread. A failed analysis is left to the preparation, which fails in the same way and is recorded. */
static void on_analysed(uv_work_t *work, int status)
{
    hf_runner_preparation *preparation = work->data;
    hf_runner *runner = preparation->runner;
    (void)status; /* uv_cancel() is never called */
    runner->prune_running--;
    if (preparation->status == HF_OK)
        hf_runner_prune(runner, (uint32_t)(preparation - runner->preparations), &preparation->prepared);
    hf_prepared_free(&preparation->prepared);
    analyse_next(runner);
}

void hf_runner_prune_all(hf_runner *runner)
{
    runner->pruning = true;
    analyse_next(runner);
}
