/* SPDX-License-Identifier: Apache-2.0 */
#include "chains.h"
#include "plan.h"

static void keep(hf_plan *plan, hf_plan *other)
{
    hf_plan_free(plan);
    *plan = *other;
    *other = (hf_plan){0};
}

static hf_status replan(const hf_lowered *lowered, hf_plan *plan, hf_error *err)
{
    hf_plan other = {0};
    hf_status status = hf_plan_make(lowered, false, &other, err);
    if (!status)
        keep(plan, &other);
    return status;
}

/* With fewer chains, if they do not need more than is needed anyway. */
static hf_status relax(hf_lowered *lowered, hf_plan *plan, hf_error *err)
{
    hf_plan other = {0};
    hf_status status = hf_chains_relax(lowered, plan->arena_bytes, err);
    if (!status)
        status = hf_plan_make(lowered, false, &other, err);
    if (status)
        return status;
    if (other.arena_bytes <= plan->arena_bytes) {
        keep(plan, &other);
        return HF_OK;
    }
    hf_plan_free(&other);
    hf_chains_clear(lowered);
    return hf_chains_choose(lowered, err);
}

/* Chains are chosen by how much every step needs; what becomes of that depends on how well buffers can be
 * placed, so that no chains may turn out to be better. */
static hf_status compare(hf_lowered *lowered, hf_plan *plan, hf_error *err)
{
    hf_plan chained = {0};
    hf_status status = hf_chains_choose(lowered, err);
    if (status || !hf_chains_any(lowered))
        return status ? status : replan(lowered, plan, err);
    const int64_t least_bytes = plan->least_bytes; /* without chains */
    status = hf_plan_make(lowered, false, &chained, err);
    if (status)
        return status;
    if (chained.arena_bytes >= least_bytes) {
        hf_chains_clear(lowered);
        status = replan(lowered, plan, err);
        if (!status && plan->arena_bytes > chained.arena_bytes)
            status = hf_chains_choose(lowered, err);
    }
    if (!status && hf_chains_any(lowered)) {
        keep(plan, &chained);
        return relax(lowered, plan, err);
    }
    hf_plan_free(&chained);
    return status;
}

hf_status hf_plan_best(hf_lowered *lowered, hf_plan *out, hf_error *err)
{
    hf_plan plan = {0};
    hf_chains_clear(lowered);
    hf_status status = hf_plan_make(lowered, true, &plan, err);
    if (!status)
        status = compare(lowered, &plan, err);
    if (status) {
        hf_plan_free(&plan);
        return status;
    }
    *out = plan;
    return HF_OK;
}
