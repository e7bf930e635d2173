/* SPDX-License-Identifier: Apache-2.0 */
#include "search/search.h"

#define QUARTER 4

/* The rungs of so many candidates. The last rung has as few as win, or the epochs of a whole training. */
static hf_search_rungs rungs_of(const hf_search_settings *s, uint32_t entrants)
{
    hf_search_rungs rungs = {0};
    uint64_t epochs = s->first_rung_epochs;
    uint32_t before = 0, candidates = entrants;
    while (rungs.count < HF_SEARCH_MAX_RUNGS) {
        const uint32_t until = epochs < s->epochs ? (uint32_t)epochs : s->epochs;
        rungs.epochs[rungs.count] = until;
        rungs.candidates[rungs.count++] = candidates;
        rungs.total_epochs += (uint64_t)candidates * (until - before);
        if (until == s->epochs || candidates <= s->winners)
            break;
        before = until;
        epochs *= s->growth;
        candidates = (candidates + s->growth - 1) / s->growth;
        candidates = candidates < s->winners ? s->winners : candidates;
    }
    const uint32_t winners = s->winners < entrants ? s->winners : entrants;
    rungs.total_epochs += (uint64_t)winners * s->epochs;
    return rungs;
}

hf_search_rungs hf_search_plan_rungs(const hf_search_settings *s, uint32_t available, uint64_t budget_epochs)
{
    uint64_t budget = budget_epochs ? budget_epochs : (uint64_t)available * s->epochs / QUARTER;
    if (!budget_epochs && available) { /* of a few candidates, a quarter would not allow any comparison */
        const uint32_t least = s->growth * s->winners + 1;
        const hf_search_rungs few = rungs_of(s, least < available ? least : available);
        budget = budget > few.total_epochs ? budget : few.total_epochs;
    }
    hf_search_rungs best = rungs_of(s, available ? 1 : 0);
    for (uint32_t entrants = 2; entrants <= available; entrants++) {
        const hf_search_rungs rungs = rungs_of(s, entrants);
        if (rungs.total_epochs <= budget)
            best = rungs;
    }
    return best;
}
