/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares variations in libuv's pool, when the scheduler asks for them. */
#include "base/clock.h"
#include "image_in_file.h"
#include "run_state.h"

/* Pool thread. */
static void prepare(uv_work_t *work)
{
    hf_pool_task *task = work->data;
    const hf_controller *controller = task->run->controller;
    const char *folder = controller->cache ? controller->options.cache_dir : NULL;
    task->status = hf_prepare(&task->request, task->prepared, &task->error);
    if (task->status == HF_OK)
        hf_prepare_estimate(&task->request, task->prepared);
    hf_prepared_shrink(task->prepared);
    hf_image_into_file(task->prepared, folder ? folder : controller->work_dir.path);
}

/* What the preparation has found out, in the results of its jobs. */
static void record(const hf_pool_task *task)
{
    hf_controller_run *run = task->run;
    const hf_run_variation *variation = &run->variations[task->variation];
    if (task->status == HF_OK) /* the image may be larger than the analysis could foresee */
        hf_run_prune(run, task->variation, task->prepared);
    for (uint32_t i = variation->first_job; i < variation->first_job + variation->job_count; i++) {
        hf_run_job *job = &run->jobs[i];
        if (job->pruned)
            continue;
        if (!variation->recorded)
            hf_run_record_job(run, i, task->prepared);
        hf_run_job_failed(job, task->status == HF_OK ? NULL : task->error.message);
    }
}

static void report_failure(hf_controller_run *run, uint32_t variation, const hf_error *error)
{
    hf_controller *controller = run->controller;
    if (error->fault == HF_FAULT_FARM)
        hf_run_farm_failed(run, error);
    hf_controller_check_event(controller,
                              hf_schedule_prepare_failed(controller->schedule, run->schedule_run, variation,
                                                         error->fault, hf_now_ns(), NULL));
}

/* Loop thread. A preparation that was released early is made again: its results are recorded once. */
static void on_prepared(uv_work_t *work, int cancelled)
{
    hf_pool_task *task = work->data;
    hf_controller_run *run = task->run;
    hf_run_variation *variation = &run->variations[task->variation];
    (void)cancelled; /* uv_cancel() is never called */
    if (!variation->recorded || task->status != HF_OK)
        record(task);
    if (!variation->recorded && task->status == HF_OK)
        (*(task->prepared->from_cache ? &run->summary.prepared_before : &run->summary.prepared))++;
    variation->recorded = true;
    if (task->status == HF_OK) {
        variation->prepared = task->prepared;
        task->prepared = NULL;
        hf_controller_check_event(run->controller,
                                  hf_schedule_prepared(run->controller->schedule, run->schedule_run,
                                                       task->variation, hf_now_ns(), NULL));
    } else {
        report_failure(run, task->variation, &task->error);
    }
    hf_controller_wake(run->controller);
    hf_pool_task_free(task);
}

void hf_run_start_preparation(hf_controller_run *run, uint32_t variation)
{
    hf_error err = {0};
    if (hf_run_start_task(run, variation, prepare, on_prepared))
        return;
    (void)HF_FAIL_AS(&err, HF_FAULT_FARM, HF_ENOMEM, "no memory to prepare %s",
                     run->request.spec->variations[variation].name); /* in err */
    report_failure(run, variation, &err);
}
