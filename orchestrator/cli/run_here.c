/* SPDX-License-Identifier: Apache-2.0 */
#include "run_here.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "baseline.h"
#include "boards_in_service.h"
#include "cache_access.h"
#include "display.h"
#include "dry_run.h"
#include "farm/resume.h"
#include "input_files.h"
#include "locations.h"
#include "output.h"
#include "run_part.h"
#include "run_results.h"
#include "run_start.h"
#include "run_with_health.h"
#include "store_access.h"

static void print_start(const hf_run_config *config, const hf_partial_run *part, const hf_report *earlier)
{
    const hf_cli_run_size size = {.models = config->spec->variation_count,
                                  .chips = config->selection.chip_count,
                                  .boards = config->selection.board_count,
                                  .selected = part->selected,
                                  .jobs = part->job_count};
    hf_cli_print_start(config->spec->name, &size);
    if (earlier)
        hf_cli_print_resumed(earlier->run.id, earlier->run.key, (uint32_t)earlier->run.measured,
                             (uint32_t)earlier->run.pruned);
}

/* Whether the run came to its end and every selected job is measured or pruned. */
static bool is_complete(const hf_report *earlier, const hf_partial_run *part)
{
    uint32_t present = 0;
    for (size_t i = 0; i < earlier->result_count; i++) {
        const hf_result_row *row = &earlier->results[i];
        if (row->outcome == HF_RESULT_MEASURED || row->outcome == HF_RESULT_PRUNED)
            present += (uint32_t)row->position < part->job_count && part->jobs[row->position];
    }
    return earlier->run.state == HF_RUN_DONE && present == part->selected;
}

/* Reports that nothing is missing; the store stays as it is. @return as a run that measured everything */
static hf_run_summary summarize_complete(const hf_report *earlier, const hf_cli_run_options *v)
{
    if (!v->quiet)
        printf("run %lld (%s): nothing is missing: %d measured and %d pruned\n", (long long)earlier->run.id,
               earlier->run.key, earlier->run.measured, earlier->run.pruned);
    return (hf_run_summary){.run_id = earlier->run.id,
                            .state = HF_RUN_DONE,
                            .measured = (uint32_t)earlier->run.measured,
                            .pruned = (uint32_t)earlier->run.pruned};
}

/* As run(), whose baseline is loaded; NULL = none. */
static hf_exit run_and_compare(const hf_run_config *config, const hf_partial_run *part, const char *spec_text,
                               const hf_cli_run_options *v, const hf_cli_cache *cache, hf_store *store,
                               const hf_report *earlier, const hf_report *baseline)
{
    hf_cli_run_verdict verdict = {0};
    const hf_cli_results_options results = {.db = v->db,
                                            .baseline = baseline,
                                            .night = &v->night,
                                            .fail_on = v->fail_on,
                                            .quiet = v->quiet,
                                            .plain = v->plain};
    hf_display *display = v->quiet ? NULL : hf_display_new(!v->plain && hf_cli_is_terminal(STDOUT_FILENO));
    hf_run_options run_options = {
        .spec = config->spec,
        .farm = config->farm,
        .selection = &config->selection,
        .store = store,
        .earlier = earlier,
        .selected = part->jobs,
        .spec_text = spec_text,
        .firmware_dir = hf_cli_firmware_dir(v->programs.firmware_dir),
        .openocd_path = v->programs.openocd,
        .vboard_path = v->programs.vboard,
        .version = HILFARM_VERSION,
        .wait_ns = v->wait_ms * HF_NS_PER_MS,
    };
    if (display)
        run_options.observer = hf_display_observer(display);
    hf_run_summary summary = {0};
    hf_error err = {0};
    hf_status status = HF_OK;
    if (earlier && is_complete(earlier, part)) {
        summary = summarize_complete(earlier, v);
    } else {
        run_options.cache_dir = cache->dir;
        run_options.cache_limit_bytes = cache->limit_bytes;
        if (!v->quiet)
            print_start(config, part, earlier);
        status = hf_cli_run_with_health(&run_options, v->db, &summary, &err);
    }
    hf_display_free(display);
    if (!v->quiet)
        hf_cli_print_prepared(&summary);
    hf_exit shown =
        summary.run_id ? hf_cli_show_results(store, summary.run_id, &results, &verdict) : HF_EXIT_OK;
    if (status != HF_OK)
        hf_cli_fail(&err);
    hf_exit exit_status = hf_run_exit(status, &summary, verdict.missed, verdict.regressed, v->fail_on);
    return exit_status == HF_EXIT_FARM || shown == HF_EXIT_OK ? exit_status : shown;
}

/* @param spec_text to record; NULL = the spec's own. @param earlier the run to resume; NULL = a new one */
static hf_exit run(const hf_run_config *config, const hf_partial_run *part, const char *spec_text,
                   const hf_cli_run_options *v, hf_store *store, const hf_report *earlier)
{
    hf_report baseline = {0};
    hf_exit exit_status = HF_EXIT_OK;
    hf_error err = {0};
    if (hf_boards_allow_open_files(config->selection.board_count, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_cli_cache cache = {0};
    exit_status = hf_cli_find_cache(v->no_cache, &cache);
    if (exit_status == HF_EXIT_OK &&
        v->baseline) /* before the run, so that a wrong word costs no time, and "latest" is an earlier run */
        exit_status = hf_cli_load_baseline(store, v->baseline, config->spec->name,
                                           earlier ? earlier->run.id : 0, &baseline);
    if (exit_status == HF_EXIT_OK)
        exit_status = run_and_compare(config, part, spec_text, v, &cache, store, earlier,
                                      baseline.run.id ? &baseline : NULL);
    hf_report_free(&baseline);
    return exit_status;
}

static hf_exit dry_run(const hf_run_config *config, const hf_partial_run *part, const hf_report *earlier,
                       const hf_cli_run_options *v)
{
    hf_prepare_cache *cache = hf_cli_open_existing_cache(v->no_cache);
    const hf_exit exit_status =
        hf_cli_dry_run(config, part, earlier, v->db, hf_cli_firmware_dir(v->programs.firmware_dir), cache);
    hf_prepare_cache_close(cache);
    return exit_status;
}

hf_exit hf_cli_run_here(const char *spec_path, const hf_cli_run_options *v)
{
    hf_run_config config = {0};
    hf_partial_run part = {0};
    hf_store *store = NULL;
    char *spec_text = NULL;
    const hf_cli_part_options part_options = {
        .only = v->only, .boards = v->boards, .failed_run = v->failed_run, .db = v->db};
    hf_exit exit_status = hf_cli_load_run_config(spec_path, v->farm, "nothing was run", &config);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_select_part(&part_options, &config, &part, &spec_text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_keep_boards_in_service(config.farm, v->db, v->quiet, &config.selection);
    if (exit_status == HF_EXIT_OK && v->dry_run) {
        exit_status = dry_run(&config, &part, NULL, v);
    } else {
        if (exit_status == HF_EXIT_OK)
            exit_status = hf_cli_open_store(v->db, &store);
        if (exit_status == HF_EXIT_OK)
            exit_status = run(&config, &part, spec_text, v, store, NULL);
    }
    hf_store_close(store);
    hf_partial_run_free(&part);
    hf_run_config_free(&config);
    free(spec_text);
    return exit_status;
}

static hf_exit load_earlier(const char *text, const hf_cli_run_options *v, hf_store *store,
                            hf_report *earlier)
{
    hf_error err = {0};
    int64_t run_id = 0;
    if (access(text, F_OK) == 0 && strchr(text, '.')) {
        fprintf(stderr, "hilfarm run: --resume needs a run, not a file such as %s: see `hilfarm runs`\n",
                text);
        return HF_EXIT_BAD_INPUT;
    }
    if (hf_store_find_run(store, text, &run_id, &err) != HF_OK ||
        hf_store_load_parts(store, run_id, 0, earlier, &err) != HF_OK)
        return hf_cli_fail(&err);
    if (earlier->run.state == HF_RUN_RUNNING) {
        fprintf(stderr, "hilfarm: run %lld is under way (%s): nothing to resume\n",
                (long long)earlier->run.id, earlier->run.host);
        return HF_EXIT_BAD_INPUT;
    }
    if (!v->farm && !earlier->run.farm_path && earlier->run.farm_text) {
        fprintf(stderr, "hilfarm: run %lld used a farm file whose path is unknown: give it with --farm\n",
                (long long)earlier->run.id);
        return HF_EXIT_BAD_INPUT;
    }
    return HF_EXIT_OK;
}

/* Runs what is missing of an earlier run, or prints the plan. */
static hf_exit resume_loaded(const hf_report *earlier, const hf_cli_run_options *v, hf_store *store)
{
    hf_error err = {0};
    hf_run_config config = {0};
    hf_partial_run part = {0};
    const char *firmware_dir = hf_cli_firmware_dir(v->programs.firmware_dir);
    hf_exit exit_status = hf_cli_load_run_config(
        earlier->run.spec_path, v->farm ? v->farm : earlier->run.farm_path, "nothing was run", &config);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_restore_part(earlier, &config, &part);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_keep_boards_in_service(config.farm, v->db, v->quiet, &config.selection);
    hf_prepare_cache *cache = hf_cli_open_existing_cache(v->no_cache);
    if (exit_status == HF_EXIT_OK &&
        hf_resume_check(earlier, config.spec, &config.selection, firmware_dir, cache, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_prepare_cache_close(cache);
    if (exit_status == HF_EXIT_OK && v->dry_run)
        exit_status = dry_run(&config, &part, earlier, v);
    else if (exit_status == HF_EXIT_OK)
        exit_status = run(&config, &part, NULL, v, store, earlier);
    hf_partial_run_free(&part);
    hf_run_config_free(&config);
    return exit_status;
}

hf_exit hf_cli_resume_here(const char *text, const hf_cli_run_options *v)
{
    hf_store *store = NULL;
    hf_report earlier = {0};
    hf_error err = {0};
    /* First only for reading, which does not create a store. */
    if (hf_cli_open_store_readonly(v->db, &store, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_store_close(store);
    store = NULL;
    hf_exit exit_status = hf_cli_open_store(v->db, &store);
    if (exit_status == HF_EXIT_OK)
        exit_status = load_earlier(text, v, store, &earlier);
    if (exit_status == HF_EXIT_OK)
        exit_status = resume_loaded(&earlier, v, store);
    hf_store_close(store);
    hf_report_free(&earlier);
    return exit_status;
}
