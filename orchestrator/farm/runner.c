/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <assert.h>

#include "base/clock.h"
#include "record.h"

void hf_runner_wake(hf_runner *runner)
{
    uv_async_send(&runner->answered);
}

void hf_runner_tell(hf_runner *runner, const hf_run_event *event)
{
    const hf_run_observer *observer = &runner->options->observer;
    if (observer->event)
        observer->event(observer->user, event);
}

void hf_runner_farm_failed(hf_runner *runner, const hf_error *cause)
{
    if (runner->farm_error.status == HF_OK)
        runner->farm_error = *cause;
}

void hf_runner_abort(hf_runner *runner, const hf_error *cause)
{
    hf_runner_farm_failed(runner, cause);
    hf_schedule_stop(runner->schedule, true, HF_REASON_FARM, hf_now_ns());
}

bool hf_runner_record_job(hf_runner *runner, uint32_t job_index, const hf_prepared *prepared)
{
    hf_runner_job *job = &runner->jobs[job_index];
    if (job->recorded && !prepared)
        return true;
    hf_error err = {0};
    hf_status status =
        hf_record_result(runner->write_queue, job->position,
                         &runner->options->spec->variations[job->variation], job->chip, prepared, &err);
    if (status != HF_OK)
        hf_runner_abort(runner, &err);
    job->recorded |= status == HF_OK;
    return status == HF_OK;
}

void hf_runner_event(hf_runner *runner, hf_status status)
{
    assert(status == HF_OK);
    if (status == HF_OK)
        return;
    hf_error err = {0};
    (void)HF_FAIL_AS(&err, HF_FAULT_FARM, status,
                     "defect: an event that the scheduler did not expect"); /* in err */
    hf_runner_abort(runner, &err);
}

void hf_runner_close_handles(hf_runner *runner)
{
    uv_close((uv_handle_t *)&runner->wake, NULL);
    uv_close((uv_handle_t *)&runner->tick, NULL);
    uv_close((uv_handle_t *)&runner->answered, NULL);
    for (size_t i = 0; i < sizeof runner->signals / sizeof runner->signals[0]; i++)
        uv_close((uv_handle_t *)&runner->signals[i], NULL);
}
