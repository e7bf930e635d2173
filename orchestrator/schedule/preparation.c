/* SPDX-License-Identifier: Apache-2.0 */
/* Preparations: what is prepared next, how far ahead, what is released early; their replies. */
#include "rules.h"

#include <stddef.h>

#define EVICTION_SCAN      16 /* candidates looked at: the latest are the best ones */
#define PREPARED_PER_BOARD 2u
#define PREPARED_BESIDES   64u

static preparation *find(const hf_schedule *s, uint32_t run_index, uint32_t index)
{
    run *r = schedule_run(s, run_index);
    return r && index < r->preparation_count && r->preparations[index].state == PREPARATION_UNDER_WAY
               ? &r->preparations[index]
               : NULL;
}

hf_status hf_schedule_prepared(hf_schedule *schedule, uint32_t run_index, uint32_t preparation_index,
                               uint64_t now_ns, hf_error *err)
{
    preparation *p = find(schedule, run_index, preparation_index);
    if (!p)
        return schedule_unexpected(err, "prepared", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    schedule_preparation_set(schedule, p, PREPARATION_READY);
    return HF_OK;
}

hf_status hf_schedule_prepare_failed(hf_schedule *schedule, uint32_t run_index, uint32_t preparation_index,
                                     hf_fault fault, uint64_t now_ns, hf_error *err)
{
    preparation *p = find(schedule, run_index, preparation_index);
    if (!p)
        return schedule_unexpected(err, "preparation failed", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    run *r = p->run;
    const bool farm = fault == HF_FAULT_FARM;
    schedule_preparation_set(schedule, p, PREPARATION_OVER);
    for (uint32_t i = 0; i < p->job_count; i++) {
        job *j = &r->jobs[r->by_preparation[p->first_job + i]];
        if (is_waiting(j))
            schedule_job_final(schedule, j, HF_OUTCOME_FAILED, farm ? HF_REASON_FARM : HF_REASON_PREPARATION,
                               fault == HF_FAULT_NONE ? HF_FAULT_JOB : fault);
    }
    if (farm)
        schedule_end_run(schedule, r, STOP_FINISH, HF_REASON_FARM);
    return HF_OK;
}

/* ---- What is prepared next ---- */

/* The first job of a lane that is not prepared; HF_SCHEDULE_NONE when there is none. */
static uint32_t first_unprepared(lane *l)
{
    const run *r = l->run;
    while (l->cursor < l->entry_count &&
           r->jobs[r->entries[l->entries[l->cursor]].job].place != PLACE_UNPREPARED)
        l->cursor++;
    const heap_node *returned = heap_top(&l->returned);
    const uint32_t a = returned ? heap_item(returned, entry, node)->job : HF_SCHEDULE_NONE;
    const uint32_t b = l->cursor < l->entry_count ? r->entries[l->entries[l->cursor]].job : HF_SCHEDULE_NONE;
    return a < b ? a : b;
}

static bool begin(hf_schedule *s, run *r, uint32_t job_index, hf_schedule_action *out)
{
    const uint32_t index = r->jobs[job_index].preparation;
    schedule_preparation_set(s, &r->preparations[index], PREPARATION_UNDER_WAY);
    *out = schedule_action(HF_ACTION_PREPARE);
    out->run = r->index;
    out->preparation = index;
    return true;
}

/* The lane whose turn it is in a pool. */
static lane *next_lane(const pool *p)
{
    return heap_item(heap_top(&p->preparable), lane, prepare_turn);
}

/* Of the jobs whose turn it is in each pool, the first one. A pool without a board within reach, or with enough
 * prepared, is left out: it would use up what is meant for all. */
static bool prepare_ahead(hf_schedule *s, hf_schedule_action *out)
{
    const lane *first = NULL;
    uint32_t job_index = HF_SCHEDULE_NONE;
    const pool *p;
    TAILQ_FOREACH(p, &s->pools[POOLS_TO_STOCK], queue[POOLS_TO_STOCK])
    {
        lane *l = next_lane(p);
        const uint32_t found = first_unprepared(l);
        if (found < job_index) {
            first = l;
            job_index = found;
        }
    }
    return first && begin(s, first->run, job_index, out);
}

/* Whether the boards of all its waiting jobs have enough prepared without it. */
static bool can_be_evicted(const preparation *p)
{
    bool enough = true;
    for (uint32_t i = 0; i < p->job_count; i++) {
        const job *j = &p->run->jobs[p->run->by_preparation[p->first_job + i]];
        if (!is_waiting(j))
            continue;
        FOR_CHIPS(chip, j->chips)
        {
            const pool *of_job = pool_of(p->run, chip);
            enough &= of_job->supply > schedule_pool_need(of_job);
        }
    }
    return enough;
}

static bool evict(hf_schedule *s, hf_schedule_action *out)
{
    preparation *p;
    uint32_t looked_at = 0;
    TAILQ_FOREACH_REVERSE(p, &s->spare, preparation_list, spare)
    {
        if (looked_at++ == EVICTION_SCAN)
            break;
        if (!can_be_evicted(p))
            continue;
        *out = schedule_action(HF_ACTION_RELEASE);
        out->run = p->run->index;
        out->preparation = (uint32_t)(p - p->run->preparations);
        schedule_preparation_set(s, p, PREPARATION_WAITING);
        return true;
    }
    return false;
}

/* How many preparations are held at once. By default, for each board the image it runs and the next one, one for each
 * set of boards, and some that are kept until boards of other chips have used them. */
static uint32_t prepare_limit(const hf_schedule *s)
{
    return s->policy.prepare_limit ? s->policy.prepare_limit
                                   : PREPARED_BESIDES + PREPARED_PER_BOARD * s->board_count + s->set_count;
}

bool schedule_prepare(hf_schedule *s, hf_schedule_action *out)
{
    const bool full = s->held >= prepare_limit(s);
    if (!full && s->unused < s->policy.prepare_ahead && prepare_ahead(s, out))
        return true;
    pool *p = TAILQ_FIRST(&s->pools[POOLS_TO_SUPPLY]);
    if (!p)
        return false;
    if (full)
        return evict(s, out);
    lane *l = next_lane(p);
    /* The pools take turns: at the limit, none keeps the others from being supplied. */
    TAILQ_REMOVE(&s->pools[POOLS_TO_SUPPLY], p, queue[POOLS_TO_SUPPLY]);
    TAILQ_INSERT_TAIL(&s->pools[POOLS_TO_SUPPLY], p, queue[POOLS_TO_SUPPLY]);
    return begin(s, l->run, first_unprepared(l), out);
}
