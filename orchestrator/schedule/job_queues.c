/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps jobs and preparations in the queues in which they are looked for, and counts them. */
#include "rules.h"

static preparation *preparation_of(const job *j)
{
    return &j->run->preparations[j->preparation];
}

static bool uses_preparation(const job *j)
{
    return j->place == PLACE_RETRY || j->place == PLACE_DELAYED || j->place == PLACE_RUNNING;
}

static bool is_unused(const preparation *p)
{
    return p->state == PREPARATION_UNDER_WAY || (p->state == PREPARATION_READY && !p->used && p->jobs_left);
}

/* A spare preparation has only waiting jobs: it may be released early and made again later. */
static void update_spare(hf_schedule *s, preparation *p)
{
    const bool is_spare = p->state == PREPARATION_READY && p->jobs_left && !p->users;
    if (is_spare == p->is_spare)
        return;
    p->is_spare = is_spare;
    if (is_spare)
        TAILQ_INSERT_TAIL(&s->spare, p, spare);
    else
        TAILQ_REMOVE(&s->spare, p, spare);
}

static void leave_lane(const job *j, entry *e, lane *l)
{
    l->waiting -= is_waiting(j);
    l->pool->waiting -= is_waiting(j);
    const bool supply = j->place == PLACE_PREPARING || j->place == PLACE_READY;
    l->supply -= supply;
    l->pool->supply -= supply;
    l->unprepared -= j->place == PLACE_UNPREPARED;
    heap_remove(j->place == PLACE_READY ? &l->ready : &l->returned, &e->node);
}

static void enter_lane(hf_schedule *s, const job *j, entry *e, lane *l)
{
    l->waiting += is_waiting(j);
    l->pool->waiting += is_waiting(j);
    const bool supply = j->place == PLACE_PREPARING || j->place == PLACE_READY;
    l->supply += supply;
    l->pool->supply += supply;
    l->unprepared += j->place == PLACE_UNPREPARED;
    if (j->place == PLACE_READY)
        heap_put(&l->ready, &e->node, e->job, 0);
    else if (j->place == PLACE_UNPREPARED && e->position < l->cursor)
        heap_put(&l->returned, &e->node, e->job, 0);
    schedule_lane_update(s, l);
}

static uint64_t key_of(const job *j)
{
    return (uint64_t)j->run->index << 32 | (uint64_t)(j - j->run->jobs);
}

static void leave(hf_schedule *s, job *j)
{
    entry *e = &j->run->entries[j->first_entry];
    FOR_CHIPS(chip, j->chips)
    {
        leave_lane(j, e++, lane_of(j->run, chip));
    }
    if (j->place == PLACE_RETRY)
        TAILQ_REMOVE(&s->retries, j, retry);
    else if (j->place == PLACE_DELAYED)
        heap_remove(&s->delayed, &j->node);
    j->run->running -= j->place == PLACE_RUNNING;
    preparation_of(j)->users -= uses_preparation(j);
}

static void enter(hf_schedule *s, job *j, job_place place)
{
    j->place = (uint8_t)place;
    entry *e = &j->run->entries[j->first_entry];
    FOR_CHIPS(chip, j->chips)
    {
        enter_lane(s, j, e++, lane_of(j->run, chip));
    }
    if (place == PLACE_RETRY)
        TAILQ_INSERT_TAIL(&s->retries, j, retry);
    else if (place == PLACE_DELAYED)
        heap_put(&s->delayed, &j->node, j->not_before_ns, 0);
    else if (place == PLACE_FINAL)
        heap_put(&s->finals, &j->node, key_of(j), 0);
    j->run->running += place == PLACE_RUNNING;
    preparation_of(j)->users += uses_preparation(j);
}

void schedule_job_enter(hf_schedule *s, job *j)
{
    j->demands = true;
    FOR_CHIPS(chip, j->chips)
    {
        schedule_pool_demand(s, pool_of(j->run, chip), true);
    }
    enter(s, j, PLACE_UNPREPARED);
}

void schedule_job_move(hf_schedule *s, job *j, job_place place)
{
    leave(s, j);
    enter(s, j, place);
    update_spare(s, preparation_of(j));
}

void schedule_job_undemand(hf_schedule *s, job *j)
{
    if (!j->demands)
        return;
    j->demands = false;
    FOR_CHIPS(chip, j->chips)
    {
        schedule_pool_demand(s, pool_of(j->run, chip), false);
    }
}

void schedule_job_final(hf_schedule *s, job *j, hf_schedule_outcome outcome, hf_schedule_reason reason,
                        hf_fault fault)
{
    run *r = j->run;
    preparation *p = preparation_of(j);
    j->outcome = (uint8_t)outcome;
    j->reason = (uint8_t)reason;
    j->fault = (uint8_t)fault;
    r->done += outcome == HF_OUTCOME_DONE;
    r->failed += outcome == HF_OUTCOME_FAILED;
    r->not_run += outcome == HF_OUTCOME_NOT_RUN;
    r->excluded += outcome == HF_OUTCOME_EXCLUDED;
    s->unused -= is_unused(p);
    p->jobs_left--;
    s->unused += is_unused(p);
    schedule_job_move(s, j, PLACE_FINAL);
    schedule_job_undemand(s, j);
    if (!p->jobs_left && p->state == PREPARATION_READY)
        heap_put(&s->releases, &p->node, (uint64_t)r->index << 32 | (uint64_t)(p - r->preparations), 0);
}

void schedule_preparation_used(hf_schedule *s, preparation *p)
{
    s->unused -= is_unused(p);
    p->used = true;
    s->unused += is_unused(p);
}

static bool is_held(preparation_state state)
{
    return state == PREPARATION_UNDER_WAY || state == PREPARATION_READY;
}

void schedule_preparation_set(hf_schedule *s, preparation *p, preparation_state state)
{
    static const job_place places[] = {[PREPARATION_WAITING] = PLACE_UNPREPARED,
                                       [PREPARATION_UNDER_WAY] = PLACE_PREPARING,
                                       [PREPARATION_READY] = PLACE_READY};
    run *r = p->run;
    const uint32_t change = (uint32_t)is_held(state) - (uint32_t)is_held(p->state);
    s->held += change;
    r->held += change;
    s->unused -= is_unused(p);
    p->state = (uint8_t)state;
    p->used = p->used && state != PREPARATION_WAITING;
    s->unused += is_unused(p);
    heap_remove(&s->releases, &p->node);
    if (state == PREPARATION_READY && !p->jobs_left)
        heap_put(&s->releases, &p->node, (uint64_t)r->index << 32 | (uint64_t)(p - r->preparations), 0);
    for (uint32_t i = 0; state != PREPARATION_OVER && p->jobs_left && i < p->job_count; i++) {
        job *j = &r->jobs[r->by_preparation[p->first_job + i]];
        if (is_waiting(j))
            schedule_job_move(s, j, places[state]);
    }
    update_spare(s, p);
    schedule_check_over(s, r);
}

void schedule_check_over(hf_schedule *s, run *r)
{
    if (!r->is_over && !r->over.place && !r->unreported && !r->held)
        heap_put(&s->overs, &r->over, r->index, 0);
}
