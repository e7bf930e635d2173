/* SPDX-License-Identifier: Apache-2.0 */
#include "ranking.h"

#include <math.h>
#include <stdlib.h>

/* ---- Fronts ---- */

/* The figures of a front, all of which are better if larger; those without weight are equal. */
#define FIGURES 4
static void figures_of(const hf_search_work *w, const hf_search_entry *e, double figures[FIGURES])
{
    const hf_search_settings *s = w->settings;
    const hf_search_candidate *c = &w->candidates[e->candidate];
    figures[0] = s->accuracy_weight > 0 ? e->quality : 0;
    figures[1] = s->latency_weight > 0 ? -log(w->known[e->candidate].latency_ns + 1) : 0;
    figures[2] = s->rom_weight > 0 ? -log((double)c->rom_bytes + 1) : 0;
    figures[3] = s->ram_weight > 0 ? -log((double)c->ram_bytes + 1) : 0;
}

static bool beats(const double a[FIGURES], const double b[FIGURES])
{
    bool better = false;
    for (int i = 0; i < FIGURES; i++) {
        if (a[i] < b[i])
            return false;
        better |= a[i] > b[i];
    }
    return better;
}

/* Sets the rank of each entry: those that nobody beats are 0, those that only they beat are 1, and so on. */
static void rank_fronts(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        entries[i].rank = UINT32_MAX;
    for (uint32_t rank = 0, left = count; left; rank++) {
        for (uint32_t i = 0; i < count; i++) {
            if (entries[i].rank < rank)
                continue;
            double own[FIGURES], other[FIGURES];
            bool beaten = false;
            figures_of(w, &entries[i], own);
            for (uint32_t j = 0; j < count && !beaten; j++) {
                figures_of(w, &entries[j], other);
                beaten = entries[j].rank >= rank && beats(other, own);
            }
            if (!beaten) {
                entries[i].rank = rank;
                left--;
            }
        }
    }
}

/* The sum of the weighted figures, each from 0 (the worst) to 1 (the best of these). */
static void score_front(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    const hf_search_settings *s = w->settings;
    const double weights[FIGURES] = {s->accuracy_weight, s->latency_weight, s->rom_weight, s->ram_weight};
    double least[FIGURES], most[FIGURES], own[FIGURES];
    for (uint32_t i = 0; i < count; i++) {
        figures_of(w, &entries[i], own);
        for (int f = 0; f < FIGURES; f++) {
            least[f] = i == 0 || own[f] < least[f] ? own[f] : least[f];
            most[f] = i == 0 || own[f] > most[f] ? own[f] : most[f];
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        figures_of(w, &entries[i], own);
        entries[i].score = 0;
        for (int f = 0; f < FIGURES; f++)
            if (most[f] > least[f])
                entries[i].score += weights[f] * (own[f] - least[f]) / (most[f] - least[f]);
    }
}

/* ---- Order ---- */

static int by_rank(const void *a, const void *b, void *user)
{
    const hf_search_entry *one = a, *other = b;
    if (one->rank != other->rank)
        return one->rank < other->rank ? -1 : 1;
    if (one->score != other->score)
        return one->score > other->score ? -1 : 1;
    const uint64_t first = hf_search_dice(user, one->candidate),
                   second = hf_search_dice(user, other->candidate);
    return (first > second) - (first < second);
}

static void sort(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    const double floor = w->settings->accuracy_floor_percent;
    for (uint32_t i = 0; i < count; i++) /* whoever misses the floor comes last */
        entries[i].rank += entries[i].floor_percent >= floor ? 0 : 2 * count;
    qsort_r(entries, count, sizeof *entries, by_rank, (void *)w);
    for (uint32_t i = 0; i < count; i++)
        entries[i].place = i + 1;
}

static void sort_by_quality(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        entries[i].rank = 0;
        entries[i].score = entries[i].quality;
    }
    sort(w, entries, count);
}

static void sort_by_latency(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        entries[i].rank = 0;
        entries[i].score = -w->known[entries[i].candidate].latency_ns;
    }
    sort(w, entries, count);
}

static void sort_in_turn(const hf_search_work *w, hf_search_entry *entries, uint32_t count)
{
    sort_by_quality(w, entries, count);
    for (uint32_t i = 0; i < count; i++)
        entries[i].score = -w->known[entries[i].candidate].latency_ns;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t faster = 0;
        for (uint32_t j = 0; j < count; j++)
            faster += entries[j].score > entries[i].score &&
                      entries[j].floor_percent >= w->settings->accuracy_floor_percent;
        const uint32_t as_fastest = 2 * faster, as_best = 2 * (entries[i].place - 1) + 1;
        entries[i].rank = as_fastest < as_best ? as_fastest : as_best;
    }
    sort(w, entries, count);
}

void hf_search_rank(const hf_search_work *w, hf_search_entry *entries, uint32_t count, bool is_final)
{
    switch (w->settings->goal) {
    case HF_SEARCH_ACCURACY:
        sort_by_quality(w, entries, count);
        break;
    case HF_SEARCH_LATENCY:
        (is_final ? sort_by_latency : sort_in_turn)(w, entries, count);
        break;
    case HF_SEARCH_FRONT:
        rank_fronts(w, entries, count);
        score_front(w, entries, count);
        sort(w, entries, count);
        break;
    }
}
