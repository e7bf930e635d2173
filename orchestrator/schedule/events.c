/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

static hf_status unexpected(hf_error *err, const char *event, const char *what, uint32_t index)
{
    return HF_FAIL(err, HF_EINVALID, "the event \"%s\" for %s %u, which was not asked for it", event, what,
                   index);
}

static bool board_is(const hf_schedule *s, uint32_t index, hf_schedule_board_state state)
{
    return index < s->board_count && s->boards[index].state == state;
}

/* ---- Boards ---- */

/* How long the next stay in quarantine is: the first one, doubled for each stay since the last success. */
static uint64_t quarantine_ns(const hf_schedule *s, uint32_t stays)
{
    uint64_t stay_ns = s->policy.quarantine_ns;
    for (uint32_t i = 0; i < stays && stay_ns < s->policy.quarantine_max_ns; i++)
        stay_ns = later(stay_ns, stay_ns);
    return stay_ns < s->policy.quarantine_max_ns ? stay_ns : s->policy.quarantine_max_ns;
}

static void give_up(hf_schedule *s, board *b)
{
    b->sentence = SENTENCE_LOST;
    b->until_ns = s->now_ns;
    s->boards_changed = true;
}

static void strike(hf_schedule *s, board *b, hf_fault fault)
{
    b->failed++;
    b->last_fault = fault;
    if (++b->strikes < s->policy.strikes)
        return;
    if (!s->policy.quarantine_ns || b->quarantines >= s->policy.max_quarantines) {
        give_up(s, b);
        return;
    }
    b->sentence = SENTENCE_QUARANTINE;
    b->until_ns = later(s->now_ns, quarantine_ns(s, b->quarantines));
    b->quarantines++;
    b->strikes = s->policy.strikes - 1; /* on probation when it comes back */
}

/* The board is closed now: what next is its sentence's business. */
static void settle(hf_schedule *s, board *b)
{
    b->state = b->sentence == SENTENCE_LOST         ? HF_BOARD_LOST
               : b->sentence == SENTENCE_QUARANTINE ? HF_BOARD_QUARANTINE
                                                    : HF_BOARD_CLOSED;
    b->close_wanted = false;
    b->cancelled = false;
    b->free_since_ns = s->now_ns;
}

hf_status hf_schedule_opened(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    if (!board_is(schedule, board_index, HF_BOARD_OPENING))
        return unexpected(err, "opened", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    b->state = HF_BOARD_IDLE;
    b->cancelled = false;
    b->in_use = false;
    return HF_OK;
}

hf_status hf_schedule_open_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    if (!board_is(schedule, board_index, HF_BOARD_OPENING))
        return unexpected(err, "open busy", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    if (!b->in_use)
        b->in_use_since_ns = schedule->now_ns;
    b->in_use = true;
    uint64_t give_up_ns = later(b->in_use_since_ns, schedule->policy.busy_wait_ns);
    uint64_t next_ns = later(schedule->now_ns, schedule->policy.busy_retry_ns);
    bool over = give_up_ns <= schedule->now_ns;
    if (over)
        give_up(schedule, b);
    settle(schedule, b);
    if (!over) {
        b->state = HF_BOARD_IN_USE;
        b->until_ns = next_ns < give_up_ns ? next_ns : give_up_ns;
    }
    return HF_OK;
}

static hf_status open_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault, bool in_vain,
                             uint64_t now_ns, hf_error *err)
{
    if (!board_is(schedule, board_index, HF_BOARD_OPENING))
        return unexpected(err, "open failed", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    b->in_use = false;
    if (fault == HF_FAULT_FARM) {
        schedule_stop_run(schedule, STOP_FINISH, HF_REASON_FARM);
        b->failed++;
    } else if (schedule->stop != STOP_ABORT) { /* an aborted open says nothing about the board */
        /* Opening has nothing to do with any job, so whatever it is called, it is the board's trouble. */
        strike(schedule, b, fault == HF_FAULT_NONE || fault == HF_FAULT_JOB ? HF_FAULT_BOARD : fault);
        if (in_vain)
            give_up(schedule, b);
        b->not_before_ns = later(schedule->now_ns, schedule->policy.retry_delay_ns);
    }
    settle(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_open_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                  uint64_t now_ns, hf_error *err)
{
    return open_failed(schedule, board_index, fault, false, now_ns, err);
}

hf_status hf_schedule_open_in_vain(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                   uint64_t now_ns, hf_error *err)
{
    return open_failed(schedule, board_index, fault, true, now_ns, err);
}

hf_status hf_schedule_closed(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    if (!board_is(schedule, board_index, HF_BOARD_CLOSING))
        return unexpected(err, "closed", "board", board_index);
    schedule_tick(schedule, now_ns);
    settle(schedule, &schedule->boards[board_index]);
    return HF_OK;
}

/* ---- Attempts ---- */

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
    if (!board_is(schedule, board_index, HF_BOARD_BUSY))
        return unexpected(err, "attempt done", "board", board_index);
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
    if (!board_is(schedule, board_index, HF_BOARD_BUSY))
        return unexpected(err, "attempt busy", "board", board_index);
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
    if (!board_is(schedule, board_index, HF_BOARD_BUSY))
        return unexpected(err, "attempt failed", "board", board_index);
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
    strike(schedule, b, fault);
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
        return unexpected(err, "excluded", "job", job_index);
    schedule_tick(schedule, now_ns);
    schedule_job_final(schedule, &schedule->jobs[job_index], HF_OUTCOME_EXCLUDED, HF_REASON_NONE,
                       HF_FAULT_NONE);
    return HF_OK;
}

/* ---- Preparations ---- */

static bool being_prepared(const hf_schedule *s, uint32_t index)
{
    return index < s->preparation_count && s->preparations[index].state == PREPARATION_UNDER_WAY;
}

hf_status hf_schedule_prepared(hf_schedule *schedule, uint32_t preparation_index, uint64_t now_ns,
                               hf_error *err)
{
    if (!being_prepared(schedule, preparation_index))
        return unexpected(err, "prepared", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    schedule_preparation_set(schedule, &schedule->preparations[preparation_index], PREPARATION_READY);
    return HF_OK;
}

hf_status hf_schedule_prepare_failed(hf_schedule *schedule, uint32_t preparation_index, hf_fault fault,
                                     uint64_t now_ns, hf_error *err)
{
    if (!being_prepared(schedule, preparation_index))
        return unexpected(err, "preparation failed", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    schedule_preparation_set(schedule, &schedule->preparations[preparation_index], PREPARATION_OVER);
    bool farm = fault == HF_FAULT_FARM;
    for (uint32_t i = schedule->first_open; i < schedule->job_count; i++) {
        job *j = &schedule->jobs[i];
        if (j->preparation == preparation_index && j->state == JOB_WAITING)
            schedule_job_final(schedule, j, HF_OUTCOME_FAILED, farm ? HF_REASON_FARM : HF_REASON_PREPARATION,
                               fault == HF_FAULT_NONE ? HF_FAULT_JOB : fault);
    }
    if (farm)
        schedule_stop_run(schedule, STOP_FINISH, HF_REASON_FARM);
    return HF_OK;
}

void hf_schedule_stop(hf_schedule *schedule, bool abort, hf_schedule_reason reason, uint64_t now_ns)
{
    schedule_tick(schedule, now_ns);
    schedule_stop_run(schedule, abort ? STOP_ABORT : STOP_FINISH, reason);
}
