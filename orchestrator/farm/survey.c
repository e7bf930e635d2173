/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <stdio.h>

#include "base/clock.h"
#include "record.h"
#include "scorecard/scorecard.h"

/* Before any board is looked at: what cannot fit is found out by analysis alone, so that it needs no board
 * and is recorded as what it is even where no board works. */

#define SURVEYED_AT_ONCE 8u /* libuv's pool has four threads, and none of them should wait */

/* Pool thread. */
static void survey(uv_work_t *work)
{
    hf_runner_preparation *preparation = work->data;
    preparation->status = hf_prepare_survey(&preparation->request, &preparation->prepared, NULL);
}

static void surveyed(uv_work_t *work, int status);

static void go_on(hf_runner *runner)
{
    uint32_t count = runner->options->spec->variation_count;
    if (hf_schedule_stop_reason(runner->schedule) != HF_REASON_NONE)
        runner->survey_next = count;
    while (runner->survey_next < count && runner->survey_under_way < SURVEYED_AT_ONCE) {
        hf_runner_preparation *preparation = &runner->preparations[runner->survey_next];
        preparation->request = hf_runner_request(runner, runner->survey_next++);
        runner->survey_under_way++;
        uv_queue_work(&runner->loop, &preparation->work, survey, surveyed);
    }
    if (runner->survey_under_way)
        return;
    runner->surveying = false;
    hf_runner_wake(runner);
}

/* Loop thread. What could not be analysed is left to the preparation, which says why. */
static void surveyed(uv_work_t *work, int status)
{
    hf_runner_preparation *preparation = work->data;
    hf_runner *runner = preparation->runner;
    (void)status; /* nothing is ever cancelled with uv_cancel() */
    runner->survey_under_way--;
    if (preparation->status == HF_OK)
        hf_runner_prune(runner, (uint32_t)(preparation - runner->preparations), &preparation->prepared);
    hf_prepared_free(&preparation->prepared);
    go_on(runner);
}

void hf_runner_survey(hf_runner *runner)
{
    runner->surveying = true;
    go_on(runner);
}
