/* SPDX-License-Identifier: Apache-2.0 */
/* What displays and reports ask: states of boards, progress of runs, texts. */
#include "rules.h"

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

static hf_schedule_board_state shown_state(const board *b)
{
    if (is_open(b) || b->state == HF_BOARD_CLOSING)
        return b->state;
    return b->disabled ? HF_BOARD_DISABLED : b->reserved ? HF_BOARD_RESERVED : b->state;
}

bool hf_schedule_board_status_get(const hf_schedule *schedule, uint32_t board_index,
                                  hf_schedule_board_status *out)
{
    if (board_index >= schedule->board_count)
        return false;
    const board *b = schedule->boards[board_index];
    const job *j = b->state == HF_BOARD_BUSY ? b->job : NULL;
    const bool ends = b->verdict == VERDICT_QUARANTINE || b->state == HF_BOARD_IN_USE;
    *out = (hf_schedule_board_status){
        .state = shown_state(b),
        .run = j ? j->run->index : HF_SCHEDULE_NONE,
        .job = j ? (uint32_t)(j - j->run->jobs) : HF_SCHEDULE_NONE,
        .attempt = j ? j->attempts : 0,
        .strikes = b->strikes,
        .quarantines = b->quarantines,
        .in_use = b->in_use,
        .unreachable = b->unreachable,
        .quarantined = b->verdict == VERDICT_QUARANTINE,
        .given_up = b->verdict == VERDICT_LOST,
        .reserved = b->reserved,
        .disabled = b->disabled,
        .cause = b->last_fault,
        .until_ns = ends ? b->until_ns : 0,
        .reserved_until_ns = b->reserved ? b->reserved_until_ns : 0,
        .done = b->done,
        .failed = b->failed,
        .needs_attention = b->needs_attention,
        .check_due = b->check_due,
        .check_requested = b->check_requested,
    };
    return true;
}

hf_schedule_progress hf_schedule_progress_get(const hf_schedule *schedule, uint32_t run_index)
{
    const run *r = schedule_run(schedule, run_index);
    if (!r)
        return (hf_schedule_progress){0};
    return (hf_schedule_progress){
        .done = r->done,
        .failed = r->failed,
        .not_run = r->not_run,
        .excluded = r->excluded,
        .running = r->running,
        .waiting = r->job_count - r->done - r->failed - r->not_run - r->excluded - r->running,
        .stopping = r->stop != STOP_NONE,
        .over = r->is_over,
    };
}

hf_schedule_reason hf_schedule_stop_reason(const hf_schedule *schedule, uint32_t run_index)
{
    const run *r = schedule_run(schedule, run_index);
    return r && r->stop != STOP_NONE ? r->stop_reason : HF_REASON_NONE;
}
