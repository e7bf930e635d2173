/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of state that keep the counts of jobs and preparations right; ending a run. */
#include "state.h"

static void count_by_chip(uint32_t counts[HF_SCHEDULE_MAX_CHIPS], uint64_t chips, int32_t change)
{
    for (uint64_t left = chips; left; left &= left - 1)
        counts[__builtin_ctzll(left)] += (uint32_t)change;
}

static bool is_picky(const job *j)
{
    return j->prefer != HF_SCHEDULE_NONE || j->avoid != HF_SCHEDULE_NONE;
}

/* Takes a job out of the counts of its present state. */
static void leave_state(hf_schedule *s, const job *j)
{
    if (j->state == JOB_WAITING) {
        count_by_chip(s->waiting_jobs, j->chips, -1);
        s->picky -= is_picky(j);
    } else if (j->state == JOB_RUNNING) {
        s->running--;
    }
}

void schedule_job_wait(hf_schedule *s, job *j)
{
    leave_state(s, j);
    j->state = JOB_WAITING;
    count_by_chip(s->waiting_jobs, j->chips, 1);
    s->picky += is_picky(j);
}

void schedule_job_run(hf_schedule *s, job *j)
{
    leave_state(s, j);
    j->state = JOB_RUNNING;
    s->running++;
    preparation *p = &s->preparations[j->preparation];
    if (!p->used) {
        p->used = true;
        s->unused--;
    }
}

void schedule_job_prefer(hf_schedule *s, job *j, uint32_t prefer, uint32_t avoid)
{
    bool waiting = j->state == JOB_WAITING;
    s->picky -= waiting && is_picky(j);
    j->prefer = prefer;
    j->avoid = avoid;
    s->picky += waiting && is_picky(j);
}

void schedule_job_final(hf_schedule *s, job *j, hf_schedule_outcome outcome, hf_schedule_reason reason,
                        hf_fault fault)
{
    leave_state(s, j);
    j->state = JOB_FINAL;
    j->outcome = outcome;
    j->reason = reason;
    j->fault = fault;
    s->unreported++;
    count_by_chip(s->open_jobs, j->chips, -1);
    s->done += outcome == HF_OUTCOME_DONE;
    s->failed += outcome == HF_OUTCOME_FAILED;
    s->not_run += outcome == HF_OUTCOME_NOT_RUN;
    s->excluded += outcome == HF_OUTCOME_EXCLUDED;
    preparation *p = &s->preparations[j->preparation];
    if (--p->jobs_left == 0 && p->state == PREPARATION_READY) {
        s->releasable++;
        s->unused -= !p->used;
    }
}

void schedule_preparation_set(hf_schedule *s, preparation *p, preparation_state state)
{
    s->under_way += (state == PREPARATION_UNDER_WAY) - (uint32_t)(p->state == PREPARATION_UNDER_WAY);
    s->ready += (state == PREPARATION_READY) - (uint32_t)(p->state == PREPARATION_READY);
    if (state == PREPARATION_UNDER_WAY) {
        s->unused++;
    } else if (p->state == PREPARATION_UNDER_WAY && (state == PREPARATION_OVER || p->jobs_left == 0)) {
        s->unused--;
        s->releasable += state == PREPARATION_READY;
    } else if (p->state == PREPARATION_READY && state == PREPARATION_OVER) {
        s->releasable--;
    }
    p->state = state;
}

void schedule_stop_run(hf_schedule *s, stop_mode mode, hf_schedule_reason reason)
{
    if (s->stop == STOP_NONE)
        s->stop_reason = reason;
    if (mode > s->stop)
        s->stop = mode;
    for (uint32_t i = s->first_open; i < s->job_count; i++)
        if (s->jobs[i].state == JOB_WAITING)
            schedule_job_final(s, &s->jobs[i], HF_OUTCOME_NOT_RUN, s->stop_reason, HF_FAULT_NONE);
}

void schedule_tick(hf_schedule *s, uint64_t now_ns)
{
    if (now_ns > s->now_ns)
        s->now_ns = now_ns;
}

hf_status schedule_unexpected(hf_error *err, const char *event, const char *what, uint32_t index)
{
    return HF_FAIL(err, HF_EINVALID, "the event \"%s\" for %s %u, which was not asked for it", event, what,
                   index);
}

bool schedule_board_is(const hf_schedule *s, uint32_t index, hf_schedule_board_state state)
{
    return index < s->board_count && s->boards[index].state == state;
}

void hf_schedule_stop(hf_schedule *schedule, bool abort, hf_schedule_reason reason, uint64_t now_ns)
{
    schedule_tick(schedule, now_ns);
    schedule_stop_run(schedule, abort ? STOP_ABORT : STOP_FINISH, reason);
}

hf_schedule_action schedule_action(hf_schedule_action_kind kind)
{
    return (hf_schedule_action){
        .kind = kind, .preparation = HF_SCHEDULE_NONE, .job = HF_SCHEDULE_NONE, .board = HF_SCHEDULE_NONE};
}
