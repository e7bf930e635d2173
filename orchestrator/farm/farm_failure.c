/* SPDX-License-Identifier: Apache-2.0 */
/* Failures that end a run: the farm's own, and defects of this program. */
#include <assert.h>

#include "base/clock.h"
#include "run_state.h"

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

void hf_runner_check_event(hf_runner *runner, hf_status status)
{
    assert(status == HF_OK);
    if (status == HF_OK)
        return;
    hf_error err = {0};
    (void)HF_FAIL_AS(&err, HF_FAULT_FARM, status,
                     "defect: the scheduler rejected an event"); /* the status is in err */
    hf_runner_abort(runner, &err);
}
