/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out what the scheduler decided: prepare, open, attempt, cancel, close, finish. */
#include "base/clock.h"
#include "run_state.h"

static void start_attempt(hf_controller_run *run, hf_controller_board *board,
                          const hf_schedule_action *action)
{
    const hf_spec *spec = run->request.spec;
    const hf_run_job *job = &run->jobs[action->job];
    const hf_prepared *prepared = run->variations[job->variation].prepared;
    board->run = run;
    board->job = action->job;
    board->attempt = action->attempt;
    board->deadlines = hf_farm_deadlines(spec, board->farm_board);
    hf_attempt_request request = {
        .name = spec->variations[job->variation].name,
        .image = prepared->image.bytes,
        .image_bytes = prepared->image.size,
        .image_sha256 = prepared->image_sha256,
        .image_mapped = prepared->image_mapped,
        .rom_limit_bytes = (uint64_t)spec->constraints.rom_bytes,
        .layer_count = prepared->image.op_count,
        .input = prepared->input_from_seed ? NULL : prepared->input,
        .input_bytes = prepared->input_bytes,
        .input_seed = prepared->input_seed,
        .input_crc32 = prepared->input_crc32,
        .output_crc32 = prepared->output_crc32,
        .layer_crc32 = prepared->layer_crc32,
        .further = prepared->further,
        .further_count = prepared->further_count,
        .states = prepared->states,
        .state_count = prepared->state_count,
        .inputs_bytes = prepared->inputs_bytes,
        .warmup = spec->measure.warmup,
        .runs = spec->measure.runs,
        .layers = spec->measure.layers,
        .keep_outputs = spec->measure.outputs,
        .output_bytes = prepared->image.output_bytes,
        .deadlines = &board->deadlines,
    };
    hf_controller_send(board, HF_WORKER_ATTEMPT, &request);
}

static void carry_out(hf_controller *controller, const hf_schedule_action *action)
{
    /* Only actions of a run or on a board use them. */
    hf_controller_run *run = controller->scheduled[action->run == HF_SCHEDULE_NONE ? 0 : action->run];
    hf_controller_board *board = &controller->boards[action->board == HF_SCHEDULE_NONE ? 0 : action->board];
    switch (action->kind) {
    case HF_ACTION_PREPARE:
        hf_run_start_preparation(run, action->preparation);
        break;
    case HF_ACTION_RELEASE:
        hf_run_release(run, action->preparation);
        break;
    case HF_ACTION_OPEN:
        hf_controller_send(board, HF_WORKER_OPEN, NULL);
        break;
    case HF_ACTION_START:
        start_attempt(run, board, action);
        break;
    case HF_ACTION_CANCEL:
        hf_controller_cancel(board);
        break;
    case HF_ACTION_CLOSE:
        hf_controller_send(board, HF_WORKER_CLOSE, NULL);
        break;
    case HF_ACTION_FINAL:
        hf_run_finish_job(run, action);
        break;
    case HF_ACTION_RUN_OVER:
        hf_run_close(run);
        break;
    case HF_ACTION_CHECK:
        hf_board_start_check(board);
        break;
    case HF_ACTION_UNCHECKED:
        hf_board_unchecked(board, action->reason);
        break;
    case HF_ACTION_FINISHED:
        controller->finished = true;
        break;
    }
}

/* Whether every run has been given to the scheduler. */
static bool all_scheduled(const hf_controller *controller)
{
    const hf_controller_run *run;
    TAILQ_FOREACH(run, &controller->runs, link)
    {
        if (run->stage < HF_RUN_STAGE_MEASURING)
            return false;
    }
    return true;
}

void hf_controller_advance(hf_controller *controller)
{
    hf_controller_run *run;
    hf_schedule_action action;
    if (controller->draining && !controller->finished && all_scheduled(controller))
        hf_schedule_drain(controller->schedule);
    while (hf_schedule_next(controller->schedule, hf_now_ns(), &action))
        carry_out(controller, &action);
    TAILQ_FOREACH(run, &controller->runs, link)
    {
        if (run->stage == HF_RUN_STAGE_CLOSING)
            hf_run_check_closed(run);
        hf_run_changed(run);
    }
    hf_controller_set_deadline(controller);
    const hf_controller_observer *observer = &controller->options.observer;
    if (observer->changed)
        observer->changed(observer->user);
}
