/* SPDX-License-Identifier: Apache-2.0 */
/* Which candidates of a rung are trained on, and which of those trained to the end win. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ranking.h"

/* By how much of its errors a candidate may still improve until the end of a whole training. */
#define HOPE 0.35
/* Of fewer places, none is given away to accuracy on validation samples, which is noisy before the end. */
#define WORTH_RESERVING 4

const hf_search_fact *hf_search_rung_result(const hf_search_work *w, uint32_t candidate, uint32_t epochs)
{
    const hf_search_fact *found = NULL;
    for (size_t i = 0; i < w->fact_count; i++) {
        const hf_search_fact *f = &w->facts[i];
        if (f->kind == HF_SEARCH_TRAINED && f->candidate == candidate && f->epochs == epochs)
            found = f;
    }
    return found;
}

/* What a candidate may reach: it may lose a part of its errors in the epochs that are left. */
static double hoped_percent(const hf_search_settings *s, double percent, uint32_t epochs)
{
    const double left = s->epochs > epochs ? 1 - (double)epochs / s->epochs : 0;
    return percent + (100 - percent) * HOPE * left;
}

/* ---- Places that are reserved ---- */

static int by_depth(const void *a, const void *b)
{
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

void hf_search_find_deep(hf_search_work *w)
{
    uint32_t *depths = calloc(w->list_count + 1, sizeof *depths);
    if (!depths) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < w->list_count; i++)
        depths[i] = w->candidates[w->list[i]].depth;
    qsort(depths, w->list_count, sizeof *depths, by_depth);
    const uint32_t third = depths[w->list_count * 2 / 3];
    w->deep_from = third > depths[0] ? third : 0;
    free(depths);
}

/* Moves an entry that would be dropped to a place that goes on. */
static void reserve(hf_search_entry *entries, uint32_t from, uint32_t to)
{
    const hf_search_entry reserved = entries[from];
    memmove(&entries[to + 1], &entries[to], (from - to) * sizeof *entries);
    entries[to] = reserved;
}

/* The loss does not see whether a network only learns its training samples by heart: the best on validation samples goes on too. */
static uint32_t reserve_for_validation(hf_search_entry *entries, uint32_t count, uint32_t keep)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        best = entries[i].percent > entries[best].percent ? i : best;
    if (keep < WORTH_RESERVING || best < keep)
        return keep;
    reserve(entries, best, keep - 1);
    return keep - 1;
}

/* Deep nets learn later than shallow ones: the best of the deepest third goes on even if it is not among the first. */
static uint32_t reserve_for_depth(const hf_search_work *w, hf_search_entry *entries, uint32_t count,
                                  uint32_t keep, uint32_t free_places)
{
    const uint32_t deep = w->deep_from;
    if (!deep || free_places < 2)
        return free_places;
    for (uint32_t i = 0; i < keep; i++)
        if (w->candidates[entries[i].candidate].depth >= deep)
            return free_places;
    for (uint32_t i = keep; i < count; i++)
        if (w->candidates[entries[i].candidate].depth >= deep) {
            reserve(entries, i, free_places - 1);
            return free_places - 1;
        }
    return free_places;
}

/* ---- Rungs ---- */

static void explain(hf_search_work *w, const hf_search_entry *entries, uint32_t count, uint32_t keep,
                    uint32_t epochs, const uint32_t reserved[2])
{
    static const char *const what[] = {[HF_SEARCH_ACCURACY] = "by its loss",
                                       [HF_SEARCH_LATENCY] = "by latency and loss in turn",
                                       [HF_SEARCH_FRONT] = "by its figures"};
    for (uint32_t i = 0; i < count; i++) {
        const hf_search_entry *e = &entries[i];
        const char *why = i >= keep ? "dropped" : "goes on";
        if (i < keep && i == reserved[0])
            why = "goes on as the best on validation samples";
        else if (i < keep && i == reserved[1])
            why = "goes on as the best of the deepest third, which learns later";
        char latency[48] = "";
        if (w->settings->goal != HF_SEARCH_ACCURACY)
            snprintf(latency, sizeof latency, " and %.4g ms", w->known[e->candidate].latency_ns / 1e6);
        hf_search_decide(
            w, HF_SEARCH_TRAIN, epochs, e->candidate, i < keep,
            "after %u epochs, loss %.4f, %.2f %% of the validation samples%s: place %u of %u %s, "
            "%u go%s on: %s",
            (unsigned)epochs, e->loss, e->percent, latency, (unsigned)e->place, (unsigned)count,
            what[w->settings->goal], (unsigned)keep, keep == 1 ? "es" : "", why);
    }
}

static void replace_list(hf_search_work *w, const hf_search_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        w->list[i] = entries[i].candidate;
    w->list_count = count;
}

void hf_search_promote(hf_search_work *w, uint32_t epochs, uint32_t keep)
{
    hf_search_entry *entries = calloc(w->list_count + 1, sizeof *entries);
    uint32_t count = 0;
    if (!entries) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < w->list_count; i++) {
        const hf_search_fact *result = hf_search_rung_result(w, w->list[i], epochs);
        if (result)
            entries[count++] = (hf_search_entry){
                .candidate = w->list[i],
                .percent = result->validation_percent,
                .loss = result->loss,
                .quality = -result->loss,
                /* The most accurate has the best chance: a noisy percentage must not come before its loss. */
                .floor_percent = w->settings->goal == HF_SEARCH_ACCURACY
                                     ? 100
                                     : hoped_percent(w->settings, result->validation_percent, epochs)};
    }
    hf_search_rank(w, entries, count, false);
    keep = keep < count ? keep : count;
    uint32_t reserved[2] = {UINT32_MAX, UINT32_MAX}, free_places = keep;
    if (count && w->settings->goal != HF_SEARCH_LATENCY) {
        const uint32_t left = reserve_for_validation(entries, count, keep);
        reserved[0] = left < free_places ? left : UINT32_MAX;
        free_places = left;
    }
    if (count) {
        const uint32_t left = reserve_for_depth(w, entries, count, keep, free_places);
        reserved[1] = left < free_places ? left : UINT32_MAX;
    }
    explain(w, entries, count, keep, epochs, reserved);
    replace_list(w, entries, keep);
    free(entries);
}

/* ---- The end ---- */

void hf_search_rank_finished(hf_search_work *w)
{
    hf_search_entry *entries = calloc(w->list_count + 1, sizeof *entries);
    if (!entries) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < w->list_count; i++) {
        const hf_search_known *k = &w->known[w->list[i]];
        entries[i] = (hf_search_entry){.candidate = w->list[i],
                                       .percent = k->percent,
                                       .quality = k->percent,
                                       .floor_percent = k->finished_percent};
    }
    hf_search_rank(w, entries, w->list_count, true);
    replace_list(w, entries, w->list_count);
    free(entries);
}
