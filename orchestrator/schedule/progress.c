/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <stddef.h>

static const char *const reason_texts[] = {
#define HF_REASON_ROW(name, text) [HF_REASON_##name] = (text),
    HF_REASON_MAP(HF_REASON_ROW)
#undef HF_REASON_ROW
};

static const char *const board_state_names[] = {
#define HF_BOARD_STATE_ROW(name, text) [HF_BOARD_##name] = (text),
    HF_BOARD_STATE_MAP(HF_BOARD_STATE_ROW)
#undef HF_BOARD_STATE_ROW
};

const char *hf_schedule_reason_text(hf_schedule_reason reason)
{
    return (size_t)reason < sizeof reason_texts / sizeof reason_texts[0] ? reason_texts[reason]
                                                                         : "unknown reason";
}

const char *hf_schedule_board_state_name(hf_schedule_board_state state)
{
    return (size_t)state < sizeof board_state_names / sizeof board_state_names[0] ? board_state_names[state]
                                                                                  : "unknown state";
}

bool hf_schedule_board_status_get(const hf_schedule *schedule, uint32_t board_index,
                                  hf_schedule_board_status *out)
{
    if (board_index >= schedule->board_count)
        return false;
    const board *b = &schedule->boards[board_index];
    bool busy = b->state == HF_BOARD_BUSY;
    *out = (hf_schedule_board_status){
        .state = b->state,
        .job = b->job,
        .attempt = busy ? schedule->jobs[b->job].attempts : 0,
        .strikes = b->strikes,
        .quarantines = b->quarantines,
        .in_use = b->in_use,
        .quarantined = b->sentence == SENTENCE_QUARANTINE,
        .given_up = b->sentence == SENTENCE_LOST,
        .cause = b->last_fault,
        .until_ns = b->sentence == SENTENCE_QUARANTINE || b->state == HF_BOARD_IN_USE ? b->until_ns : 0,
        .done = b->done,
        .failed = b->failed,
    };
    return true;
}

hf_schedule_progress hf_schedule_progress_get(const hf_schedule *schedule)
{
    const hf_schedule *s = schedule;
    return (hf_schedule_progress){
        .done = s->done,
        .failed = s->failed,
        .not_run = s->not_run,
        .excluded = s->excluded,
        .running = s->running,
        .waiting = s->job_count - s->done - s->failed - s->not_run - s->excluded - s->running,
        .stopping = s->stop != STOP_NONE,
    };
}

hf_schedule_reason hf_schedule_stop_reason(const hf_schedule *schedule)
{
    return schedule->stop == STOP_NONE ? HF_REASON_NONE : schedule->stop_reason;
}

static void sooner(const hf_schedule *s, uint64_t at_ns, uint64_t *wake_ns)
{
    if (at_ns > s->now_ns && at_ns < *wake_ns)
        *wake_ns = at_ns;
}

uint64_t hf_schedule_wake_ns(const hf_schedule *schedule)
{
    const hf_schedule *s = schedule;
    uint64_t wake_ns = HF_SCHEDULE_NEVER;
    if (s->finished)
        return wake_ns;
    if (s->stop != STOP_ABORT)
        sooner(s, s->deadline_ns, &wake_ns);
    if (s->stop != STOP_NONE)
        return wake_ns;
    for (uint32_t i = 0; i < s->board_count; i++) {
        const board *b = &s->boards[i];
        if (!s->open_jobs[b->chip])
            continue; /* nothing for it to come back for */
        if (b->sentence == SENTENCE_QUARANTINE || b->state == HF_BOARD_IN_USE)
            sooner(s, b->until_ns, &wake_ns);
        if (b->state == HF_BOARD_CLOSED)
            sooner(s, b->not_before_ns, &wake_ns);
    }
    if (s->picky) /* only a job that failed once waits for a time, and such a job is picky */
        for (uint32_t i = s->first_open; i < s->job_count; i++)
            if (s->jobs[i].state == JOB_WAITING)
                sooner(s, s->jobs[i].not_before_ns, &wake_ns);
    return wake_ns;
}
