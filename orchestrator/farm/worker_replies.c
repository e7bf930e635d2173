/* SPDX-License-Identifier: Apache-2.0 */
/* Handles what the board threads reply: opened, attempted, closed, and the failures of each. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

#define STORE_WAIT_NS HF_NS_PER_S

static void notify_failure(hf_runner *runner, const hf_runner_board *board, const hf_worker_reply *reply)
{
    hf_run_event event = {
        .kind = HF_RUN_EVENT_BOARD_FAILED,
        .board = board->farm_board->config.id,
        .fault = reply->error.fault,
        .message = reply->error.message,
        .modelled = hf_board_config_modelled(&board->farm_board->config),
        .finished = runner->final_count,
        .job_count = runner->all_count,
    };
    if (reply->command == HF_WORKER_ATTEMPT) {
        const hf_runner_job *job = &runner->jobs[board->job];
        event.kind = HF_RUN_EVENT_ATTEMPT_FAILED;
        event.job = runner->options->spec->variations[job->variation].name;
        event.chip = job->chip->name;
        event.attempt = board->attempt;
    }
    hf_runner_notify(runner, &event);
}

static void keep_failure(hf_runner_board *board, const hf_error *error)
{
    snprintf(board->fault_message, sizeof board->fault_message, "%s", error->message);
    board->fault = error->fault;
    board->failed_ns = hf_now_ns();
}

/* Reports what the failures of a board have led to.
 * @param before its status before the last failure */
static void notify_quarantine(hf_runner *runner, uint32_t index, const hf_schedule_board_status *before)
{
    const hf_runner_board *board = &runner->boards[index];
    hf_schedule_board_status now;
    if (!hf_schedule_board_status_get(runner->schedule, index, &now))
        return;
    const bool quarantined = now.quarantined && !before->quarantined;
    if (!quarantined && !(now.given_up && !before->given_up))
        return;
    const uint64_t now_ns = hf_now_ns();
    hf_runner_notify(runner,
                     &(hf_run_event){
                         .kind = quarantined ? HF_RUN_EVENT_BOARD_QUARANTINED : HF_RUN_EVENT_BOARD_GIVEN_UP,
                         .board = board->farm_board->config.id,
                         .fault = board->fault,
                         .message = board->fault_message,
                         .quarantine_ns = now.until_ns > now_ns ? now.until_ns - now_ns : 0,
                         .modelled = hf_board_config_modelled(&board->farm_board->config),
                         .finished = runner->final_count,
                         .job_count = runner->all_count,
                     });
}

/* Whether another try to open the board would fail in the same way. A device that was present in this run may
 * come back: a probe may lose its USB connection for a moment. */
static bool is_permanent(const hf_runner_board *board, const hf_error *error)
{
    return error->lasting == HF_PERMANENT || (error->lasting == HF_ABSENT && !board->was_open);
}

static void open_failed(hf_runner *runner, hf_runner_board *board, const hf_worker_reply *reply)
{
    if (reply->error.fault == HF_FAULT_FARM)
        hf_runner_farm_failed(runner, &reply->error);
    else
        keep_failure(board, &reply->error);
    notify_failure(runner, board, reply);
    hf_record_board_failure(runner->write_queue, board->farm_board, reply);
    hf_schedule_board_status before = {0};
    hf_schedule_board_status_get(runner->schedule, reply->board, &before);
    if (is_permanent(board, &reply->error)) {
        hf_runner_check_event(runner, hf_schedule_open_in_vain(runner->schedule, reply->board,
                                                               reply->error.fault, hf_now_ns(), NULL));
        return; /* the failure itself was reported; nothing else led to this */
    }
    hf_runner_check_event(runner, hf_schedule_open_failed(runner->schedule, reply->board, reply->error.fault,
                                                          hf_now_ns(), NULL));
    notify_quarantine(runner, reply->board, &before);
}

/* Somebody else uses the board, which is not a failure. Reported once, and again when somebody else has it or
 * the wait is over. */
static void open_busy(hf_runner *runner, hf_runner_board *board, const hf_worker_reply *reply)
{
    hf_schedule_board_status status;
    hf_runner_check_event(runner, hf_schedule_open_busy(runner->schedule, reply->board, hf_now_ns(), NULL));
    hf_schedule_board_status_get(runner->schedule, reply->board, &status);
    bool awaited = status.state == HF_BOARD_IN_USE;
    if (awaited && strcmp(board->in_use, reply->error.message) == 0)
        return;
    snprintf(board->in_use, sizeof board->in_use, "%s", reply->error.message);
    hf_runner_notify(runner, &(hf_run_event){
                                 .kind = awaited ? HF_RUN_EVENT_BOARD_AWAITED : HF_RUN_EVENT_BOARD_IN_USE,
                                 .board = board->farm_board->config.id,
                                 .message = board->in_use,
                                 .modelled = hf_board_config_modelled(&board->farm_board->config),
                                 .finished = runner->final_count,
                                 .job_count = runner->all_count,
                             });
}

static void opened(hf_runner *runner, hf_runner_board *board, const hf_worker_reply *reply)
{
    if (reply->status == HF_EBUSY) {
        open_busy(runner, board, reply);
        return;
    }
    board->in_use[0] = '\0';
    if (reply->status == HF_OK) {
        board->was_open = true;
        hf_runner_check_event(runner, hf_schedule_opened(runner->schedule, reply->board, hf_now_ns(), NULL));
    } else if (reply->status == HF_ECANCELLED) { /* not the board's fault */
        hf_runner_check_event(runner, hf_schedule_open_failed(runner->schedule, reply->board, HF_FAULT_NONE,
                                                              hf_now_ns(), NULL));
    } else {
        open_failed(runner, board, reply);
    }
}

static void attempt_failed(hf_runner *runner, hf_runner_board *board, const hf_worker_reply *reply)
{
    hf_runner_job *job = &runner->jobs[board->job];
    snprintf(job->fault_message, sizeof job->fault_message, "%s", reply->error.message);
    if (reply->error.fault == HF_FAULT_FARM)
        hf_runner_farm_failed(runner, &reply->error);
    else if (reply->error.fault != HF_FAULT_JOB)
        keep_failure(board, &reply->error);
    notify_failure(runner, board, reply);
    hf_schedule_board_status before = {0};
    hf_schedule_board_status_get(runner->schedule, reply->board, &before);
    hf_runner_check_event(runner, hf_schedule_attempt_failed(runner->schedule, reply->board,
                                                             reply->error.fault, hf_now_ns(), NULL));
    notify_quarantine(runner, reply->board, &before);
}

/* Reports an attempt to the scheduler, once it is in the store or has waited for that long enough. */
static void finish_attempt(hf_runner *runner, hf_runner_board *board, const hf_worker_reply *reply)
{
    hf_runner_job *job = &runner->jobs[board->job];
    if (reply->status == HF_OK) {
        job->latency_ns = hf_record_latency_ns(&reply->result);
        runner->attempt_ns_sum += reply->duration_ns;
        runner->attempt_count++;
        hf_runner_check_event(runner,
                              hf_schedule_attempt_done(runner->schedule, reply->board, hf_now_ns(), NULL));
    } else if (reply->status == HF_ECANCELLED) {
        hf_runner_check_event(runner, hf_schedule_attempt_failed(runner->schedule, reply->board,
                                                                 HF_FAULT_NONE, hf_now_ns(), NULL));
    } else {
        attempt_failed(runner, board, reply);
    }
    board->job = HF_SCHEDULE_NONE;
}

/* @return true if the reply is kept, to be finished once it is stored */
static bool attempted(hf_runner *runner, hf_runner_board *board, hf_worker_reply *reply)
{
    if (reply->status == HF_ECANCELLED) { /* by the user: neither a result nor a failure */
        finish_attempt(runner, board, reply);
        return false;
    }
    if (reply->status == HF_EBUSY) { /* taken while the flasher restarted: not an attempt */
        hf_runner_check_event(runner,
                              hf_schedule_attempt_busy(runner->schedule, reply->board, hf_now_ns(), NULL));
        board->job = HF_SCHEDULE_NONE;
        return false;
    }
    hf_runner_job *job = &runner->jobs[board->job];
    hf_error err = {0};
    if (hf_record_attempt(
            runner->write_queue, job->position, board->farm_board, job->attempts_before + board->attempt,
            &runner->preparations[job->variation].prepared, reply, &board->ticket, &err) != HF_OK) {
        /* A result that is not recorded does not exist. This job fails first, then the others are stopped. */
        snprintf(job->fault_message, sizeof job->fault_message, "%s", err.message);
        hf_runner_check_event(runner, hf_schedule_attempt_failed(runner->schedule, reply->board,
                                                                 HF_FAULT_FARM, hf_now_ns(), NULL));
        hf_runner_abort(runner, &err);
        board->job = HF_SCHEDULE_NONE;
        return false;
    }
    board->unstored = reply;
    board->unstored_ns = hf_now_ns();
    return true;
}

/* A result is reported only when it is safely in the store, or after STORE_WAIT_NS: a disk may hang for
 * minutes. */
static void finish_stored_attempts(hf_runner *runner, const hf_write_queue_status *kept)
{
    for (uint32_t i = 0; i < runner->board_count; i++) {
        hf_runner_board *board = &runner->boards[i];
        hf_worker_reply *reply = board->unstored;
        if (!reply || (board->ticket > kept->kept && hf_now_ns() - board->unstored_ns < STORE_WAIT_NS))
            continue;
        board->unstored = NULL;
        finish_attempt(runner, board, reply);
        hf_worker_reply_free(reply);
    }
}

static void watch_store(hf_runner *runner, const hf_write_queue_status *kept)
{
    const bool waits = kept->waiting > 0;
    if (waits != runner->store_waits) {
        runner->store_waits = waits;
        hf_runner_notify(
            runner, &(hf_run_event){.kind = waits ? HF_RUN_EVENT_STORE_WAITS : HF_RUN_EVENT_STORE_WRITTEN,
                                    .fault = HF_FAULT_FARM,
                                    .message = kept->cause.message,
                                    .finished = runner->final_count,
                                    .job_count = runner->all_count});
    }
    if (kept->gave_up)
        hf_runner_abort(runner, &kept->cause);
}

/* @return true if the reply is kept */
static bool handle(hf_runner *runner, hf_worker_reply *reply)
{
    hf_runner_board *board = &runner->boards[reply->board];
    if (reply->openocd_version[0])
        memcpy(runner->openocd_version, reply->openocd_version, sizeof runner->openocd_version);
    switch (reply->command) {
    case HF_WORKER_OPEN:
        opened(runner, board, reply);
        break;
    case HF_WORKER_ATTEMPT:
        return attempted(runner, board, reply);
    case HF_WORKER_CLOSE:
        hf_runner_check_event(runner, hf_schedule_closed(runner->schedule, reply->board, hf_now_ns(), NULL));
        break;
    }
    return false;
}

void hf_runner_handle_replies(hf_runner *runner)
{
    for (;;) {
        pthread_mutex_lock(&runner->mutex);
        hf_worker_reply *reply = runner->reply_count ? runner->replies[--runner->reply_count] : NULL;
        pthread_mutex_unlock(&runner->mutex);
        if (!reply)
            break;
        if (!handle(runner, reply))
            hf_worker_reply_free(reply);
    }
    hf_write_queue_status kept;
    hf_write_queue_status_get(runner->write_queue, &kept);
    watch_store(runner, &kept);
    finish_stored_attempts(runner, &kept);
    hf_runner_advance(runner);
}
