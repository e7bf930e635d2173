/* SPDX-License-Identifier: Apache-2.0 */
#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record.h"

#define SETTLE_NS HF_NS_PER_S

static void tell_failure(hf_runner *runner, const hf_runner_board *board, const hf_worker_answer *answer)
{
    hf_run_event event = {
        .kind = HF_RUN_EVENT_BOARD_FAILED,
        .board = board->farm_board->config.id,
        .fault = answer->error.fault,
        .message = answer->error.message,
        .modelled = hf_board_config_modelled(&board->farm_board->config),
        .finished = runner->final_count,
        .job_count = runner->all_count,
    };
    if (answer->order == HF_WORKER_ATTEMPT) {
        const hf_runner_job *job = &runner->jobs[board->job];
        event.kind = HF_RUN_EVENT_ATTEMPT_FAILED;
        event.job = runner->options->spec->variations[job->variation].name;
        event.chip = job->chip->name;
        event.attempt = board->attempt;
    }
    hf_runner_tell(runner, &event);
}

static void remember_failure(hf_runner_board *board, const hf_error *error)
{
    snprintf(board->fault_message, sizeof board->fault_message, "%s", error->message);
    board->fault = error->fault;
    board->failed_ns = hf_now_ns();
}

/* Whether opening the board would fail again however often it is tried. What was there once in this run may
 * come back by itself: a probe that lost its USB connection for a moment. */
static bool is_in_vain(const hf_runner_board *board, const hf_error *error)
{
    return error->lasting == HF_PERMANENT || (error->lasting == HF_ABSENT && !board->was_open);
}

static void open_failed(hf_runner *runner, hf_runner_board *board, const hf_worker_answer *answer)
{
    if (answer->error.fault == HF_FAULT_FARM)
        hf_runner_farm_failed(runner, &answer->error);
    else
        remember_failure(board, &answer->error);
    tell_failure(runner, board, answer);
    hf_record_board_failure(runner->write_queue, board->farm_board, answer);
    hf_runner_event(runner,
                    (is_in_vain(board, &answer->error) ? hf_schedule_open_in_vain : hf_schedule_open_failed)(
                        runner->schedule, answer->board, answer->error.fault, hf_now_ns(), NULL));
}

/* Somebody else has the board: that is neither a failure nor to be held against it. People are told once, and
 * again when it is somebody new or no longer waited for. */
static void found_in_use(hf_runner *runner, hf_runner_board *board, const hf_worker_answer *answer)
{
    hf_schedule_board_status status;
    hf_runner_event(runner, hf_schedule_open_busy(runner->schedule, answer->board, hf_now_ns(), NULL));
    hf_schedule_board_status_get(runner->schedule, answer->board, &status);
    bool awaited = status.state == HF_BOARD_IN_USE;
    if (awaited && strcmp(board->in_use, answer->error.message) == 0)
        return;
    snprintf(board->in_use, sizeof board->in_use, "%s", answer->error.message);
    hf_runner_tell(runner, &(hf_run_event){
                               .kind = awaited ? HF_RUN_EVENT_BOARD_AWAITED : HF_RUN_EVENT_BOARD_IN_USE,
                               .board = board->farm_board->config.id,
                               .message = board->in_use,
                               .modelled = hf_board_config_modelled(&board->farm_board->config),
                               .finished = runner->final_count,
                               .job_count = runner->all_count,
                           });
}

static void opened(hf_runner *runner, hf_runner_board *board, const hf_worker_answer *answer)
{
    if (answer->status == HF_EBUSY) {
        found_in_use(runner, board, answer);
        return;
    }
    board->in_use[0] = '\0';
    if (answer->status == HF_OK) {
        board->was_open = true;
        hf_runner_event(runner, hf_schedule_opened(runner->schedule, answer->board, hf_now_ns(), NULL));
    } else if (answer->status == HF_ECANCELLED) { /* says nothing about the board */
        hf_runner_event(runner, hf_schedule_open_failed(runner->schedule, answer->board, HF_FAULT_NONE,
                                                        hf_now_ns(), NULL));
    } else {
        open_failed(runner, board, answer);
    }
}

static void attempt_failed(hf_runner *runner, hf_runner_board *board, const hf_worker_answer *answer)
{
    hf_runner_job *job = &runner->jobs[board->job];
    snprintf(job->fault_message, sizeof job->fault_message, "%s", answer->error.message);
    if (answer->error.fault == HF_FAULT_FARM)
        hf_runner_farm_failed(runner, &answer->error);
    else if (answer->error.fault != HF_FAULT_JOB)
        remember_failure(board, &answer->error);
    tell_failure(runner, board, answer);
    hf_runner_event(runner, hf_schedule_attempt_failed(runner->schedule, answer->board, answer->error.fault,
                                                       hf_now_ns(), NULL));
}

/* An attempt is recorded, or as good as that. */
static void settle(hf_runner *runner, hf_runner_board *board, const hf_worker_answer *answer)
{
    hf_runner_job *job = &runner->jobs[board->job];
    if (answer->status == HF_OK) {
        job->latency_ns = hf_record_latency_ns(&answer->result);
        runner->attempt_ns_sum += answer->duration_ns;
        runner->attempt_count++;
        hf_runner_event(runner, hf_schedule_attempt_done(runner->schedule, answer->board, hf_now_ns(), NULL));
    } else if (answer->status == HF_ECANCELLED) {
        hf_runner_event(runner, hf_schedule_attempt_failed(runner->schedule, answer->board, HF_FAULT_NONE,
                                                           hf_now_ns(), NULL));
    } else {
        attempt_failed(runner, board, answer);
    }
    board->job = HF_SCHEDULE_NONE;
}

/* @return true if the answer was taken over, to be settled later */
static bool attempted(hf_runner *runner, hf_runner_board *board, hf_worker_answer *answer)
{
    if (answer->status == HF_ECANCELLED) { /* the user's doing: neither a result nor a failure */
        settle(runner, board, answer);
        return false;
    }
    if (answer->status == HF_EBUSY) { /* taken while it was being started anew: no attempt */
        hf_runner_event(runner, hf_schedule_attempt_busy(runner->schedule, answer->board, hf_now_ns(), NULL));
        board->job = HF_SCHEDULE_NONE;
        return false;
    }
    hf_runner_job *job = &runner->jobs[board->job];
    hf_error err = {0};
    if (hf_record_attempt(
            runner->write_queue, job->position, board->farm_board, job->attempts_before + board->attempt,
            &runner->preparations[job->variation].prepared, answer, &board->ticket, &err) != HF_OK) {
        /* A result that is not recorded does not exist. The job has failed before the others are stopped. */
        snprintf(job->fault_message, sizeof job->fault_message, "%s", err.message);
        hf_runner_event(runner, hf_schedule_attempt_failed(runner->schedule, answer->board, HF_FAULT_FARM,
                                                           hf_now_ns(), NULL));
        hf_runner_abort(runner, &err);
        board->job = HF_SCHEDULE_NONE;
        return false;
    }
    board->unsettled = answer;
    board->unsettled_ns = hf_now_ns();
    return true;
}

/* What people are told is measured is safe: it waits until it is recorded. But no longer than a moment, as a
 * disk may hang for minutes. */
static void settle_all(hf_runner *runner, const hf_write_queue_status *kept)
{
    for (uint32_t i = 0; i < runner->board_count; i++) {
        hf_runner_board *board = &runner->boards[i];
        hf_worker_answer *answer = board->unsettled;
        if (!answer || (board->ticket > kept->kept && hf_now_ns() - board->unsettled_ns < SETTLE_NS))
            continue;
        board->unsettled = NULL;
        settle(runner, board, answer);
        hf_worker_answer_free(answer);
    }
}

static void watch_store(hf_runner *runner, const hf_write_queue_status *kept)
{
    const bool waits = kept->waiting > 0;
    if (waits != runner->store_waits) {
        runner->store_waits = waits;
        hf_runner_tell(runner,
                       &(hf_run_event){.kind = waits ? HF_RUN_EVENT_STORE_WAITS : HF_RUN_EVENT_STORE_WRITTEN,
                                       .fault = HF_FAULT_FARM,
                                       .message = kept->cause.message,
                                       .finished = runner->final_count,
                                       .job_count = runner->all_count});
    }
    if (kept->gave_up)
        hf_runner_abort(runner, &kept->cause);
}

/* @return true if the answer was taken over */
static bool take_answer(hf_runner *runner, hf_worker_answer *answer)
{
    hf_runner_board *board = &runner->boards[answer->board];
    if (answer->openocd_version[0])
        memcpy(runner->openocd_version, answer->openocd_version, sizeof runner->openocd_version);
    switch (answer->order) {
    case HF_WORKER_OPEN:
        opened(runner, board, answer);
        break;
    case HF_WORKER_ATTEMPT:
        return attempted(runner, board, answer);
    case HF_WORKER_CLOSE:
        hf_runner_event(runner, hf_schedule_closed(runner->schedule, answer->board, hf_now_ns(), NULL));
        break;
    }
    return false;
}

void hf_runner_take_answers(hf_runner *runner)
{
    for (;;) {
        pthread_mutex_lock(&runner->mutex);
        hf_worker_answer *answer = runner->answer_count ? runner->answers[--runner->answer_count] : NULL;
        pthread_mutex_unlock(&runner->mutex);
        if (!answer)
            break;
        if (!take_answer(runner, answer))
            hf_worker_answer_free(answer);
    }
    hf_write_queue_status kept;
    hf_write_queue_status_get(runner->write_queue, &kept);
    watch_store(runner, &kept);
    settle_all(runner, &kept);
    hf_runner_advance(runner);
}
