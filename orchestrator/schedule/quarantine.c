/* SPDX-License-Identifier: Apache-2.0 */
/* Health of boards: strikes, quarantine, probation, giving up; boards that somebody else uses or that are out of reach. */
#include "rules.h"

/* How long the next quarantine is: the first one, doubled for each since the last success. */
static uint64_t quarantine_ns(const hf_schedule *s, uint32_t earlier)
{
    uint64_t ns = s->policy.quarantine_ns;
    for (uint32_t i = 0; i < earlier && ns < s->policy.quarantine_max_ns; i++)
        ns = later(ns, ns);
    return ns < s->policy.quarantine_max_ns ? ns : s->policy.quarantine_max_ns;
}

static void give_up(hf_schedule *s, board *b)
{
    b->verdict = VERDICT_LOST;
    b->until_ns = s->now_ns;
    s->boards_changed = true;
}

void schedule_strike_out(hf_schedule *s, board *b, hf_fault fault)
{
    b->failed++;
    b->strikes++;
    b->last_fault = fault;
    b->needs_attention = true;
    b->check_due |= s->policy.check_before_readmission;
    give_up(s, b);
    schedule_check_drop(s, b, HF_REASON_NO_BOARD);
}

void schedule_send_away(hf_schedule *s, board *b, hf_fault fault)
{
    if (!s->policy.quarantine_ns || b->quarantines >= s->policy.max_quarantines) {
        schedule_strike_out(s, b, fault);
        return;
    }
    b->failed++;
    b->last_fault = fault;
    b->verdict = VERDICT_QUARANTINE;
    b->until_ns = later(s->now_ns, quarantine_ns(s, b->quarantines));
    b->quarantines++;
    b->needs_attention |= b->quarantines > 1;
    b->check_due |= s->policy.check_before_readmission;
    b->strikes = s->policy.strikes - 1; /* on probation when it comes back */
    schedule_check_drop(s, b, HF_REASON_NO_BOARD);
}

void schedule_strike(hf_schedule *s, board *b, hf_fault fault)
{
    if (b->strikes + 1 >= s->policy.strikes) {
        schedule_send_away(s, b, fault);
        return;
    }
    b->failed++;
    b->strikes++;
    b->last_fault = fault;
}

static void not_in_use(board *b)
{
    if (b->verdict == VERDICT_LOST && b->in_use)
        b->verdict = VERDICT_NONE; /* that was the only reason */
    b->in_use = b->unreachable = false;
    b->in_use_since_ns = HF_SCHEDULE_NEVER;
}

void schedule_bring_back(board *b)
{
    b->verdict = VERDICT_NONE;
    b->not_before_ns = 0;
    if (b->state == HF_BOARD_QUARANTINE || b->state == HF_BOARD_LOST || b->state == HF_BOARD_IN_USE) {
        b->state = HF_BOARD_CLOSED;
        not_in_use(b);
    }
}

void schedule_bring_back_in_use(hf_schedule *s, const run *r)
{
    const member *m;
    for (uint32_t i = 0; i < r->lane_count; i++)
        LIST_FOREACH(m, &r->lanes[i].pool->members, by_pool)
        {
            board *b = m->board;
            if (b->verdict != VERDICT_LOST || !b->in_use)
                continue;
            schedule_board_out(s, b);
            schedule_bring_back(b);
            schedule_board_in(s, b);
        }
}

/* The board is closed now; its verdict decides what follows. */
static void close_by_verdict(hf_schedule *s, board *b)
{
    b->state = b->verdict == VERDICT_LOST         ? HF_BOARD_LOST
               : b->verdict == VERDICT_QUARANTINE ? HF_BOARD_QUARANTINE
                                                  : HF_BOARD_CLOSED;
    b->close_wanted = false;
    b->cancel = CANCEL_NONE;
    b->free_since_ns = s->now_ns;
}

/* The board is idle, and has been for long: it is closed unless a job waits for it. */
static void close_if_unawaited(const hf_schedule *s, board *b)
{
    bool awaited = false;
    const member *m;
    LIST_FOREACH(m, &b->pools, by_board)
    {
        awaited |= m->pool->waiting > 0;
    }
    b->close_wanted = !awaited;
    b->idle_since_ns = s->now_ns;
}

void schedule_board_timer(hf_schedule *s, board *b)
{
    const bool over = b->until_ns <= s->now_ns;
    if (b->state == HF_BOARD_QUARANTINE && over) {
        b->state = HF_BOARD_CLOSED;
        b->verdict = VERDICT_NONE;
    } else if (b->state == HF_BOARD_IN_USE && over) {
        b->state = HF_BOARD_CLOSED;
        if (!b->demands && !b->check_requested)
            not_in_use(b); /* no job or check will try it again, so what the last try found is out of date */
    } else if (is_free(b) && s->policy.idle_close_ns &&
               later(b->idle_since_ns, s->policy.idle_close_ns) <= s->now_ns) {
        close_if_unawaited(s, b);
    }
    if (b->reserved && b->reserved_until_ns <= s->now_ns)
        b->reserved = false;
    if (b->check_requested && b->check_until_ns <= s->now_ns)
        schedule_check_drop(s, b,
                            !b->in_use       ? HF_REASON_DEADLINE
                            : b->unreachable ? HF_REASON_AGENT
                                             : HF_REASON_IN_USE);
}

hf_status hf_schedule_opened(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_OPENING);
    if (!b)
        return schedule_unexpected(err, "opened", "board", board_index);
    schedule_tick(schedule, now_ns);
    schedule_board_out(schedule, b);
    b->state = HF_BOARD_IDLE;
    b->idle_since_ns = schedule->now_ns;
    b->cancel = CANCEL_NONE;
    not_in_use(b);
    schedule_board_in(schedule, b);
    return HF_OK;
}

/* Through no fault of its own the board cannot be had now. */
static hf_status open_later(hf_schedule *s, uint32_t board_index, bool unreachable, uint64_t now_ns,
                            hf_error *err)
{
    board *b = schedule_board_in_state(s, board_index, HF_BOARD_OPENING);
    if (!b)
        return schedule_unexpected(err, "open busy", "board", board_index);
    schedule_tick(s, now_ns);
    schedule_board_out(s, b);
    if (b->unreachable != unreachable)
        b->in_use_since_ns = HF_SCHEDULE_NEVER; /* the wait for something else */
    b->unreachable = unreachable;
    if (b->demands && b->in_use_since_ns == HF_SCHEDULE_NEVER)
        b->in_use_since_ns = s->now_ns;
    b->in_use = true;
    const uint64_t give_up_ns =
        later(b->in_use_since_ns, unreachable ? s->policy.agent_wait_ns : s->policy.busy_wait_ns);
    const uint64_t next_ns = later(s->now_ns, s->policy.busy_retry_ns);
    const bool over = give_up_ns <= s->now_ns;
    if (over)
        give_up(s, b);
    close_by_verdict(s, b);
    if (!over || b->check_requested) { /* for a check, it is tried for longer than for jobs */
        b->state = HF_BOARD_IN_USE;
        b->until_ns = next_ns < give_up_ns || over ? next_ns : give_up_ns;
    }
    schedule_board_in(s, b);
    return HF_OK;
}

hf_status hf_schedule_open_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    return open_later(schedule, board_index, false, now_ns, err);
}

static hf_status open_failed(hf_schedule *s, uint32_t board_index, hf_fault fault, bool in_vain,
                             uint64_t now_ns, hf_error *err)
{
    board *b = schedule_board_in_state(s, board_index, HF_BOARD_OPENING);
    if (!b)
        return schedule_unexpected(err, "open failed", "board", board_index);
    schedule_tick(s, now_ns);
    schedule_board_out(s, b);
    not_in_use(b);
    if (fault == HF_FAULT_FARM) {
        b->failed++;
    } else if (b->cancel == CANCEL_NONE) { /* a cancelled open says nothing about the board */
        /* No job is involved in opening, so whatever class it is, it is the board's fault. */
        const hf_fault cause = fault == HF_FAULT_NONE || fault == HF_FAULT_JOB ? HF_FAULT_BOARD : fault;
        if (in_vain)
            schedule_strike_out(s, b, cause);
        else
            schedule_strike(s, b, cause);
        b->not_before_ns = later(s->now_ns, s->policy.reopen_delay_ns);
    }
    close_by_verdict(s, b);
    schedule_board_in(s, b);
    if (fault == HF_FAULT_FARM)
        schedule_end_all(s, STOP_FINISH, HF_REASON_FARM);
    return HF_OK;
}

hf_status hf_schedule_open_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                  uint64_t now_ns, hf_error *err)
{
    if (fault == HF_FAULT_AGENT)
        return open_later(schedule, board_index, true, now_ns, err);
    return open_failed(schedule, board_index, fault, false, now_ns, err);
}

hf_status hf_schedule_open_in_vain(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                   uint64_t now_ns, hf_error *err)
{
    return open_failed(schedule, board_index, fault, true, now_ns, err);
}

hf_status hf_schedule_closed(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_CLOSING);
    if (!b)
        return schedule_unexpected(err, "closed", "board", board_index);
    schedule_tick(schedule, now_ns);
    schedule_board_out(schedule, b);
    close_by_verdict(schedule, b);
    schedule_board_in(schedule, b);
    return HF_OK;
}
