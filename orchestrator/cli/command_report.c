/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "baseline.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "report/run_comparison.h"
#include "results_source.h"
#include "store_access.h"

typedef struct values {
    const char *db, *baseline;
    bool layers, plain, local;
    hf_cli_results_source source;
} values;

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "also print the layers of each model: cycles, their share, MACs per cycle",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, layers)},
    HF_CLI_OPTION_BASELINE(offsetof(values, baseline)),
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
    HF_CLI_OPTION_PLAIN(offsetof(values, plain), "no colours"),
};

static const hf_cli_command command = {
    .synopsis = "report [RUN] [options]",
    .description = "Prints the table of a run that is in the store. RUN is its number, key, tag or name, "
                   "as `hilfarm runs` lists them, last-green, or latest (the default).",
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0, with --baseline 5 = something regressed; 2 or 3 as for the other commands.\n"
             "Examples:\n"
             "  hilfarm report my_sweep --layers\n"
             "  hilfarm report --baseline last-green",
};

/* Appends the comparison with the baseline. @return HF_EXIT_REGRESSED if something regressed */
static hf_exit render_comparison(const hf_report *report, const values *v, bool colour, hf_buffer *text)
{
    hf_error err = {0};
    hf_report before = {0};
    hf_run_comparison comparison = {0};
    hf_exit exit_status = hf_cli_read_baseline(v->source.db, v->baseline, report, &before);
    if (exit_status == HF_EXIT_OK && before.run.id) {
        if (hf_run_compare(&before, report, &comparison, &err) != HF_OK) {
            exit_status = hf_cli_fail(&err);
        } else {
            hf_buffer_puts(text, "\ncomparison with the baseline: ");
            hf_run_comparison_render_summary(&comparison, colour, text);
            exit_status = comparison.counts[HF_CHANGE_REGRESSED] ? HF_EXIT_REGRESSED : HF_EXIT_OK;
        }
    }
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    return exit_status;
}

static hf_exit show(const hf_report *report, const values *v)
{
    const bool colour = !v->plain && hf_cli_has_colours(STDOUT_FILENO);
    hf_buffer text = HF_BUFFER_INIT;
    hf_exit compared = HF_EXIT_OK;
    hf_render_table(report, hf_cli_columns(), colour, &text);
    if (v->layers)
        hf_render_layers_table(report, &text);
    if (v->baseline)
        compared = render_comparison(report, v, colour, &text);
    hf_exit written =
        compared == HF_EXIT_OK || compared == HF_EXIT_REGRESSED ? hf_cli_write(&text, NULL) : compared;
    hf_buffer_free(&text);
    return written != HF_EXIT_OK ? written : compared;
}

/* The table as the daemon renders it, whose store cannot be read here. */
static hf_exit show_rendered(const char *run, const values *v)
{
    char what[64];
    hf_buffer text = HF_BUFFER_INIT;
    if (v->layers || v->baseline)
        return hf_cli_needs_store(&v->source, v->layers ? "--layers" : "--baseline");
    snprintf(what, sizeof what, "table.txt?columns=%d&colour=%d", hf_cli_columns(),
             !v->plain && hf_cli_has_colours(STDOUT_FILENO));
    hf_exit exit_status = hf_cli_fetch_rendered(v->source.client, run, what, &text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit show_stored(const char *run, const values *v)
{
    hf_report report = {0};
    hf_exit exit_status = hf_cli_load_report(v->source.db, run, &report);
    if (exit_status == HF_EXIT_OK)
        exit_status = show(&report, v);
    hf_report_free(&report);
    return exit_status;
}

int hf_command_report(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    const char *run = count ? arguments[0] : NULL;
    hf_cli_results_source_open(v.db, v.local, &v.source);
    exit_status = v.source.db ? show_stored(run, &v) : show_rendered(run, &v);
    hf_cli_results_source_close(&v.source);
    return exit_status;
}
