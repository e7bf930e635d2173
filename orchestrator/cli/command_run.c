/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "commands.h"
#include "daemon_access.h"
#include "locations.h"
#include "options.h"
#include "run_here.h"
#include "run_on_daemon.h"
#include "run_options.h"
#include "schedule/schedule.h"
#include "train_models.h"

static const hf_cli_option options[] = {
    {.name = "resume",
     .help = "continue a run that ended early: measure only what is missing, provided that spec, firmware "
             "and images are the same",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, resume)},
    {.name = "only",
     .placeholder = "PATTERNS",
     .help = "measure only models whose name matches, such as 'mobilenetv2_*'; several with commas between",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_cli_run_options, only)},
    {.name = "failed",
     .help = "measure only what failed or was not run in RUN",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, failed)},
    {.name = "boards",
     .placeholder = "IDS",
     .help = "use only these of the boards that the spec selects; several with commas between",
     .read = hf_cli_read_text,
     .offset = offsetof(hf_cli_run_options, boards)},
    HF_CLI_OPTION_BASELINE(offsetof(hf_cli_run_options, baseline)),
    {.name = "dry-run",
     .help = "print what would run where, and about how long, and stop; uses no board",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, dry_run)},
    {.name = "detach",
     .help = "submit the run to the daemon and return at once; see `hilfarm attach`",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, detach)},
    {.name = "priority",
     .placeholder = "N",
     .help = "of the run among your own runs on the daemon, from -8 to 8 (default: 0)",
     .read = hf_cli_read_priority,
     .offset = offsetof(hf_cli_run_options, priority)},
    {.name = "title",
     .placeholder = "TEXT",
     .help = "a line about the run for the daemon's queue",
     .read = hf_cli_read_line,
     .offset = offsetof(hf_cli_run_options, title)},
    {.name = "tag",
     .placeholder = "NAME",
     .help = "tag the run on the daemon when it is over; taken from the run that has the tag",
     .read = hf_cli_read_line,
     .offset = offsetof(hf_cli_run_options, tag)},
    {.name = "no-cache",
     .help = "prepare every model anew, and do not keep it for later runs",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, no_cache)},
    HF_CLI_OPTION_LOCAL(offsetof(hf_cli_run_options, local), "run in this process even if a daemon is up"),
    HF_CLI_OPTION_FARM(offsetof(hf_cli_run_options, farm)),
    HF_CLI_OPTION_DB(offsetof(hf_cli_run_options, db)),
    HF_CLI_OPTION_WAIT(offsetof(hf_cli_run_options, wait_ms),
                       "wait this long (\"30 min\") for boards that others use (default: do without them)"),
    {.name = "quiet",
     .help = "print failures and regressions only, and nothing if there are none (for cron)",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_run_options, quiet)},
    HF_CLI_OPTION_FAIL_ON(offsetof(hf_cli_run_options, fail_on)),
    HF_CLI_OPTION_PLAIN(offsetof(hf_cli_run_options, plain),
                        "no live display and no colours, as when the output is not a terminal"),
    HF_CLI_OPTIONS_NIGHT_FILES(offsetof(hf_cli_run_options, night)),
    HF_CLI_OPTIONS_NOTIFY(offsetof(hf_cli_run_options, night)),
    HF_CLI_OPTIONS_PROGRAMS(offsetof(hf_cli_run_options, programs)),
};

static const hf_cli_command command = {
    .synopsis = "run SPEC.yaml [options]\n"
                "run SPEC.yaml --failed [RUN] [options]\n"
                "run --resume [RUN] [options]",
    .description =
        "Measures every model variation of a job spec on the boards that the spec selects, prints "
        "the table, and writes results.csv, layers.csv and report.html into a folder beside the "
        "store. Models that the spec's `train` section trains are trained first, here, unless that was done "
        "before (see `hilfarm train`).\n"
        "If a daemon (hilfarmd) is up, the run is submitted to it and followed; it goes on if the "
        "connection or the terminal is lost, and Ctrl-C cancels it. An option that names a farm "
        "file, a store, a "
        "program or the firmware, or --local, makes the run take place in this process instead.",
    .argument = "a spec",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes =
        "RUN is a run's number, key, tag or name, as `hilfarm runs` lists them, or latest (the default).\n"
        "Exit status: 0 all measured, 1 some failed, 2 bad input, 3 the farm cannot work, 4 "
        "interrupted, 5 none failed, but some regressed against the baseline; the others take precedence. A "
        "failure "
        "of --notify or --webhook is printed and does not change it.\n"
        "Examples:\n"
        "  hilfarm run my_sweep.yaml --farm my_farm.yaml --wait \"30 min\"\n"
        "  hilfarm run my_sweep.yaml --only 'mobilenetv2_*' --dry-run\n"
        "  hilfarm run nightly.yaml --quiet --baseline last-green\n"
        "  hilfarm run nightly.yaml --junit night.xml --notify ./mail_summary.sh\n"
        "  hilfarm run --resume\n"
        "  hilfarm run nightly.yaml --detach --priority -4",
};

/* Prints what does not go together. */
static bool options_agree(const hf_cli_run_options *v, char **arguments, int count)
{
    if (v->resume && (v->only || v->boards || v->failed)) {
        fputs("hilfarm run: --resume measures what is missing of a run; --only, --boards and --failed cannot "
              "change that\n",
              stderr);
        return false;
    }
    if (v->detach && hf_cli_night_wanted(&v->night)) {
        fputs("hilfarm run: --detach returns before the run ends; write its files with `hilfarm report` "
              "when it is over\n",
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

/* The option that makes the run take place in this process, or NULL. */
static const char *local_option(const hf_cli_run_options *v)
{
    return v->local                   ? "--local"
           : v->farm                  ? "--farm"
           : v->db                    ? "--db"
           : v->programs.openocd      ? "--openocd"
           : v->programs.vboard       ? "--vboard"
           : v->programs.firmware_dir ? "--firmware-dir"
           : v->no_cache              ? "--no-cache"
                                      : NULL;
}

/* Whether the run needs a daemon; prints why it cannot have one. */
static bool daemon_is_needed(const hf_cli_run_options *v, const char *local)
{
    const char *needs = v->detach     ? "--detach"
                        : v->priority ? "--priority"
                        : v->title    ? "--title"
                        : v->tag      ? "--tag"
                                      : NULL;
    if (needs && local)
        fprintf(stderr, "hilfarm run: %s is for runs on the daemon, but %s keeps this one in this process\n",
                needs, local);
    else if (needs)
        fprintf(stderr, "hilfarm run: %s is for runs on the daemon, and none is running here\n", needs);
    return needs != NULL;
}

/* @param argument spec, or run to resume */
static hf_exit run_here(const char *argument, hf_cli_run_options *v)
{
    if (!v->db)
        v->db = hf_cli_default_store();
    return v->resume ? hf_cli_resume_here(argument, v) : hf_cli_run_here(argument, v);
}

int hf_command_run(int argc, char **argv)
{
    hf_cli_run_options v = {.fail_on = HF_FAIL_ON_FAILED};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (!options_agree(&v, arguments, count))
        return HF_EXIT_BAD_INPUT;
    const char *argument = count ? arguments[0] : "latest", *local = local_option(&v);
    if (!v.resume) {
        exit_status = hf_cli_train_first(argument, &v);
        if (exit_status != HF_EXIT_OK)
            return exit_status;
    }
    if (v.failed)
        v.failed_run = count > 1 ? arguments[1] : "latest";
    if (!local) {
        exit_status = hf_cli_find_daemon("--local", &client);
        if (exit_status != HF_EXIT_OK)
            return exit_status;
    } else if (!v.local && !v.quiet) {
        hf_cli_note_unused_daemon(local);
    }
    if (client)
        exit_status = hf_cli_run_on_daemon(client, argument, &v);
    else
        exit_status = daemon_is_needed(&v, local) ? HF_EXIT_BAD_INPUT : run_here(argument, &v);
    hf_client_free(client);
    return exit_status;
}
