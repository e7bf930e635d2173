/* SPDX-License-Identifier: Apache-2.0 */
/* Fair shares of board time between owners and runs, by start-time fair queueing: each lane has a virtual time,
 * which is the board time it has used divided by its weight; the lane with the least goes first.
 *
 * A lane's weight is its owner's weight times its part of the owner's lanes for the chip. Both change as runs come
 * and go, and are applied to what is charged from then on. An attempt is charged when it starts, by the mean
 * duration so far, and corrected when it ends.
 *
 * Lanes of one pool are ordered by their own virtual times. Those of different pools are compared in the time of the
 * chip: a pool whose boards cannot give its lanes their shares falls behind, so that they go first wherever they may,
 * but no further than one round, and without changing who goes first among them. */
#include "rules.h"

#define FIRST_ATTEMPT_NS UINT64_C(1000000000) /* until one has ended */
#define AVERAGE_OVER     8                    /* attempts, about */
#define REBASE_AT        (UINT64_C(1) << 62)  /* virtual time of a chip */
#define REBASE_BY        (UINT64_C(1) << 61)

static uint64_t weight_of(uint32_t priority)
{
    return UINT64_C(1) << priority;
}

/* Board time divided by the weight of the lane: the same for every lane of normal priority whose owner has no
 * other, so that it reads as nanoseconds. */
static uint64_t virtual_ns(const lane *l, uint64_t ns)
{
    const share *sh = &l->run->owner->shares[l->chip];
    const uint64_t weight = weight_of(l->run->priority);
    const uint64_t sum = sh->weight > weight ? sh->weight : weight;
    const uint64_t owner_weight =
        weight_of(sh->weight && sh->top > l->run->priority ? sh->top : l->run->priority);
    const unsigned __int128 scaled =
        (unsigned __int128)ns * sum * weight_of(HF_SCHEDULE_MAX_PRIORITY) / weight / owner_weight;
    return scaled > UINT64_MAX / 4 ? UINT64_MAX / 4 : (uint64_t)scaled;
}

static uint64_t expected_ns(const lane *l)
{
    const uint64_t chip_ns = l->pool->chip->attempt_ns;
    return l->attempt_ns ? l->attempt_ns : chip_ns ? chip_ns : FIRST_ATTEMPT_NS;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t owner_weight(const share *sh)
{
    return sh->weight ? weight_of(sh->top) : 0;
}

void schedule_lane_share(lane *l, bool active)
{
    chip_state *c = l->pool->chip;
    share *sh = &l->run->owner->shares[l->chip];
    const uint32_t priority = l->run->priority;
    const uint64_t change = active ? weight_of(priority) : 0 - weight_of(priority);
    c->weight -= owner_weight(sh);
    l->active = active;
    sh->lanes[priority] += active ? 1 : UINT32_MAX;
    sh->weight += change;
    c->lane_weight += change;
    l->pool->lane_weight += change;
    sh->top = PRIORITIES - 1;
    while (sh->top && !sh->lanes[sh->top])
        sh->top--;
    c->weight += owner_weight(sh);
}

uint64_t schedule_chip_time(const lane *l)
{
    return later(l->virtual_ns, l->pool->shift_ns);
}

/* The pool's lanes are no further behind the chip's time than `lag_ns`. */
static void catch_up(pool *p, uint64_t lag_ns)
{
    const uint64_t chip_ns = p->chip->virtual_ns;
    if (chip_ns > lag_ns && later(p->virtual_ns, p->shift_ns) < chip_ns - lag_ns)
        p->shift_ns = chip_ns - lag_ns - p->virtual_ns;
}

void schedule_lane_update(hf_schedule *s, lane *l)
{
    pool *p = l->pool;
    if (l->active != (l->waiting > 0)) {
        if (!p->lane_weight)
            catch_up(p, 0);
        schedule_lane_share(l, l->waiting > 0);
        if (l->active && l->virtual_ns < p->virtual_ns)
            l->virtual_ns = p->virtual_ns; /* time without jobs gives no claim */
    }
    if (l->ready.count)
        heap_put(&p->startable, &l->turn, l->virtual_ns, l->run->index);
    else
        heap_remove(&p->startable, &l->turn);
    if (l->unprepared)
        heap_put(&p->preparable, &l->prepare_turn,
                 later(l->virtual_ns, times(virtual_ns(l, expected_ns(l)), l->supply)), l->run->index);
    else
        heap_remove(&p->preparable, &l->prepare_turn);
    schedule_pool_update(s, p);
}

/* What a lane's share of one round of so many boards is, in virtual time, and at least one attempt of the lane. Lanes
 * stay that close to the pool's time, and pools to the chip's: what could not use its share, say because preparing takes
 * long, does not make others stand still for it later; and what used the boards while others could not is not made to
 * wait for all that time. */
static uint64_t one_round(const lane *l, uint32_t boards)
{
    const chip_state *c = l->pool->chip;
    const uint64_t board_ns = times(expected_ns(l), boards + 1u);
    const uint64_t weight = c->weight ? c->weight : weight_of(l->run->priority);
    const uint64_t round = times(board_ns, weight_of(HF_SCHEDULE_MAX_PRIORITY)) / weight;
    const uint64_t attempt = virtual_ns(l, expected_ns(l));
    return round > attempt ? round : attempt;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t without(uint64_t from, uint64_t ns)
{
    return from > ns ? from - ns : 0;
}

static void rebase_pool(pool *p)
{
    const uint64_t own_ns = least(p->virtual_ns, REBASE_BY);
    p->virtual_ns -= own_ns;
    p->shift_ns = without(p->shift_ns, REBASE_BY - own_ns);
}

/* Virtual time passes faster than real time, on many boards or at low priority by a factor of thousands: within days
 * it would reach the largest value, and shares would end. So it is put back from time to time. */
static void rebase(hf_schedule *s, chip_state *c)
{
    run *r;
    pool *p;
    c->virtual_ns -= REBASE_BY;
    TAILQ_FOREACH(r, &s->live, link)
    {
        lane *l = (r->chips >> c->index) & 1 ? lane_of(r, c->index) : NULL;
        if (l)
            l->virtual_ns = without(l->virtual_ns, least(l->pool->virtual_ns, REBASE_BY));
    }
    rebase_pool(&c->all);
    LIST_FOREACH(p, &c->sets, link)
    {
        rebase_pool(p);
    }
    TAILQ_FOREACH(r, &s->live, link)
    {
        if ((r->chips >> c->index) & 1)
            schedule_lane_update(s, lane_of(r, c->index));
    }
}

void schedule_charge_start(hf_schedule *s, const job *j, board *b)
{
    lane *l = lane_of(j->run, b->chip);
    pool *p = l->pool;
    chip_state *c = p->chip;
    const uint64_t round = one_round(l, p->in_service);
    b->started_ns = s->now_ns;
    b->charged = virtual_ns(l, expected_ns(l));
    if (p->virtual_ns > round && l->virtual_ns < p->virtual_ns - round)
        l->virtual_ns = p->virtual_ns - round;
    if (j->place == PLACE_READY) { /* a repeated job may be far ahead */
        if (l->virtual_ns > p->virtual_ns)
            p->virtual_ns = l->virtual_ns;
        catch_up(p, one_round(l, c->all.in_service));
        if (schedule_chip_time(l) > c->virtual_ns)
            c->virtual_ns = schedule_chip_time(l);
    }
    l->virtual_ns = later(l->virtual_ns, b->charged);
    schedule_lane_update(s, l);
    if (c->virtual_ns >= REBASE_AT)
        rebase(s, c);
}

static uint64_t average(uint64_t mean_ns, uint64_t ns)
{
    return mean_ns ? mean_ns - mean_ns / AVERAGE_OVER + ns / AVERAGE_OVER : ns;
}

void schedule_charge_end(hf_schedule *s, const board *b, bool counts)
{
    lane *l = lane_of(b->job->run, b->chip);
    const pool *p = l->pool;
    chip_state *c = p->chip;
    const uint64_t ns = counts ? s->now_ns - b->started_ns : 0;
    const uint64_t uncharged = l->virtual_ns > b->charged ? l->virtual_ns - b->charged : 0;
    const uint64_t most_ns = later(p->virtual_ns, one_round(l, p->in_service));
    l->virtual_ns = least(later(uncharged, virtual_ns(l, ns)), most_ns);
    if (counts) {
        l->attempt_ns = average(l->attempt_ns, ns);
        c->attempt_ns = average(c->attempt_ns, ns);
    }
    schedule_lane_update(s, l);
}
