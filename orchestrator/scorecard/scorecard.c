/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/scorecard.h"

#include <stdio.h>
#include <stdlib.h>

#include "graph/analysis.h"
#include "report/limit_verdicts.h"
#include "scorecard/latency_estimate.h"

static void fill_layer(const hf_node *node, const hf_layer *figures, hf_scorecard_layer *layer)
{
    *layer = (hf_scorecard_layer){.figures = *figures, .op = node->op};
    if (node->op != HF_OP_RESHAPE) { /* whose kernel members have another meaning, see graph.h */
        layer->kernel_height = node->kernel_height;
        layer->kernel_width = node->kernel_width;
        layer->stride_height = node->stride_height;
        layer->stride_width = node->stride_width;
    }
}

static void estimate(const hf_work *work, const hf_scorecard_options *options, hf_scorecard *card)
{
    for (uint32_t c = 0; c < options->chip_count && card->latency_count < HF_SCORECARD_MAX_CHIPS; c++) {
        const hf_cost_table *table = hf_cost_table_of(options->chips[c]);
        if (!table)
            continue;
        hf_scorecard_latency *latency = &card->latencies[card->latency_count];
        latency->chip = options->chips[c];
        latency->error_percent =
            options->quick && !options->image ? table->quick_error_percent : table->error_percent;
        for (uint32_t i = 0; i < work->count; i++) {
            const double cycles = hf_cost_cycles(table, &work->ops[i]);
            card->layers[work->ops[i].node].cycles[card->latency_count] += cycles;
            latency->cycles += cycles;
        }
        latency->ns = latency->cycles * 1e9 / latency->chip->clock_hz;
        card->latency_count++;
    }
}

static hf_status fill(const hf_graph *graph, const hf_scorecard_options *options, const hf_analysis *analysis,
                      hf_scorecard *card, hf_error *err)
{
    card->layers = calloc((size_t)graph->node_count + 1, sizeof *card->layers);
    if (!card->layers)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for its scorecard", graph->name);
    card->layer_count = graph->node_count;
    for (int32_t n = 0; n < graph->node_count; n++)
        fill_layer(&graph->nodes[n], &analysis->layers[n], &card->layers[n]);
    card->macs = analysis->macs;
    card->params = analysis->params;
    card->params_non_trainable = analysis->params_non_trainable;
    card->params_deployed = analysis->params_deployed;
    card->parameter_bytes = analysis->parameter_bytes;
    card->peak_memory_bytes = analysis->peak_memory_bytes;
    card->peak_memory_layer = analysis->peak_memory_node;
    if (graph->node_count > 0)
        snprintf(card->peak_memory_name, sizeof card->peak_memory_name, "%s",
                 graph->nodes[analysis->peak_memory_node].name);
    hf_work work = {0};
    hf_status status = HF_OK;
    if (options->image) {
        card->arena_bytes = options->image->arena_bytes;
        card->arena_bytes_min = options->image->arena_bytes;
        card->model_bytes = (int64_t)options->image->size;
        card->model_bytes_range = (hf_range){card->model_bytes, card->model_bytes};
        card->model_bytes_exact = true;
        card->arena_map = hf_image_arena_map(options->image);
        status = hf_image_work(graph, options->image, &work, err);
    } else {
        hf_image_forecast forecast = {0};
        status = hf_forecast_work(graph, &options->compile, options->quick, &forecast, &work, err);
        card->arena_bytes = forecast.arena_bytes;
        card->arena_bytes_min = forecast.arena_bytes_min;
        card->model_bytes = (int64_t)forecast.image_bytes;
        card->model_bytes_range =
            (hf_range){(int64_t)forecast.image_bytes_min, (int64_t)forecast.image_bytes_max};
        card->model_bytes_exact = forecast.image_bytes == forecast.image_bytes_max;
    }
    if (status == HF_OK)
        estimate(&work, options, card);
    hf_work_free(&work);
    return status;
}

hf_status hf_scorecard_make(const hf_graph *graph, const char *family, const hf_scorecard_options *options,
                            hf_scorecard *out, hf_error *err)
{
    hf_scorecard card = {0};
    hf_analysis analysis = {0};
    snprintf(card.name, sizeof card.name, "%s", graph->name);
    snprintf(card.family, sizeof card.family, "%s", family);
    hf_status status = hf_analyze(graph, &analysis, err);
    if (status == HF_OK)
        status = fill(graph, options, &analysis, &card, err);
    hf_analysis_free(&analysis);
    if (status == HF_OK)
        *out = card;
    else
        hf_scorecard_free(&card);
    return status;
}

void hf_scorecard_free(hf_scorecard *card)
{
    if (!card)
        return;
    free(card->layers);
    free(card->arena_map);
    *card = (hf_scorecard){0};
}

double hf_scorecard_bytes_per_param(const hf_scorecard *card)
{
    return card->params > 0 ? (double)card->model_bytes / (double)card->params : 0;
}

bool hf_scorecard_arena_is_exact(const hf_scorecard *card)
{
    return card->arena_bytes == card->arena_bytes_min;
}
