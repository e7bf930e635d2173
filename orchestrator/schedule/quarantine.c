/* SPDX-License-Identifier: Apache-2.0 */
/* Health of boards: strikes, quarantine, probation, giving up; boards that somebody else uses. */
#include "state.h"

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

void schedule_strike(hf_schedule *s, board *b, hf_fault fault)
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
    if (!schedule_board_is(schedule, board_index, HF_BOARD_OPENING))
        return schedule_unexpected(err, "opened", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    b->state = HF_BOARD_IDLE;
    b->cancelled = false;
    b->in_use = false;
    return HF_OK;
}

hf_status hf_schedule_open_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    if (!schedule_board_is(schedule, board_index, HF_BOARD_OPENING))
        return schedule_unexpected(err, "open busy", "board", board_index);
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
    if (!schedule_board_is(schedule, board_index, HF_BOARD_OPENING))
        return schedule_unexpected(err, "open failed", "board", board_index);
    schedule_tick(schedule, now_ns);
    board *b = &schedule->boards[board_index];
    b->in_use = false;
    if (fault == HF_FAULT_FARM) {
        schedule_stop_run(schedule, STOP_FINISH, HF_REASON_FARM);
        b->failed++;
    } else if (schedule->stop != STOP_ABORT) { /* an aborted open says nothing about the board */
        /* Opening has nothing to do with any job, so whatever it is called, it is the board's trouble. */
        schedule_strike(schedule, b,
                        fault == HF_FAULT_NONE || fault == HF_FAULT_JOB ? HF_FAULT_BOARD : fault);
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
    if (!schedule_board_is(schedule, board_index, HF_BOARD_CLOSING))
        return schedule_unexpected(err, "closed", "board", board_index);
    schedule_tick(schedule, now_ns);
    settle(schedule, &schedule->boards[board_index]);
    return HF_OK;
}
