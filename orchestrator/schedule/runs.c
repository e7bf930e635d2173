/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that were added: ending early, priority, removing. */
#include "rules.h"

#include <stdlib.h>

run *schedule_run(const hf_schedule *s, uint32_t index)
{
    return index < s->run_capacity ? s->runs[index] : NULL;
}

/* ---- Ending ---- */

void schedule_end_run(hf_schedule *s, run *r, stop_mode mode, hf_schedule_reason reason)
{
    if (r->stop == STOP_NONE)
        r->stop_reason = reason;
    if (mode > r->stop)
        r->stop = mode;
    for (uint32_t i = 0; i < r->job_count; i++) {
        job *j = &r->jobs[i];
        if (is_waiting(j))
            schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, r->stop_reason, HF_FAULT_NONE);
        else
            schedule_job_undemand(s, j); /* if its attempt fails, it is not repeated */
    }
    if (mode != STOP_ABORT)
        return;
    heap_remove(&s->deadlines, &r->deadline);
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = s->boards[i];
        const bool idle_work = !b->demands && !b->check_requested &&
                               (b->state == HF_BOARD_OPENING || b->state == HF_BOARD_CHECKING);
        if (idle_work || (b->state == HF_BOARD_BUSY && b->job->run == r))
            schedule_board_cancel(s, b);
    }
}

void schedule_end_all(hf_schedule *s, stop_mode mode, hf_schedule_reason reason)
{
    run *r;
    schedule_check_drop_all(s, reason);
    TAILQ_FOREACH(r, &s->live, link)
    {
        schedule_end_run(s, r, mode, reason);
    }
    for (uint32_t i = 0; mode == STOP_ABORT && i < s->board_count; i++)
        if (s->boards[i]->state == HF_BOARD_CHECKING ||
            (s->boards[i]->state == HF_BOARD_OPENING && !s->boards[i]->demands))
            schedule_board_cancel(s, s->boards[i]);
}

hf_status hf_schedule_stop_run(hf_schedule *schedule, uint32_t run_index, bool abort,
                               hf_schedule_reason reason, uint64_t now_ns, hf_error *err)
{
    run *r = schedule_run(schedule, run_index);
    if (!r || r->is_over)
        return schedule_unexpected(err, "stopped", "run", run_index);
    schedule_tick(schedule, now_ns);
    schedule_end_run(schedule, r, abort ? STOP_ABORT : STOP_FINISH, reason);
    return HF_OK;
}

void hf_schedule_stop(hf_schedule *schedule, bool abort, hf_schedule_reason reason, uint64_t now_ns)
{
    schedule_tick(schedule, now_ns);
    schedule_end_all(schedule, abort ? STOP_ABORT : STOP_FINISH, reason);
}

void hf_schedule_drain(hf_schedule *schedule)
{
    schedule->drained = true;
    schedule_check_drop_all(schedule, HF_REASON_STOPPED);
}

void hf_schedule_set_deadline(hf_schedule *schedule, uint64_t at_ns, uint64_t now_ns)
{
    schedule_tick(schedule, now_ns);
    schedule->deadline_ns = at_ns;
}

/* ---- Changing and removing ---- */

hf_status schedule_check_priority(int32_t priority, hf_error *err)
{
    if (priority < -HF_SCHEDULE_MAX_PRIORITY || priority > HF_SCHEDULE_MAX_PRIORITY)
        return HF_FAIL(err, HF_EINVALID, "priority %d, expected -%d .. %d", priority,
                       HF_SCHEDULE_MAX_PRIORITY, HF_SCHEDULE_MAX_PRIORITY);
    return HF_OK;
}

void schedule_run_free(run *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->lanes && i < r->lane_count; i++) {
        heap_free(&r->lanes[i].ready);
        heap_free(&r->lanes[i].returned);
    }
    if (r->owner)
        r->owner->runs--;
    free(r->jobs);
    free(r->entries);
    free(r->lane_entries);
    free(r->by_preparation);
    free(r->preparations);
    free(r->lanes);
    free(r);
}

hf_status hf_schedule_set_priority(hf_schedule *schedule, uint32_t run_index, int32_t priority, hf_error *err)
{
    run *r = schedule_run(schedule, run_index);
    if (!r || r->is_over)
        return schedule_unexpected(err, "priority", "run", run_index);
    const hf_status status = schedule_check_priority(priority, err);
    if (status != HF_OK)
        return status;
    for (uint32_t i = 0; i < r->lane_count; i++)
        if (r->lanes[i].active)
            schedule_lane_share(&r->lanes[i], false);
    r->priority = (uint32_t)(priority + HF_SCHEDULE_MAX_PRIORITY);
    for (uint32_t i = 0; i < r->lane_count; i++) {
        if (r->lanes[i].waiting)
            schedule_lane_share(&r->lanes[i], true);
        schedule_lane_update(schedule, &r->lanes[i]);
    }
    return HF_OK;
}

hf_status hf_schedule_remove_run(hf_schedule *schedule, uint32_t run_index, hf_error *err)
{
    run *r = schedule_run(schedule, run_index);
    if (!r || !r->is_over)
        return schedule_unexpected(err, "removed", "run", run_index);
    schedule->runs[run_index] = NULL;
    schedule->run_count--;
    schedule->job_count -= r->job_count;
    schedule->preparation_count -= r->preparation_count;
    schedule_pools_leave(schedule, r);
    schedule_run_free(r);
    return HF_OK;
}
