/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out what the scheduler decided: prepare, open, attempt, cancel, close, finish. */
#include <unistd.h>

#include "base/clock.h"
#include "run_state.h"

static void send_command(hf_runner_board *board, hf_worker_command command, const hf_attempt_request *request)
{
    /* An earlier cancellation must not reach this command. */
    uint64_t drained;
    ssize_t got = read(board->options.cancel_fd, &drained, sizeof drained);
    (void)got; /* EAGAIN: nothing was cancelled, the usual case */
    hf_worker_send(board->worker, command, request);
}

static void start_attempt(hf_runner *runner, const hf_schedule_action *action)
{
    const hf_spec_measure *measure = &runner->options->spec->measure;
    const hf_runner_job *job = &runner->jobs[action->job];
    hf_runner_board *board = &runner->boards[action->board];
    const hf_prepared *prepared = &runner->preparations[job->variation].prepared;
    board->job = action->job;
    board->attempt = action->attempt;
    hf_attempt_request request = {
        .name = runner->options->spec->variations[job->variation].name,
        .image = prepared->image.bytes,
        .image_bytes = prepared->image.size,
        .rom_limit_bytes = (uint64_t)runner->options->spec->constraints.rom_bytes,
        .layer_count = prepared->image.op_count,
        .input = prepared->input_from_seed ? NULL : prepared->input,
        .input_bytes = prepared->input_bytes,
        .input_seed = measure->input_seed,
        .input_crc32 = prepared->input_crc32,
        .output_crc32 = prepared->output_crc32,
        .layer_crc32 = prepared->layer_crc32,
        .warmup = measure->warmup,
        .runs = measure->runs,
        .layers = measure->layers,
    };
    send_command(board, HF_WORKER_ATTEMPT, &request);
}

static void cancel(hf_runner_board *board)
{
    uint64_t one = 1;
    ssize_t put = write(board->options.cancel_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so the descriptor is readable, as it should be */
}

static void finish_run(hf_runner *runner)
{
    runner->finished = true;
    hf_write_queue_mute(runner->write_queue);
    uv_stop(&runner->loop);
}

static void carry_out(hf_runner *runner, const hf_schedule_action *action)
{
    /* Only actions on a board use it. */
    hf_runner_board *board = &runner->boards[action->board == HF_SCHEDULE_NONE ? 0 : action->board];
    switch (action->kind) {
    case HF_ACTION_PREPARE:
        hf_runner_start_preparation(runner, action->preparation);
        break;
    case HF_ACTION_RELEASE:
        hf_prepared_free(&runner->preparations[action->preparation].prepared);
        break;
    case HF_ACTION_OPEN:
        send_command(board, HF_WORKER_OPEN, NULL);
        break;
    case HF_ACTION_START:
        start_attempt(runner, action);
        break;
    case HF_ACTION_CANCEL:
        cancel(board);
        break;
    case HF_ACTION_CLOSE:
        send_command(board, HF_WORKER_CLOSE, NULL);
        break;
    case HF_ACTION_FINAL:
        hf_runner_finish_job(runner, action);
        break;
    case HF_ACTION_CHECK: /* neither the policy nor this run asks for checks */
    case HF_ACTION_UNCHECKED:
        break;
    case HF_ACTION_RUN_OVER: /* the only one: HF_ACTION_FINISHED follows when all boards are closed */
        break;
    case HF_ACTION_FINISHED:
        finish_run(runner);
        break;
    }
}

static void on_deadline(uv_timer_t *timer)
{
    hf_runner_advance(timer->data);
}

void hf_runner_advance(hf_runner *runner)
{
    hf_schedule_action action;
    while (!runner->pruning && !runner->finished && hf_schedule_next(runner->schedule, hf_now_ns(), &action))
        carry_out(runner, &action);
    hf_runner_show(runner);
    if (runner->finished || runner->pruning)
        return;
    uint64_t wake_ns = hf_schedule_wake_ns(runner->schedule);
    if (wake_ns == HF_SCHEDULE_NEVER) {
        uv_timer_stop(&runner->deadline);
        return;
    }
    uint64_t now_ns = hf_now_ns();
    uint64_t wait_ms = wake_ns > now_ns ? (wake_ns - now_ns + HF_NS_PER_MS - 1) / HF_NS_PER_MS : 0;
    uv_update_time(&runner->loop);
    uv_timer_start(&runner->deadline, on_deadline, wait_ms, 0);
}
