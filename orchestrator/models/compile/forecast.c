/* SPDX-License-Identifier: Apache-2.0 */
#include "forecast.h"

#include "chains.h"
#include "engine/layout.h"
#include "pack.h"
#include "plan.h"
#include "tiles.h"
#include "work.h"

/* Size of the image if every operator's parameters are stored in the given form.
 * @param shared assume that operators of the same kind without weights have equal data, the best case */
static uint64_t image_bytes(const hf_lowered *l, uint8_t params, bool shared)
{
    bool seen[HF_IMAGE_OP_COUNT] = {false};
    uint64_t at = sizeof(hf_image_header) + (uint64_t)l->op_count * sizeof(hf_op_record);
    for (int32_t i = 0; i < l->op_count; i++) {
        hf_op_record record = l->ops[i].record;
        record.params = params;
        if (shared && seen[record.op] && !hf_pack_has_weights(&record))
            continue;
        seen[record.op] = true;
        at = hf_pack_align(at + hf_record_data_bytes(&record));
    }
    return at;
}

hf_image_forecast hf_forecast_planned(const hf_lowered *lowered, const hf_plan *plan)
{
    return (hf_image_forecast){.arena_bytes = plan->arena_bytes,
                               .arena_bytes_min = plan->arena_bytes,
                               .image_bytes_min = image_bytes(lowered, HF_PARAMS_COMPACT, true),
                               .image_bytes = image_bytes(lowered, HF_PARAMS_COMPACT, false),
                               .image_bytes_max = image_bytes(lowered, HF_PARAMS_WIDE, false)};
}

/* Sets chains and tiles to what a search would probably choose, for estimates of the work. */
static hf_status guess_work(hf_lowered *lowered, int64_t limit, hf_error *err)
{
    hf_plan plan = {0};
    hf_status status = hf_chains_relax(lowered, limit, err);
    if (!status)
        status = hf_plan_make(lowered, true, &plan, err);
    if (status)
        return status;
    plan.limit_bytes = limit;
    hf_tiles_choose(lowered, &plan);
    hf_plan_free(&plan);
    return HF_OK;
}

/* A first plan and a lower bound of all plans. hf_plan_best() starts from the same chains and the same
 * plan. */
static hf_status forecast_quickly(hf_lowered *lowered, const hf_compile_options *options, hf_plan *plan,
                                  bool with_work, uint32_t *min_bytes, hf_error *err)
{
    int64_t bytes = 0;
    hf_status status = hf_chains_choose(lowered, err);
    if (!status)
        status = hf_plan_make(lowered, true, plan, err);
    if (!status)
        status = hf_chains_min_arena_bytes(lowered, &bytes, err);
    if (status)
        return status;
    const bool exact = !hf_chains_any(lowered) && plan->arena_bytes == plan->min_bytes;
    *min_bytes = bytes < plan->arena_bytes ? (uint32_t)bytes : plan->arena_bytes;
    if (exact) { /* a search cannot find a smaller plan */
        const int64_t limit = hf_plan_arena_limit(options, plan->arena_bytes);
        if (options->objective != HF_OBJECTIVE_RAM)
            status = hf_plan_for_tiles(lowered, plan, limit, err);
        if (status)
            return status;
        plan->limit_bytes = limit;
        hf_tiles_choose(lowered, plan);
        *min_bytes = plan->arena_bytes;
    } else {
        const int64_t limit = hf_plan_arena_limit(options, plan->arena_bytes);
        if (with_work)
            status = guess_work(lowered, limit, err);
        plan->arena_bytes = (uint32_t)limit;
    }
    return status;
}

hf_status hf_forecast(const hf_graph *graph, const hf_compile_options *options, bool quick,
                      hf_image_forecast *out, hf_error *err)
{
    return hf_forecast_work(graph, options, quick, out, NULL, err);
}

hf_status hf_forecast_work(const hf_graph *graph, const hf_compile_options *options, bool quick,
                           hf_image_forecast *out, hf_work *work, hf_error *err)
{
    hf_lowered lowered = {0};
    hf_plan plan = {0};
    uint32_t min_bytes = 0;
    quick = quick &&
            options->objective != HF_OBJECTIVE_SPEED; /* an arena that may grow has no bound that says much */
    hf_status status = hf_lower(graph, &lowered, err);
    if (!status && quick)
        status = forecast_quickly(&lowered, options, &plan, work != NULL, &min_bytes, err);
    else if (!status)
        status = hf_plan_best(&lowered, options, &plan, err);
    if (!status && !quick)
        hf_tiles_choose(&lowered, &plan);
    if (!status && work)
        status = hf_work_of(graph, &lowered, work, err);
    if (!status) {
        *out = hf_forecast_planned(&lowered, &plan);
        if (quick)
            out->arena_bytes_min = min_bytes;
    }
    hf_plan_free(&plan);
    hf_lowered_free(&lowered);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "planning %s", graph->name);
    return status;
}
