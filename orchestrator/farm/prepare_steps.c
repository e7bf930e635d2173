/* SPDX-License-Identifier: Apache-2.0 */
#include "prepare_steps.h"

#include <stdlib.h>

#include "scorecard/latency_estimate.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pruning.h"

bool hf_prepare_fits_nowhere(const hf_prepare_request *request, const hf_prepared *out)
{
    char why[HF_CANNOT_FIT_SIZE];
    const int64_t arena = out->arena_bytes, image = (int64_t)out->image_bytes, macs = out->analysis.macs;
    if (!request->chip_count)
        return hf_cannot_fit(&request->limits, NULL, NULL, arena, image, macs, why);
    for (uint32_t i = 0; i < request->chip_count; i++)
        if (!hf_cannot_fit(&request->limits, request->chips[i],
                           request->firmwares ? &request->firmwares[i] : NULL, arena, image, macs, why))
            return false;
    return true;
}

hf_compile_options hf_prepare_compile_options(const hf_prepare_request *request, const hf_graph *graph)
{
    return hf_compile_options_for(request->objective, &request->limits, request->chips, request->firmwares,
                                  request->chip_count, hf_tensor_bytes(&graph->tensors[graph->input]));
}

void hf_prepare_estimate(const hf_prepare_request *request, hf_prepared *out)
{
    const hf_graph *graph = out->graph;
    const size_t layers = (size_t)out->analysis.layer_count;
    free(out->estimated_cycles);
    out->estimated_cycles = NULL;
    out->estimated_chip_count = 0;
    if (!graph || graph->node_count < out->analysis.layer_count || !request->chip_count || !layers)
        return;
    int64_t *cycles = calloc(layers * request->chip_count, sizeof *cycles);
    for (uint32_t c = 0; cycles && c < request->chip_count; c++)
        for (size_t n = 0; hf_cost_knows(request->chips[c]) && n < layers; n++)
            cycles[c * layers + n] =
                (int64_t)(hf_cost_cycles(request->chips[c], graph, &graph->nodes[n]) + 0.5);
    out->estimated_cycles = cycles;
    out->estimated_chips = request->chips;
    out->estimated_chip_count = cycles ? request->chip_count : 0;
}

void hf_prepared_shrink(hf_prepared *prepared)
{
    hf_graph_free(prepared->graph);
    prepared->graph = NULL;
    if (prepared->input_from_seed) {
        free(prepared->input);
        prepared->input = NULL;
    }
}

void hf_prepared_free(hf_prepared *prepared)
{
    if (!prepared)
        return;
    hf_graph_free(prepared->graph);
    hf_analysis_free(&prepared->analysis);
    hf_image_free(&prepared->image);
    hf_prepared_drop_inputs(prepared);
    free(prepared->layer_crc32);
    free(prepared->estimated_cycles);
    *prepared = (hf_prepared){0};
}
