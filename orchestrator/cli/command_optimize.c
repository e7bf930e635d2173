/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt_history.h"
#include "cache_access.h"
#include "client/client.h"
#include "commands.h"
#include "daemon_access.h"
#include "farm/prepare.h"
#include "input_files.h"
#include "locations.h"
#include "optimize_boards.h"
#include "optimize_files.h"
#include "options.h"
#include "output.h"
#include "run_results.h"
#include "store_access.h"
#include "train_models.h"

typedef struct values {
    const char *db, *farm, *trainer;
    hf_cli_programs programs;
    uint64_t wait_ms;
    uint32_t jobs;
    bool dry_run, quiet, plain, no_cache, local;
} values;

static const hf_cli_option options[] = {
    {.name = "dry-run",
     .help = "print the plan and what it costs, and stop; uses no board and trains nothing",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, dry_run)},
    HF_CLI_OPTIONS_TRAINING(offsetof(values, jobs), offsetof(values, trainer)),
    {.name = "no-cache",
     .help = "train and prepare every model anew, and do not keep it for later",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, no_cache)},
    HF_CLI_OPTION_LOCAL(offsetof(values, local), "use the boards in this process even if a daemon is up"),
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTION_WAIT(offsetof(values, wait_ms),
                       "wait this long (\"30 min\") for boards that others use (default: do without them)"),
    {.name = "quiet",
     .help = "print failures and the result only",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, quiet)},
    HF_CLI_OPTION_PLAIN(offsetof(values, plain),
                        "no live display and no colours, as when the output is not a terminal"),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(values, programs)),
};

static const hf_cli_command command = {
    .synopsis = "optimize SPEC.yaml [options]",
    .description =
        "Searches the variations of a spec for the best ones within its limits, as its `optimize` section "
        "says: "
        "analyses all, measures the latency of those that fit, trains many a little and few to the end, and "
        "measures the winners again with their trained weights. Prints the plan and what it costs first.\n"
        "Every fact is written down in the folder of the search. After Ctrl-C, a crash or a power cut, the "
        "same "
        "command goes on where it was, with the same result.\n"
        "The boards are used in this process, not by a daemon. If a daemon (hilfarmd) is up, --local or "
        "--farm is "
        "needed: boards that the daemon has in use at that moment are left out, or waited for with --wait.",
    .argument = "a spec",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes =
        "The folder then holds model and flash image of each point of the result, best.tflite and best.img, "
        "and optimize.html and optimize.json with all decisions and their reasons.\n"
        "Exit status: 0 found, 1 no variation meets the limits, 2 bad input, 3 the farm cannot work, 4 "
        "interrupted.\n"
        "Example:\n"
        "  hilfarm optimize configs/optimize_quick.yaml --dry-run",
};

static void say(void *user, const char *line)
{
    const values *v = user;
    if (v->quiet)
        return;
    puts(line);
    fflush(stdout);
}

/* Mean time of a measurement so far, shared among the boards; 0 = unknown. */
static double seconds_per_measurement(const values *v, const hf_run_config *config)
{
    hf_attempt_history history = {0};
    double seconds = 0;
    if (hf_attempt_history_load(v->db, config, &history, NULL) != HF_OK)
        return 0;
    for (uint32_t c = 0; c < config->selection.chip_count; c++)
        seconds += (double)history.chip_ns[c] / 1e9;
    hf_attempt_history_free(&history);
    return seconds / config->selection.board_count;
}

static hf_exit print_plan(const values *v, const hf_run_config *config, hf_optimizer *optimizer)
{
    hf_error err = {0};
    hf_optimize_cost cost;
    hf_buffer text = HF_BUFFER_INIT;
    if (hf_optimizer_cost(optimizer, &cost, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_optimizer_print_plan(optimizer, &cost, seconds_per_measurement(v, config), &text);
    if (v->dry_run)
        hf_buffer_puts(&text, "dry run: no board was used, nothing was trained\n");
    const hf_exit exit_status = v->quiet && !v->dry_run ? HF_EXIT_OK : hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    return exit_status;
}

/* Tables and files of the search, and the report of the run that proved it. */
static hf_exit show_result(const values *v, const hf_optimize_options *how, const hf_optimizer *optimizer,
                           int64_t run_id)
{
    uint32_t count = 0;
    hf_store *store = NULL;
    hf_cli_run_verdict verdict;
    hf_buffer text = HF_BUFFER_INIT;
    const hf_cli_results_options results = {.db = v->db, .quiet = true, .plain = v->plain};
    hf_exit exit_status = hf_cli_write_optimized(optimizer, how);
    if (exit_status == HF_EXIT_OK && run_id)
        exit_status = hf_cli_open_store(v->db, &store);
    if (exit_status == HF_EXIT_OK && run_id)
        exit_status = hf_cli_show_results(store, run_id, &results, &verdict);
    hf_store_close(store);
    hf_optimizer_text(optimizer, &text);
    hf_optimizer_points(optimizer, &count);
    if (count)
        hf_buffer_printf(&text, "%s: %sbest.img, optimize.html and optimize.json\n",
                         how->spec->optimization.folder,
                         how->spec->training.data_path ? "best.tflite, " : "");
    const hf_exit written = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    return written != HF_EXIT_OK ? written : count ? HF_EXIT_OK : HF_EXIT_SOME_FAILED;
}

static hf_exit failed(const hf_error *err)
{
    if (err->status == HF_ECANCELLED) {
        fputs("hilfarm: stopped; the same command goes on where it was\n", stderr);
        return HF_EXIT_INTERRUPTED;
    }
    const hf_exit exit_status = hf_cli_fail(err);
    return err->status == HF_EUNSUPPORTED ? HF_EXIT_BAD_INPUT : exit_status; /* no trainer */
}

/* The daemon's users would wonder who takes its boards: only if the user says so. */
static hf_exit check_daemon(const values *v)
{
    hf_client *client = NULL;
    if (v->dry_run || v->local)
        return HF_EXIT_OK;
    if (v->farm) {
        if (!v->quiet)
            hf_cli_note_unused_daemon("--farm");
        return HF_EXIT_OK;
    }
    const hf_exit exit_status = hf_cli_find_daemon("--local", &client);
    if (exit_status != HF_EXIT_OK || !client)
        return exit_status;
    fprintf(stderr,
            "hilfarm optimize: the daemon at %s uses the boards here, and a search measures in this process: "
            "expected "
            "--local, best with --wait \"30 min\" for boards that the daemon has in use, or --farm with a "
            "farm file of "
            "other boards\n",
            hf_client_where(client));
    hf_client_free(client);
    return HF_EXIT_FARM;
}

static hf_exit search(const values *v, const char *spec_path, const hf_run_config *config,
                      const hf_firmware_footprint *firmwares)
{
    hf_error err = {0};
    hf_cli_signals signals;
    hf_optimizer *optimizer = NULL;
    hf_cli_training_screen screen = {.live = !v->plain && hf_cli_is_terminal(STDOUT_FILENO),
                                     .quiet = v->quiet};
    hf_cli_optimize_boards boards = {.spec_path = spec_path,
                                     .farm = v->farm,
                                     .db = v->db,
                                     .programs = v->programs,
                                     .wait_ms = v->wait_ms,
                                     .plain = v->plain,
                                     .quiet = v->quiet,
                                     .no_cache = v->no_cache,
                                     .signals = &signals};
    hf_cache *cache = hf_cli_training_cache(v->no_cache);
    const hf_optimize_options how = {.spec = config->spec,
                                     .selection = &config->selection,
                                     .firmwares = firmwares,
                                     .objective = hf_prepare_objective(config->spec),
                                     .read_only = v->dry_run,
                                     .boards = {.user = &boards, .measure = hf_cli_optimize_measure},
                                     .cache = cache,
                                     .trainer = hf_cli_trainer(v->trainer),
                                     .jobs = v->jobs,
                                     .cancel_fd = &signals.fd,
                                     .user = (void *)v,
                                     .say = say,
                                     .training = hf_cli_show_training,
                                     .training_user = &screen};
    hf_cli_signals_catch(&signals);
    hf_status status = hf_optimizer_open(&how, &optimizer, &err);
    hf_exit exit_status = status == HF_OK ? print_plan(v, config, optimizer) : hf_cli_fail(&err);
    if (exit_status == HF_EXIT_OK && !v->dry_run) {
        status = hf_optimizer_run(optimizer, &err);
        exit_status = status == HF_OK ? show_result(v, &how, optimizer, boards.last_run_id) : failed(&err);
    }
    hf_cli_signals_release(&signals);
    hf_optimizer_close(optimizer);
    hf_cache_close(cache);
    return exit_status;
}

/*
 * "results/x" for "configs/../results/x": what exists of the path is resolved, so that symbolic links count as the kernel counts them.
 * @param out PATH_MAX bytes
 * @return out, or the path itself if that is not possible
 */
static const char *tidy_path(const char *path, char *out)
{
    char existing[PATH_MAX], real[PATH_MAX], here[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof existing || !getcwd(here, sizeof here))
        return path;
    memcpy(existing, path, length + 1);
    while (!realpath(existing, real)) {
        while (length && existing[length - 1] != '/')
            length--;
        if (length < 2)
            return path;
        existing[--length] = '\0';
    }
    const size_t own = strlen(here);
    const bool is_below = strncmp(real, here, own) == 0 && (real[own] == '/' || !real[own]);
    const char *begin = !is_below ? real : real[own] ? real + own + 1 : "", *rest = path + length;
    rest += !*begin && *rest == '/';
    const int written = snprintf(out, PATH_MAX, "%s%s", begin, rest);
    return written > 0 && written < PATH_MAX ? out : path;
}

int hf_command_optimize(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_error err = {0};
    hf_run_config config = {0};
    hf_firmware_footprint *firmwares = NULL;
    char folder[PATH_MAX];
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = check_daemon(&v);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_load_run_config(arguments[0], v.farm, "nothing was searched", &config);
    if (exit_status == HF_EXIT_OK && !config.spec->optimization.given) {
        fprintf(stderr, "hilfarm optimize: %s has no \"optimize\" section\n", arguments[0]);
        exit_status = HF_EXIT_BAD_INPUT;
    }
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_spec_files(config.spec, "nothing was searched");
    if (exit_status == HF_EXIT_OK)
        config.spec->optimization.folder = tidy_path(config.spec->optimization.folder, folder);
    if (exit_status == HF_EXIT_OK &&
        hf_prepare_measure_firmwares(&config.selection, hf_cli_firmware_dir(v.programs.firmware_dir),
                                     &firmwares, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    if (exit_status == HF_EXIT_OK)
        exit_status = search(&v, arguments[0], &config, firmwares);
    free(firmwares);
    hf_run_config_free(&config);
    return exit_status;
}
