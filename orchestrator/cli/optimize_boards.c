/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize_boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "boards_in_service.h"
#include "cache_access.h"
#include "display.h"
#include "farm/partial_run.h"
#include "farm/resume.h"
#include "input_files.h"
#include "locations.h"
#include "output.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "run_with_health.h"
#include "store_access.h"

/* One run of a part of the spec. */
typedef struct part {
    hf_run_config config;
    hf_partial_run jobs;
    char *text; /* owned: recorded in the store */
    char name[HF_SPEC_NAME_MAX + 16];
    hf_store *store;
    hf_report earlier; /* the same part, interrupted; no run if its id is 0 */
} part;

static void free_part(part *p)
{
    hf_report_free(&p->earlier);
    hf_store_close(p->store);
    hf_partial_run_free(&p->jobs);
    hf_run_config_free(&p->config);
    free(p->text);
}

/* Gives the variations the weights that they are to have, and selects them. */
static hf_status select_jobs(const hf_optimize_measurement *what, part *p, hf_error *err)
{
    hf_spec *spec = p->config.spec;
    const uint32_t chips = p->config.selection.chip_count;
    hf_status status = hf_partial_run_all(spec, &p->config.selection, &p->jobs, err);
    if (status != HF_OK)
        return status;
    memset(p->jobs.jobs, 0, p->jobs.job_count * sizeof *p->jobs.jobs);
    p->jobs.selected = what->count * chips;
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        spec->variations[i].training = NULL;
        spec->variations[i].weights_path = NULL;
        if (!what->weights)
            spec->variations[i].data_path = NULL;
    }
    for (uint32_t i = 0; i < what->count; i++) {
        if (what->weights)
            spec->variations[what->variations[i]].weights_path = what->weights[i];
        for (uint32_t c = 0; c < chips; c++)
            p->jobs.jobs[what->variations[i] * chips + c] = true;
    }
    snprintf(p->name, sizeof p->name, "%.*s.%s", HF_SPEC_NAME_MAX - 8, spec->name,
             what->weights ? "proof" : "latency");
    spec->name = p->name;
    char *record = hf_partial_run_record(spec, &p->jobs, NULL,
                                         what->weights ? "hilfarm optimize: trained weights"
                                                       : "hilfarm optimize: generated weights");
    if (record && asprintf(&p->text, "%s%s", record, what->decisions) < 0)
        p->text = NULL;
    free(record);
    return p->text ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a run");
}

/* The newest run of the same part, if it was interrupted and can be continued. */
static hf_status find_interrupted(const hf_cli_optimize_boards *b, part *p, hf_error *err)
{
    hf_run_row *runs = NULL;
    size_t count = 0;
    int64_t id = 0;
    hf_status status = hf_store_list_runs(p->store, &runs, &count, err);
    for (size_t i = 0; status == HF_OK && i < count && !id; i++)
        if (runs[i].state != HF_RUN_DONE && runs[i].state != HF_RUN_RUNNING &&
            strcmp(runs[i].name, p->name) == 0 && strcmp(runs[i].spec_text, p->text) == 0)
            id = runs[i].id;
    hf_rows_free(&hf_run_row_type, runs, count);
    if (status != HF_OK || !id)
        return status;
    status = hf_store_load_parts(p->store, id, 0, &p->earlier, err);
    if (status == HF_OK &&
        hf_resume_check(&p->earlier, p->config.spec, &p->config.selection,
                        hf_cli_firmware_dir(b->programs.firmware_dir), NULL, NULL) != HF_OK)
        hf_report_free(&p->earlier); /* firmware or weights are others: measured again */
    return status;
}

static hf_status prepare_part(const hf_cli_optimize_boards *b, const hf_optimize_measurement *what, part *p,
                              hf_error *err)
{
    if (hf_cli_load_run_config(b->spec_path, b->farm, "nothing was measured", &p->config) != HF_EXIT_OK)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: it has changed during the search",
                          b->spec_path);
    hf_status status = select_jobs(what, p, err);
    if (status == HF_OK &&
        hf_cli_keep_boards_in_service(p->config.farm, b->db, b->quiet, &p->config.selection) != HF_EXIT_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "no board is in service");
    if (status == HF_OK)
        status = hf_boards_allow_open_files(p->config.selection.board_count, err);
    if (status == HF_OK && hf_cli_open_store(b->db, &p->store) != HF_EXIT_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "%s cannot be opened", b->db);
    return status == HF_OK ? find_interrupted(b, p, err) : status;
}

/* ---- Results ---- */

/* Whether what was measured misses a limit that counts images. Says which. */
static bool misses_limit(const hf_limits *limits, const hf_result_row *row, char *message, size_t size)
{
    const hf_verdicts verdicts = hf_result_verdicts(row, limits);
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        if (hf_verdict_of(&verdicts, kind) != HF_VERDICT_MISSED)
            continue;
        char limit[32];
        kind->format((double)hf_limit_of(limits, kind), limit, sizeof limit);
        snprintf(message, size, "%s: it misses the limit of %s", kind->title, limit);
        return true;
    }
    return false;
}

/* A variation counts as measured if every chip has a result; the slowest one counts. */
static void take_row(const hf_report *report, const hf_result_row *row, bool counts_images,
                     hf_optimize_result *r)
{
    hf_latency latency;
    if (row->outcome == HF_RESULT_MEASURED && counts_images &&
        misses_limit(&report->run.limits, row, r->message, sizeof r->message)) {
        r->measured = false;
        return;
    }
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency)) {
        r->measured = false;
        r->is_final = row->outcome == HF_RESULT_PRUNED ||
                      (row->outcome == HF_RESULT_FAILED && row->fault && strcmp(row->fault, "job") == 0);
        snprintf(r->message, sizeof r->message, "%s", row->message ? row->message : "the run ended first");
        return;
    }
    if (r->latency_ns >= latency.median_ns)
        return;
    r->latency_ns = latency.median_ns;
    r->modelled = row->modelled;
    r->ram_bytes = hf_result_ram_bytes(row);
    r->rom_bytes = hf_result_rom_bytes(row);
    r->has_accuracy = row->has_accuracy;
    r->accuracy_percent = row->accuracy_percent;
    r->accuracy_low_percent = row->accuracy_low_percent;
    r->accuracy_high_percent = row->accuracy_high_percent;
    snprintf(r->board, sizeof r->board, "%s", row->board_id ? row->board_id : "");
    snprintf(r->chip, sizeof r->chip, "%s", row->chip);
    snprintf(r->run, sizeof r->run, "%s", report->run.key);
    snprintf(r->image_sha256, sizeof r->image_sha256, "%s", row->image_sha256 ? row->image_sha256 : "");
}

static hf_status read_results(part *p, int64_t run_id, const hf_optimize_measurement *what,
                              hf_optimize_result *results, hf_error *err)
{
    hf_report report = {0};
    hf_status status = hf_store_load_parts(p->store, run_id, 0, &report, err);
    for (uint32_t i = 0; i < what->count && status == HF_OK; i++) {
        const char *name = p->config.spec->variations[what->variations[i]].name;
        uint32_t rows = 0;
        results[i] =
            (hf_optimize_result){.variation = what->variations[i], .measured = true, .is_final = true};
        for (size_t k = 0; k < report.result_count; k++)
            if (strcmp(report.results[k].name, name) == 0 && results[i].measured) {
                take_row(&report, &report.results[k], p->config.spec->optimization.rom == HF_SPEC_ROM_IMAGE,
                         &results[i]);
                rows++;
            }
        if (!rows) {
            results[i].measured = results[i].is_final = false;
            snprintf(results[i].message, sizeof results[i].message, "the run ended first");
        }
    }
    hf_report_free(&report);
    return status;
}

/* ---- The run ---- */

static hf_status run_part(const hf_cli_optimize_boards *b, part *p, const hf_cli_cache *cache,
                          hf_run_summary *summary, hf_error *err)
{
    hf_display *display = b->quiet ? NULL : hf_display_new(!b->plain && hf_cli_is_terminal(STDOUT_FILENO));
    hf_run_options options = {.spec = p->config.spec,
                              .farm = p->config.farm,
                              .selection = &p->config.selection,
                              .store = p->store,
                              .earlier = p->earlier.run.id ? &p->earlier : NULL,
                              .selected = p->jobs.jobs,
                              .spec_text = p->text,
                              .firmware_dir = hf_cli_firmware_dir(b->programs.firmware_dir),
                              .openocd_path = b->programs.openocd,
                              .vboard_path = b->programs.vboard,
                              .version = HILFARM_VERSION,
                              .cache_dir = cache->dir,
                              .cache_limit_bytes = cache->limit_bytes,
                              .wait_ns = b->wait_ms * HF_NS_PER_MS};
    if (display)
        options.observer = hf_display_observer(display);
    hf_status status = hf_cli_run_with_health(&options, b->db, summary, err);
    hf_display_free(display);
    return status;
}

hf_status hf_cli_optimize_measure(void *user, const hf_optimize_measurement *what,
                                  hf_optimize_result *results, hf_error *err)
{
    hf_cli_optimize_boards *b = user;
    hf_run_summary summary = {0};
    hf_cli_cache cache = {0};
    part p = {0};
    const bool was_stopped = hf_cli_signals_release(b->signals); /* the run catches them now */
    hf_status status = was_stopped ? HF_FAIL_AS(err, HF_FAULT_NONE, HF_ECANCELLED, "stopped") : HF_OK;
    if (status == HF_OK && hf_cli_find_cache(b->no_cache, &cache) != HF_EXIT_OK)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "the cache of models cannot be used");
    if (status == HF_OK)
        status = prepare_part(b, what, &p, err);
    if (status == HF_OK)
        status = run_part(b, &p, &cache, &summary, err);
    hf_cli_signals_catch(b->signals);
    if (status == HF_OK && (summary.interrupted || summary.state == HF_RUN_INTERRUPTED))
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ECANCELLED, "stopped");
    if (status == HF_OK)
        status = read_results(&p, summary.run_id, what, results, err);
    if (status == HF_OK)
        b->last_run_id = summary.run_id;
    free_part(&p);
    return status;
}
