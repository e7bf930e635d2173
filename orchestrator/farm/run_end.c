/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run in the store: dead boards, the state of the run, models that were not run. */
#include <stdio.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

/* How long the last records may take: at the end of a run, and when it was stopped and the user is waiting. */
#define END_MS  10000
#define STOP_MS 2000

void hf_run_record_nothing_run(hf_controller_run *run)
{
    char reason[sizeof run->farm_error.message + 64];
    snprintf(reason, sizeof reason, "%s: %s", hf_schedule_reason_text(HF_REASON_FARM),
             run->farm_error.message);
    for (uint32_t i = 0; run->write_queue && i < run->job_count; i++) {
        hf_run_record_job(run, i, NULL);
        hf_write_queue_close_result(run->write_queue, run->jobs[i].position, HF_RESULT_NOT_RUN, NULL, reason);
        run->summary.not_run++;
        run->final_count++;
    }
}

/* @param end written if the board is unusable at the end of the run */
static bool is_dead(const hf_controller_board *board, hf_board_end *end)
{
    hf_schedule_board_status status;
    if (!board->fault_message[0] ||
        !hf_schedule_board_status_get(board->controller->schedule, board->index, &status))
        return false;
    if (status.in_use) /* somebody else uses it, so it works */
        return false;
    if (status.quarantined)
        *end = HF_BOARD_END_QUARANTINED;
    else if (status.given_up)
        *end = HF_BOARD_END_GIVEN_UP;
    else if (!board->was_open && !status.reserved && !status.disabled)
        *end = HF_BOARD_END_NEVER_OPENED;
    else
        return false;
    return true;
}

static void record_dead_boards(hf_controller_run *run)
{
    const hf_selection *selection = run->request.selection;
    for (uint32_t i = 0; i < selection->board_count; i++) {
        const hf_controller_board *board = &run->controller->boards[selection->boards[i]];
        hf_board_end end;
        if (!is_dead(board, &end))
            continue;
        run->summary.dead_boards++;
        hf_record_dead_board(run->write_queue, board->farm_board, end, board->fault, board->fault_message);
    }
}

void hf_run_record_end(hf_controller_run *run)
{
    const int64_t earlier_ns = run->request.earlier ? run->request.earlier->run.duration_ns : 0;
    run->duration_ns = earlier_ns + (int64_t)(hf_now_ns() - run->started_ns);
    if (!run->write_queue)
        return;
    record_dead_boards(run);
    hf_write_queue_finish_run(run->write_queue, run->summary.state, hf_wall_ms(), run->duration_ns,
                              run->openocd_version[0] ? run->openocd_version : NULL);
    run->ending_queue = run->write_queue; /* of the thread that waits for it */
    run->write_queue = NULL;
}

hf_status hf_run_wait_until_stored(hf_controller_run *run, hf_error *err)
{
    if (run->ending_queue)
        return hf_write_queue_stop(run->ending_queue, run->stopped ? STOP_MS : END_MS, err);
    return hf_store_finish_run(run->request.store, run->request.run_id, run->summary.state, hf_wall_ms(),
                               run->duration_ns, NULL, err);
}
