/* SPDX-License-Identifier: Apache-2.0 */
/* Which candidates of a rung are trained on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

/* By how much of its errors a candidate may still improve until the end of a whole training. */
#define HOPE 0.3

typedef struct entry {
    uint32_t candidate;
    double percent;
    uint32_t rank; /* of a front: 0 = no other beats it */
    double score;  /* of equals in rank, more is better */
} entry;

bool hf_search_rung_result(const hf_search_work *w, uint32_t candidate, uint32_t epochs, double *percent)
{
    bool found = false;
    for (size_t i = 0; i < w->fact_count; i++) {
        const hf_search_fact *f = &w->facts[i];
        if (f->kind == HF_SEARCH_TRAINED && f->candidate == candidate && f->epochs == epochs) {
            *percent = f->value;
            found = true;
        }
    }
    return found;
}

/* ---- Fronts ---- */

/* The figures of a front, all of which are better if larger; those without weight are equal. */
#define FIGURES 4
static void figures_of(const hf_search_work *w, const entry *e, double figures[FIGURES])
{
    const hf_search_settings *s = w->settings;
    const hf_search_candidate *c = &w->candidates[e->candidate];
    figures[0] = s->accuracy_weight > 0 ? e->percent : 0;
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
static void rank_fronts(const hf_search_work *w, entry *entries, uint32_t count)
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
static void score_front(const hf_search_work *w, entry *entries, uint32_t count)
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

/* What a candidate may reach: it may lose a part of its errors in the epochs that are left. */
static double hoped_percent(const hf_search_settings *s, double percent, uint32_t epochs)
{
    const double left = s->epochs > epochs ? 1 - (double)epochs / s->epochs : 0;
    return percent + (100 - percent) * HOPE * left;
}

static void rank_all(const hf_search_work *w, entry *entries, uint32_t count, uint32_t epochs)
{
    const hf_search_settings *s = w->settings;
    for (uint32_t i = 0; i < count; i++) {
        entry *e = &entries[i];
        const bool can = hoped_percent(s, e->percent, epochs) >= s->accuracy_floor_percent;
        e->rank = can ? 0 : 1;
        e->score =
            s->goal == HF_SEARCH_LATENCY && can ? -log(w->known[e->candidate].latency_ns + 1) : e->percent;
    }
    if (s->goal == HF_SEARCH_FRONT) {
        rank_fronts(w, entries, count);
        score_front(w, entries, count);
        for (uint32_t i = 0; i < count; i++)
            entries[i].rank +=
                hoped_percent(s, entries[i].percent, epochs) >= s->accuracy_floor_percent ? 0 : count;
    }
}

static int by_rank(const void *a, const void *b, void *user)
{
    const entry *one = a, *other = b;
    if (one->rank != other->rank)
        return one->rank < other->rank ? -1 : 1;
    if (one->score != other->score)
        return one->score > other->score ? -1 : 1;
    const uint64_t first = hf_search_dice(user, one->candidate),
                   second = hf_search_dice(user, other->candidate);
    return (first > second) - (first < second);
}

static int by_depth(const void *a, const void *b)
{
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

/* Depth from which a candidate belongs to the deepest third; 0 = all are about as deep. */
static uint32_t deep_from(const hf_search_work *w)
{
    uint32_t *depths = calloc(w->list_count + 1, sizeof *depths);
    if (!depths)
        return 0;
    for (uint32_t i = 0; i < w->list_count; i++)
        depths[i] = w->candidates[w->list[i]].depth;
    qsort(depths, w->list_count, sizeof *depths, by_depth);
    const uint32_t third = depths[w->list_count * 2 / 3];
    const uint32_t from = third > depths[0] ? third : 0;
    free(depths);
    return from;
}

/* Deep nets learn later than shallow ones: the best of the deepest third takes the last place if none of them has one.
 * @return its place before, or `keep` */
static uint32_t protect_depth(const hf_search_work *w, entry *entries, uint32_t count, uint32_t keep)
{
    const uint32_t deep = deep_from(w);
    if (!deep || keep < 2)
        return keep;
    for (uint32_t i = 0; i < keep; i++)
        if (w->candidates[entries[i].candidate].depth >= deep)
            return keep;
    for (uint32_t i = keep; i < count; i++) {
        if (w->candidates[entries[i].candidate].depth < deep)
            continue;
        const entry protected = entries[i];
        memmove(&entries[keep], &entries[keep - 1], (i - keep + 1) * sizeof *entries);
        entries[keep - 1] = protected;
        return i;
    }
    return keep;
}

static void explain(hf_search_work *w, const entry *entries, uint32_t count, uint32_t keep, uint32_t epochs,
                    uint32_t protected_place)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t c = entries[i].candidate;
        const bool kept = i < keep, is_deep = kept && i + 1 == keep && protected_place != keep;
        char latency[48] = "";
        if (w->settings->goal != HF_SEARCH_ACCURACY)
            snprintf(latency, sizeof latency, " and %.4g ms", w->known[c].latency_ns / 1e6);
        if (is_deep)
            hf_search_decide(
                w, HF_SEARCH_TRAIN, epochs, c, true,
                "%.2f %%%s after %u epochs, place %u of %u: kept as the best of the deepest third (%u "
                "layers with weights), which learns later",
                entries[i].percent, latency, (unsigned)epochs, (unsigned)protected_place + 1, (unsigned)count,
                (unsigned)w->candidates[c].depth);
        else
            hf_search_decide(
                w, HF_SEARCH_TRAIN, epochs, c, kept, "%.2f %%%s after %u epochs, place %u of %u: %s",
                entries[i].percent, latency, (unsigned)epochs,
                (unsigned)(i >= keep && i <= protected_place && protected_place != keep ? i : i + 1),
                (unsigned)count, kept ? "kept" : "dropped");
    }
}

void hf_search_promote(hf_search_work *w, uint32_t epochs, bool is_first, uint32_t keep)
{
    entry *entries = calloc(w->list_count + 1, sizeof *entries);
    uint32_t count = 0;
    if (!entries) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < w->list_count; i++) {
        entry *e = &entries[count];
        e->candidate = w->list[i];
        count += hf_search_rung_result(w, w->list[i], epochs, &e->percent);
    }
    rank_all(w, entries, count, epochs);
    qsort_r(entries, count, sizeof *entries, by_rank, w);
    keep = keep < count ? keep : count;
    const uint32_t protected_place = is_first ? protect_depth(w, entries, count, keep) : keep;
    explain(w, entries, count, keep, epochs, protected_place);
    for (uint32_t i = 0; i < keep; i++)
        w->list[i] = entries[i].candidate;
    w->list_count = keep;
    free(entries);
}
