/* SPDX-License-Identifier: Apache-2.0 */
#include "prepare_steps.h"

#include <stdlib.h>

#include "image_in_file.h"
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

/* @param cycles of each layer of a chip, zeroed */
static void estimate_layers(const hf_cost_table *table, const hf_work *work, size_t layers, int64_t *cycles)
{
    for (uint32_t i = 0; i < work->count; i++)
        if ((size_t)work->ops[i].node < layers)
            cycles[work->ops[i].node] += (int64_t)(hf_cost_cycles(table, &work->ops[i]) + 0.5);
}

/* What was not compiled has no estimate. */
void hf_prepare_estimate(const hf_prepare_request *request, hf_prepared *out)
{
    const hf_graph *graph = out->graph;
    const size_t layers = (size_t)out->analysis.layer_count;
    hf_work work = {0};
    free(out->estimated_cycles);
    out->estimated_cycles = NULL;
    out->estimated_chip_count = 0;
    if (!graph || graph->node_count < out->analysis.layer_count || !request->chip_count || !layers ||
        !out->image.bytes || hf_image_work(graph, &out->image, &work, NULL) != HF_OK)
        return;
    int64_t *cycles = calloc(layers * request->chip_count, sizeof *cycles);
    for (uint32_t c = 0; cycles && c < request->chip_count; c++) {
        const hf_cost_table *table = hf_cost_table_of(request->chips[c]);
        if (table)
            estimate_layers(table, &work, layers, cycles + c * layers);
    }
    hf_work_free(&work);
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
    hf_image_unmap(prepared);
    hf_image_free(&prepared->image);
    hf_prepared_drop_inputs(prepared);
    free(prepared->layer_crc32);
    free(prepared->estimated_cycles);
    *prepared = (hf_prepared){0};
}

hf_status hf_prepare_analyze(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    hf_graph *family = NULL;
    hf_analysis counted = {0};
    hf_status status = hf_analyze(out->graph, &out->analysis, err);
    if (status != HF_OK || !request->source.weights_path)
        return status;
    status = hf_variation_build(&request->source.variation, &family, err);
    if (status == HF_OK)
        status = hf_analyze(family, &counted, err);
    if (status == HF_OK) {
        out->analysis.params = counted.params;
        out->analysis.params_non_trainable = counted.params_non_trainable;
        out->analysis.params_deployed = counted.params_deployed;
    }
    hf_analysis_free(&counted);
    hf_graph_free(family);
    return status;
}
