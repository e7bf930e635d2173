/* SPDX-License-Identifier: Apache-2.0 */
/* Requested health checks that will not be made. */
#include "rules.h"

static bool has_begun(const board *b)
{
    return b->state == HF_BOARD_CHECKING;
}

void schedule_check_drop(hf_schedule *s, board *b, hf_schedule_reason reason)
{
    if (!b->check_requested || has_begun(b))
        return;
    b->check_requested = false;
    b->unchecked = reason;
    if (b->verdict == VERDICT_LOST && (b->state == HF_BOARD_CLOSED || b->state == HF_BOARD_IN_USE))
        b->state = HF_BOARD_LOST; /* for jobs, it was given up before */
    heap_put(&s->unchecked, &b->report, b->index, 0);
}

void schedule_check_drop_all(hf_schedule *s, hf_schedule_reason reason)
{
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = s->boards[i];
        if (!b->check_requested)
            continue;
        schedule_board_out(s, b);
        schedule_check_drop(s, b, reason);
        schedule_board_in(s, b);
    }
}
