/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "chains.h"
#include "plan.h"
#include "tiles.h"

#define MOST_ARENA_BYTES INT32_MAX /* of a plan */

/* Moves `other` to *plan. */
static void replace(hf_plan *plan, hf_plan *other)
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
        replace(plan, &other);
    return status;
}

static void set_rings(hf_lowered *lowered, const uint8_t *ring_rows)
{
    for (int32_t i = 0; i < lowered->op_count; i++)
        lowered->ops[i].record.ring_rows = ring_rows[i];
}

/* Replaces the plan by one with fewer chains, which cost time, if it stays within `limit`. */
static hf_status relax(hf_lowered *lowered, hf_plan *plan, int64_t limit, hf_error *err)
{
    hf_plan other = {0};
    uint8_t *before = calloc((size_t)lowered->op_count + 1, sizeof *before);
    if (!before)
        return HF_FAIL(err, HF_ENOMEM, "no memory to plan %d operators", lowered->op_count);
    for (int32_t i = 0; i < lowered->op_count; i++)
        before[i] = lowered->ops[i].record.ring_rows;
    hf_status status = hf_chains_relax(lowered, limit, err);
    if (!status)
        status = hf_plan_make(lowered, false, &other, err);
    if (!status && other.arena_bytes <= limit)
        replace(plan, &other);
    else
        set_rings(lowered, before);
    hf_plan_free(&other);
    free(before);
    return status;
}

/* Plans with and without chains and keeps the smaller plan. Chains are chosen by the bytes that each step
 * needs; fragmentation may still make the plan without chains smaller. */
static hf_status plan_chains(hf_lowered *lowered, hf_plan *plan, hf_error *err)
{
    hf_plan chained = {0};
    hf_status status = hf_chains_choose(lowered, err);
    if (status || !hf_chains_any(lowered))
        return status ? status : replan(lowered, plan, err);
    const int64_t min_bytes = plan->min_bytes; /* without chains */
    status = hf_plan_make(lowered, false, &chained, err);
    if (status)
        return status;
    if (chained.arena_bytes >= min_bytes) {
        hf_chains_clear(lowered);
        status = replan(lowered, plan, err);
        if (!status && plan->arena_bytes > chained.arena_bytes)
            status = hf_chains_choose(lowered, err);
    }
    if (!status && hf_chains_any(lowered)) {
        replace(plan, &chained);
        return relax(lowered, plan, plan->arena_bytes, err);
    }
    hf_plan_free(&chained);
    return status;
}

hf_status hf_plan_for_tiles(hf_lowered *lowered, hf_plan *plan, int64_t limit, hf_error *err)
{
    for (int32_t eighths = 8; eighths > 0; eighths -= 2) {
        hf_plan other = {0};
        hf_tiles_request(lowered, plan, limit, eighths);
        hf_status status = hf_plan_make(lowered, false, &other, err);
        hf_tiles_clear(lowered); /* hf_tiles_choose() sets them once all places are known */
        if (status)
            return status;
        if (other.arena_bytes <= limit) {
            replace(plan, &other);
            return HF_OK;
        }
        hf_plan_free(&other);
    }
    return HF_OK;
}

int64_t hf_plan_arena_limit(const hf_compile_options *options, uint32_t arena_bytes)
{
    if (options->objective == HF_OBJECTIVE_RAM)
        return arena_bytes;
    const int64_t limit =
        options->objective == HF_OBJECTIVE_SPEED ? MOST_ARENA_BYTES : hf_tiles_arena_limit(arena_bytes);
    if (options->arena_limit_bytes == 0 || limit <= options->arena_limit_bytes)
        return limit;
    return options->arena_limit_bytes > arena_bytes ? options->arena_limit_bytes : arena_bytes;
}

hf_status hf_plan_best(hf_lowered *lowered, const hf_compile_options *options, hf_plan *out, hf_error *err)
{
    hf_plan plan = {0};
    hf_chains_clear(lowered);
    hf_status status = hf_plan_make(lowered, true, &plan, err);
    if (!status)
        status = plan_chains(lowered, &plan, err);
    const int64_t limit = hf_plan_arena_limit(options, plan.arena_bytes);
    if (!status && hf_chains_any(lowered))
        status = relax(lowered, &plan, limit, err);
    if (!status && options->objective != HF_OBJECTIVE_RAM)
        status = hf_plan_for_tiles(lowered, &plan, limit, err);
    plan.limit_bytes = limit;
    if (status) {
        hf_plan_free(&plan);
        return status;
    }
    *out = plan;
    return HF_OK;
}
