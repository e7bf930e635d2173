/* SPDX-License-Identifier: Apache-2.0 */
/* The end of an attempt: whether the job is done, repeated on the same or another board, or has failed. */
#include "state.h"

static job *leave_job(hf_schedule *s, board *b)
{
    job *j = &s->jobs[b->job];
    b->state = HF_BOARD_IDLE;
    b->job = HF_SCHEDULE_NONE;
    b->cancelled = false;
    b->free_since_ns = s->now_ns;
    return j;
}

hf_status hf_schedule_attempt_done(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    if (!schedule_board_is(schedule, board_index, HF_BOARD_BUSY))
        return schedule_unexpected(err, "attempt done", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    job *j = leave_job(schedule, b);
    b->done++;
    b->strikes = 0;
    b->quarantines = 0;
    schedule_job_final(schedule, j, HF_OUTCOME_DONE, HF_REASON_NONE, HF_FAULT_NONE);
    return HF_OK;
}

hf_status hf_schedule_attempt_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    if (!schedule_board_is(schedule, board_index, HF_BOARD_BUSY))
        return schedule_unexpected(err, "attempt busy", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    job *j = leave_job(schedule, b);
    j->attempts--;
    b->close_wanted = true; /* opening it anew tells whether it is to be waited for */
    if (schedule->stop != STOP_NONE) {
        schedule_job_final(schedule, j, HF_OUTCOME_NOT_RUN, schedule->stop_reason, HF_FAULT_NONE);
    } else {
        schedule_job_prefer(schedule, j, HF_SCHEDULE_NONE, HF_SCHEDULE_NONE);
        schedule_job_wait(schedule, j);
    }
    return HF_OK;
}

/* Which board should have the job next, after one of class board, probe or serial failed it. */
static void choose_side(hf_schedule *s, job *j, uint32_t board_index, hf_fault fault)
{
    if (fault != HF_FAULT_BOARD && j->reopened != board_index) {
        j->reopened = board_index;
        schedule_job_prefer(s, j, board_index, HF_SCHEDULE_NONE);
    } else {
        schedule_job_prefer(s, j, HF_SCHEDULE_NONE, board_index);
    }
}

hf_status hf_schedule_attempt_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                     uint64_t now_ns, hf_error *err)
{
    if (!schedule_board_is(schedule, board_index, HF_BOARD_BUSY))
        return schedule_unexpected(err, "attempt failed", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    job *j = leave_job(schedule, b);
    if (schedule->stop == STOP_ABORT && fault != HF_FAULT_JOB) { /* cancelled, or as good as that */
        schedule_job_final(schedule, j, HF_OUTCOME_NOT_RUN, schedule->stop_reason, HF_FAULT_NONE);
        return HF_OK;
    }
    if (fault == HF_FAULT_NONE || fault == HF_FAULT_JOB) {
        b->failed++;
        schedule_job_final(schedule, j, HF_OUTCOME_FAILED, HF_REASON_JOB, HF_FAULT_JOB);
        return HF_OK;
    }
    if (fault == HF_FAULT_FARM) {
        b->failed++;
        schedule_job_final(schedule, j, HF_OUTCOME_FAILED, HF_REASON_FARM, HF_FAULT_FARM);
        schedule_stop_run(schedule, STOP_FINISH, HF_REASON_FARM);
        return HF_OK;
    }
    schedule_strike(schedule, b, fault);
    b->close_wanted = fault != HF_FAULT_BOARD || !usable(b);
    if (j->attempts >= schedule->policy.max_attempts) {
        schedule_job_final(schedule, j, HF_OUTCOME_FAILED, HF_REASON_ATTEMPTS, fault);
    } else if (schedule->stop != STOP_NONE) {
        schedule_job_final(schedule, j, HF_OUTCOME_NOT_RUN, schedule->stop_reason, HF_FAULT_NONE);
    } else {
        choose_side(schedule, j, board_index, fault);
        j->not_before_ns = later(schedule->now_ns, schedule->policy.retry_delay_ns);
        schedule_job_wait(schedule, j);
    }
    return HF_OK;
}

hf_status hf_schedule_exclude(hf_schedule *schedule, uint32_t job_index, uint64_t now_ns, hf_error *err)
{
    if (job_index >= schedule->job_count || schedule->jobs[job_index].state != JOB_WAITING)
        return schedule_unexpected(err, "excluded", "job", job_index);
    schedule_tick(schedule, now_ns);
    schedule_job_final(schedule, &schedule->jobs[job_index], HF_OUTCOME_EXCLUDED, HF_REASON_NONE,
                       HF_FAULT_NONE);
    return HF_OK;
}
