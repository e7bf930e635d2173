/* SPDX-License-Identifier: Apache-2.0 */
/* Handles what the board threads reply: opened, attempted, closed, and the failures of each. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

#define STORE_WAIT_NS HF_NS_PER_S

/* ---- Opened ---- */

/* Whether another try to open the board would fail in the same way. A device that was present once may come back: a
 * probe may lose its USB connection for a moment. */
static bool is_permanent(const hf_controller_board *board, const hf_error *error)
{
    return error->lasting == HF_PERMANENT || (error->lasting == HF_ABSENT && !board->was_open);
}

static void open_failed(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    if (reply->error.fault == HF_FAULT_FARM)
        hf_controller_host_failed(controller, &reply->error);
    else
        hf_board_keep_failure(board, &reply->error);
    hf_board_notify_runs(board, (hf_run_event){.kind = HF_RUN_EVENT_BOARD_FAILED,
                                               .fault = reply->error.fault,
                                               .message = reply->error.message});
    hf_board_record_failure(board, reply, &reply->error);
    hf_schedule_board_status before = {0};
    hf_schedule_board_status_get(controller->schedule, reply->board, &before);
    if (is_permanent(board, &reply->error)) {
        hf_controller_check_event(controller,
                                  hf_schedule_open_in_vain(controller->schedule, reply->board,
                                                           reply->error.fault, hf_now_ns(), NULL));
        return; /* the failure itself was reported; nothing else led to this */
    }
    hf_controller_check_event(controller, hf_schedule_open_failed(controller->schedule, reply->board,
                                                                  reply->error.fault, hf_now_ns(), NULL));
    hf_board_notify_verdict(board, &before);
}

/* Somebody else uses the board, or its host does not answer: not a failure of the board. Reported once, and again when
 * the reason is another or the wait is over. */
static void open_later(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    hf_schedule_board_status status;
    hf_controller_check_event(
        controller,
        reply->status == HF_EBUSY
            ? hf_schedule_open_busy(controller->schedule, reply->board, hf_now_ns(), NULL)
            : hf_schedule_open_failed(controller->schedule, reply->board, HF_FAULT_AGENT, hf_now_ns(), NULL));
    hf_schedule_board_status_get(controller->schedule, reply->board, &status);
    const bool awaited = status.state == HF_BOARD_IN_USE;
    if (awaited && strcmp(board->in_use, reply->error.message) == 0)
        return;
    snprintf(board->in_use, sizeof board->in_use, "%s", reply->error.message);
    hf_board_notify_runs(
        board, (hf_run_event){.kind = awaited ? HF_RUN_EVENT_BOARD_AWAITED : HF_RUN_EVENT_BOARD_IN_USE,
                              .message = board->in_use});
}

static void opened(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    if (reply->status == HF_EBUSY || reply->error.fault == HF_FAULT_AGENT) {
        open_later(board, reply);
        return;
    }
    board->in_use[0] = '\0';
    if (reply->status == HF_OK) {
        board->was_open = true;
        hf_controller_check_event(controller,
                                  hf_schedule_opened(controller->schedule, reply->board, hf_now_ns(), NULL));
    } else if (reply->status == HF_ECANCELLED) { /* not the board's fault */
        hf_controller_check_event(controller, hf_schedule_open_failed(controller->schedule, reply->board,
                                                                      HF_FAULT_NONE, hf_now_ns(), NULL));
    } else {
        open_failed(board, reply);
    }
}

/* ---- Attempted ---- */

static void attempt_failed(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    hf_controller_run *run = board->run;
    hf_run_job *job = &run->jobs[board->job];
    hf_error kept = reply->error;
    if (kept.fault == HF_FAULT_AGENT) /* if it was one loss too many, it counts as the board's */
        kept.fault = HF_FAULT_BOARD;
    hf_run_job_failed(job, reply->error.message);
    if (reply->error.fault == HF_FAULT_FARM)
        hf_run_farm_failed(run, &reply->error);
    else if (reply->error.fault != HF_FAULT_JOB)
        hf_board_keep_failure(board, &kept);
    hf_run_notify(run, (hf_run_event){
                           .kind = HF_RUN_EVENT_ATTEMPT_FAILED,
                           .job = run->request.spec->variations[job->variation].name,
                           .chip = run->request.selection->chips[job->chip]->name,
                           .board = board->farm_board->config.id,
                           .attempt = board->attempt,
                           .fault = reply->error.fault,
                           .message = reply->error.message,
                           .modelled = hf_board_config_modelled(&board->farm_board->config),
                       });
    hf_schedule_board_status before = {0};
    hf_schedule_board_status_get(controller->schedule, reply->board, &before);
    /* Such as a command of the farm file that cannot be executed. */
    hf_status (*report)(hf_schedule *, uint32_t, hf_fault, uint64_t, hf_error *) =
        reply->error.lasting == HF_PERMANENT ? hf_schedule_attempt_in_vain : hf_schedule_attempt_failed;
    hf_controller_check_event(
        controller, report(controller->schedule, reply->board, reply->error.fault, hf_now_ns(), NULL));
    hf_board_notify_verdict(board, &before);
}

/* Reports an attempt to the scheduler, once it is in the store or has waited for that long enough. */
static void finish_attempt(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    hf_controller_run *run = board->run;
    if (reply->status == HF_OK) {
        run->jobs[board->job].latency_ns = hf_record_latency_ns(&reply->result);
        run->attempt_ns_sum += reply->duration_ns;
        run->attempt_count++;
        hf_controller_check_event(
            controller, hf_schedule_attempt_done(controller->schedule, reply->board, hf_now_ns(), NULL));
        hf_board_notify_success(board);
    } else if (reply->status == HF_ECANCELLED) {
        hf_controller_check_event(controller, hf_schedule_attempt_failed(controller->schedule, reply->board,
                                                                         HF_FAULT_NONE, hf_now_ns(), NULL));
    } else {
        attempt_failed(board, reply);
    }
    board->run = NULL;
}

/* @return true if the reply is kept, to be finished once it is stored */
static bool attempted(hf_controller_board *board, hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    hf_controller_run *run = board->run;
    if (reply->status == HF_ECANCELLED) { /* by the user: neither a result nor a failure */
        finish_attempt(board, reply);
        return false;
    }
    if (reply->status == HF_EBUSY) { /* taken while the flasher restarted: not an attempt */
        hf_controller_check_event(
            controller, hf_schedule_attempt_busy(controller->schedule, reply->board, hf_now_ns(), NULL));
        board->run = NULL;
        return false;
    }
    if (reply->status != HF_OK && reply->error.fault == HF_FAULT_AGENT) {
        attempt_failed(board, reply); /* not an attempt: made again, and not stored */
        board->run = NULL;
        return false;
    }
    hf_run_job *job = &run->jobs[board->job];
    hf_error err = {0};
    if (hf_record_attempt(run->write_queue, job->position, board->farm_board,
                          job->attempts_before + board->attempt, run->variations[job->variation].prepared,
                          reply, &board->ticket, &err) != HF_OK) {
        /* A result that is not recorded does not exist. This job fails first, then the others are stopped. */
        hf_run_job_failed(job, err.message);
        hf_controller_check_event(controller, hf_schedule_attempt_failed(controller->schedule, reply->board,
                                                                         HF_FAULT_FARM, hf_now_ns(), NULL));
        hf_run_abort(run, &err);
        board->run = NULL;
        return false;
    }
    board->unstored = reply;
    board->unstored_ns = hf_now_ns();
    return true;
}

/* A result is reported only when it is safely in the store, or after STORE_WAIT_NS: a disk may hang for
 * minutes. */
static void finish_stored_attempts(hf_controller *controller)
{
    for (uint32_t i = 0; i < controller->board_count; i++) {
        hf_controller_board *board = &controller->boards[i];
        hf_worker_reply *reply = board->unstored;
        if (!reply || (board->ticket > board->run->kept && hf_now_ns() - board->unstored_ns < STORE_WAIT_NS))
            continue;
        board->unstored = NULL;
        finish_attempt(board, reply);
        hf_worker_reply_free(reply);
    }
}

/* ---- All replies ---- */

/* The version of OpenOCD, for the runs that may use the board. */
static void keep_version(const hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller_run *run;
    if (!reply->openocd_version[0])
        return;
    TAILQ_FOREACH(run, &board->controller->runs, link)
    {
        if (run == board->run || (run->stage == HF_RUN_STAGE_MEASURING && run->uses_board[board->index]))
            memcpy(run->openocd_version, reply->openocd_version, sizeof run->openocd_version);
    }
}

/* @return true if the reply is kept */
static bool handle(hf_controller *controller, hf_worker_reply *reply)
{
    hf_controller_board *board = &controller->boards[reply->board];
    keep_version(board, reply);
    switch (reply->command) {
    case HF_WORKER_OPEN:
        opened(board, reply);
        break;
    case HF_WORKER_ATTEMPT:
        if (!board->checking)
            return attempted(board, reply);
        hf_board_checked(board, reply);
        break;
    case HF_WORKER_CLOSE:
        hf_controller_check_event(controller,
                                  hf_schedule_closed(controller->schedule, reply->board, hf_now_ns(), NULL));
        break;
    }
    return false;
}

void hf_controller_handle_replies(hf_controller *controller)
{
    for (;;) {
        pthread_mutex_lock(&controller->mutex);
        hf_worker_reply *reply =
            controller->reply_count ? controller->replies[--controller->reply_count] : NULL;
        pthread_mutex_unlock(&controller->mutex);
        if (!reply)
            break;
        if (!handle(controller, reply))
            hf_worker_reply_free(reply);
    }
    hf_controller_run *run;
    TAILQ_FOREACH(run, &controller->runs, link)
    {
        hf_run_watch_store(run);
    }
    finish_stored_attempts(controller);
}
