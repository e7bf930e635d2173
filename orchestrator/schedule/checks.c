/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks: requests, and what their outcome means for the board. */
#include "rules.h"

hf_status hf_schedule_check_board(hf_schedule *schedule, uint32_t board_index, uint64_t until_ns,
                                  uint64_t now_ns, hf_error *err)
{
    hf_schedule *s = schedule;
    if (board_index >= s->board_count)
        return HF_FAIL(err, HF_EINVALID, "no board %u, expected below %u", board_index, s->board_count);
    board *b = s->boards[board_index];
    if (s->drained || b->disabled || b->reserved)
        return HF_FAIL(err, HF_EINVALID, "board %u cannot be checked: %s", board_index,
                       b->disabled   ? "it is disabled"
                       : b->reserved ? "it is reserved"
                                     : "the farm is being shut down");
    schedule_tick(s, now_ns);
    schedule_board_out(s, b);
    b->check_requested = true;
    b->check_until_ns = until_ns;
    b->check_due |= b->verdict != VERDICT_NONE && !b->in_use;
    if (b->verdict != VERDICT_NONE)
        schedule_bring_back(b);
    schedule_board_in(s, b);
    return HF_OK;
}

/* ---- Replies ---- */

/* The board, out of its queues and idle; NULL with HF_EINVALID in *err if it is not being checked. */
static board *end_check(hf_schedule *s, const char *event, uint32_t board_index, uint64_t now_ns,
                        hf_error *err)
{
    board *b = schedule_board_in_state(s, board_index, HF_BOARD_CHECKING);
    if (!b) {
        (void)schedule_unexpected(err, event, "board", board_index); /* in *err */
        return NULL;
    }
    schedule_tick(s, now_ns);
    schedule_board_out(s, b);
    b->state = HF_BOARD_IDLE;
    b->idle_since_ns = s->now_ns;
    b->free_since_ns = s->now_ns;
    return b;
}

hf_status hf_schedule_check_passed(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    board *b = end_check(schedule, "check passed", board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->cancel = CANCEL_NONE;
    b->check_due = false;
    b->check_requested = false;
    b->needs_attention = false;
    b->strikes = 0;
    schedule_board_in(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_check_failed(hf_schedule *schedule, uint32_t board_index, hf_fault fault,
                                   uint64_t now_ns, hf_error *err)
{
    hf_schedule *s = schedule;
    if (fault == HF_FAULT_AGENT)
        return hf_schedule_check_busy(s, board_index, now_ns, err);
    board *b = end_check(s, "check failed", board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->check_requested = false;
    if (fault == HF_FAULT_FARM) {
        b->failed++;
    } else if (b->cancel == CANCEL_NONE) { /* a cancelled check says nothing about the board */
        b->check_due = true;
        b->needs_attention = true;
        /* The image is known to work, so whatever class it is, it is the board's fault. */
        schedule_send_away(s, b, fault == HF_FAULT_NONE || fault == HF_FAULT_JOB ? HF_FAULT_BOARD : fault);
    }
    b->cancel = CANCEL_NONE;
    schedule_board_in(s, b);
    if (fault == HF_FAULT_FARM)
        schedule_end_all(s, STOP_FINISH, HF_REASON_FARM);
    return HF_OK;
}

hf_status hf_schedule_check_cancelled(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                      hf_error *err)
{
    const board *b = schedule_board_in_state(schedule, board_index, HF_BOARD_CHECKING);
    if (!b || b->cancel == CANCEL_NONE)
        return schedule_unexpected(err, "check cancelled", "board", board_index);
    return hf_schedule_check_failed(schedule, board_index, HF_FAULT_NONE, now_ns, err);
}

hf_status hf_schedule_check_busy(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns, hf_error *err)
{
    board *b = end_check(schedule, "check busy", board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->cancel = CANCEL_NONE;
    b->close_wanted = true; /* opening it again tells whether to wait for it */
    schedule_board_in(schedule, b);
    return HF_OK;
}
