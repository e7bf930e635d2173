/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks of boards: an attempt that belongs to no run. */
#include <unistd.h>

#include "base/clock.h"
#include "run_state.h"

static void tell(const hf_controller_board *board, bool passed, const hf_worker_reply *reply,
                 const hf_error *error)
{
    const hf_controller_observer *observer = &board->controller->options.observer;
    if (observer->checked)
        observer->checked(observer->user,
                          &(hf_board_check){
                              .board = board->index,
                              .started_ms = reply ? reply->started_ms : hf_wall_ms(),
                              .duration_ns = reply ? reply->duration_ns : 0,
                              .passed = passed,
                              .result = reply && reply->status == HF_OK ? &reply->result : NULL,
                              .error = error,
                          });
}

/* ---- Beginning ---- */

/* The check's thread. */
static void make_request(void *user)
{
    hf_controller_board *board = user;
    const hf_controller_checks *checks = &board->controller->options.checks;
    (void)checks->request(checks->user, board->farm_board, &board->check.request,
                          &board->check.error); /* the error has the status */
}

static void on_request_made(void *user)
{
    hf_controller_board *board = user;
    hf_controller *controller = board->controller;
    const hf_error *err = &board->check.error;
    if (err->status == HF_OK) {
        board->check.request.deadlines = &board->farm_board->deadlines;
        /* Not hf_controller_send(): what was cancelled meanwhile ends the check at once. */
        hf_worker_send(board->worker, HF_WORKER_ATTEMPT, &board->check.request);
        return;
    }
    board->checking = false;
    hf_controller_host_failed(controller, err);
    tell(board, false, NULL, err);
    hf_controller_check_event(controller, hf_schedule_check_failed(controller->schedule, board->index,
                                                                   HF_FAULT_FARM, hf_now_ns(), NULL));
}

void hf_board_start_check(hf_controller_board *board)
{
    hf_controller *controller = board->controller;
    if (!controller->options.checks.request) {
        hf_controller_check_event(
            controller, hf_schedule_check_passed(controller->schedule, board->index, hf_now_ns(), NULL));
        return;
    }
    hf_controller_uncancel(board);
    board->checking = true;
    hf_error_clear(&board->check.error);
    hf_background_start(controller, &board->check.call, make_request, on_request_made, board);
}

/* ---- Ending ---- */

static void failed(hf_controller_board *board, const hf_worker_reply *reply, hf_error error)
{
    hf_controller *controller = board->controller;
    hf_schedule_board_status before = {0};
    /* The image is known to be right: if it fails as a job does, the board computes wrongly. */
    if (error.fault == HF_FAULT_JOB || error.fault == HF_FAULT_NONE)
        error.fault = HF_FAULT_BOARD;
    if (error.fault == HF_FAULT_FARM)
        hf_controller_host_failed(controller, &error);
    else
        hf_board_keep_failure(board, &error);
    hf_board_notify_runs(
        board,
        (hf_run_event){.kind = HF_RUN_EVENT_BOARD_FAILED, .fault = error.fault, .message = error.message});
    hf_board_record_failure(board, reply, &error);
    tell(board, false, reply, &error);
    hf_schedule_board_status_get(controller->schedule, board->index, &before);
    hf_controller_check_event(controller, hf_schedule_check_failed(controller->schedule, board->index,
                                                                   error.fault, hf_now_ns(), NULL));
    hf_board_notify_verdict(board, &before);
}

void hf_board_checked(hf_controller_board *board, const hf_worker_reply *reply)
{
    hf_controller *controller = board->controller;
    const hf_controller_checks *checks = &controller->options.checks;
    hf_error error = reply->error;
    board->checking = false;
    if (reply->status == HF_EBUSY || reply->error.fault == HF_FAULT_AGENT) {
        /* taken while the flasher restarted, or its host was lost: it is made later */
        hf_controller_check_event(
            controller, hf_schedule_check_busy(controller->schedule, board->index, hf_now_ns(), NULL));
    } else if (reply->status == HF_ECANCELLED) {
        tell(board, false, reply, &error);
        hf_controller_check_event(
            controller, hf_schedule_check_cancelled(controller->schedule, board->index, hf_now_ns(), NULL));
    } else if (reply->status != HF_OK || (checks->judge && checks->judge(checks->user, board->farm_board,
                                                                         &reply->result, &error) != HF_OK)) {
        failed(board, reply, error);
    } else {
        tell(board, true, reply, &error);
        hf_controller_check_event(
            controller, hf_schedule_check_passed(controller->schedule, board->index, hf_now_ns(), NULL));
        hf_board_notify_success(board);
    }
}

void hf_board_unchecked(hf_controller_board *board, hf_schedule_reason reason)
{
    hf_error error = {0};
    (void)HF_FAIL(&error, HF_ECANCELLED, "the health check was not made: %s%s%s",
                  hf_schedule_reason_text(reason), board->fault_message[0] ? ": " : "",
                  board->fault_message); /* in error */
    tell(board, false, NULL, &error);
}

/* ---- By request ---- */

#define CHECK_WITHIN_NS (UINT64_C(4) * 3600 * 1000000000) /* a night's check is not made by day */

hf_status hf_controller_check_board(hf_controller *controller, uint32_t board, hf_error *err)
{
    const uint64_t now_ns = hf_now_ns();
    hf_status status =
        hf_schedule_check_board(controller->schedule, board, now_ns + CHECK_WITHIN_NS, now_ns, err);
    hf_controller_wake(controller);
    return status;
}
