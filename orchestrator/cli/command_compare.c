/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "report/run_comparison.h"
#include "results_source.h"
#include "store_access.h"

typedef struct values {
    const char *db, *output;
    bool csv, json, plain, local;
    hf_cli_results_source source;
} values;

static const hf_cli_option options[] = {
    {.name = "csv",
     .help = "write CSV: a line per model and quantity",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, csv)},
    {.name = "json", .help = "write JSON", .read = hf_cli_read_flag, .offset = offsetof(values, json)},
    HF_CLI_OPTION_OUTPUT(offsetof(values, output)),
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
    HF_CLI_OPTION_PLAIN(offsetof(values, plain), "no colours"),
};

static const hf_cli_command command = {
    .synopsis = "compare BEFORE AFTER [options]",
    .description =
        "Compares latency, RAM, image size and accuracy of each model in two runs of the store. BEFORE and "
        "AFTER are "
        "numbers, keys, tags or names of runs, as `hilfarm runs` lists them, or latest. BEFORE may be "
        "last-green: "
        "the newest run of AFTER's spec by the same user before AFTER in which nothing failed or regressed.\n"
        "On virtual boards any change counts. On silicon a latency has changed if the 99 % confidence "
        "interval of the shift between the samples excludes 0. An accuracy that was evaluated has changed if "
        "its "
        "95 % confidence intervals do not overlap; one given in the spec, if it differs.",
    .argument = "a run",
    .min_arguments = 2,
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 = nothing regressed, 1 = nothing can be compared, 5 = something regressed, 2 or "
             "3 as for the other commands.\n"
             "Examples:\n"
             "  hilfarm compare 20261122-9f0c21ab latest\n"
             "  hilfarm compare last-green latest --json",
};

static hf_exit compare(const hf_report *before, const hf_report *after, const values *v)
{
    hf_run_comparison comparison;
    hf_error err = {0};
    if (hf_run_compare(before, after, &comparison, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_buffer text = HF_BUFFER_INIT;
    if (v->csv)
        hf_run_comparison_render_csv(&comparison, &text);
    else if (v->json)
        hf_run_comparison_render_json(&comparison, &text);
    else
        hf_run_comparison_render_table(&comparison,
                                       !v->plain && !v->output && hf_cli_has_colours(STDOUT_FILENO), &text);
    hf_exit exit_status = hf_cli_write(&text, v->output);
    hf_buffer_free(&text);
    if (exit_status == HF_EXIT_OK && comparison.counts[HF_CHANGE_REGRESSED])
        exit_status = HF_EXIT_REGRESSED;
    else if (exit_status == HF_EXIT_OK &&
             comparison.counts[HF_CHANGE_NOT_COMPARABLE] == comparison.result_count) {
        fputs(
            "hilfarm compare: nothing can be compared: no model has results on the same chip in both runs\n",
            stderr);
        exit_status = HF_EXIT_SOME_FAILED;
    }
    hf_run_comparison_free(&comparison);
    return exit_status;
}

static hf_exit load_before(const char *text, const hf_report *after, const values *v, hf_report *before)
{
    if (strcmp(text, HF_CLI_LAST_GREEN) != 0)
        return hf_cli_load_report(v->source.db, text, 0, before);
    hf_exit exit_status = hf_cli_read_baseline(v->source.db, text, after, before);
    return exit_status == HF_EXIT_OK && !before->run.id ? HF_EXIT_BAD_INPUT : exit_status;
}

int hf_command_compare(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (v.csv && v.json) {
        hf_error err = {0};
        (void)HF_FAIL(&err, HF_EINVALID, "compare: --csv and --json exclude each other");
        return hf_cli_fail(&err);
    }
    hf_report before = {0}, after = {0};
    exit_status = hf_cli_results_source_open(v.db, v.local, &v.source);
    if (exit_status == HF_EXIT_OK)
        exit_status = v.source.db ? hf_cli_load_report(v.source.db, arguments[1], 0, &after)
                                  : hf_cli_needs_store(&v.source, "compare");
    if (exit_status == HF_EXIT_OK)
        exit_status = load_before(arguments[0], &after, &v, &before);
    if (exit_status == HF_EXIT_OK)
        exit_status = compare(&before, &after, &v);
    hf_report_free(&before);
    hf_report_free(&after);
    hf_cli_results_source_close(&v.source);
    return exit_status;
}
