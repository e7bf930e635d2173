/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of boards: what is kept of them, and what runs and the controller's observer are told. */
#include <stdio.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

void hf_board_keep_failure(hf_controller_board *board, const hf_error *error)
{
    snprintf(board->fault_message, sizeof board->fault_message, "%s", error->message);
    board->fault = error->fault;
    board->failed_ns = hf_now_ns();
}

void hf_board_notify_runs(const hf_controller_board *board, hf_run_event event)
{
    hf_controller_run *run;
    event.board = board->farm_board->config.id;
    event.modelled = hf_board_config_modelled(&board->farm_board->config);
    TAILQ_FOREACH(run, &board->controller->runs, link)
    {
        if (run->stage == HF_RUN_STAGE_MEASURING && run->uses_board[board->index])
            hf_run_notify(run, event);
    }
}

void hf_board_record_failure(const hf_controller_board *board, const hf_worker_reply *reply,
                             const hf_error *error)
{
    hf_controller_run *run;
    hf_worker_reply shown = *reply; /* borrows the transcript */
    shown.error = *error;
    TAILQ_FOREACH(run, &board->controller->runs, link)
    {
        if (run->stage == HF_RUN_STAGE_MEASURING && run->uses_board[board->index])
            hf_record_board_failure(run->write_queue, board->farm_board, &shown);
    }
}

static void notify_observer(hf_controller_board *board, hf_board_event_kind kind, uint64_t left_ns,
                            uint32_t quarantines)
{
    const hf_controller_observer *observer = &board->controller->options.observer;
    board->away = kind != HF_BOARD_EVENT_BACK;
    if (!observer->board)
        return;
    observer->board(observer->user,
                    &(hf_board_event){
                        .kind = kind,
                        .board = board->index,
                        .fault = board->fault,
                        .message = board->fault_message,
                        .until_ms = left_ns ? hf_wall_ms() + (int64_t)(left_ns / HF_NS_PER_MS) : 0,
                        .quarantines = quarantines,
                    });
}

void hf_board_notify_verdict(hf_controller_board *board, const hf_schedule_board_status *before)
{
    hf_schedule_board_status now;
    if (!hf_schedule_board_status_get(board->controller->schedule, board->index, &now))
        return;
    const bool quarantined = now.quarantined && !before->quarantined;
    if (!quarantined && !(now.given_up && !before->given_up))
        return;
    const uint64_t now_ns = hf_now_ns();
    const uint64_t left_ns = now.until_ns > now_ns ? now.until_ns - now_ns : 0;
    hf_board_notify_runs(
        board, (hf_run_event){
                   .kind = quarantined ? HF_RUN_EVENT_BOARD_QUARANTINED : HF_RUN_EVENT_BOARD_GIVEN_UP,
                   .fault = board->fault,
                   .message = board->fault_message,
                   .quarantine_ns = left_ns,
               });
    notify_observer(board, quarantined ? HF_BOARD_EVENT_QUARANTINED : HF_BOARD_EVENT_GIVEN_UP, left_ns,
                    now.quarantines);
}

void hf_board_notify_success(hf_controller_board *board)
{
    if (board->away)
        notify_observer(board, HF_BOARD_EVENT_BACK, 0, 0);
}
