/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_history.h"

#include <stdlib.h>
#include <string.h>

#include "store_access.h"

/* The variations of a spec by name. */
typedef struct name_index {
    const char *name;
    uint32_t variation;
} name_index;

typedef struct loader {
    const hf_run_config *config;
    name_index *names;
    uint32_t *chip_attempts;
    hf_attempt_history history;
} loader;

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const name_index *)a)->name, ((const name_index *)b)->name);
}

static bool is_selected(const hf_run_config *config, const char *board_id)
{
    for (uint32_t i = 0; i < config->selection.board_count; i++)
        if (strcmp(config->farm->boards[config->selection.boards[i]].config.id, board_id) == 0)
            return true;
    return false;
}

static void add_attempt(loader *self, const hf_attempt_row *attempt, const hf_result_row *result)
{
    const hf_selection *selection = &self->config->selection;
    if (!attempt->succeeded || attempt->duration_ns <= 0 || !is_selected(self->config, attempt->board_id))
        return;
    uint32_t chip = 0;
    while (chip < selection->chip_count && strcmp(selection->chips[chip]->name, result->chip) != 0)
        chip++;
    if (chip == selection->chip_count)
        return;
    self->history.chip_ns[chip] += (uint64_t)attempt->duration_ns;
    self->chip_attempts[chip]++;
    self->history.attempts++;
    const name_index key = {.name = result->name};
    const name_index *found =
        bsearch(&key, self->names, self->config->spec->variation_count, sizeof *self->names, compare_names);
    if (!found)
        return;
    uint64_t *job_ns = &self->history.job_ns[found->variation * selection->chip_count + chip];
    if (!*job_ns)
        *job_ns = (uint64_t)attempt->duration_ns;
}

static hf_status read_store(loader *self, hf_store *store, hf_error *err)
{
    hf_run_row *runs = NULL;
    size_t count = 0;
    hf_status status = hf_store_list_runs(store, &runs, &count, err);
    for (size_t i = 0; status == HF_OK && i < count && i < HF_HISTORY_MAX_RUNS; i++) {
        hf_report report = {0};
        status = hf_store_load_parts(store, runs[i].id, 0, &report, err);
        for (size_t a = report.attempt_count; status == HF_OK && a > 0; a--)
            add_attempt(self, &report.attempts[a - 1], &report.results[report.attempt_results[a - 1]]);
        hf_report_free(&report);
    }
    hf_rows_free(&hf_run_row_type, runs, count);
    return status;
}

static hf_status allocate(loader *self, hf_error *err)
{
    const hf_spec *spec = self->config->spec;
    const uint32_t chips = self->config->selection.chip_count;
    self->names = calloc(spec->variation_count, sizeof *self->names);
    self->chip_attempts = calloc(chips, sizeof *self->chip_attempts);
    self->history.job_ns = calloc((size_t)spec->variation_count * chips, sizeof *self->history.job_ns);
    self->history.chip_ns = calloc(chips, sizeof *self->history.chip_ns);
    if (!self->names || !self->chip_attempts || !self->history.job_ns || !self->history.chip_ns)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the history of %u models",
                          spec->variation_count);
    for (uint32_t i = 0; i < spec->variation_count; i++)
        self->names[i] = (name_index){.name = spec->variations[i].name, .variation = i};
    qsort(self->names, spec->variation_count, sizeof *self->names, compare_names);
    return HF_OK;
}

hf_status hf_attempt_history_load(const char *db, const hf_run_config *config, hf_attempt_history *out,
                                  hf_error *err)
{
    loader self = {.config = config};
    hf_store *store = NULL;
    hf_status status = allocate(&self, err);
    if (status == HF_OK) {
        hf_error absent = {0};
        status = hf_cli_open_store_readonly(db, &store, &absent);
        if (status == HF_OK)
            status = read_store(&self, store, err);
        else if (status == HF_ENOTFOUND)
            status = HF_OK;
        else if (err)
            *err = absent;
    }
    for (uint32_t c = 0; status == HF_OK && c < config->selection.chip_count; c++)
        if (self.chip_attempts[c])
            self.history.chip_ns[c] /= self.chip_attempts[c];
    hf_store_close(store);
    free(self.names);
    free(self.chip_attempts);
    if (status == HF_OK)
        *out = self.history;
    else
        hf_attempt_history_free(&self.history);
    return status;
}

void hf_attempt_history_free(hf_attempt_history *history)
{
    free(history->job_ns);
    free(history->chip_ns);
    *history = (hf_attempt_history){0};
}
