/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that people take out of service and put back: reserved, disabled, enabled. */
#include "state.h"

#include <stddef.h>

/* The board, out of its queues to be changed; NULL with HF_EINVALID in *err if there is none. */
static board *take_out(hf_schedule *s, uint32_t index, uint64_t now_ns, hf_error *err)
{
    if (index >= s->board_count) {
        (void)HF_FAIL(err, HF_EINVALID, "no board %u, expected below %u", index,
                      s->board_count); /* in *err */
        return NULL;
    }
    schedule_tick(s, now_ns);
    schedule_board_out(s, s->boards[index]);
    return s->boards[index];
}

hf_status hf_schedule_reserve_board(hf_schedule *schedule, uint32_t board_index, uint64_t until_ns,
                                    uint64_t now_ns, hf_error *err)
{
    board *b = take_out(schedule, board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->reserved = true;
    b->reserved_until_ns = until_ns;
    schedule_board_in(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_release_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                    hf_error *err)
{
    board *b = take_out(schedule, board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->reserved = false;
    schedule_board_in(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_disable_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                    hf_error *err)
{
    board *b = take_out(schedule, board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->disabled = true;
    schedule->boards_changed = true;
    schedule_board_in(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_enable_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    board *b = take_out(schedule, board_index, now_ns, err);
    if (!b)
        return HF_EINVALID;
    b->disabled = false;
    b->verdict = VERDICT_NONE;
    b->strikes = 0;
    b->quarantines = 0;
    b->last_fault = HF_FAULT_NONE;
    b->not_before_ns = 0;
    if (b->state == HF_BOARD_QUARANTINE || b->state == HF_BOARD_LOST || b->state == HF_BOARD_IN_USE) {
        b->state = HF_BOARD_CLOSED;
        b->in_use = false;
    }
    schedule_board_in(schedule, b);
    return HF_OK;
}
