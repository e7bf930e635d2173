/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch: which job starts on which board, which boards are opened and closed, when the run is over. */
#include "state.h"

#include <stddef.h>

/* Each rule below looks for one thing to do, assumes it done and says so. hf_schedule_next() asks them in
 * order: what is over first, then what makes boards work, then what keeps them supplied. */

static uint32_t index_of(const hf_schedule *s, const board *b)
{
    return (uint32_t)(b - s->boards);
}

/* ---- What time alone changes ---- */

static void apply_time(hf_schedule *s)
{
    if (s->deadline_ns <= s->now_ns && s->deadline_ns != HF_SCHEDULE_NEVER && s->stop != STOP_ABORT)
        schedule_stop_run(s, STOP_ABORT, HF_REASON_DEADLINE);
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = &s->boards[i];
        if (b->state == HF_BOARD_QUARANTINE && b->until_ns <= s->now_ns) {
            b->state = HF_BOARD_CLOSED;
            b->sentence = SENTENCE_NONE;
        }
        if (b->state == HF_BOARD_IN_USE && b->until_ns <= s->now_ns)
            b->state = HF_BOARD_CLOSED;
    }
}

/* Whose fault it is that a job has no board left: the last one's that was lost, or the farm's for having
 * none. */
static hf_fault blame(const hf_schedule *s, const job *j)
{
    const board *last = NULL;
    for (uint32_t i = 0; i < s->board_count; i++) {
        const board *b = &s->boards[i];
        if (fits(j, b) && (!last || b->until_ns >= last->until_ns))
            last = b;
    }
    return last ? last->last_fault : HF_FAULT_FARM;
}

/* Whether one of the boards that a job has lost is fit for work, only not for ours. */
static bool is_kept_by_others(const hf_schedule *s, const job *j)
{
    for (uint32_t i = 0; i < s->board_count; i++)
        if (fits(j, &s->boards[i]) && s->boards[i].in_use)
            return true;
    return false;
}

static void fail_jobs_without_board(hf_schedule *s)
{
    if (!s->boards_changed)
        return;
    s->boards_changed = false;
    uint64_t chips = 0;
    for (uint32_t i = 0; i < s->board_count; i++)
        if (s->boards[i].sentence != SENTENCE_LOST)
            chips |= UINT64_C(1) << s->boards[i].chip;
    for (uint32_t i = s->first_open; i < s->job_count; i++) {
        job *j = &s->jobs[i];
        if (j->state != JOB_WAITING || (j->chips & chips))
            continue;
        if (is_kept_by_others(s, j))
            schedule_job_final(s, j, HF_OUTCOME_NOT_RUN, HF_REASON_IN_USE, HF_FAULT_NONE);
        else
            schedule_job_final(s, j, HF_OUTCOME_FAILED, HF_REASON_NO_BOARD, blame(s, j));
    }
}

/* ---- What is over ---- */

static bool report_final(hf_schedule *s, hf_schedule_action *out)
{
    while (s->first_open < s->job_count && s->jobs[s->first_open].reported)
        s->first_open++;
    for (uint32_t i = s->first_open; s->unreported && i < s->job_count; i++) {
        job *j = &s->jobs[i];
        if (j->state != JOB_FINAL || j->reported)
            continue;
        j->reported = true;
        s->unreported--;
        *out = schedule_action(HF_ACTION_FINAL);
        out->job = i;
        out->board = j->last_board;
        out->attempt = j->attempts;
        out->outcome = j->outcome;
        out->reason = j->reason;
        out->fault = j->fault;
        return true;
    }
    return false;
}

static bool release(hf_schedule *s, hf_schedule_action *out)
{
    for (uint32_t i = 0; s->releasable && i < s->preparation_count; i++) {
        preparation *p = &s->preparations[i];
        if (p->state != PREPARATION_READY || p->jobs_left)
            continue;
        schedule_preparation_set(s, p, PREPARATION_OVER);
        *out = schedule_action(HF_ACTION_RELEASE);
        out->preparation = i;
        return true;
    }
    return false;
}

static bool cancel(hf_schedule *s, hf_schedule_action *out)
{
    for (uint32_t i = 0; s->stop == STOP_ABORT && i < s->board_count; i++) {
        board *b = &s->boards[i];
        if (b->cancelled || (b->state != HF_BOARD_BUSY && b->state != HF_BOARD_OPENING))
            continue;
        b->cancelled = true;
        *out = schedule_action(HF_ACTION_CANCEL);
        out->board = i;
        return true;
    }
    return false;
}

static bool close_board(hf_schedule *s, hf_schedule_action *out)
{
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = &s->boards[i];
        bool superfluous = s->stop != STOP_NONE || !s->open_jobs[b->chip];
        if (b->state != HF_BOARD_IDLE || (!b->close_wanted && !superfluous))
            continue;
        b->state = HF_BOARD_CLOSING;
        *out = schedule_action(HF_ACTION_CLOSE);
        out->board = i;
        return true;
    }
    return false;
}

/* ---- What makes boards work ---- */

static bool has_other_board(const hf_schedule *s, const job *j)
{
    for (uint32_t i = 0; i < s->board_count; i++)
        if (i != j->avoid && fits(j, &s->boards[i]) && within_reach(&s->boards[i]))
            return true;
    return false;
}

/* The board a job should start on now, or NULL. */
static board *choose_board(hf_schedule *s, const job *j)
{
    if (j->prefer != HF_SCHEDULE_NONE) {
        board *b = &s->boards[j->prefer];
        if (is_free(b))
            return b;
        if (within_reach(b) && b->state != HF_BOARD_BUSY)
            return NULL; /* it is on its way */
    }
    bool avoid = j->avoid != HF_SCHEDULE_NONE && has_other_board(s, j);
    board *best = NULL;
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = &s->boards[i];
        if (!is_free(b) || !fits(j, b) || (avoid && i == j->avoid))
            continue;
        if (!best || b->free_since_ns < best->free_since_ns)
            best = b;
    }
    return best;
}

static bool any_board_free(const hf_schedule *s)
{
    for (uint32_t i = 0; i < s->board_count; i++)
        if (is_free(&s->boards[i]))
            return true;
    return false;
}

static bool start(hf_schedule *s, hf_schedule_action *out)
{
    if (!s->ready || !any_board_free(s))
        return false;
    for (uint32_t i = s->first_open; i < s->job_count; i++) {
        job *j = &s->jobs[i];
        if (j->state != JOB_WAITING || j->not_before_ns > s->now_ns ||
            s->preparations[j->preparation].state != PREPARATION_READY)
            continue;
        board *b = choose_board(s, j);
        if (!b)
            continue;
        schedule_job_run(s, j);
        j->attempts++;
        j->last_board = index_of(s, b);
        b->state = HF_BOARD_BUSY;
        b->job = i;
        *out = schedule_action(HF_ACTION_START);
        out->job = i;
        out->board = j->last_board;
        out->attempt = j->attempts;
        return true;
    }
    return false;
}

/* Whether a job that failed on one board waits for this closed one. */
static bool is_awaited(const hf_schedule *s, uint32_t board_index)
{
    if (!s->picky)
        return false;
    const board *b = &s->boards[board_index];
    for (uint32_t i = s->first_open; i < s->job_count; i++) {
        const job *j = &s->jobs[i];
        if (j->state != JOB_WAITING || !fits(j, b))
            continue;
        if (j->prefer == board_index)
            return true;
        if (j->avoid == HF_SCHEDULE_NONE || j->avoid == board_index)
            continue;
        bool other_open = false;
        for (uint32_t k = 0; k < s->board_count && !other_open; k++) {
            const board *other = &s->boards[k];
            other_open = k != j->avoid && fits(j, other) && usable(other) &&
                         (other->state == HF_BOARD_IDLE || other->state == HF_BOARD_BUSY ||
                          other->state == HF_BOARD_OPENING);
        }
        if (!other_open)
            return true;
    }
    return false;
}

/* As many boards of a chip are open or opening as there are jobs to keep them busy. */
static bool is_wanted(const hf_schedule *s, uint32_t board_index)
{
    uint32_t chip = s->boards[board_index].chip;
    uint32_t supply = 0;
    for (uint32_t i = 0; i < s->board_count; i++)
        if (s->boards[i].chip == chip)
            supply += s->boards[i].state == HF_BOARD_OPENING || is_free(&s->boards[i]);
    return s->waiting_jobs[chip] > supply || is_awaited(s, board_index);
}

static bool open_board(hf_schedule *s, hf_schedule_action *out)
{
    board *best = NULL;
    for (uint32_t i = 0; i < s->board_count; i++) {
        board *b = &s->boards[i];
        if (b->state != HF_BOARD_CLOSED || b->not_before_ns > s->now_ns || !s->waiting_jobs[b->chip] ||
            (best && b->free_since_ns >= best->free_since_ns) || !is_wanted(s, i))
            continue;
        best = b;
    }
    if (!best)
        return false;
    best->state = HF_BOARD_OPENING;
    *out = schedule_action(HF_ACTION_OPEN);
    out->board = index_of(s, best);
    return true;
}

static bool finish(hf_schedule *s, hf_schedule_action *out)
{
    if (s->finished || s->under_way || s->ready ||
        s->done + s->failed + s->not_run + s->excluded < s->job_count)
        return false;
    for (uint32_t i = 0; i < s->board_count; i++) {
        hf_schedule_board_state state = s->boards[i].state;
        if (state != HF_BOARD_CLOSED && state != HF_BOARD_IN_USE && state != HF_BOARD_QUARANTINE &&
            state != HF_BOARD_LOST)
            return false;
    }
    s->finished = true;
    *out = schedule_action(HF_ACTION_FINISHED);
    return true;
}

bool hf_schedule_next(hf_schedule *schedule, uint64_t now_ns, hf_schedule_action *out)
{
    hf_schedule *s = schedule;
    schedule_tick(s, now_ns);
    if (s->finished)
        return false;
    apply_time(s);
    if (s->stop == STOP_NONE)
        fail_jobs_without_board(s);
    if (report_final(s, out) || release(s, out) || cancel(s, out) || close_board(s, out))
        return true;
    if (s->stop == STOP_NONE && (start(s, out) || open_board(s, out) || schedule_prepare(s, out)))
        return true;
    return finish(s, out);
}
