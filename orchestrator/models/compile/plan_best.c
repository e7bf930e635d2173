/* SPDX-License-Identifier: Apache-2.0 */
#include "chains.h"
#include "plan.h"

static bool has_chains(const hf_lowered *l)
{
    for (int32_t i = 0; i < l->op_count; i++)
        if (l->ops[i].record.ring_rows > 0)
            return true;
    return false;
}

/* Keeps the smaller one; the old one if they are equal and `strictly`. @return whether that is the new one */
static bool keep_smaller(hf_plan *plan, hf_plan *other, bool strictly)
{
    if (other->arena_bytes < plan->arena_bytes || (!strictly && other->arena_bytes == plan->arena_bytes)) {
        hf_plan_free(plan);
        *plan = *other;
        return true;
    }
    hf_plan_free(other);
    return false;
}

/* Chains are chosen by how much every step needs; what that becomes depends on how well buffers can be
 * placed. */
static hf_status with_chains(hf_lowered *lowered, hf_plan *plan, hf_error *err)
{
    hf_plan other = {0};
    hf_status status = hf_chains_choose(lowered, err);
    if (status || !has_chains(lowered))
        return status;
    status = hf_plan_make(lowered, false, &other, err);
    if (status)
        return status;
    if (!keep_smaller(plan, &other, true)) {
        hf_chains_clear(lowered);
        return HF_OK;
    }
    status = hf_chains_relax(lowered, plan->arena_bytes, err);
    if (!status)
        status = hf_plan_make(lowered, false, &other, err);
    if (status || keep_smaller(plan, &other, false))
        return status;
    hf_chains_clear(lowered);
    return hf_chains_choose(lowered, err);
}

hf_status hf_plan_best(hf_lowered *lowered, hf_plan *out, hf_error *err)
{
    hf_plan plan = {0};
    hf_chains_clear(lowered);
    hf_status status = hf_plan_make(lowered, false, &plan, err);
    if (!status)
        status = with_chains(lowered, &plan, err);
    if (status) {
        hf_plan_free(&plan);
        return status;
    }
    *out = plan;
    return HF_OK;
}
