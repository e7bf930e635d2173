/* SPDX-License-Identifier: Apache-2.0 */
/* Adding a run: checks, memory, room in every queue, its owner. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_ATTEMPTS 3

static hf_status check(const hf_schedule *s, const hf_schedule_run *request, hf_error *err)
{
    if (s->drained)
        return HF_FAIL(err, HF_EINVALID, "a run is added after the last one");
    if (request->job_count > HF_SCHEDULE_MAX_JOBS)
        return HF_FAIL(err, HF_ELIMIT, "a run of %u jobs, expected at most %u", request->job_count,
                       HF_SCHEDULE_MAX_JOBS);
    if (s->run_count >= HF_SCHEDULE_MAX_RUNS)
        return HF_FAIL(err, HF_ELIMIT, "%u runs at a time, expected at most %u", s->run_count + 1,
                       HF_SCHEDULE_MAX_RUNS);
    for (uint32_t i = 0; i < request->job_count; i++) {
        if (!request->jobs[i].chips)
            return HF_FAIL(err, HF_EINVALID, "job %u has an empty set of chips", i);
        if (request->jobs[i].preparation >= HF_SCHEDULE_MAX_JOBS)
            return HF_FAIL(err, HF_ELIMIT, "job %u has preparation %u, expected below %u", i,
                           request->jobs[i].preparation, HF_SCHEDULE_MAX_JOBS);
    }
    for (uint32_t i = 0; request->boards && i < request->board_count; i++)
        if (request->boards[i] >= s->board_count)
            return HF_FAIL(err, HF_EINVALID, "the run names board %u, expected below %u", request->boards[i],
                           s->board_count);
    return schedule_check_priority(request->priority, err);
}

/* Allocates what a run needs; sizes are in the run. */
static bool allocate(run *r, uint32_t entry_count)
{
    r->jobs = calloc(r->job_count + 1u, sizeof *r->jobs);
    r->entries = calloc(entry_count + 1u, sizeof *r->entries);
    r->lane_entries = calloc(entry_count + 1u, sizeof *r->lane_entries);
    r->by_preparation = calloc(r->job_count + 1u, sizeof *r->by_preparation);
    r->preparations = calloc(r->preparation_count + 1u, sizeof *r->preparations);
    r->lanes = calloc(r->lane_count + 1u, sizeof *r->lanes);
    return r->jobs && r->entries && r->lane_entries && r->by_preparation && r->preparations && r->lanes;
}

static bool make_lanes(run *r, uint64_t chips, const uint32_t counts[HF_SCHEDULE_MAX_CHIPS])
{
    uint32_t first = 0, index = 0;
    bool ok = true;
    FOR_CHIPS(chip, chips)
    {
        lane *l = &r->lanes[index];
        r->lane_of_chip[chip] = (uint8_t)index++;
        *l = (lane){.run = r, .chip = chip, .entries = r->lane_entries + first};
        first += counts[chip];
        ok = ok && heap_reserve(&l->ready, counts[chip]) && heap_reserve(&l->returned, counts[chip]);
    }
    return ok;
}

static void list_by_preparation(run *r, const hf_schedule_job *jobs)
{
    for (uint32_t i = 0; i < r->job_count; i++)
        r->preparations[jobs[i].preparation].jobs_left++;
    uint32_t first = 0;
    for (uint32_t i = 0; i < r->preparation_count; i++) {
        r->preparations[i].run = r;
        r->preparations[i].first_job = first;
        first += r->preparations[i].jobs_left;
    }
    for (uint32_t i = 0; i < r->job_count; i++) {
        preparation *p = &r->preparations[jobs[i].preparation];
        r->by_preparation[p->first_job + p->job_count++] = i;
    }
}

static void fill(run *r, const hf_schedule_job *jobs)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < r->job_count; i++) {
        r->jobs[i] = (job){.run = r,
                           .chips = jobs[i].chips,
                           .first_entry = next,
                           .preparation = jobs[i].preparation,
                           .last_board = HF_SCHEDULE_NONE,
                           .prefer = HF_SCHEDULE_NONE,
                           .avoid = HF_SCHEDULE_NONE,
                           .reopened = HF_SCHEDULE_NONE,
                           .place = PLACE_FINAL};
        FOR_CHIPS(chip, jobs[i].chips)
        {
            lane *l = lane_of(r, chip);
            r->entries[next] = (entry){.job = i, .position = l->entry_count};
            l->entries[l->entry_count++] = next++;
        }
    }
}

static run *new_run(hf_schedule *s, const hf_schedule_run *request)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    uint64_t chips = 0;
    uint32_t counts[HF_SCHEDULE_MAX_CHIPS] = {0}, entries = 0;
    r->job_count = request->job_count;
    for (uint32_t i = 0; i < request->job_count; i++) {
        const hf_schedule_job *j = &request->jobs[i];
        chips |= j->chips;
        entries += (uint32_t)__builtin_popcountll(j->chips);
        if (j->preparation >= r->preparation_count)
            r->preparation_count = j->preparation + 1;
        FOR_CHIPS(chip, j->chips)
        {
            counts[chip]++;
        }
    }
    r->chips = chips;
    r->lane_count = (uint32_t)__builtin_popcountll(chips);
    if (!allocate(r, entries) || !make_lanes(r, chips, counts) ||
        !schedule_pools_join(s, r, request->boards, request->board_count)) {
        schedule_pools_leave(s, r);
        schedule_run_free(r);
        return NULL;
    }
    list_by_preparation(r, request->jobs);
    fill(r, request->jobs);
    return r;
}

/* An array of pointers with room for more, the new ones NULL. @return NULL when there is no memory */
static void *grown(void *items, uint32_t *capacity)
{
    const uint32_t larger = *capacity ? 2 * *capacity : 8;
    void **more = realloc(items, larger * sizeof(void *));
    if (!more)
        return NULL;
    memset(more + *capacity, 0, (larger - *capacity) * sizeof(void *));
    *capacity = larger;
    return more;
}

static owner *find_owner(hf_schedule *s, uint32_t id)
{
    owner *idle = NULL;
    uint32_t end = 0;
    for (; end < s->owner_capacity && s->owners[end]; end++) {
        if (s->owners[end]->runs && s->owners[end]->id == id)
            return s->owners[end];
        if (!s->owners[end]->runs)
            idle = s->owners[end];
    }
    if (!idle) {
        if (end == s->owner_capacity) {
            owner **owners = grown(s->owners, &s->owner_capacity);
            if (!owners)
                return NULL;
            s->owners = owners;
        }
        idle = s->owners[end] = calloc(1, sizeof *idle);
    }
    if (idle)
        idle->id = id;
    return idle;
}

/* Room in every queue that the run may enter, so that no event has to allocate. */
static bool reserve_queues(hf_schedule *s, const run *r)
{
    return heap_reserve(&s->finals, s->job_count + r->job_count) &&
           heap_reserve(&s->delayed, s->job_count + r->job_count) &&
           heap_reserve(&s->releases, s->preparation_count + r->preparation_count) &&
           heap_reserve(&s->overs, s->run_capacity) && heap_reserve(&s->deadlines, s->run_capacity);
}

static bool find_slot(hf_schedule *s, uint32_t *slot)
{
    for (*slot = 0; *slot < s->run_capacity && s->runs[*slot]; ++*slot)
        continue;
    if (*slot < s->run_capacity)
        return true;
    run **runs = grown(s->runs, &s->run_capacity);
    if (runs)
        s->runs = runs;
    return runs;
}

static void enter(hf_schedule *s, run *r, const hf_schedule_run *request)
{
    s->runs[r->index] = r;
    s->run_count++;
    s->live_runs++;
    s->job_count += r->job_count;
    s->preparation_count += r->preparation_count;
    s->boards_changed = true;
    r->owner->runs++;
    r->priority = (uint32_t)(request->priority + HF_SCHEDULE_MAX_PRIORITY);
    r->max_attempts = request->max_attempts ? request->max_attempts : DEFAULT_ATTEMPTS;
    r->retry_delay_ns = request->retry_delay_ns;
    r->unreported = r->job_count;
    TAILQ_INSERT_TAIL(&s->live, r, link);
    schedule_bring_back_in_use(s, r);
    for (uint32_t i = 0; i < r->job_count; i++)
        schedule_job_enter(s, &r->jobs[i]);
    if (request->deadline_ns)
        heap_put(&s->deadlines, &r->deadline, later(s->now_ns, request->deadline_ns), r->index);
    schedule_check_over(s, r);
}

hf_status hf_schedule_add_run(hf_schedule *schedule, const hf_schedule_run *request, uint64_t now_ns,
                              uint32_t *run_index, hf_error *err)
{
    hf_status status = check(schedule, request, err);
    if (status != HF_OK)
        return status;
    uint32_t slot;
    run *r = new_run(schedule, request);
    owner *o = r && find_slot(schedule, &slot) && reserve_queues(schedule, r)
                   ? find_owner(schedule, request->owner)
                   : NULL;
    if (!o) {
        if (r)
            schedule_pools_leave(schedule, r);
        schedule_run_free(r);
        return HF_FAIL(err, HF_ENOMEM, "no memory to schedule %u jobs", request->job_count);
    }
    schedule_tick(schedule, now_ns);
    r->index = slot;
    r->owner = o;
    enter(schedule, r, request);
    *run_index = slot;
    return HF_OK;
}
