/* SPDX-License-Identifier: Apache-2.0 */
#include "search/search.h"

#define QUARTER   4
#define FINALISTS 4 /* at least, or half of all */

/*
 * Whether trainings pause after so many epochs. In the second half of a training a pause saves little, and from then on the learning
 * rate falls: that is when networks show what they can do.
 */
static bool is_rung(const hf_search_settings *s, uint32_t count, uint64_t epochs)
{
    return count ? epochs * 2 <= s->epochs : epochs < s->epochs;
}

/*
 * The rungs of so many candidates. At least as many as win are trained to the end, and a few more: only there is it certain who is
 * better, and the best few of a rung are often within its error.
 */
static hf_search_rungs rungs_of(const hf_search_settings *s, uint32_t entrants)
{
    const uint32_t half = (entrants + 1) / 2, few = half < FINALISTS ? half : FINALISTS,
                   least = few > s->winners ? few : s->winners;
    hf_search_rungs rungs = {0};
    uint32_t before = 0, candidates = entrants;
    for (uint64_t epochs = s->first_rung_epochs;
         rungs.count < HF_SEARCH_MAX_RUNGS && candidates > least && is_rung(s, rungs.count, epochs);
         epochs *= s->growth) {
        rungs.epochs[rungs.count] = (uint32_t)epochs;
        rungs.candidates[rungs.count++] = candidates;
        rungs.total_epochs += candidates * (epochs - before);
        before = (uint32_t)epochs;
        candidates = (candidates + s->growth - 1) / s->growth;
        candidates = candidates < least ? least : candidates;
    }
    rungs.finalists = candidates;
    rungs.total_epochs += (uint64_t)candidates * (s->epochs - before);
    return rungs;
}

hf_search_rungs hf_search_plan_rungs(const hf_search_settings *s, uint32_t available, uint64_t budget_epochs)
{
    const uint64_t whole = (uint64_t)available * s->epochs;
    uint64_t budget = budget_epochs ? budget_epochs : whole / QUARTER;
    if (!budget_epochs && available) { /* of a few candidates, a quarter would not allow any comparison */
        const uint32_t least = s->growth * s->winners + 1;
        const hf_search_rungs few = rungs_of(s, least < available ? least : available);
        budget = budget > few.total_epochs ? budget : few.total_epochs;
    }
    if (whole <= budget)
        return (hf_search_rungs){.finalists = available, .total_epochs = whole};
    hf_search_rungs best = rungs_of(s, available ? 1 : 0);
    for (uint32_t entrants = 2; entrants <= available; entrants++) {
        const hf_search_rungs rungs = rungs_of(s, entrants);
        if (rungs.total_epochs <= budget)
            best = rungs;
    }
    return best;
}

uint32_t hf_search_entrants(const hf_search_rungs *rungs)
{
    return rungs->count ? rungs->candidates[0] : rungs->finalists;
}
