/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "baseline.h"
#include "boards_in_service.h"
#include "commands.h"
#include "display.h"
#include "dry_run.h"
#include "farm/resume.h"
#include "farm/run.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "programs.h"
#include "run_part.h"
#include "run_results.h"
#include "store_access.h"

typedef struct values {
    const char *db, *farm;
    hf_cli_programs programs;
    uint64_t wait_ms;
    unsigned fail_on;
    const char *only, *boards, *baseline;
    bool plain, quiet, resume, failed, dry_run;
} values;

static hf_status read_fail_on(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    return hf_fail_on_parse(value, target, err);
}

static const hf_cli_option options[] = {
    {.name = "resume",
     .help = "continue a run that ended early: measure only what is missing, provided that spec, firmware "
             "and images are the same",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, resume)},
    {.name = "only",
     .placeholder = "PATTERNS",
     .help = "measure only models whose name matches, such as 'mobilenetv2_*'; several with commas between",
     .read = hf_cli_read_text,
     .offset = offsetof(values, only)},
    {.name = "failed",
     .help = "measure only what failed or was not run in RUN",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, failed)},
    {.name = "boards",
     .placeholder = "IDS",
     .help = "use only these of the boards that the spec selects; several with commas between",
     .read = hf_cli_read_text,
     .offset = offsetof(values, boards)},
    HF_CLI_OPTION_BASELINE(offsetof(values, baseline)),
    {.name = "dry-run",
     .help = "print what would run where, and about how long, and stop; uses no board",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, dry_run)},
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTION_WAIT(offsetof(values, wait_ms),
                       "wait this long (\"30 min\") for boards that others use (default: do without them)"),
    {.name = "quiet",
     .help = "print failures and regressions only, and nothing if there are none (for cron)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, quiet)},
    {.name = "fail-on",
     .placeholder = "WORDS",
     .help = "when to exit with status 1: failed (always), missed (a limit), or both with a comma between",
     .read = read_fail_on,
     .offset = offsetof(values, fail_on)},
    HF_CLI_OPTION_PLAIN(offsetof(values, plain),
                        "no live display and no colours, as when the output is not a terminal"),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
};

static const hf_cli_command command = {
    .synopsis = "run SPEC.yaml [options]\n"
                "run SPEC.yaml --failed [RUN] [options]\n"
                "run --resume [RUN] [options]",
    .description = "Measures every model variation of a job spec on the boards that the spec selects, prints "
                   "the table, and writes results.csv, layers.csv and report.html into a folder beside the "
                   "store.",
    .argument = "a spec",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes =
        "RUN is a run's number, key or name, as `hilfarm runs` lists them, or latest (the default).\n"
        "Exit status: 0 all measured, 1 some failed, 2 bad input, 3 the farm cannot work, 4 "
        "interrupted, 5 none failed, but some regressed against the baseline; the others take precedence.\n"
        "Examples:\n"
        "  hilfarm run my_sweep.yaml --farm my_farm.yaml --wait \"30 min\"\n"
        "  hilfarm run my_sweep.yaml --only 'mobilenetv2_*' --dry-run\n"
        "  hilfarm run nightly.yaml --quiet --baseline last-green\n"
        "  hilfarm run --resume",
};

static void print_start(const hf_run_config *config, const hf_partial_run *part, const hf_report *earlier)
{
    const hf_selection *selection = &config->selection;
    const uint32_t models = config->spec->variation_count, all = part->job_count;
    printf("%s: %u model%s on %u chip%s, %u board%s", config->spec->name, models, models == 1 ? "" : "s",
           selection->chip_count, selection->chip_count == 1 ? "" : "s", selection->board_count,
           selection->board_count == 1 ? "" : "s");
    if (part->selected < all)
        printf("; %u of %u measurements selected", part->selected, all);
    putchar('\n');
    if (earlier)
        printf("resuming run %lld (%s): %d measured and %d pruned before\n", (long long)earlier->run.id,
               earlier->run.key, earlier->run.measured, earlier->run.pruned);
    fflush(stdout);
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
static hf_run_summary summarize_complete(const hf_report *earlier, const values *v)
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
                               const values *v, hf_store *store, const hf_report *earlier,
                               const hf_report *baseline)
{
    hf_cli_run_verdict verdict = {0};
    const hf_cli_results_options results = {
        .db = v->db, .baseline = baseline, .fail_on = v->fail_on, .quiet = v->quiet, .plain = v->plain};
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
    hf_run_summary summary;
    hf_error err = {0};
    hf_status status = HF_OK;
    if (earlier && is_complete(earlier, part)) {
        summary = summarize_complete(earlier, v);
    } else {
        if (!v->quiet)
            print_start(config, part, earlier);
        status = hf_run(&run_options, &summary, &err);
    }
    hf_display_free(display);
    hf_exit shown =
        summary.run_id ? hf_cli_show_results(store, summary.run_id, &results, &verdict) : HF_EXIT_OK;
    if (status != HF_OK)
        hf_cli_fail(&err);
    hf_exit exit_status = hf_run_exit(status, &summary, verdict.missed, verdict.regressed, v->fail_on);
    return exit_status == HF_EXIT_FARM || shown == HF_EXIT_OK ? exit_status : shown;
}

/* @param spec_text to record; NULL = the spec's own. @param earlier the run to resume; NULL = a new one */
static hf_exit run(const hf_run_config *config, const hf_partial_run *part, const char *spec_text,
                   const values *v, hf_store *store, const hf_report *earlier)
{
    hf_report baseline = {0};
    hf_exit exit_status = HF_EXIT_OK;
    hf_error err = {0};
    if (hf_boards_allow_open_files(config->selection.board_count, &err) != HF_OK)
        return hf_cli_fail(&err);
    if (v->baseline) /* before the run, so that a wrong word costs no time, and "latest" is an earlier run */
        exit_status = hf_cli_load_baseline(store, v->baseline, config->spec->name,
                                           earlier ? earlier->run.id : 0, &baseline);
    if (exit_status == HF_EXIT_OK)
        exit_status =
            run_and_compare(config, part, spec_text, v, store, earlier, baseline.run.id ? &baseline : NULL);
    hf_report_free(&baseline);
    return exit_status;
}

static hf_exit run_spec(const char *spec_path, const char *failed_run, const values *v)
{
    hf_run_config config = {0};
    hf_partial_run part = {0};
    hf_store *store = NULL;
    char *spec_text = NULL;
    const hf_cli_part_options part_options = {
        .only = v->only, .boards = v->boards, .failed_run = failed_run, .db = v->db};
    hf_exit exit_status = hf_cli_load_run_config(spec_path, v->farm, "nothing was run", &config);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_select_part(&part_options, &config, &part, &spec_text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_keep_boards_in_service(config.farm, v->db, v->quiet, &config.selection);
    if (exit_status == HF_EXIT_OK && v->dry_run) {
        exit_status =
            hf_cli_dry_run(&config, &part, NULL, v->db, hf_cli_firmware_dir(v->programs.firmware_dir));
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

static hf_exit load_earlier(const char *text, const values *v, hf_store *store, hf_report *earlier)
{
    hf_error err = {0};
    int64_t run_id = 0;
    if (access(text, F_OK) == 0 && strchr(text, '.')) {
        fprintf(stderr, "hilfarm run: --resume needs a run, not a file such as %s: see `hilfarm runs`\n",
                text);
        return HF_EXIT_BAD_INPUT;
    }
    if (hf_store_find_run(store, text, &run_id, &err) != HF_OK ||
        hf_store_load_report(store, run_id, earlier, &err) != HF_OK)
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
static hf_exit resume_loaded(const hf_report *earlier, const values *v, hf_store *store)
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
    if (exit_status == HF_EXIT_OK &&
        hf_resume_check(earlier, config.spec, &config.selection, firmware_dir, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    if (exit_status == HF_EXIT_OK && v->dry_run)
        exit_status = hf_cli_dry_run(&config, &part, earlier, v->db, firmware_dir);
    else if (exit_status == HF_EXIT_OK)
        exit_status = run(&config, &part, NULL, v, store, earlier);
    hf_partial_run_free(&part);
    hf_run_config_free(&config);
    return exit_status;
}

static hf_exit resume(const char *text, const values *v)
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

/* Prints what does not go together. */
static bool options_agree(const values *v, char **arguments, int count)
{
    if (v->resume && (v->only || v->boards || v->failed)) {
        fputs("hilfarm run: --resume measures what is missing of a run; --only, --boards and --failed cannot "
              "change that\n",
              stderr);
        return false;
    }
    if (!v->resume && !count) {
        fputs("hilfarm run: a spec is missing\nsee `hilfarm run --help`\n", stderr);
        return false;
    }
    if (count > 1 && !v->failed) {
        fprintf(stderr, "hilfarm run: unexpected argument '%s'\nsee `hilfarm run --help`\n", arguments[1]);
        return false;
    }
    return true;
}

int hf_command_run(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store(), .fail_on = HF_FAIL_ON_FAILED};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (!options_agree(&v, arguments, count))
        return HF_EXIT_BAD_INPUT;
    if (v.resume)
        return resume(count ? arguments[0] : "latest", &v);
    return run_spec(arguments[0], v.failed ? (count > 1 ? arguments[1] : "latest") : NULL, &v);
}
