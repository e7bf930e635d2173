/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/compile.h"

#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "forecast.h"
#include "pack.h"
#include "plan.h"
#include "tiles.h"

static const hf_compile_options for_time = {.objective = HF_OBJECTIVE_TIME};

hf_status hf_compile(const hf_graph *graph, hf_image *out, hf_error *err)
{
    return hf_compile_for(graph, &for_time, out, err);
}

struct hf_image_plan {
    hf_lowered lowered;
    hf_plan plan;
    hf_compile_options options;
};

static hf_status plan_image(const hf_graph *graph, const hf_compile_options *options, hf_image_plan *plan,
                            hf_error *err)
{
    plan->options = *options;
    hf_status status = hf_lower(graph, &plan->lowered, err);
    if (!status)
        status = hf_plan_best(&plan->lowered, options, &plan->plan, err);
    if (!status)
        hf_tiles_choose(&plan->lowered, &plan->plan);
    return status;
}

hf_status hf_image_plan_make(const hf_graph *graph, const hf_compile_options *options, hf_image_plan **out,
                             hf_image_forecast *forecast, hf_error *err)
{
    hf_image_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for a plan", graph->name);
    hf_status status = plan_image(graph, options, plan, err);
    if (status) {
        hf_image_plan_free(plan);
        hf_error_context(err, HF_FAULT_JOB, "planning %s", graph->name);
        return status;
    }
    *forecast = hf_forecast_planned(&plan->lowered, &plan->plan);
    *out = plan;
    return HF_OK;
}

void hf_image_plan_free(hf_image_plan *plan)
{
    if (!plan)
        return;
    hf_plan_free(&plan->plan);
    hf_lowered_free(&plan->lowered);
    free(plan);
}

/* Whether a graph still has the operators that were planned. Quantisation may change them: an input of a
 * concatenation is copied or rescaled. */
static bool has_operators(const hf_lowered *lowered, const hf_lowered *planned)
{
    if (lowered->op_count != planned->op_count || lowered->tensor_count != planned->tensor_count)
        return false;
    for (int32_t i = 0; i < lowered->op_count; i++) {
        const hf_lowered_op *a = &lowered->ops[i], *b = &planned->ops[i];
        hf_op_record record = a->record;
        record.ring_rows = b->record.ring_rows; /* these two are part of the plan */
        record.tile = b->record.tile;
        if (memcmp(&record, &b->record, sizeof record) != 0 || a->node != b->node ||
            a->output.tensor != b->output.tensor || a->output.first_byte != b->output.first_byte)
            return false;
    }
    return true;
}

static hf_status emit_planned(const hf_graph *graph, const hf_image_plan *plan, hf_lowered *lowered,
                              hf_image *out, hf_error *err)
{
    hf_status status = HF_OK;
    for (int32_t i = 0; i < lowered->op_count && !status; i++) {
        lowered->ops[i].record.ring_rows = plan->lowered.ops[i].record.ring_rows;
        lowered->ops[i].record.tile = plan->lowered.ops[i].record.tile;
        status = hf_pack_quantisation(graph, &lowered->ops[i], err);
    }
    if (!status)
        status = hf_plan_check(lowered, &plan->plan, err);
    return status ? status : hf_emit(graph, lowered, &plan->plan, out, err);
}

hf_status hf_compile_planned(const hf_graph *graph, const hf_image_plan *plan, hf_image *out, hf_error *err)
{
    hf_image_plan again = {0};
    hf_lowered lowered = {0};
    hf_status status = hf_lower(graph, &lowered, err);
    if (!status && !has_operators(&lowered, &plan->lowered)) {
        status = plan_image(graph, &plan->options, &again, err);
        plan = &again;
    }
    if (!status)
        status = emit_planned(graph, plan, &lowered, out, err);
    hf_plan_free(&again.plan);
    hf_lowered_free(&again.lowered);
    hf_lowered_free(&lowered);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "compiling %s", graph->name);
    return status;
}

hf_status hf_compile_for(const hf_graph *graph, const hf_compile_options *options, hf_image *out,
                         hf_error *err)
{
    hf_image_plan plan = {0};
    hf_status status = plan_image(graph, options, &plan, err);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "compiling %s", graph->name);
    else
        status = hf_compile_planned(graph, &plan, out, err);
    hf_plan_free(&plan.plan);
    hf_lowered_free(&plan.lowered);
    return status;
}

hf_status hf_plan_arena_bytes(const hf_graph *graph, uint32_t *out, hf_error *err)
{
    hf_lowered lowered = {0};
    hf_plan plan = {0};
    hf_status status = hf_lower(graph, &lowered, err);
    if (!status)
        status = hf_plan_best(&lowered, &for_time, &plan, err);
    if (!status) {
        hf_tiles_choose(&lowered, &plan);
        *out = plan.arena_bytes;
    }
    hf_plan_free(&plan);
    hf_lowered_free(&lowered);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "planning the memory of %s", graph->name);
    return status;
}
