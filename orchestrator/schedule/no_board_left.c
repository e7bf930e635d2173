/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs whose chips have no board left: failed or not run, and the reason. */
#include "rules.h"

#include <stddef.h>

/* What is said of jobs for a set of chips that has no board left. */
typedef struct no_board {
    uint64_t chips;
    bool in_use, unreachable, disabled;
    hf_fault fault; /* of the board that was given up last; the farm's if there never was one */
} no_board;

static no_board look_for_cause(const run *r, uint64_t chips)
{
    no_board cause = {.chips = chips, .fault = HF_FAULT_FARM};
    const board *last = NULL;
    const member *m;
    FOR_CHIPS(chip, chips)
    {
        LIST_FOREACH(m, &pool_of(r, chip)->members, by_pool)
        {
            const board *b = m->board;
            cause.in_use |= b->in_use && !b->unreachable && b->verdict == VERDICT_LOST;
            cause.unreachable |= b->in_use && b->unreachable && b->verdict == VERDICT_LOST;
            cause.disabled |= b->disabled;
            if (!last || b->until_ns > last->until_ns ||
                (b->until_ns == last->until_ns && b->index > last->index))
                last = b;
        }
    }
    if (last)
        cause.fault = last->last_fault;
    return cause;
}

static bool has_board(const job *j)
{
    bool found = false;
    FOR_CHIPS(chip, j->chips)
    {
        found |= pool_of(j->run, chip)->alive > 0;
    }
    return found;
}

static void fail_lane_without_board(hf_schedule *s, const lane *l)
{
    no_board cause = {0};
    for (uint32_t i = 0; l->waiting && i < l->entry_count; i++) {
        job *j = &l->run->jobs[l->run->entries[l->entries[i]].job];
        if (!is_waiting(j) || has_board(j))
            continue;
        if (cause.chips != j->chips)
            cause = look_for_cause(l->run, j->chips);
        if (cause.in_use)
            schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, HF_REASON_IN_USE, HF_FAULT_NONE);
        else if (cause.unreachable)
            schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, HF_REASON_AGENT, HF_FAULT_NONE);
        else if (cause.disabled)
            schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, HF_REASON_DISABLED, HF_FAULT_NONE);
        else
            schedule_job_final(s, j, HF_OUTCOME_FAILED, HF_REASON_NO_BOARD, cause.fault);
    }
}

void schedule_fail_jobs_without_board(hf_schedule *s)
{
    if (!s->boards_changed)
        return;
    s->boards_changed = false;
    run *r;
    TAILQ_FOREACH(r, &s->live, link)
    {
        for (uint32_t i = 0; i < r->lane_count; i++)
            if (!r->lanes[i].pool->alive)
                fail_lane_without_board(s, &r->lanes[i]);
    }
}
