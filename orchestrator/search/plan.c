/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "work.h"

/* ---- What the facts say ---- */

static void read_facts(hf_search_work *w)
{
    for (size_t i = 0; i < w->fact_count; i++) {
        const hf_search_fact *f = &w->facts[i];
        if (f->kind == HF_SEARCH_OUT_OF_TIME) {
            w->out_of_time = true;
            continue;
        }
        if (f->candidate >= w->count)
            continue;
        hf_search_known *k = &w->known[f->candidate];
        switch (f->kind) {
        case HF_SEARCH_MEASURED:
            k->measured = true;
            k->latency_ns = f->value;
            break;
        case HF_SEARCH_TRAINED:
            k->proved = false; /* it was another model that was measured, when the time was over */
            if (f->epochs >= k->epochs) {
                k->epochs = f->epochs;
                k->percent = f->validation_percent;
            }
            break;
        case HF_SEARCH_FINISHED:
            k->finished = true;
            k->proved = false;
            k->epochs = f->epochs;
            k->percent = f->validation_percent;
            k->finished_percent = f->value;
            break;
        case HF_SEARCH_PROVED:
            k->proved = true;
            break;
        case HF_SEARCH_FAILED:
            k->failed = true;
            break;
        case HF_SEARCH_OUT_OF_TIME:
            break;
        }
    }
}

static void add_todo(hf_search_work *w, uint32_t candidate)
{
    w->plan->todo[w->plan->todo_count++] = candidate;
}

/* ---- Measuring ---- */

/* @return whether something has to be measured first */
static bool measure(hf_search_work *w)
{
    const hf_search_settings *s = w->settings;
    if (w->out_of_time)
        return false;
    for (uint32_t i = 0; i < w->list_count; i++)
        if (!w->known[w->list[i]].measured && !w->known[w->list[i]].failed)
            add_todo(w, w->list[i]);
    w->plan->step = HF_SEARCH_MEASURE;
    if (w->plan->todo_count)
        return true;
    uint32_t left = 0;
    for (uint32_t i = 0; i < w->list_count; i++) {
        const uint32_t c = w->list[i];
        const hf_search_known *k = &w->known[c];
        const bool too_slow = s->latency_limit_ns > 0 && k->latency_ns > s->latency_limit_ns;
        if (k->failed && !k->measured)
            hf_search_decide(w, HF_SEARCH_MEASURE, 0, c, false, "it could not be measured within the limits");
        else if (too_slow)
            hf_search_decide(w, HF_SEARCH_MEASURE, 0, c, false,
                             "latency: measured %.4g ms, the limit is %.6g ms", k->latency_ns / 1e6,
                             s->latency_limit_ns / 1e6);
        else
            w->list[left++] = c;
    }
    w->list_count = left;
    if (!left)
        hf_search_decide(w, HF_SEARCH_MEASURE, 0, -1, false,
                         "no candidate that was measured meets the limits");
    return false;
}

/* ---- Training ---- */

static void drop_failed(hf_search_work *w, uint32_t epochs)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < w->list_count; i++) {
        if (w->known[w->list[i]].failed)
            hf_search_decide(w, HF_SEARCH_TRAIN, epochs, w->list[i], false, "its training failed");
        else
            w->list[left++] = w->list[i];
    }
    w->list_count = left;
}

/* The first of the list enter the first rung; the others are not trained. */
static void enter(hf_search_work *w, const hf_search_rungs *rungs)
{
    const uint32_t entrants = hf_search_entrants(rungs);
    const unsigned long long all = (unsigned long long)w->list_count * w->settings->epochs;
    w->plan->entrants = entrants;
    w->plan->epochs_planned = rungs->total_epochs;
    if (rungs->count)
        hf_search_decide(
            w, HF_SEARCH_TRAIN, 0, -1, true,
            "%u of %u candidates enter the first rung of %u epochs, %u are trained to the end: %llu "
            "epochs in all, %llu would train every candidate to the end",
            (unsigned)entrants, (unsigned)w->list_count, (unsigned)rungs->epochs[0],
            (unsigned)rungs->finalists, (unsigned long long)rungs->total_epochs, all);
    else
        hf_search_decide(w, HF_SEARCH_TRAIN, 0, -1, true,
                         "%u of %u candidates are trained to the end, without rungs: %llu epochs",
                         (unsigned)entrants, (unsigned)w->list_count,
                         (unsigned long long)rungs->total_epochs);
    for (uint32_t i = entrants; i < w->list_count; i++)
        hf_search_decide(w, HF_SEARCH_TRAIN, 0, w->list[i], false,
                         "not trained: the budget of epochs ends before it, place %u in the order of entry",
                         (unsigned)i + 1);
    w->list_count = entrants;
    hf_search_find_deep(w);
}

/* @return whether something has to be trained first. Otherwise the list has those that are trained to the end. */
static bool climb(hf_search_work *w, const hf_search_rungs *rungs)
{
    for (uint32_t r = 0; r < rungs->count; r++) {
        const uint32_t epochs = rungs->epochs[r];
        drop_failed(w, epochs);
        for (uint32_t i = 0; i < w->list_count; i++)
            if (!hf_search_rung_result(w, w->list[i], epochs))
                add_todo(w, w->list[i]);
        w->plan->step = HF_SEARCH_TRAIN;
        w->plan->epochs = epochs;
        if (w->plan->todo_count)
            return true;
        const bool is_last = r + 1 == rungs->count;
        hf_search_promote(w, epochs, is_last ? rungs->finalists : rungs->candidates[r + 1]);
    }
    w->plan->epochs = 0;
    return false;
}

/* The best so far, when the time is over: what was trained longest counts most. */
static void take_best_so_far(hf_search_work *w)
{
    uint32_t *best = w->list;
    w->list_count = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        const hf_search_known *k = &w->known[i];
        if (k->failed || !(k->epochs || k->finished) ||
            (w->settings->latency_limit_ns > 0 && k->latency_ns > w->settings->latency_limit_ns))
            continue;
        uint32_t at = w->list_count++;
        for (; at > 0; at--) {
            const hf_search_known *other = &w->known[best[at - 1]];
            const bool better = k->finished != other->finished ? k->finished
                                : k->epochs != other->epochs   ? k->epochs > other->epochs
                                                               : k->percent > other->percent;
            if (!better)
                break;
            best[at] = best[at - 1];
        }
        best[at] = i;
    }
    hf_search_decide(w, HF_SEARCH_FINISH, 0, -1, w->list_count > 0,
                     w->list_count ? "the time is over: the best so far is taken"
                                   : "the time is over, and nothing is trained");
}

/* ---- Winners ---- */

/* @return whether something has to be trained to the end first */
static bool complete(hf_search_work *w)
{
    drop_failed(w, 0);
    w->plan->step = HF_SEARCH_FINISH;
    for (uint32_t i = 0; i < w->list_count; i++)
        if (!w->known[w->list[i]].finished)
            add_todo(w, w->list[i]);
    if (w->plan->todo_count)
        return true;
    hf_search_rank_finished(w);
    return false;
}

static bool misses_floor(const hf_search_work *w, uint32_t candidate)
{
    const hf_search_known *k = &w->known[candidate];
    return k->finished && k->finished_percent < w->settings->accuracy_floor_percent;
}

/* Those at the head of the list; one that misses the floor, or cannot be measured again, makes room for the next. */
static void choose_winners(hf_search_work *w)
{
    hf_search_plan *plan = w->plan;
    for (uint32_t i = 0; i < w->list_count; i++) {
        const uint32_t c = w->list[i];
        const hf_search_known *k = &w->known[c];
        const bool wins = plan->winner_count < w->settings->winners;
        if (k->failed)
            hf_search_decide(w, HF_SEARCH_FINISH, 0, c, false, "it failed");
        else if (misses_floor(w, c))
            hf_search_decide(w, HF_SEARCH_FINISH, 0, c, false,
                             "trained to the end: %.2f %% as int8, %.4g %% are required", k->finished_percent,
                             w->settings->accuracy_floor_percent);
        else if (k->finished)
            hf_search_decide(
                w, HF_SEARCH_FINISH, 0, c, wins,
                "trained to the end: %.2f %% of the validation samples, %.2f %% as int8: place %u "
                "of %u: %s",
                k->percent, k->finished_percent, (unsigned)i + 1, (unsigned)w->list_count,
                wins ? "taken" : "not taken");
        if (wins && !k->failed && !misses_floor(w, c))
            plan->winners[plan->winner_count++] = c;
    }
    if (!plan->winner_count && w->list_count)
        hf_search_decide(w, HF_SEARCH_FINISH, 0, -1, false,
                         "no candidate that was trained to the end has the accuracy required");
}

static void finish(hf_search_work *w)
{
    hf_search_plan *plan = w->plan;
    if (!w->out_of_time && complete(w))
        return;
    choose_winners(w);
    plan->step = HF_SEARCH_PROVE;
    for (uint32_t i = 0; i < plan->winner_count; i++)
        if (!w->known[plan->winners[i]].proved)
            add_todo(w, plan->winners[i]);
    if (!plan->todo_count)
        plan->step = HF_SEARCH_DONE;
}

static void decide(hf_search_work *w)
{
    hf_search_choose_entrants(w);
    if (w->failed || !w->list_count || measure(w))
        return;
    if (w->out_of_time) {
        take_best_so_far(w);
    } else if (w->list_count) {
        const hf_search_rungs rungs =
            hf_search_plan_rungs(w->settings, w->list_count, w->settings->budget_epochs);
        enter(w, &rungs);
        if (climb(w, &rungs))
            return;
    }
    finish(w);
}

hf_status hf_search_next(const hf_search_settings *settings, const hf_search_candidate *candidates,
                         uint32_t count, const hf_search_fact *facts, size_t fact_count, hf_search_plan *out,
                         hf_error *err)
{
    hf_search_plan plan = {.step = HF_SEARCH_DONE};
    hf_search_work w = {.settings = settings,
                        .candidates = candidates,
                        .count = count,
                        .facts = facts,
                        .fact_count = fact_count,
                        .plan = &plan};
    w.known = calloc(count + 1, sizeof *w.known);
    w.list = calloc(count + 1, sizeof *w.list);
    plan.todo = calloc(count + 1, sizeof *plan.todo);
    plan.winners = calloc(count + 1, sizeof *plan.winners);
    w.failed = !w.known || !w.list || !plan.todo || !plan.winners;
    if (!w.failed) {
        read_facts(&w);
        decide(&w);
    }
    if (!w.failed && !w.list_count && !plan.todo_count)
        plan.step = HF_SEARCH_DONE;
    free(w.known);
    free(w.list);
    if (w.failed) {
        hf_search_plan_free(&plan);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a search");
    }
    *out = plan;
    return HF_OK;
}
