/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/score_source.h"

#include <stdlib.h>

#include "report/limit_verdicts.h"
#include "weights/weights.h"

/* Whether only a better memory plan can decide if the RAM limit is met. */
static bool ram_is_undecided(const hf_scorecard *card, const hf_limits *limits,
                             const hf_firmware_bounds *firmware)
{
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_scorecard_check_limits(card, limits, firmware, checks);
    return checks[0].verdict == HF_VERDICT_OPEN && !hf_scorecard_arena_is_exact(card);
}

static hf_status score_graph(const hf_score_settings *settings, const hf_source *source,
                             const hf_limits *limits, hf_objective objective, hf_graph *graph,
                             hf_scorecard *card, hf_error *err)
{
    const bool exact = settings->exact;
    hf_image image = {0};
    hf_scorecard_options options = {
        .chips = settings->chips,
        .chip_count = settings->chip_count,
        .quick = !exact,
        .compile =
            hf_compile_options_for(objective, limits, settings->chips, settings->firmwares,
                                   settings->chip_count, hf_tensor_bytes(&graph->tensors[graph->input]))};
    hf_status status = HF_OK;
    if (exact && !source->tflite_path)
        status = hf_weights_generate(graph, source->weights_seed, err);
    if (status == HF_OK && (exact || source->tflite_path)) {
        status = hf_compile_for(graph, &options.compile, &image, err);
        options.image = &image;
    }
    const char *family = source->tflite_path ? "tflite" : source->variation.family;
    if (status == HF_OK)
        status = hf_scorecard_make(graph, family, &options, card, err);
    if (status == HF_OK && options.quick && !options.image &&
        ram_is_undecided(card, limits, &settings->firmware)) {
        hf_scorecard_free(card);
        options.quick = false;
        status = hf_scorecard_make(graph, family, &options, card, err);
    }
    hf_image_free(&image);
    return status;
}

hf_status hf_score_source(const hf_score_settings *settings, const hf_source *source, const hf_limits *limits,
                          hf_objective objective, hf_candidate *out, hf_error *err)
{
    hf_graph *graph = NULL;
    hf_candidate scored = {.limits = *limits, .firmware = settings->firmware};
    hf_status status = hf_source_build(source, &graph, err);
    if (status == HF_OK)
        status = score_graph(settings, source, limits, objective, graph, &scored.card, err);
    hf_graph_free(graph);
    if (status != HF_OK)
        return status;
    if (!settings->keep_layers) {
        free(scored.card.layers);
        scored.card.layers = NULL;
        free(scored.card.arena_map);
        scored.card.arena_map = NULL;
    }
    *out = scored;
    return HF_OK;
}
