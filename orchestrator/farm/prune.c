/* SPDX-License-Identifier: Apache-2.0 */
/* Pruning: variations that cannot fit their chip or the spec's limits are excluded by analysis alone, before
 * the run uses any board. So they are recorded as pruned even when no board works. */
#include "base/clock.h"
#include "farm/threads.h"
#include "run_state.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"

/* Analyses of a run queued at a time, for each thread of the pool: other runs use the pool too. */
#define TASKS_PER_THREAD 2u

void hf_run_prune(hf_controller_run *run, uint32_t variation, const hf_prepared *prepared)
{
    hf_controller *controller = run->controller;
    const uint32_t first = run->variations[variation].first_job;
    for (uint32_t i = first; i < first + run->variations[variation].job_count; i++) {
        hf_run_job *job = &run->jobs[i];
        char why[HF_CANNOT_FIT_SIZE];
        if (job->pruned ||
            !hf_cannot_fit(&run->request.spec->constraints, run->request.selection->chips[job->chip],
                           &run->firmwares[job->chip], prepared->arena_bytes, (int64_t)prepared->image_bytes,
                           prepared->analysis.macs, why))
            continue;
        job->pruned = true;
        hf_run_job_failed(job, why);
        hf_run_record_job(run, i, prepared);
        if (run->schedule_run != HF_SCHEDULE_NONE)
            hf_controller_check_event(controller, hf_schedule_exclude(controller->schedule, run->schedule_run,
                                                                      i, hf_now_ns(), NULL));
    }
}

/* Pool thread. */
static void analyse(uv_work_t *work)
{
    hf_pool_task *task = work->data;
    task->status = hf_prepare_analysis(&task->request, task->prepared, NULL);
}

static void on_analysed(uv_work_t *work, int cancelled);

static void analyse_next(hf_controller_run *run)
{
    const uint32_t count = run->request.spec->variation_count;
    const uint32_t most_running = TASKS_PER_THREAD * hf_threads_in_pool();
    if (run->stopped)
        run->prune_next = count;
    while (run->prune_next < count && run->prune_running < most_running) {
        const uint32_t variation = run->prune_next++;
        /* Without memory the analysis is left to the preparation, like one that fails. */
        if (run->variations[variation].job_count && hf_run_start_task(run, variation, analyse, on_analysed))
            run->prune_running++;
    }
    if (!run->prune_running)
        run->after_pruning(run);
}

/* Loop thread. A failed analysis is left to the preparation, which fails in the same way and is recorded. */
static void on_analysed(uv_work_t *work, int cancelled)
{
    hf_pool_task *task = work->data;
    hf_controller_run *run = task->run;
    (void)cancelled; /* uv_cancel() is never called */
    run->prune_running--;
    if (task->status == HF_OK)
        hf_run_prune(run, task->variation, task->prepared);
    hf_pool_task_free(task);
    analyse_next(run);
}

void hf_run_prune_all(hf_controller_run *run, void (*done)(hf_controller_run *run))
{
    run->after_pruning = done;
    run->stage = HF_RUN_STAGE_PRUNING;
    analyse_next(run);
}
