/* SPDX-License-Identifier: Apache-2.0 */
/* Pools: which boards a run may use.
 *
 * Every chip has a pool of all its boards. A run that names its boards has a pool of its own for each chip, which runs
 * with the same boards share. A change of a board costs as much as the board has pools, however large they are. */
#include "rules.h"

#include <stdlib.h>

void schedule_chips_init(hf_schedule *s)
{
    for (uint32_t i = 0; i < HF_SCHEDULE_MAX_CHIPS; i++) {
        s->chips[i].index = i;
        s->chips[i].all.chip = &s->chips[i];
    }
    for (uint32_t i = 0; i < POOL_QUEUES; i++)
        TAILQ_INIT(&s->pools[i]);
}

static void free_queues(pool *p)
{
    heap_free(&p->idle);
    heap_free(&p->closed);
    heap_free(&p->startable);
    heap_free(&p->preparable);
}

/* The pool is in no list. */
static void free_pool(pool *p)
{
    free_queues(p);
    free(p->set);
    free(p);
}

void schedule_chips_free(hf_schedule *s)
{
    for (uint32_t i = 0; i < HF_SCHEDULE_MAX_CHIPS; i++) {
        chip_state *c = &s->chips[i];
        free_queues(&c->all);
        for (pool *p; (p = LIST_FIRST(&c->sets));) {
            LIST_REMOVE(p, link);
            free_pool(p);
        }
    }
}

static bool is_equal(const pool *p, board *const *boards, uint32_t count)
{
    if (p->set_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (p->set[i].board != boards[i])
            return false;
    return true;
}

static void remove_set(hf_schedule *s, pool *p)
{
    for (uint32_t i = 0; i < p->set_count; i++) {
        board *b = p->set[i].board;
        schedule_board_out(s, b);
        schedule_member_remove(&p->set[i]);
        schedule_board_in(s, b);
    }
    for (uint32_t i = 0; i < POOL_QUEUES; i++)
        if (p->queued[i])
            TAILQ_REMOVE(&s->pools[i], p, queue[i]);
    LIST_REMOVE(p, link);
    s->set_count--;
    free_pool(p);
}

static pool *new_set(hf_schedule *s, chip_state *c, board *const *boards, uint32_t count)
{
    pool *p = calloc(1, sizeof *p);
    member *set = calloc(count + 1u, sizeof *set);
    if (!p || !set || !heap_reserve(&p->idle, count + 1u) || !heap_reserve(&p->closed, count + 1u)) {
        if (p)
            free_pool(p);
        free(set);
        return NULL;
    }
    p->chip = c;
    p->set = set;
    p->set_count = count;
    LIST_INSERT_HEAD(&c->sets, p, link);
    s->set_count++;
    for (uint32_t i = 0; i < count; i++) {
        schedule_board_out(s, boards[i]);
        schedule_member_add(&set[i], boards[i], p);
        schedule_board_in(s, boards[i]);
    }
    return p;
}

static pool *find_set(hf_schedule *s, chip_state *c, board *const *boards, uint32_t count)
{
    pool *p;
    LIST_FOREACH(p, &c->sets, link)
    {
        if (is_equal(p, boards, count))
            return p;
    }
    return new_set(s, c, boards, count);
}

static int by_index(const void *a, const void *b)
{
    const uint32_t x = (*(board *const *)a)->index, y = (*(board *const *)b)->index;
    return (x > y) - (x < y);
}

/* The named boards of a chip, each once, in order. @return how many */
static uint32_t boards_of_chip(const hf_schedule *s, uint32_t chip, const uint32_t *boards, uint32_t count,
                               board **out)
{
    uint32_t found = 0, kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (s->boards[boards[i]]->chip == chip)
            out[found++] = s->boards[boards[i]];
    qsort((void *)out, found, sizeof(board *), by_index);
    for (uint32_t i = 0; i < found; i++)
        if (!kept || out[kept - 1] != out[i])
            out[kept++] = out[i];
    return kept;
}

static bool join(pool *p, lane *l)
{
    if (!p || !heap_reserve(&p->startable, p->lane_count + 1) ||
        !heap_reserve(&p->preparable, p->lane_count + 1))
        return false;
    l->pool = p;
    p->lane_count++;
    return true;
}

bool schedule_pools_join(hf_schedule *s, run *r, const uint32_t *boards, uint32_t board_count)
{
    board **named = boards ? calloc(board_count + 1u, sizeof(board *)) : NULL;
    bool ok = !boards || named;
    for (uint32_t i = 0; ok && i < r->lane_count; i++) {
        chip_state *c = &s->chips[r->lanes[i].chip];
        pool *p = &c->all;
        if (named)
            p = find_set(s, c, named, boards_of_chip(s, c->index, boards, board_count, named));
        ok = join(p, &r->lanes[i]);
        if (!ok && p && p->set && !p->lane_count)
            remove_set(s, p);
    }
    free((void *)named);
    return ok;
}

void schedule_pools_leave(hf_schedule *s, run *r)
{
    for (uint32_t i = 0; r->lanes && i < r->lane_count; i++) {
        pool *p = r->lanes[i].pool;
        r->lanes[i].pool = NULL;
        if (p && !--p->lane_count && p->set)
            remove_set(s, p);
    }
}
