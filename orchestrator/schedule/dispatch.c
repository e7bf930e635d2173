/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch: which job starts on which board, which boards are opened, checked and closed.
 *
 * Each rule below looks for one thing to do, assumes that it is done, and returns it. hf_schedule_next() asks them
 * in order: what is over first, then what makes boards work, then what keeps them supplied. */
#include "rules.h"

#include <stddef.h>

/* ---- What time alone changes ---- */

static bool is_due(const hf_schedule *s, const heap *h)
{
    return h->count && heap_top(h)->key <= s->now_ns;
}

static void apply_time(hf_schedule *s)
{
    if (s->deadline_ns <= s->now_ns) {
        s->deadline_ns = HF_SCHEDULE_NEVER;
        schedule_end_all(s, STOP_ABORT, HF_REASON_DEADLINE);
    }
    while (is_due(s, &s->deadlines))
        schedule_end_run(s, heap_item(heap_top(&s->deadlines), run, deadline), STOP_ABORT,
                         HF_REASON_DEADLINE);
    while (is_due(s, &s->timers)) {
        board *b = heap_item(heap_top(&s->timers), board, timer);
        schedule_board_out(s, b);
        schedule_board_timer(s, b);
        schedule_board_in(s, b);
    }
    while (is_due(s, &s->delayed))
        schedule_job_move(s, heap_item(heap_top(&s->delayed), job, node), PLACE_RETRY);
}

/* ---- What ends ---- */

static bool cancel(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->cancels);
    if (!top)
        return false;
    board *b = heap_item(top, board, attention);
    heap_remove(&s->cancels, top);
    b->cancel = CANCEL_SENT;
    *out = schedule_action(HF_ACTION_CANCEL);
    out->board = b->index;
    return true;
}

static bool close_board(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top;
    while ((top = heap_top(&s->closes))) {
        board *b = heap_item(top, board, attention);
        if (!schedule_board_to_close(b)) { /* a job has come for it meanwhile */
            heap_remove(&s->closes, top);
            continue;
        }
        schedule_board_out(s, b);
        b->state = HF_BOARD_CLOSING;
        schedule_board_in(s, b);
        *out = schedule_action(HF_ACTION_CLOSE);
        out->board = b->index;
        return true;
    }
    return false;
}

/* ---- What makes boards work ---- */

static bool check(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->checks);
    if (!top)
        return false;
    board *b = heap_item(top, board, check);
    schedule_board_out(s, b);
    b->state = HF_BOARD_CHECKING;
    schedule_board_in(s, b);
    *out = schedule_action(HF_ACTION_CHECK);
    out->board = b->index;
    return true;
}

static bool is_better(const heap_node *a, const heap_node *b)
{
    return a && (!b || a->key < b->key || (a->key == b->key && a->order < b->order));
}

/* The board that a job should have first, among the free ones or those that can be opened. */
static board *first_board(const hf_schedule *s, const job *j, bool open, uint32_t avoid)
{
    const heap_node *best = NULL;
    FOR_CHIPS(chip, j->chips)
    {
        const pool *p = pool_of(j->run, chip);
        const heap *h = open ? &p->idle : &p->closed;
        const heap_node *top = heap_top(h);
        if (top && top->order == avoid)
            top = heap_second(h);
        if (is_better(top, best))
            best = top;
    }
    return best ? s->boards[best->order] : NULL;
}

/* Boards that the job may use, except the one to avoid, that are open or can be. */
static uint32_t others(const hf_schedule *s, const job *j, bool open)
{
    const board *avoid = s->boards[j->avoid];
    uint32_t count = 0;
    FOR_CHIPS(chip, j->chips)
    {
        const pool *p = pool_of(j->run, chip);
        count += open ? p->open : p->reachable;
    }
    return count - (open ? usable(avoid) && is_open(avoid) : is_reachable(avoid));
}

/* The board on which a waiting job should start now, or NULL. */
static board *choose_board(const hf_schedule *s, const job *j)
{
    if (j->prefer != HF_SCHEDULE_NONE) {
        board *b = s->boards[j->prefer];
        if (is_free(b))
            return b;
        if (is_reachable(b) && b->state != HF_BOARD_BUSY)
            return NULL; /* it will be open soon */
    }
    const bool avoid = j->avoid != HF_SCHEDULE_NONE && others(s, j, false);
    return first_board(s, j, true, avoid ? j->avoid : HF_SCHEDULE_NONE);
}

static bool begin(hf_schedule *s, job *j, board *b, hf_schedule_action *out)
{
    schedule_board_out(s, b);
    b->state = HF_BOARD_BUSY;
    b->job = j;
    schedule_board_in(s, b);
    schedule_charge_start(s, j, b);
    schedule_job_move(s, j, PLACE_RUNNING);
    schedule_preparation_used(s, &j->run->preparations[j->preparation]);
    j->attempts++;
    j->last_board = b->index;
    *out = schedule_action(HF_ACTION_START);
    out->run = j->run->index;
    out->job = (uint32_t)(j - j->run->jobs);
    out->board = b->index;
    out->attempt = j->attempts;
    return true;
}

/* The lane whose turn it is, of those with a job ready and a board free; NULL if there is none. Lanes of different
 * chips do not compete. */
static const lane *next_to_start(const hf_schedule *s)
{
    const pool *p;
    const lane *best = NULL;
    TAILQ_FOREACH(p, &s->pools[POOLS_TO_START], queue[POOLS_TO_START])
    {
        const lane *l = heap_item(heap_top(&p->startable), lane, turn);
        const uint64_t time_ns = schedule_chip_time(l);
        const uint64_t best_ns = best ? schedule_chip_time(best) : 0;
        if (!best || l->chip < best->chip ||
            (l->chip == best->chip &&
             (time_ns < best_ns || (time_ns == best_ns && l->run->index < best->run->index))))
            best = l;
    }
    return best;
}

static bool start(hf_schedule *s, hf_schedule_action *out)
{
    job *j;
    board *b;
    if (!s->free_chips)
        return false;
    TAILQ_FOREACH(j, &s->retries, retry)
    {
        if ((j->chips & s->free_chips) && (b = choose_board(s, j)))
            return begin(s, j, b, out);
    }
    const lane *l = next_to_start(s);
    if (!l)
        return false;
    j = &l->run->jobs[heap_item(heap_top(&l->ready), entry, node)->job];
    return (b = choose_board(s, j)) && begin(s, j, b, out);
}

/* A closed board that a job which failed elsewhere waits for. */
static board *awaited_board(const hf_schedule *s)
{
    const job *j;
    TAILQ_FOREACH(j, &s->retries, retry)
    {
        if (j->prefer != HF_SCHEDULE_NONE) {
            board *b = s->boards[j->prefer];
            if (b->whole.queue.place && b->state == HF_BOARD_CLOSED)
                return b;
        } else if (j->avoid != HF_SCHEDULE_NONE && !others(s, j, true)) {
            board *b = first_board(s, j, false, j->avoid);
            if (b)
                return b;
        }
    }
    return NULL;
}

/* As many boards that a run may use are open or opening as there are jobs to keep them busy. */
static bool open_board(hf_schedule *s, hf_schedule_action *out)
{
    if (s->opening >= s->policy.open_limit)
        return false;
    const heap_node *best = NULL;
    const pool *p;
    TAILQ_FOREACH(p, &s->pools[POOLS_TO_OPEN], queue[POOLS_TO_OPEN])
    {
        if (is_better(heap_top(&p->closed), best))
            best = heap_top(&p->closed);
    }
    board *b = best ? s->boards[best->order] : s->closed_boards ? awaited_board(s) : NULL;
    if (!b && s->check_opens.count)
        b = heap_item(heap_top(&s->check_opens), board, check);
    if (!b)
        return false;
    schedule_board_out(s, b);
    b->state = HF_BOARD_OPENING;
    schedule_board_in(s, b);
    *out = schedule_action(HF_ACTION_OPEN);
    out->board = b->index;
    return true;
}

static bool finish(hf_schedule *s, hf_schedule_action *out)
{
    if (!s->drained || s->live_runs || s->open_boards)
        return false;
    s->finished = true;
    *out = schedule_action(HF_ACTION_FINISHED);
    return true;
}

bool hf_schedule_next(hf_schedule *schedule, uint64_t now_ns, hf_schedule_action *out)
{
    hf_schedule *s = schedule;
    schedule_tick(s, now_ns);
    if (s->finished)
        return false;
    apply_time(s);
    schedule_fail_jobs_without_board(s);
    return schedule_report(s, out) || cancel(s, out) || close_board(s, out) || check(s, out) ||
           start(s, out) || open_board(s, out) || schedule_prepare(s, out) || finish(s, out);
}

static void sooner(const heap *h, uint64_t *wake_ns)
{
    if (h->count && heap_top(h)->key < *wake_ns)
        *wake_ns = heap_top(h)->key;
}

uint64_t hf_schedule_wake_ns(const hf_schedule *schedule)
{
    uint64_t wake_ns = schedule->deadline_ns;
    if (schedule->finished)
        return HF_SCHEDULE_NEVER;
    sooner(&schedule->deadlines, &wake_ns);
    sooner(&schedule->timers, &wake_ns);
    sooner(&schedule->delayed, &wake_ns);
    return wake_ns;
}
