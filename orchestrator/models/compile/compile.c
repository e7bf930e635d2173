/* SPDX-License-Identifier: Apache-2.0 */
#include "compile/compile.h"

#include "emit.h"
#include "pack.h"
#include "plan.h"
#include "tiles.h"

static const hf_compile_options for_time = {.objective = HF_OBJECTIVE_TIME};

hf_status hf_compile(const hf_graph *graph, hf_image *out, hf_error *err)
{
    return hf_compile_for(graph, &for_time, out, err);
}

hf_status hf_compile_for(const hf_graph *graph, const hf_compile_options *options, hf_image *out,
                         hf_error *err)
{
    hf_lowered lowered = {0};
    hf_plan plan = {0};
    hf_status status = hf_lower(graph, &lowered, err);
    for (int32_t i = 0; i < lowered.op_count && !status; i++)
        status = hf_pack_quantisation(graph, &lowered.ops[i], err);
    if (!status)
        status = hf_plan_best(&lowered, options, &plan, err);
    if (!status) {
        hf_tiles_choose(&lowered, &plan);
        status = hf_plan_check(&lowered, &plan, err);
    }
    if (!status)
        status = hf_emit(graph, &lowered, &plan, out, err);
    hf_plan_free(&plan);
    hf_lowered_free(&lowered);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "compiling %s", graph->name);
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
