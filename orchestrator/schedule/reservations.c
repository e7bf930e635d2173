/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that people take out of service and put back: reserved, disabled, enabled. */
#include "rules.h"

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
    b->needs_attention = false;
    schedule_check_drop(schedule, b, HF_REASON_DISABLED);
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
    const bool was_away = b->disabled || (b->verdict != VERDICT_NONE && !b->in_use);
    const bool checks = schedule->policy.check_before_readmission;
    b->check_due = checks && (was_away || b->check_due);
    b->needs_attention = checks && b->needs_attention;
    b->disabled = false;
    b->strikes = 0;
    b->quarantines = 0;
    b->last_fault = HF_FAULT_NONE;
    schedule_bring_back(b);
    schedule_board_in(schedule, b);
    return HF_OK;
}
