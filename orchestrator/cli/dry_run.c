/* SPDX-License-Identifier: Apache-2.0 */
#include "dry_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "attempt_history.h"
#include "farm/prepare.h"
#include "output.h"
#include "scorecard/pruning.h"

typedef struct plan {
    const hf_run_config *config;
    const hf_partial_run *part;
    const hf_report *earlier;
    hf_prepare_cache *cache; /* NULL = none */
    hf_firmware_footprint *firmwares;
    hf_attempt_history history;
    hf_buffer text;
    uint64_t *chip_ns; /* estimated work on each chip */
    uint32_t jobs;     /* that would run */
    uint32_t unknown;  /* of them: without an estimate */
    uint32_t guessed;  /* of them: estimated from other models */
    uint32_t pruned;
    uint32_t models, prepared; /* that would be measured, and of them: in the cache */
    uint32_t unreadable;       /* models that would fail */
} plan;

static bool is_measured(const hf_report *earlier, uint32_t position)
{
    for (size_t i = 0; earlier && i < earlier->result_count; i++)
        if ((uint32_t)earlier->results[i].position == position)
            return earlier->results[i].outcome == HF_RESULT_MEASURED ||
                   earlier->results[i].outcome == HF_RESULT_PRUNED;
    return false;
}

static void plan_job(plan *self, uint32_t variation, uint32_t chip, const hf_prepared *model,
                     hf_status status, const hf_error *err)
{
    const hf_spec *spec = self->config->spec;
    const hf_selection *selection = &self->config->selection;
    char why[HF_CANNOT_FIT_SIZE];
    hf_buffer_printf(&self->text, "  %-40s %-12s ", spec->variations[variation].name,
                     selection->chips[chip]->name);
    if (status != HF_OK) {
        self->unreadable++;
        hf_buffer_printf(&self->text, "would fail: %s\n", err->message);
        return;
    }
    if (hf_cannot_fit(&spec->constraints, selection->chips[chip], &self->firmwares[chip], model->arena_bytes,
                      (int64_t)model->image_bytes, model->analysis.macs, why)) {
        self->pruned++;
        hf_buffer_printf(&self->text, "pruned: %s\n", why);
        return;
    }
    const uint64_t own_ns = self->history.job_ns[variation * selection->chip_count + chip];
    const uint64_t ns = own_ns ? own_ns : self->history.chip_ns[chip];
    self->jobs++;
    self->unknown += ns == 0;
    self->guessed += ns && !own_ns;
    self->chip_ns[chip] += ns;
    if (ns)
        hf_buffer_printf(&self->text, "about %.1f s%s\n", (double)ns / 1e9,
                         own_ns ? "" : " (mean of other models on this chip)");
    else
        hf_buffer_puts(&self->text, "time unknown\n");
}

static void plan_variation(plan *self, uint32_t variation)
{
    const uint32_t chips = self->config->selection.chip_count;
    hf_prepared model = {0};
    hf_error err = {0};
    hf_status status = HF_OK;
    bool analysed = false;
    const uint32_t jobs_before = self->jobs;
    hf_prepare_request request = {0};
    for (uint32_t c = 0; c < chips; c++) {
        const uint32_t position = variation * chips + c;
        if (!self->part->jobs[position] || is_measured(self->earlier, position))
            continue;
        if (!analysed) {
            request = hf_prepare_request_make(self->config->spec, &self->config->spec->variations[variation],
                                              &self->config->selection, self->firmwares);
            status = hf_prepare_analysis(&request, &model, &err);
            analysed = true;
        }
        plan_job(self, variation, c, &model, status, &err);
    }
    hf_prepared_free(&model);
    if (self->jobs > jobs_before) {
        request.cache = self->cache;
        self->models++;
        self->prepared += hf_prepare_is_cached(&request);
    }
}

/* "stm32l4r5zi: virtual-1, virtual-2" for each chip. @return how long the slowest chip takes */
static uint64_t put_boards(plan *self)
{
    const hf_selection *selection = &self->config->selection;
    uint64_t slowest_ns = 0;
    for (uint32_t c = 0; c < selection->chip_count; c++) {
        uint32_t boards = 0;
        hf_buffer_printf(&self->text, "%s:", selection->chips[c]->name);
        for (uint32_t i = 0; i < selection->board_count; i++) {
            const hf_farm_board *board = &self->config->farm->boards[selection->boards[i]];
            if (board->chip == selection->chips[c])
                hf_buffer_printf(&self->text, "%s %s", boards++ ? "," : "", board->config.id);
        }
        hf_buffer_putc(&self->text, '\n');
        const uint64_t ns = self->chip_ns[c] / (boards ? boards : 1);
        slowest_ns = ns > slowest_ns ? ns : slowest_ns;
    }
    return slowest_ns;
}

static void put_total(plan *self, uint64_t total_ns, const char *db)
{
    hf_buffer_printf(&self->text, "%u would be measured, %u pruned", self->jobs, self->pruned);
    if (self->unreadable)
        hf_buffer_printf(&self->text, ", %u would fail", self->unreadable);
    if (!self->jobs) {
        hf_buffer_putc(&self->text, '\n');
    } else if (self->unknown == self->jobs) {
        hf_buffer_printf(&self->text, "; no estimate of the time: no attempt on these boards in %s\n", db);
    } else {
        char duration[32];
        hf_cli_format_duration(total_ns, duration, sizeof duration);
        hf_buffer_printf(&self->text, "; about %s, estimated from %u earlier attempt%s", duration,
                         self->history.attempts, self->history.attempts == 1 ? "" : "s");
        if (self->guessed)
            hf_buffer_printf(&self->text, " (roughly: %u of the models were never measured here)",
                             self->guessed);
        if (self->unknown)
            hf_buffer_printf(&self->text, ", without %u of unknown time", self->unknown);
        hf_buffer_putc(&self->text, '\n');
    }
    if (self->prepared)
        hf_buffer_printf(&self->text, "%u of %u model%s prepared before\n", self->prepared, self->models,
                         self->models == 1 ? " was" : "s were");
    hf_buffer_puts(&self->text, "dry run: no board was used, nothing was stored\n");
}

hf_exit hf_cli_dry_run(const hf_run_config *config, const hf_partial_run *part, const hf_report *earlier,
                       const char *db, const char *firmware_dir, hf_prepare_cache *cache)
{
    hf_error err = {0};
    plan self = {.config = config, .part = part, .earlier = earlier, .cache = cache, .text = HF_BUFFER_INIT};
    hf_status status = hf_prepare_measure_firmwares(&config->selection, firmware_dir, &self.firmwares, &err);
    if (status == HF_OK)
        status = hf_attempt_history_load(db, config, &self.history, &err);
    self.chip_ns = calloc(config->selection.chip_count, sizeof *self.chip_ns);
    if (status == HF_OK && !self.chip_ns)
        status = HF_FAIL_AS(&err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the plan");
    hf_exit exit_status = HF_EXIT_OK;
    if (status == HF_OK) {
        for (uint32_t v = 0; v < config->spec->variation_count; v++)
            plan_variation(&self, v);
        put_total(&self, put_boards(&self), db);
        exit_status = hf_cli_write(&self.text, NULL);
    } else {
        exit_status = hf_cli_fail(&err);
    }
    hf_buffer_free(&self.text);
    hf_attempt_history_free(&self.history);
    free(self.firmwares);
    free(self.chip_ns);
    return exit_status;
}
