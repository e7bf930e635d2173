/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps boards in the queues in which they are looked for, and counts them by pool. */
#include "state.h"

static void count(hf_schedule *s, const board *b, uint32_t change)
{
    pool *p = &s->pools[b->chip];
    const bool busy = b->state == HF_BOARD_BUSY;
    p->alive += b->verdict != VERDICT_LOST && !b->disabled ? change : 0;
    p->reachable += is_reachable(b) ? change : 0;
    p->opening += b->state == HF_BOARD_OPENING ? change : 0;
    p->open += is_open(b) && usable(b) ? change : 0;
    p->in_service += is_free(b) || (busy && usable(b)) ? change : 0;
    s->opening += b->state == HF_BOARD_OPENING ? change : 0;
    s->open_boards += is_open(b) || b->state == HF_BOARD_CLOSING ? change : 0;
}

static bool can_be_opened(const hf_schedule *s, const board *b)
{
    return b->state == HF_BOARD_CLOSED && usable(b) && b->not_before_ns <= s->now_ns;
}

static void set_timer(hf_schedule *s, board *b)
{
    uint64_t at_ns = HF_SCHEDULE_NEVER;
    if (b->state == HF_BOARD_QUARANTINE || b->state == HF_BOARD_IN_USE)
        at_ns = b->until_ns;
    else if (b->state == HF_BOARD_CLOSED && usable(b) && b->not_before_ns > s->now_ns)
        at_ns = b->not_before_ns;
    if (b->reserved && b->reserved_until_ns < at_ns)
        at_ns = b->reserved_until_ns;
    if (at_ns == HF_SCHEDULE_NEVER)
        heap_remove(&s->timers, &b->timer);
    else
        heap_put(&s->timers, &b->timer, at_ns, b->index);
}

static void set_free_chip(hf_schedule *s, uint32_t chip)
{
    const uint64_t bit = UINT64_C(1) << chip;
    s->free_chips = s->pools[chip].idle.count ? s->free_chips | bit : s->free_chips & ~bit;
}

void schedule_board_out(hf_schedule *s, board *b)
{
    pool *p = &s->pools[b->chip];
    count(s, b, UINT32_MAX); /* -1 */
    heap_remove(b->state == HF_BOARD_IDLE ? &p->idle : &p->closed, &b->queue);
    heap_remove(b->state == HF_BOARD_IDLE ? &s->closes : &s->cancels, &b->attention);
}

void schedule_board_in(hf_schedule *s, board *b)
{
    pool *p = &s->pools[b->chip];
    count(s, b, 1);
    if (is_free(b))
        heap_put(&p->idle, &b->queue, b->free_since_ns, b->index);
    else if (can_be_opened(s, b))
        heap_put(&p->closed, &b->queue, b->free_since_ns, b->index);
    if (schedule_board_to_close(s, b))
        heap_put(&s->closes, &b->attention, b->index, 0);
    set_timer(s, b);
    set_free_chip(s, b->chip);
}

board *schedule_board_in_state(const hf_schedule *s, uint32_t index, hf_schedule_board_state state)
{
    return index < s->board_count && s->boards[index]->state == state ? s->boards[index] : NULL;
}

bool schedule_board_to_close(const hf_schedule *s, const board *b)
{
    return b->state == HF_BOARD_IDLE && (b->close_wanted || !usable(b) || !s->pools[b->chip].demand);
}

void schedule_pool_unneeded(hf_schedule *s, uint32_t chip)
{
    for (uint32_t i = 0; i < s->board_count; i++)
        if (s->boards[i]->chip == chip && s->boards[i]->state == HF_BOARD_IDLE)
            heap_put(&s->closes, &s->boards[i]->attention, i, 0);
}

void schedule_board_cancel(hf_schedule *s, board *b)
{
    if (b->cancelled)
        return;
    b->cancelled = true;
    heap_put(&s->cancels, &b->attention, b->index, 0);
}
