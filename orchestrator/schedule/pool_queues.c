/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps pools in the queues of what there is to do for them. */
#include "rules.h"

/* For each board the pool's part of it: what other runs will use needs nothing prepared here. But whatever is idle now
 * is to be used. */
uint32_t schedule_pool_need(const pool *p)
{
    uint64_t need = p->in_service;
    if (p->lane_weight < p->chip->lane_weight)
        need = (uint64_t)(((unsigned __int128)need * p->lane_weight + p->chip->lane_weight - 1) /
                          p->chip->lane_weight);
    return (uint32_t)need > p->idle.count ? (uint32_t)need : p->idle.count;
}

/* Whether a board may find nothing prepared; or nothing of the lane whose turn it is. What one owner has prepared for
 * another chip must not take the place of another owner's, nor must what takes long to prepare. */
static bool is_short(const pool *p)
{
    if (!p->preparable.count || !p->in_service)
        return false;
    const lane *l = heap_item(heap_top(&p->preparable), lane, prepare_turn);
    const heap_node *ready = heap_top(&p->startable);
    const bool its_turn = ready ? l->prepare_turn.key < ready->key : p->idle.count > 0;
    const uint32_t need = schedule_pool_need(p);
    return p->supply < need || (its_turn && l->supply < need);
}

static void set_queue(hf_schedule *s, pool *p, pool_queue queue, bool in)
{
    if (in == p->queued[queue])
        return;
    p->queued[queue] = in;
    if (in)
        TAILQ_INSERT_TAIL(&s->pools[queue], p, queue[queue]);
    else
        TAILQ_REMOVE(&s->pools[queue], p, queue[queue]);
}

void schedule_pool_update(hf_schedule *s, pool *p)
{
    set_queue(s, p, POOLS_TO_START, p->idle.count && p->startable.count);
    set_queue(s, p, POOLS_TO_OPEN, p->closed.count && p->waiting > p->opening + p->idle.count);
    set_queue(s, p, POOLS_TO_STOCK,
              p->preparable.count && p->reachable && p->supply < s->policy.prepare_ahead);
    set_queue(s, p, POOLS_TO_SUPPLY, is_short(p));
}
