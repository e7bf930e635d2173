/* SPDX-License-Identifier: Apache-2.0 */
/* Which candidates are worth measuring, by analysis alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

#define EACH_UP_TO                                                                                           \
    60 /* with more candidates, only counts are reported of those that cannot meet the limits */

/* How much a network can learn, roughly: larger is better. Only the order counts. */
static double size_of(const hf_search_candidate *c)
{
    return log((double)c->macs + 1) + log((double)c->params + 1);
}

/* Qsort of indices needs the candidates. */
static int by_size(const void *a, const void *b, void *user)
{
    const hf_search_work *w = user;
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const double one = size_of(&w->candidates[i]), other = size_of(&w->candidates[j]);
    if (one != other)
        return one > other ? -1 : 1;
    const uint64_t first = hf_search_dice(w, i), second = hf_search_dice(w, j);
    return (first > second) - (first < second);
}

static int by_estimate(const void *a, const void *b, void *user)
{
    const hf_search_work *w = user;
    const double one = w->candidates[*(const uint32_t *)a].estimated_ns,
                 other = w->candidates[*(const uint32_t *)b].estimated_ns;
    return one != other ? (one > other) - (one < other) : by_size(a, b, user);
}

static bool is_surely_too_slow(const hf_search_settings *s, const hf_search_candidate *c)
{
    /* Twice the error of the estimate: what is left out here is never measured. */
    return s->latency_limit_ns > 0 && c->estimated_ns > s->latency_limit_ns * (1 + c->error_percent / 50);
}

/* The candidates that can meet the limits, in the order of the spec. */
static void list_possible(hf_search_work *w)
{
    const hf_search_settings *s = w->settings;
    uint32_t too_large = 0, too_slow = 0;
    const hf_search_candidate *example = NULL;
    for (uint32_t i = 0; i < w->count; i++) {
        const hf_search_candidate *c = &w->candidates[i];
        if (c->cannot_fit) {
            too_large++;
            example = example ? example : c;
            if (w->count <= EACH_UP_TO)
                hf_search_decide(w, HF_SEARCH_ANALYSE, 0, i, false, "%s", c->cannot_fit);
        } else if (is_surely_too_slow(s, c)) {
            too_slow++;
            if (w->count <= EACH_UP_TO)
                hf_search_decide(w, HF_SEARCH_ANALYSE, 0, i, false,
                                 "latency: estimated %.3g ms (within %.0f %%), the limit is %.6g ms",
                                 c->estimated_ns / 1e6, c->error_percent, s->latency_limit_ns / 1e6);
        } else {
            w->list[w->list_count++] = i;
        }
    }
    if (too_large && w->count > EACH_UP_TO)
        hf_search_decide(w, HF_SEARCH_ANALYSE, 0, -1, false,
                         "%u of %u cannot meet the limits, such as %s: %s", (unsigned)too_large,
                         (unsigned)w->count, example->name, example->cannot_fit);
    if (too_slow && w->count > EACH_UP_TO)
        hf_search_decide(w, HF_SEARCH_ANALYSE, 0, -1, false,
                         "%u of %u are too slow by their estimates, the limit is %.6g ms", (unsigned)too_slow,
                         (unsigned)w->count, s->latency_limit_ns / 1e6);
}

/* The largest of each family in turn: a family that suits the task is found whatever the sizes of the others. */
static void order_by_families(hf_search_work *w, uint32_t *order)
{
    qsort_r(w->list, w->list_count, sizeof *w->list, by_size, w);
    uint32_t left = w->list_count, written = 0;
    bool *taken = calloc(left + 1, sizeof *taken);
    const char **served = calloc(left + 1, sizeof *served); /* families of this turn */
    if (!taken || !served) {
        w->failed = true;
        left = 0;
    }
    while (left) {
        uint32_t families = 0;
        for (uint32_t i = 0; i < w->list_count; i++) {
            const char *family = w->candidates[w->list[i]].family;
            bool again = taken[i];
            for (uint32_t f = 0; f < families && !again; f++)
                again = strcmp(served[f], family) == 0;
            if (again)
                continue;
            served[families++] = family;
            taken[i] = true;
            order[written++] = w->list[i];
            left--;
        }
    }
    free(taken);
    free(served);
}

/* Spread over all latencies: of each part of the range the largest, then the second, and so on. */
static void order_by_latency(hf_search_work *w, uint32_t parts, uint32_t *order)
{
    qsort_r(w->list, w->list_count, sizeof *w->list, by_estimate, w);
    parts = parts < w->list_count ? parts : w->list_count;
    uint32_t written = 0, longest = 0;
    for (uint32_t p = 0; p < parts; p++) {
        const uint32_t from = (uint32_t)((uint64_t)w->list_count * p / parts),
                       to = (uint32_t)((uint64_t)w->list_count * (p + 1) / parts);
        qsort_r(w->list + from, to - from, sizeof *w->list, by_size, w);
        longest = to - from > longest ? to - from : longest;
    }
    for (uint32_t place = 0; place < longest; place++)
        for (uint32_t p = 0; p < parts; p++) {
            const uint32_t from = (uint32_t)((uint64_t)w->list_count * p / parts),
                           to = (uint32_t)((uint64_t)w->list_count * (p + 1) / parts);
            if (from + place < to)
                order[written++] = w->list[from + place];
        }
}

void hf_search_choose_entrants(hf_search_work *w)
{
    const hf_search_settings *s = w->settings;
    list_possible(w);
    if (!w->list_count) {
        hf_search_decide(w, HF_SEARCH_ANALYSE, 0, -1, false, "no candidate can meet the limits");
        return;
    }
    uint32_t *order = calloc(w->list_count, sizeof *order);
    if (!order) {
        w->failed = true;
        return;
    }
    /* As many parts as candidates that can be trained, so that those are spread. */
    const hf_search_rungs rungs = hf_search_plan_rungs(
        s, w->list_count < s->max_measured ? w->list_count : s->max_measured, s->budget_epochs);
    if (s->goal == HF_SEARCH_ACCURACY)
        order_by_families(w, order);
    else
        order_by_latency(w, hf_search_entrants(&rungs), order);
    memcpy(w->list, order, w->list_count * sizeof *order);
    free(order);
    if (w->list_count > s->max_measured) {
        hf_search_decide(
            w, HF_SEARCH_ANALYSE, 0, -1, true, "%u can meet the limits; the first %u are measured: %s",
            (unsigned)w->list_count, (unsigned)s->max_measured,
            s->goal == HF_SEARCH_ACCURACY ? "the largest of each family in turn"
                                          : "the largest in each part of the range of latencies");
        w->list_count = s->max_measured;
    }
}
