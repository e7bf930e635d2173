/* SPDX-License-Identifier: Apache-2.0 */
/* Preparations: what is prepared next and how far ahead; their answers. */
#include "state.h"

#include <stddef.h>

static bool being_prepared(const hf_schedule *s, uint32_t index)
{
    return index < s->preparation_count && s->preparations[index].state == PREPARATION_UNDER_WAY;
}

hf_status hf_schedule_prepared(hf_schedule *schedule, uint32_t preparation_index, uint64_t now_ns,
                               hf_error *err)
{
    if (!being_prepared(schedule, preparation_index))
        return schedule_unexpected(err, "prepared", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    schedule_preparation_set(schedule, &schedule->preparations[preparation_index], PREPARATION_READY);
    return HF_OK;
}

hf_status hf_schedule_prepare_failed(hf_schedule *schedule, uint32_t preparation_index, hf_fault fault,
                                     uint64_t now_ns, hf_error *err)
{
    if (!being_prepared(schedule, preparation_index))
        return schedule_unexpected(err, "preparation failed", "preparation", preparation_index);
    schedule_tick(schedule, now_ns);
    schedule_preparation_set(schedule, &schedule->preparations[preparation_index], PREPARATION_OVER);
    bool farm = fault == HF_FAULT_FARM;
    for (uint32_t i = schedule->first_open; i < schedule->job_count; i++) {
        job *j = &schedule->jobs[i];
        if (j->preparation == preparation_index && j->state == JOB_WAITING)
            schedule_job_final(schedule, j, HF_OUTCOME_FAILED, farm ? HF_REASON_FARM : HF_REASON_PREPARATION,
                               fault == HF_FAULT_NONE ? HF_FAULT_JOB : fault);
    }
    if (farm)
        schedule_stop_run(schedule, STOP_FINISH, HF_REASON_FARM);
    return HF_OK;
}

static bool begin_preparation(hf_schedule *s, uint32_t index, hf_schedule_action *out)
{
    schedule_preparation_set(s, &s->preparations[index], PREPARATION_UNDER_WAY);
    *out = schedule_action(HF_ACTION_PREPARE);
    out->preparation = index;
    return true;
}

/* The first job that waits for an unprepared preparation and could run on one of the chips; HF_SCHEDULE_NONE
 * when there is none, or, with only_if_starving, when something for these chips is ready or under way. */
static uint32_t first_unprepared(const hf_schedule *s, uint64_t chips, bool only_if_starving)
{
    uint32_t found = HF_SCHEDULE_NONE;
    for (uint32_t i = s->first_open; i < s->job_count; i++) {
        const job *j = &s->jobs[i];
        if (j->state != JOB_WAITING || !(j->chips & chips))
            continue;
        preparation_state state = s->preparations[j->preparation].state;
        if (state != PREPARATION_WAITING) {
            if (only_if_starving)
                return HF_SCHEDULE_NONE;
            continue;
        }
        if (found == HF_SCHEDULE_NONE)
            found = i;
        if (!only_if_starving)
            break;
    }
    return found;
}

bool schedule_prepare(hf_schedule *s, hf_schedule_action *out)
{
    if (s->under_way + s->ready >= s->policy.prepare_limit)
        return false;
    if (s->unused < s->policy.prepare_ahead) {
        uint32_t found = first_unprepared(s, UINT64_MAX, false);
        return found != HF_SCHEDULE_NONE && begin_preparation(s, s->jobs[found].preparation, out);
    }
    for (uint32_t i = 0; i < s->board_count; i++) {
        if (!is_free(&s->boards[i]))
            continue;
        uint32_t found = first_unprepared(s, UINT64_C(1) << s->boards[i].chip, true);
        if (found != HF_SCHEDULE_NONE)
            return begin_preparation(s, s->jobs[found].preparation, out);
    }
    return false;
}
