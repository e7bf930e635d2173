/* SPDX-License-Identifier: Apache-2.0 */
/* Failures that end runs: the farm's own, and defects of this program. */
#include <assert.h>

#include "base/clock.h"
#include "run_state.h"

void hf_run_farm_failed(hf_controller_run *run, const hf_error *cause)
{
    if (run->farm_error.status == HF_OK)
        run->farm_error = *cause;
}

void hf_run_abort(hf_controller_run *run, const hf_error *cause)
{
    hf_run_farm_failed(run, cause);
    /* It may be over already: then there is nothing left to cancel. */
    (void)hf_schedule_stop_run(run->controller->schedule, run->schedule_run, true, HF_REASON_FARM,
                               hf_now_ns(), NULL);
}

void hf_controller_host_failed(hf_controller *controller, const hf_error *cause)
{
    hf_controller_run *run;
    TAILQ_FOREACH(run, &controller->runs, link)
    {
        if (run->stage == HF_RUN_STAGE_MEASURING)
            hf_run_farm_failed(run, cause);
    }
}

void hf_controller_check_event(hf_controller *controller, hf_status status)
{
    assert(status == HF_OK);
    if (status == HF_OK)
        return;
    hf_error err = {0};
    (void)HF_FAIL_AS(&err, HF_FAULT_FARM, status,
                     "defect: the scheduler rejected an event"); /* the status is in err */
    hf_controller_host_failed(controller, &err);
    hf_schedule_stop(controller->schedule, true, HF_REASON_FARM, hf_now_ns());
}
