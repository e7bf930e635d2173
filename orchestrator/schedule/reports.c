/* SPDX-License-Identifier: Apache-2.0 */
/* What is over: jobs, preparations, runs, and requested checks that will not be made. */
#include "rules.h"

static bool report_final(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->finals);
    if (!top)
        return false;
    job *j = heap_item(top, job, node);
    heap_remove(&s->finals, top);
    *out = schedule_action(HF_ACTION_FINAL);
    out->run = j->run->index;
    out->job = (uint32_t)(j - j->run->jobs);
    out->board = j->last_board;
    out->attempt = j->attempts;
    out->outcome = (hf_schedule_outcome)j->outcome;
    out->reason = (hf_schedule_reason)j->reason;
    out->fault = (hf_fault)j->fault;
    j->run->unreported--;
    schedule_check_over(s, j->run);
    return true;
}

static bool release(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->releases);
    if (!top)
        return false;
    preparation *p = heap_item(top, preparation, node);
    *out = schedule_action(HF_ACTION_RELEASE);
    out->run = p->run->index;
    out->preparation = (uint32_t)(p - p->run->preparations);
    schedule_preparation_set(s, p, PREPARATION_OVER);
    return true;
}

static bool report_run(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->overs);
    if (!top)
        return false;
    run *r = heap_item(top, run, over);
    heap_remove(&s->overs, top);
    heap_remove(&s->deadlines, &r->deadline);
    TAILQ_REMOVE(&s->live, r, link);
    r->is_over = true;
    s->live_runs--;
    *out = schedule_action(HF_ACTION_RUN_OVER);
    out->run = r->index;
    return true;
}

static bool report_unchecked(hf_schedule *s, hf_schedule_action *out)
{
    heap_node *top = heap_top(&s->unchecked);
    if (!top)
        return false;
    const board *b = heap_item(top, board, report);
    heap_remove(&s->unchecked, top);
    *out = schedule_action(HF_ACTION_UNCHECKED);
    out->board = b->index;
    out->reason = b->unchecked;
    return true;
}

bool schedule_report(hf_schedule *s, hf_schedule_action *out)
{
    return report_final(s, out) || release(s, out) || report_run(s, out) || report_unchecked(s, out);
}
