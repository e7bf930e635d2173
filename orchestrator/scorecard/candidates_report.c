/* SPDX-License-Identifier: Apache-2.0 */
/* Models that were only analysed, as the rows of a report: for the page. */
#include <stdlib.h>
#include <string.h>

#include "scorecard/render.h"

typedef struct maker {
    const hf_candidates *candidates;
    hf_report report;
    bool failed; /* memory is short */
} maker;

static char *copy(maker *self, const char *text)
{
    char *made = strdup(text);
    self->failed |= !made;
    return made;
}

static void copy_layers(maker *self, const hf_scorecard *card, int32_t latency, hf_result_row *row)
{
    row->layers = card->layers ? calloc((size_t)card->layer_count + 1, sizeof *row->layers) : NULL;
    self->failed |= card->layers && !row->layers;
    for (int32_t n = 0; row->layers && n < card->layer_count; n++) {
        row->layers[n] = card->layers[n].figures;
        if (latency >= 0)
            row->layers[n].estimated_cycles = (int64_t)(card->layers[n].cycles[latency] + 0.5);
        row->layer_count++;
    }
}

/* An estimated latency is one sample of a core that has the chip's clock. */
static void set_estimate(maker *self, const hf_scorecard_latency *latency, hf_result_row *row)
{
    row->samples = calloc(1, sizeof *row->samples);
    self->failed |= !row->samples;
    if (!row->samples)
        return;
    row->samples[0].cycles = latency->cycles >= 1 ? (int64_t)(latency->cycles + 0.5) : 1;
    row->sample_count = 1;
    row->clock_hz = latency->chip->clock_hz;
}

static void add_row(maker *self, const hf_candidate *model, int32_t latency)
{
    const hf_scorecard *card = &model->card;
    const hf_firmware_footprint *firmware = &model->firmware.most;
    hf_result_row *row = &self->report.results[self->report.result_count];
    *row = (hf_result_row){.position = (int32_t)self->report.result_count,
                           .macs = card->macs,
                           .params = card->params,
                           .params_non_trainable = card->params_non_trainable,
                           .params_deployed = card->params_deployed,
                           .image_bytes = card->model_bytes,
                           .peak_memory_bytes = card->peak_memory_bytes,
                           .planned_arena_bytes = card->arena_bytes,
                           .arena_bytes = card->arena_bytes,
                           .static_bytes = firmware->static_bytes,
                           .stack_bytes = firmware->stack_bytes,
                           .firmware_bytes = firmware->flash_bytes,
                           .has_accuracy = card->has_accuracy,
                           .accuracy_percent = card->accuracy_percent,
                           .accuracy_low_percent = card->accuracy_percent,
                           .accuracy_high_percent = card->accuracy_percent,
                           .outcome = HF_RESULT_MEASURED,
                           .modelled = true};
    self->report.result_count++;
    row->name = copy(self, card->name);
    row->family = copy(self, card->family);
    row->chip = copy(self, latency >= 0 ? card->latencies[latency].chip->name : "no estimate");
    if (card->has_accuracy)
        row->accuracy_source = copy(self, HF_ACCURACY_GIVEN);
    if (latency >= 0)
        set_estimate(self, &card->latencies[latency], row);
    if (card->arena_map && card->layers)
        row->arena_map = copy(self, card->arena_map);
    copy_layers(self, card, latency, row);
}

static void add_rows(maker *self)
{
    const hf_candidates *candidates = self->candidates;
    for (size_t i = 0; i < candidates->count; i++) {
        const int32_t chips = (int32_t)candidates->models[i].card.latency_count;
        for (int32_t c = chips ? 0 : -1; c < chips; c++)
            add_row(self, &candidates->models[i], c);
    }
}

hf_status hf_candidates_report(const hf_candidates *candidates, const char *title, hf_report *out,
                               hf_error *err)
{
    maker self = {.candidates = candidates, .report = {.analysed = true}};
    hf_run_row *run = &self.report.run;
    run->key = copy(&self, "");
    run->name = copy(&self, title);
    run->spec_path = copy(&self, "");
    run->spec_text = copy(&self, "");
    run->hilfarm_version = copy(&self, "");
    run->host = copy(&self, "");
    run->state = HF_RUN_DONE;
    if (candidates->count)
        run->limits = candidates->models[0].limits;
    self.report.results = calloc(candidates->count * HF_SCORECARD_MAX_CHIPS + 1, sizeof *self.report.results);
    self.failed |= !self.report.results;
    if (!self.failed)
        add_rows(&self);
    run->measured = (int32_t)self.report.result_count;
    if (self.failed) {
        hf_report_free(&self.report);
        return HF_FAIL(err, HF_ENOMEM, "no memory for a page of %zu models", candidates->count);
    }
    *out = self.report;
    return HF_OK;
}
