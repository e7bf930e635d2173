/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "record.h"

/* A cancellation asked for earlier must not reach the order given now. */
static void give_order(hf_runner_board *board, hf_worker_order order, const hf_attempt_request *request)
{
    uint64_t drained;
    ssize_t got = read(board->options.cancel_fd, &drained, sizeof drained);
    (void)got; /* EAGAIN: nothing was asked for, the usual case */
    hf_worker_order_give(board->worker, order, request);
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
    give_order(board, HF_WORKER_ATTEMPT, &request);
}

static void cancel(hf_runner_board *board)
{
    uint64_t one = 1;
    ssize_t put = write(board->options.cancel_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so it is readable, which is all that is wanted */
}

/* The board whose failure left a job without any: the last of its chip to fail. */
static const hf_runner_board *board_missed_by(const hf_runner *runner, const hf_runner_job *job)
{
    const hf_runner_board *found = NULL;
    for (uint32_t i = 0; i < runner->board_count; i++) {
        const hf_runner_board *board = &runner->boards[i];
        if (board->farm_board->chip == job->chip && board->fault_message[0] &&
            (!found || board->failed_ns >= found->failed_ns))
            found = board;
    }
    return found;
}

/* A board that somebody else kept from a job. */
static const hf_runner_board *board_kept_from(const hf_runner *runner, const hf_runner_job *job)
{
    for (uint32_t i = 0; i < runner->board_count; i++)
        if (runner->boards[i].farm_board->chip == job->chip && runner->boards[i].in_use[0])
            return &runner->boards[i];
    return NULL;
}

/* Why a job was not measured, for the record. */
static void give_reason(const hf_runner *runner, const hf_schedule_action *action, char *text, size_t size)
{
    const hf_runner_job *job = &runner->jobs[action->job];
    const char *reason = hf_schedule_reason_text(action->reason);
    const hf_runner_board *missed =
        action->reason == HF_REASON_NO_BOARD ? board_missed_by(runner, job) : NULL;
    const hf_runner_board *kept = action->reason == HF_REASON_IN_USE ? board_kept_from(runner, job) : NULL;
    if (job->fault_message[0] && action->outcome != HF_OUTCOME_NOT_RUN)
        snprintf(text, size, "%s", job->fault_message);
    else if (missed)
        snprintf(text, size, "%s: %s", reason, missed->fault_message);
    else if (kept)
        snprintf(text, size, "%s: %s", reason, kept->in_use);
    else if (action->reason == HF_REASON_FARM && runner->farm_error.status != HF_OK)
        snprintf(text, size, "%s: %s", reason, runner->farm_error.message);
    else if (action->reason == HF_REASON_STOPPED && runner->signal)
        snprintf(text, size, "%s (%s)", reason, sigabbrev_np(runner->signal));
    else
        snprintf(text, size, "%s", reason);
}

static void finish_job(hf_runner *runner, const hf_schedule_action *action)
{
    hf_runner_job *job = &runner->jobs[action->job];
    const hf_spec *spec = runner->options->spec;
    char reason[sizeof job->fault_message + 64];
    give_reason(runner, action, reason, sizeof reason);
    /* Those who watch have been told the board's or the farm's trouble when it came. */
    const char *brief = action->reason == HF_REASON_NO_BOARD || action->reason == HF_REASON_FARM
                            ? hf_schedule_reason_text(action->reason)
                            : reason;
    hf_run_event event = {
        .job = spec->variations[job->variation].name,
        .chip = job->chip->name,
        .board =
            action->board == HF_SCHEDULE_NONE ? NULL : runner->boards[action->board].farm_board->config.id,
        .modelled = action->board != HF_SCHEDULE_NONE &&
                    hf_board_config_modelled(&runner->boards[action->board].farm_board->config),
        .attempt = action->attempt,
        .fault = action->fault,
        .message = brief,
        .latency_ns = job->latency_ns,
        .finished = ++runner->final_count,
        .job_count = runner->all_count,
    };
    hf_result_outcome outcome = HF_RESULT_MEASURED;
    switch (action->outcome) {
    case HF_OUTCOME_DONE:
        event.kind = HF_RUN_EVENT_MEASURED;
        runner->summary->measured++;
        break;
    case HF_OUTCOME_EXCLUDED:
        event.kind = HF_RUN_EVENT_PRUNED;
        event.board = NULL;
        outcome = HF_RESULT_PRUNED;
        runner->summary->pruned++;
        break;
    case HF_OUTCOME_FAILED:
        event.kind = HF_RUN_EVENT_FAILED;
        outcome = HF_RESULT_FAILED;
        runner->summary->failed++;
        runner->summary->no_board += action->reason == HF_REASON_NO_BOARD;
        break;
    case HF_OUTCOME_NOT_RUN:
        event.kind = HF_RUN_EVENT_NOT_RUN;
        outcome = HF_RESULT_NOT_RUN;
        runner->summary->not_run++;
        runner->summary->in_use += action->reason == HF_REASON_IN_USE;
        break;
    }
    if (outcome != HF_RESULT_MEASURED && hf_runner_record_job(runner, action->job, NULL)) {
        const char *fault = outcome == HF_RESULT_FAILED ? hf_fault_name(action->fault) : NULL;
        hf_write_queue_close_result(runner->write_queue, job->position, outcome, fault, reason);
    }
    hf_runner_tell(runner, &event);
}

static void finish_run(hf_runner *runner)
{
    runner->finished = true;
    hf_write_queue_mute(runner->write_queue);
    hf_runner_close_handles(runner);
}

static void carry_out(hf_runner *runner, const hf_schedule_action *action)
{
    /* Meaningful for the actions on a board only. */
    hf_runner_board *board = &runner->boards[action->board == HF_SCHEDULE_NONE ? 0 : action->board];
    switch (action->kind) {
    case HF_ACTION_PREPARE:
        hf_runner_start_preparation(runner, action->preparation);
        break;
    case HF_ACTION_RELEASE:
        hf_prepared_free(&runner->preparations[action->preparation].prepared);
        break;
    case HF_ACTION_OPEN:
        give_order(board, HF_WORKER_OPEN, NULL);
        break;
    case HF_ACTION_START:
        start_attempt(runner, action);
        break;
    case HF_ACTION_CANCEL:
        cancel(board);
        break;
    case HF_ACTION_CLOSE:
        give_order(board, HF_WORKER_CLOSE, NULL);
        break;
    case HF_ACTION_FINAL:
        finish_job(runner, action);
        break;
    case HF_ACTION_FINISHED:
        finish_run(runner);
        break;
    }
}

static void show(hf_runner *runner)
{
    const hf_run_observer *observer = &runner->options->observer;
    if (!observer->changed)
        return;
    pthread_mutex_lock(&runner->mutex);
    for (uint32_t i = 0; i < runner->board_count; i++) {
        hf_runner_board *board = &runner->boards[i];
        hf_board_view *view = &runner->views[i];
        hf_schedule_board_status_get(runner->schedule, i, &view->status);
        view->job = board->job == HF_SCHEDULE_NONE
                        ? NULL
                        : runner->options->spec->variations[runner->jobs[board->job].variation].name;
        view->in_use = view->status.in_use && board->in_use[0] ? board->in_use : NULL;
        view->phase = board->phase;
        view->phase_done = board->phase_done;
        view->phase_of = board->phase_of;
    }
    pthread_mutex_unlock(&runner->mutex);
    hf_run_view view = {
        .name = runner->options->spec->name,
        .run_id = runner->summary->run_id,
        .job_count = runner->all_count,
        .progress = hf_schedule_progress_get(runner->schedule),
        .pruned = runner->summary->pruned,
        .boards = runner->views,
        .board_count = runner->board_count,
        .elapsed_ns = hf_now_ns() - runner->started_ns,
        .left_ns = UINT64_MAX,
    };
    view.progress.done = runner->summary->measured; /* with what was done before a run was resumed */
    hf_write_queue_status kept;
    hf_write_queue_status_get(runner->write_queue, &kept);
    view.kept = kept.waiting;
    view.in_memory = kept.in_memory_only;
    if (runner->attempt_count) {
        uint64_t mean_ns = runner->attempt_ns_sum / runner->attempt_count;
        uint64_t left = view.progress.waiting + view.progress.running;
        view.left_ns = mean_ns * left / runner->board_count;
    }
    observer->changed(observer->user, &view);
}

static void on_wake(uv_timer_t *timer)
{
    hf_runner_advance(timer->data);
}

void hf_runner_advance(hf_runner *runner)
{
    hf_schedule_action action;
    while (!runner->surveying && !runner->finished &&
           hf_schedule_next(runner->schedule, hf_now_ns(), &action))
        carry_out(runner, &action);
    show(runner);
    if (runner->finished || runner->surveying)
        return;
    uint64_t wake_ns = hf_schedule_wake_ns(runner->schedule);
    if (wake_ns == HF_SCHEDULE_NEVER) {
        uv_timer_stop(&runner->wake);
        return;
    }
    uint64_t now_ns = hf_now_ns();
    uint64_t wait_ms = wake_ns > now_ns ? (wake_ns - now_ns + HF_NS_PER_MS - 1) / HF_NS_PER_MS : 0;
    uv_update_time(&runner->loop);
    uv_timer_start(&runner->wake, on_wake, wait_ms, 0);
}
