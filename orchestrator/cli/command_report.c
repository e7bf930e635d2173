/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "baseline.h"
#include "commands.h"
#include "night_output.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "report/run_comparison.h"
#include "report_files.h"
#include "report_page.h"
#include "results_source.h"
#include "store_access.h"
#include "write_results.h"

typedef struct values {
    const char *db, *baseline, *html;
    hf_cli_night_options night;
    bool layers, plain, local, subject, open;
    hf_cli_results_source source;
} values;

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "also print the layers of each model: cycles, their share, MACs per cycle",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, layers)},
    HF_CLI_OPTION_BASELINE(offsetof(values, baseline)),
    {.name = "html",
     .placeholder = "FILE",
     .help = "write the page, with the comparison if there is a baseline",
     .read = hf_cli_read_text,
     .offset = offsetof(values, html)},
    {.name = "open",
     .help = "show the page in the browser (xdg-open)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, open)},
    HF_CLI_OPTIONS_NIGHT_FILES(offsetof(values, night)),
    {.name = "subject",
     .help = "print one line instead of the table, for the subject of a mail",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, subject)},
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
    HF_CLI_OPTION_PLAIN(offsetof(values, plain), "no colours"),
};

static const hf_cli_command command = {
    .synopsis = "report [RUN] [options]\n"
                "report BEFORE AFTER [options]",
    .description =
        "Prints the table of a run that is in the store. RUN is its number, key, tag or name, "
        "as `hilfarm runs` lists them, last-green, or latest (the default). Of two runs, the second is "
        "compared with the first, as with --baseline. With --junit, --markdown, --summary or --html it "
        "writes these files instead; - is standard output. Without --baseline the page compares with the run "
        "that "
        "the run was compared with when it ended.",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0, with --baseline 5 = something regressed; 2 or 3 as for the other commands.\n"
             "Examples:\n"
             "  hilfarm report my_sweep --layers\n"
             "  hilfarm report --baseline last-green\n"
             "  hilfarm report 41 latest --open\n"
             "  hilfarm report --baseline last-green --junit report.xml --markdown report.md",
};

/* What is shown of a run. */
static void render(const hf_night *night, const values *v, hf_buffer *text)
{
    const bool colour = !v->plain && hf_cli_has_colours(STDOUT_FILENO);
    if (v->subject) {
        hf_night_render_subject(night, text);
        hf_buffer_putc(text, '\n');
        return;
    }
    hf_render_table(night->report, hf_cli_columns(), colour, text);
    if (night->comparison) {
        hf_buffer_puts(text, "\ncomparison with the baseline: ");
        hf_run_comparison_render_summary(night->comparison, colour, text);
    }
}

static bool wants_page(const values *v)
{
    return v->html || v->open;
}

static hf_exit write_all(const hf_night *night, const values *v)
{
    hf_exit exit_status = hf_cli_night_write(night, &v->night);
    if (exit_status == HF_EXIT_OK && wants_page(v))
        exit_status = hf_cli_show_page(night, v->source.db, v->html, v->open);
    if (exit_status != HF_EXIT_OK ||
        ((hf_cli_night_wanted(&v->night) || wants_page(v)) && !v->subject && !v->layers))
        return exit_status;
    hf_buffer text = HF_BUFFER_INIT;
    render(night, v, &text);
    exit_status = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit add_boards(const char *db, hf_night *night)
{
    hf_error err = {0};
    hf_store *store = NULL;
    if (hf_cli_open_store_readonly(db, &store, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_exit exit_status = hf_cli_night_add_boards(store, night);
    hf_store_close(store);
    return exit_status;
}

/* Reads what the page compares with: the run that is named, or else the one that the run was compared with when it ended.
 * @param before stays empty if there is none */
static hf_exit read_baseline(const hf_report *report, const values *v, hf_report *before)
{
    if (v->baseline)
        return hf_cli_read_baseline(v->source.db, v->baseline, report, before);
    return wants_page(v) ? hf_cli_read_recorded_baseline(v->source.db, report, before) : HF_EXIT_OK;
}

/* Compares with the baseline if there is one. @return HF_EXIT_REGRESSED if something regressed against the one that is named */
static hf_exit show(const hf_report *report, const values *v)
{
    hf_error err = {0};
    hf_report before = {0};
    hf_run_comparison comparison = {0};
    char *folder = NULL;
    hf_night night = {.report = report};
    hf_exit exit_status = add_boards(v->source.db, &night);
    if (exit_status == HF_EXIT_OK)
        exit_status = read_baseline(report, v, &before);
    if (exit_status == HF_EXIT_OK && before.run.id) {
        if (hf_run_compare(&before, report, &comparison, &err) == HF_OK)
            night.comparison = &comparison;
        else
            exit_status = hf_cli_fail(&err);
    }
    if (exit_status == HF_EXIT_OK) {
        night.folder = folder = hf_cli_find_report(report, v->source.db);
        exit_status = write_all(&night, v);
    }
    if (exit_status == HF_EXIT_OK && v->baseline && comparison.counts[HF_CHANGE_REGRESSED])
        exit_status = HF_EXIT_REGRESSED;
    hf_rows_free(&hf_board_state_row_type, (hf_board_state_row *)night.states, night.state_count);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    free(folder);
    return exit_status;
}

/* The table as the daemon renders it, whose store cannot be read here. */
static hf_exit show_rendered(const char *run, const values *v)
{
    char what[64];
    hf_buffer text = HF_BUFFER_INIT;
    const char *needs = v->baseline  ? "--baseline"
                        : v->subject ? "--subject"
                        : v->open    ? "--open"
                        : v->html    ? "--html"
                                     : NULL;
    if (needs || hf_cli_night_wanted(&v->night))
        return hf_cli_needs_store(&v->source, needs ? needs : "writing files");
    snprintf(what, sizeof what, "table.txt?columns=%d&colour=%d", hf_cli_columns(),
             !v->plain && hf_cli_has_colours(STDOUT_FILENO));
    hf_exit exit_status = hf_cli_fetch_rendered(v->source.client, run, what, &text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&text, NULL);
    hf_buffer_free(&text);
    if (exit_status == HF_EXIT_OK && v->layers)
        exit_status = hf_cli_write_results(&v->source, run, &hf_layers_table, NULL);
    return exit_status;
}

static hf_exit show_stored(const char *run, const values *v)
{
    hf_report report = {0};
    hf_exit exit_status = hf_cli_load_report(v->source.db, run, 0, &report);
    char key[HF_RUN_KEY_SIZE] = "";
    if (exit_status == HF_EXIT_OK) {
        snprintf(key, sizeof key, "%s", report.run.key);
        exit_status = show(&report, v);
    }
    hf_report_free(&report);
    if (v->layers && (exit_status == HF_EXIT_OK || exit_status == HF_EXIT_REGRESSED)) {
        const hf_exit of_layers = hf_cli_write_results(&v->source, key, &hf_layers_table, NULL);
        exit_status = of_layers == HF_EXIT_OK ? exit_status : of_layers;
    }
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
    const char *run = count ? arguments[count - 1] : NULL;
    if (count == 2 && v.baseline) {
        fputs("hilfarm report: two runs and --baseline exclude each other\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (count == 2)
        v.baseline = arguments[0];
    exit_status = hf_cli_results_source_open(v.db, v.local, &v.source);
    if (exit_status == HF_EXIT_OK)
        exit_status = v.source.db ? show_stored(run, &v) : show_rendered(run, &v);
    hf_cli_results_source_close(&v.source);
    return exit_status;
}
