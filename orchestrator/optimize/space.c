/* SPDX-License-Identifier: Apache-2.0 */
/* Analyses the variations of a search. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/score_source.h"
#include "scorecard/pruning.h"
#include "state.h"

static uint32_t weighted_layers(const hf_scorecard *card)
{
    uint32_t count = 0;
    for (int32_t i = 0; i < card->layer_count; i++) {
        const hf_op op = card->layers[i].op;
        count += op == HF_OP_CONV2D || op == HF_OP_DEPTHWISE || op == HF_OP_DENSE;
    }
    return count;
}

/* Whether it cannot fit one of the chips, or exceeds a limit there, and why. */
static bool cannot_fit(const hf_optimize_options *options, const hf_scorecard *card,
                       char why[HF_CANNOT_FIT_SIZE])
{
    const hf_selection *selection = options->selection;
    for (uint32_t i = 0; i < selection->chip_count; i++)
        if (hf_cannot_fit(&options->spec->constraints, selection->chips[i], &options->firmwares[i],
                          card->arena_bytes_min, card->model_bytes_range.least, card->macs, why))
            return true;
    return false;
}

static void describe(const hf_optimize_options *options, const hf_spec_variation *v, const hf_scorecard *card,
                     char *reason, hf_search_candidate *out)
{
    *out = (hf_search_candidate){.name = v->name,
                                 .family = v->variation.family,
                                 .macs = card->macs,
                                 .params = card->params,
                                 .rom_bytes = card->model_bytes,
                                 .ram_bytes = card->arena_bytes,
                                 .depth = weighted_layers(card)};
    for (uint32_t i = 0; i < card->latency_count; i++) {
        const hf_scorecard_latency *latency = &card->latencies[i];
        if (latency->ns <= out->estimated_ns)
            continue;
        out->estimated_ns = latency->ns;
        out->error_percent = latency->error_percent;
    }
    if (cannot_fit(options, card, reason))
        out->cannot_fit = reason;
}

hf_status hf_space_score(const hf_optimize_options *options, uint32_t index, uint32_t chip_count,
                         hf_scorecard *out, hf_error *err)
{
    const hf_spec *spec = options->spec;
    hf_score_settings settings = {.chips = options->selection->chips,
                                  .chip_count = chip_count,
                                  .firmwares = options->firmwares,
                                  .keep_layers = true};
    hf_source source = hf_spec_source(spec, &spec->variations[index]);
    hf_candidate scored = {0};
    for (uint32_t i = 0; i < chip_count; i++)
        hf_firmware_bounds_add(&settings.firmware, &options->firmwares[i]);
    source.weights_path = NULL; /* not trained yet */
    hf_status status =
        hf_score_source(&settings, &source, &spec->constraints, options->objective, &scored, err);
    if (status == HF_OK)
        *out = scored.card;
    else
        hf_scorecard_free(&scored.card);
    return status;
}

hf_status hf_space_analyse(const hf_optimize_options *options, hf_space *out, hf_error *err)
{
    const hf_spec *spec = options->spec;
    const uint32_t chips = options->selection->chip_count < HF_SCORECARD_MAX_CHIPS
                               ? options->selection->chip_count
                               : HF_SCORECARD_MAX_CHIPS;
    hf_space space = {.count = spec->variation_count};
    space.candidates = calloc(space.count, sizeof *space.candidates);
    space.reasons = calloc(space.count, sizeof *space.reasons);
    hf_status status =
        space.candidates && space.reasons
            ? HF_OK
            : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u variations", space.count);
    for (uint32_t i = 0; i < space.count && status == HF_OK; i++) {
        hf_scorecard card = {0};
        status = hf_space_score(options, i, chips, &card, err);
        if (status == HF_OK)
            describe(options, &spec->variations[i], &card, space.reasons[i], &space.candidates[i]);
        hf_scorecard_free(&card);
    }
    if (status == HF_OK)
        *out = space;
    else
        hf_space_free(&space);
    return status;
}

void hf_space_free(hf_space *space)
{
    free(space->candidates);
    free(space->reasons);
    *space = (hf_space){0};
}
