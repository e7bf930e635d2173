/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run in the store: dead boards, the state of the run, models that were not run. */
#include <stdio.h>

#include "base/clock.h"
#include "record.h"
#include "run_state.h"

/* How long the last records may take: at the end of a run, and after Ctrl-C, when the user is waiting. */
#define END_MS  10000
#define STOP_MS 2000

void hf_runner_record_nothing_run(hf_runner *runner, const hf_error *cause)
{
    char reason[sizeof cause->message + 64];
    snprintf(reason, sizeof reason, "%s: %s", hf_schedule_reason_text(HF_REASON_FARM), cause->message);
    for (uint32_t i = 0; runner->write_queue && i < runner->job_count; i++) {
        hf_runner_record_job(runner, i, NULL);
        hf_write_queue_close_result(runner->write_queue, runner->jobs[i].position, HF_RESULT_NOT_RUN, NULL,
                                    reason);
        runner->summary->not_run++;
    }
}

/* @param end written if the board is unusable at the end of the run */
static bool is_dead(const hf_runner *runner, uint32_t index, hf_board_end *end)
{
    hf_schedule_board_status status;
    const hf_runner_board *board = &runner->boards[index];
    if (!board->fault_message[0] || !hf_schedule_board_status_get(runner->schedule, index, &status))
        return false;
    if (status.in_use) /* somebody else uses it, so it works */
        return false;
    if (status.state == HF_BOARD_QUARANTINE)
        *end = HF_BOARD_END_QUARANTINED;
    else if (status.state == HF_BOARD_LOST)
        *end = HF_BOARD_END_GIVEN_UP;
    else if (!board->was_open)
        *end = HF_BOARD_END_NEVER_OPENED;
    else
        return false;
    return true;
}

static void record_dead_boards(hf_runner *runner)
{
    for (uint32_t i = 0; i < runner->board_count; i++) {
        const hf_runner_board *board = &runner->boards[i];
        hf_board_end end;
        if (!is_dead(runner, i, &end))
            continue;
        runner->summary->dead_boards++;
        hf_record_dead_board(runner->write_queue, board->farm_board, end, board->fault, board->fault_message);
    }
}

hf_status hf_runner_record_end(hf_runner *runner, hf_error *err)
{
    const hf_run_summary *summary = runner->summary;
    const int64_t earlier_ns = runner->options->earlier ? runner->options->earlier->run.duration_ns : 0;
    const int64_t duration_ns = earlier_ns + (int64_t)(hf_now_ns() - runner->started_ns);
    const char *version = runner->openocd_version[0] ? runner->openocd_version : NULL;
    if (!runner->write_queue)
        return summary->run_id ? hf_store_finish_run(runner->options->store, summary->run_id, summary->state,
                                                     hf_wall_ms(), duration_ns, version, err)
                               : HF_OK;
    record_dead_boards(runner);
    hf_write_queue_finish_run(runner->write_queue, summary->state, hf_wall_ms(), duration_ns, version);
    return hf_write_queue_stop(runner->write_queue, runner->signal ? STOP_MS : END_MS, err);
}
