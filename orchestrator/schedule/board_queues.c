/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps boards in the queues in which they are looked for, and counts them by pool. */
#include "rules.h"

/* A member's key: whether a check is due, how many runs need the board, and time: 36 years. */
#define CHECK_SHIFT 63
#define SETS_SHIFT  60
#define SETS_MAX    7u

/* Of two boards, the one goes first that needs no check; then the one that fewer runs limited to certain boards need,
 * so that a job that may run anywhere leaves it to them; then the one that has waited longer. */
static uint64_t member_key(const board *b)
{
    const uint64_t check = b->check_due;
    const uint64_t sets = b->sets < SETS_MAX ? b->sets : SETS_MAX;
    const uint64_t most_ns = (UINT64_C(1) << SETS_SHIFT) - 1;
    return check << CHECK_SHIFT | sets << SETS_SHIFT |
           (b->free_since_ns < most_ns ? b->free_since_ns : most_ns);
}

/* Not free for a job yet, but it will be unless something fails. */
static bool is_coming(const board *b)
{
    return usable(b) && (b->state == HF_BOARD_OPENING || b->state == HF_BOARD_CHECKING);
}

static void count(pool *p, const board *b, uint32_t change)
{
    const bool busy = b->state == HF_BOARD_BUSY;
    p->alive += b->verdict != VERDICT_LOST && !b->disabled ? change : 0;
    p->reachable += is_reachable(b) ? change : 0;
    p->opening += is_coming(b) ? change : 0;
    p->open += is_open(b) && usable(b) ? change : 0;
    p->in_service += is_free(b) || (busy && usable(b)) ? change : 0;
}

static void count_everywhere(hf_schedule *s, const board *b, uint32_t change)
{
    s->opening += b->state == HF_BOARD_OPENING ? change : 0;
    s->open_boards += is_open(b) || b->state == HF_BOARD_CLOSING ? change : 0;
    s->closed_boards += b->whole.queue.place && b->state == HF_BOARD_CLOSED ? change : 0;
}

static bool can_be_opened(const hf_schedule *s, const board *b)
{
    return b->state == HF_BOARD_CLOSED && usable(b) && b->not_before_ns <= s->now_ns;
}

/* Also one that jobs do not wait for any more, because it is in use. */
static bool can_be_opened_for_check(const hf_schedule *s, const board *b)
{
    return b->check_requested && b->state == HF_BOARD_CLOSED && (b->verdict == VERDICT_NONE || b->in_use) &&
           !b->disabled && !b->reserved && b->not_before_ns <= s->now_ns;
}

static void set_timer(hf_schedule *s, board *b)
{
    uint64_t at_ns = HF_SCHEDULE_NEVER;
    if (b->state == HF_BOARD_QUARANTINE || b->state == HF_BOARD_IN_USE)
        at_ns = b->until_ns;
    else if (b->state == HF_BOARD_CLOSED && usable(b) && b->not_before_ns > s->now_ns)
        at_ns = b->not_before_ns;
    else if (is_free(b) && b->demands && s->policy.idle_close_ns)
        at_ns = later(b->idle_since_ns, s->policy.idle_close_ns);
    if (b->reserved && b->reserved_until_ns < at_ns)
        at_ns = b->reserved_until_ns;
    if (b->check_requested && b->state != HF_BOARD_CHECKING && b->check_until_ns < at_ns)
        at_ns = b->check_until_ns;
    if (at_ns == HF_SCHEDULE_NEVER)
        heap_remove(&s->timers, &b->timer);
    else
        heap_put(&s->timers, &b->timer, at_ns, b->index);
}

static void set_free_chip(hf_schedule *s, uint32_t chip)
{
    const uint64_t bit = UINT64_C(1) << chip;
    s->free_chips = s->chips[chip].all.idle.count ? s->free_chips | bit : s->free_chips & ~bit;
}

static void member_out(member *m)
{
    count(m->pool, m->board, UINT32_MAX); /* -1 */
    heap_remove(m->board->state == HF_BOARD_IDLE ? &m->pool->idle : &m->pool->closed, &m->queue);
}

static void member_in(hf_schedule *s, member *m)
{
    const board *b = m->board;
    count(m->pool, b, 1);
    if (is_free(b))
        heap_put(&m->pool->idle, &m->queue, member_key(b), b->index);
    else if (can_be_opened(s, b))
        heap_put(&m->pool->closed, &m->queue, member_key(b), b->index);
    schedule_pool_update(s, m->pool);
}

void schedule_member_add(member *m, board *b, pool *p)
{
    m->board = b;
    m->pool = p;
    LIST_INSERT_HEAD(&p->members, m, by_pool);
    LIST_INSERT_HEAD(&b->pools, m, by_board);
}

void schedule_member_remove(member *m)
{
    LIST_REMOVE(m, by_pool);
    LIST_REMOVE(m, by_board);
}

void schedule_board_out(hf_schedule *s, board *b)
{
    member *m;
    count_everywhere(s, b, UINT32_MAX); /* -1 */
    LIST_FOREACH(m, &b->pools, by_board)
    {
        member_out(m);
    }
    heap_remove(b->state == HF_BOARD_IDLE ? &s->closes : &s->cancels, &b->attention);
    heap_remove(b->state == HF_BOARD_IDLE ? &s->checks : &s->check_opens, &b->check);
}

void schedule_board_in(hf_schedule *s, board *b)
{
    member *m;
    LIST_FOREACH(m, &b->pools, by_board)
    {
        member_in(s, m);
    }
    count_everywhere(s, b, 1);
    if (b->cancel == CANCEL_WANTED)
        heap_put(&s->cancels, &b->attention, b->index, 0);
    else if (schedule_board_to_close(b))
        heap_put(&s->closes, &b->attention, b->index, 0);
    else if (is_at_rest(b) && wants_check(b))
        heap_put(&s->checks, &b->check, b->index, 0);
    else if (can_be_opened_for_check(s, b))
        heap_put(&s->check_opens, &b->check, b->index, 0);
    set_timer(s, b);
    set_free_chip(s, b->chip);
}

board *schedule_board_in_state(const hf_schedule *s, uint32_t index, hf_schedule_board_state state)
{
    return index < s->board_count && s->boards[index]->state == state ? s->boards[index] : NULL;
}

bool schedule_board_to_close(const board *b)
{
    return b->state == HF_BOARD_IDLE && (!is_at_rest(b) || (!b->demands && !b->check_requested));
}

void schedule_pool_demand(hf_schedule *s, pool *p, bool more)
{
    const bool changes = more ? !p->demand++ : !--p->demand;
    member *m;
    if (!changes)
        return;
    LIST_FOREACH(m, &p->members, by_pool)
    {
        board *b = m->board;
        schedule_board_out(s, b);
        b->demands += more ? 1 : UINT32_MAX;
        b->sets += !p->set ? 0 : more ? 1 : UINT32_MAX;
        if (!b->demands)
            b->in_use_since_ns = HF_SCHEDULE_NEVER;
        schedule_board_in(s, b);
    }
}

void schedule_board_cancel(hf_schedule *s, board *b)
{
    if (b->cancel != CANCEL_NONE)
        return;
    b->cancel = CANCEL_WANTED;
    heap_put(&s->cancels, &b->attention, b->index, 0);
}
