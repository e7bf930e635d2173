/* SPDX-License-Identifier: Apache-2.0 */
/* A variation's way from the spec to an image that boards can be given. */
#include <stdio.h>

#include "base/clock.h"
#include "record.h"
#include "runner.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"

hf_prepare_request hf_runner_request(const hf_runner *runner, uint32_t variation_index)
{
    const hf_spec *spec = runner->options->spec;
    const hf_spec_variation *variation = &spec->variations[variation_index];
    return (hf_prepare_request){
        .name = variation->name,
        .variation = variation->kind == HF_SPEC_FAMILY ? &variation->variation : NULL,
        .tflite_path = variation->path,
        .weight_seed = spec->weights_seed,
        .input_seed = spec->measure.input_seed,
        .input_path = spec->measure.input_path,
        .data_path = variation->data_path,
        .limits = spec->constraints,
        .chips = runner->options->selection->chips,
        .firmwares = runner->firmwares,
        .chip_count = runner->options->selection->chip_count,
        .objective = spec->objective == HF_SPEC_OBJECTIVE_RAM ? HF_OBJECTIVE_RAM : HF_OBJECTIVE_TIME,
    };
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
        if (hf_runner_record_job(runner, i, prepared))
            hf_runner_event(runner, hf_schedule_exclude(runner->schedule, i, hf_now_ns(), NULL));
    }
}

/* Pool thread. */
static void prepare(uv_work_t *work)
{
    hf_runner_preparation *preparation = work->data;
    preparation->status = hf_prepare(&preparation->request, &preparation->prepared, &preparation->error);
}

/* Loop thread. What became of it is the scheduler's to know. */
static void prepared(uv_work_t *work, int status)
{
    hf_runner_preparation *preparation = work->data;
    hf_runner *runner = preparation->runner;
    uint32_t index = (uint32_t)(preparation - runner->preparations);
    (void)status;                     /* nothing is ever cancelled with uv_cancel() */
    if (preparation->status == HF_OK) /* the image may have come out larger than it had to */
        hf_runner_prune(runner, index, &preparation->prepared);
    for (uint32_t i = 0; i < runner->job_count; i++) {
        if (runner->jobs[i].variation != index || runner->jobs[i].pruned)
            continue;
        hf_runner_record_job(runner, i, &preparation->prepared);
        snprintf(runner->jobs[i].fault_message, sizeof runner->jobs[i].fault_message, "%s",
                 preparation->error.message);
    }
    if (preparation->status == HF_OK) {
        hf_runner_event(runner, hf_schedule_prepared(runner->schedule, index, hf_now_ns(), NULL));
    } else {
        if (preparation->error.fault == HF_FAULT_FARM)
            hf_runner_farm_failed(runner, &preparation->error);
        hf_runner_event(runner, hf_schedule_prepare_failed(runner->schedule, index, preparation->error.fault,
                                                           hf_now_ns(), NULL));
        hf_prepared_free(&preparation->prepared);
    }
    hf_runner_wake(runner);
}

void hf_runner_start_preparation(hf_runner *runner, uint32_t variation)
{
    hf_runner_preparation *preparation = &runner->preparations[variation];
    preparation->request = hf_runner_request(runner, variation);
    hf_error_clear(&preparation->error);
    uv_queue_work(&runner->loop, &preparation->work, prepare, prepared);
}
