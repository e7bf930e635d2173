/* SPDX-License-Identifier: Apache-2.0 */
/* The end of an attempt: whether the job is done, is repeated on the same or another board, or has failed. */
#include "rules.h"

#define MAX_LOSSES 8 /* of a job, before a lost attempt counts */

/* The board is idle again; still out of its queues. */
static job *leave_job(hf_schedule *s, board *b, bool counts)
{
    job *j = b->job;
    schedule_charge_end(s, b, counts);
    schedule_board_out(s, b);
    b->state = HF_BOARD_IDLE;
    b->idle_since_ns = s->now_ns;
    b->job = NULL;
    b->cancel = CANCEL_NONE;
    b->free_since_ns = s->now_ns;
    return j;
}

hf_status hf_schedule_attempt_done(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_BUSY);
    if (!b)
        return schedule_unexpected(err, "attempt done", "board", board_index);
    schedule_tick(schedule, now_ns);
    job *j = leave_job(schedule, b, true);
    b->done++;
    b->strikes = 0;
    b->quarantines = 0;
    schedule_board_in(schedule, b);
    schedule_job_final(schedule, j, HF_OUTCOME_DONE, HF_REASON_NONE, HF_FAULT_NONE);
    return HF_OK;
}

/* The attempt of a busy board did not take place. @param avoid where its job is not to be repeated at once */
static void call_off(hf_schedule *schedule, board *b, uint32_t avoid, uint64_t now_ns)
{
    schedule_tick(schedule, now_ns);
    job *j = leave_job(schedule, b, false);
    b->close_wanted = true; /* opening it again tells whether to wait for it */
    schedule_board_in(schedule, b);
    j->attempts--;
    j->prefer = HF_SCHEDULE_NONE;
    j->avoid = avoid;
    if (j->run->stop != STOP_NONE)
        schedule_job_final(schedule, j, HF_OUTCOME_NOT_RUN, j->run->stop_reason, HF_FAULT_NONE);
    else
        schedule_job_move(schedule, j, PLACE_RETRY);
}

hf_status hf_schedule_attempt_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_BUSY);
    if (!b)
        return schedule_unexpected(err, "attempt busy", "board", board_index);
    call_off(schedule, b, HF_SCHEDULE_NONE, now_ns);
    return HF_OK;
}

/* Which board should have the job next, after one of class board, probe or serial failed it. */
static void choose_side(job *j, uint32_t board_index, hf_fault fault)
{
    const bool reopen = fault != HF_FAULT_BOARD && j->reopened != board_index;
    j->prefer = reopen ? board_index : HF_SCHEDULE_NONE;
    j->avoid = reopen ? HF_SCHEDULE_NONE : board_index;
    if (reopen)
        j->reopened = board_index;
}

static void repeat(hf_schedule *s, job *j, uint32_t board_index, hf_fault fault)
{
    run *r = j->run;
    if (j->attempts >= r->max_attempts) {
        schedule_job_final(s, j, HF_OUTCOME_FAILED, HF_REASON_ATTEMPTS, fault);
    } else if (r->stop != STOP_NONE) {
        schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, r->stop_reason, HF_FAULT_NONE);
    } else {
        choose_side(j, board_index, fault);
        j->not_before_ns = later(s->now_ns, r->retry_delay_ns);
        schedule_job_move(s, j, r->retry_delay_ns ? PLACE_DELAYED : PLACE_RETRY);
    }
}

static hf_status attempt_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault, bool in_vain,
                                uint64_t now_ns, hf_error *err)
{
    board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_BUSY);
    if (!b)
        return schedule_unexpected(err, "attempt failed", "board", board_index);
    const bool lost = fault == HF_FAULT_AGENT;
    if (lost) {
        if (b->job->losses < MAX_LOSSES) {
            b->job->losses++;
            call_off(schedule, b, board_index, now_ns);
            return HF_OK;
        }
        fault = HF_FAULT_BOARD; /* perhaps it is this job that brings hosts down: it must come to an end */
    }
    schedule_tick(schedule, now_ns);
    job *j = leave_job(schedule, b, true);
    run *r = j->run;
    const bool aborted = r->stop == STOP_ABORT && fault != HF_FAULT_JOB; /* cancelled, or as good as that */
    const bool strikes =
        !aborted && fault != HF_FAULT_NONE && fault != HF_FAULT_JOB && fault != HF_FAULT_FARM;
    if (strikes) {
        if (in_vain)
            schedule_strike_out(schedule, b, fault);
        else
            schedule_strike(schedule, b, fault);
        b->close_wanted = lost || fault != HF_FAULT_BOARD || b->verdict != VERDICT_NONE;
    } else {
        b->failed += !aborted;
    }
    schedule_board_in(schedule, b);
    if (aborted) {
        schedule_job_final(schedule, j, HF_OUTCOME_NOT_RUN, r->stop_reason, HF_FAULT_NONE);
    } else if (fault == HF_FAULT_NONE || fault == HF_FAULT_JOB) {
        schedule_job_final(schedule, j, HF_OUTCOME_FAILED, HF_REASON_JOB, HF_FAULT_JOB);
    } else if (fault == HF_FAULT_FARM) {
        schedule_job_final(schedule, j, HF_OUTCOME_FAILED, HF_REASON_FARM, HF_FAULT_FARM);
        schedule_end_run(schedule, r, STOP_FINISH, HF_REASON_FARM);
    } else {
        repeat(schedule, j, board_index, fault);
    }
    return HF_OK;
}

hf_status hf_schedule_attempt_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                     uint64_t now_ns, hf_error *err)
{
    return attempt_failed(schedule, board_index, fault, false, now_ns, err);
}

hf_status hf_schedule_attempt_in_vain(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                      uint64_t now_ns, hf_error *err)
{
    return attempt_failed(schedule, board_index, fault, true, now_ns, err);
}

hf_status hf_schedule_exclude(hf_schedule *schedule, uint32_t run_index, uint32_t job_index, uint64_t now_ns,
                              hf_error *err)
{
    run *r = schedule_run(schedule, run_index);
    if (!r || job_index >= r->job_count || !is_waiting(&r->jobs[job_index]))
        return schedule_unexpected(err, "excluded", "job", job_index);
    schedule_tick(schedule, now_ns);
    schedule_job_final(schedule, &r->jobs[job_index], HF_OUTCOME_EXCLUDED, HF_REASON_NONE, HF_FAULT_NONE);
    return HF_OK;
}
