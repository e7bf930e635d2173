/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that people take out of service and put back: reserved, disabled, enabled. */
#include "state.h"

static hf_status check(const hf_schedule *s, uint32_t index, hf_error *err)
{
    return index < s->board_count
               ? HF_OK
               : HF_FAIL(err, HF_EINVALID, "no board %u, expected below %u", index, s->board_count);
}

static hf_status reserve(hf_schedule *s, uint32_t index, bool reserved, uint64_t until_ns, uint64_t now_ns,
                         hf_error *err)
{
    const hf_status status = check(s, index, err);
    if (status != HF_OK)
        return status;
    schedule_tick(s, now_ns);
    board *b = s->boards[index];
    schedule_board_out(s, b);
    b->reserved = reserved;
    b->reserved_until_ns = until_ns;
    schedule_board_in(s, b);
    return HF_OK;
}

hf_status hf_schedule_reserve_board(hf_schedule *schedule, uint32_t board_index, uint64_t until_ns,
                                    uint64_t now_ns, hf_error *err)
{
    return reserve(schedule, board_index, true, until_ns, now_ns, err);
}

hf_status hf_schedule_release_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                    hf_error *err)
{
    return reserve(schedule, board_index, false, 0, now_ns, err);
}

hf_status hf_schedule_disable_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                    hf_error *err)
{
    const hf_status status = check(schedule, board_index, err);
    if (status != HF_OK)
        return status;
    schedule_tick(schedule, now_ns);
    board *b = schedule->boards[board_index];
    schedule_board_out(schedule, b);
    b->disabled = true;
    schedule->boards_changed = true;
    schedule_board_in(schedule, b);
    return HF_OK;
}

hf_status hf_schedule_enable_board(hf_schedule *schedule, uint32_t board_index, uint64_t now_ns,
                                   hf_error *err)
{
    const hf_status status = check(schedule, board_index, err);
    if (status != HF_OK)
        return status;
    schedule_tick(schedule, now_ns);
    board *b = schedule->boards[board_index];
    schedule_board_out(schedule, b);
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
