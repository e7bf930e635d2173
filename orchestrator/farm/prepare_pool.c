/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares variations in libuv's thread pool, when the scheduler asks for them. */
#include <stdio.h>

#include "base/clock.h"
#include "run_state.h"

/* Pool thread. */
static void prepare(uv_work_t *work)
{
    hf_runner_preparation *preparation = work->data;
    preparation->status = hf_prepare(&preparation->request, &preparation->prepared, &preparation->error);
}

/* What the preparation has found out, in the results of its jobs. */
static void record(hf_runner *runner, uint32_t index)
{
    const hf_runner_preparation *preparation = &runner->preparations[index];
    if (preparation->status == HF_OK) /* the image may be larger than the analysis could foresee */
        hf_runner_prune(runner, index, &preparation->prepared);
    for (uint32_t i = 0; i < runner->job_count; i++) {
        hf_runner_job *job = &runner->jobs[i];
        if (job->variation != index || job->pruned)
            continue;
        if (!preparation->recorded)
            hf_runner_record_job(runner, i, &preparation->prepared);
        snprintf(job->fault_message, sizeof job->fault_message, "%s", preparation->error.message);
    }
}

/* Loop thread. A preparation that was released early is made again: its results are recorded once. */
static void on_prepared(uv_work_t *work, int status)
{
    hf_runner_preparation *preparation = work->data;
    hf_runner *runner = preparation->runner;
    uint32_t index = (uint32_t)(preparation - runner->preparations);
    (void)status; /* uv_cancel() is never called */
    if (!preparation->recorded || preparation->status != HF_OK)
        record(runner, index);
    preparation->recorded = true;
    if (preparation->status == HF_OK) {
        hf_runner_check_event(
            runner, hf_schedule_prepared(runner->schedule, runner->schedule_run, index, hf_now_ns(), NULL));
    } else {
        if (preparation->error.fault == HF_FAULT_FARM)
            hf_runner_farm_failed(runner, &preparation->error);
        hf_runner_check_event(runner,
                              hf_schedule_prepare_failed(runner->schedule, runner->schedule_run, index,
                                                         preparation->error.fault, hf_now_ns(), NULL));
        hf_prepared_free(&preparation->prepared);
    }
    uv_async_send(&runner->wake);
}

void hf_runner_start_preparation(hf_runner *runner, uint32_t variation)
{
    hf_runner_preparation *preparation = &runner->preparations[variation];
    preparation->request = hf_runner_request(runner, variation);
    hf_error_clear(&preparation->error);
    uv_queue_work(&runner->loop, &preparation->work, prepare, on_prepared);
}
