/* SPDX-License-Identifier: Apache-2.0 */
#include "run_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "output.h"
#include "report/limit_verdicts.h"
#include "report/render.h"
#include "report/run_comparison.h"
#include "report_files.h"

static void render_results(const hf_report *report, const hf_run_comparison *comparison,
                           const hf_cli_results_options *options, hf_buffer *text)
{
    const bool colour = !options->plain && hf_cli_has_colours(STDOUT_FILENO);
    if (options->quiet) {
        hf_render_failures(report, options->fail_on & HF_FAIL_ON_MISSED, text);
        if (comparison)
            hf_run_comparison_render_regressions(comparison, text);
        return;
    }
    hf_buffer_putc(text, '\n');
    hf_render_table(report, hf_cli_columns(), colour, text);
    if (comparison) {
        hf_buffer_puts(text, "\ncomparison with the baseline: ");
        hf_run_comparison_render_summary(comparison, colour, text);
    }
}

/* Writes the files for others and notifies them. @param folder of the report's files; NULL = they could not be written */
static hf_exit tell_others(hf_store *store, const hf_report *report, const hf_run_comparison *comparison,
                           const char *folder, const hf_cli_night_options *options)
{
    hf_night night = {.report = report, .comparison = comparison, .folder = folder};
    if (!options || !hf_cli_night_wanted(options))
        return HF_EXIT_OK;
    hf_exit exit_status = hf_cli_night_add_boards(store, &night);
    hf_exit written = hf_cli_night_write(&night, options);
    hf_cli_night_notify(&night, options);
    hf_rows_free(&hf_board_state_row_type, (hf_board_state_row *)night.states, night.state_count);
    return exit_status != HF_EXIT_OK ? exit_status : written;
}

/* @param comparison NULL = there is no baseline */
static hf_exit show(hf_store *store, const hf_report *report, const hf_run_comparison *comparison,
                    const hf_cli_results_options *options)
{
    hf_buffer text = HF_BUFFER_INIT;
    render_results(report, comparison, options, &text);
    hf_exit exit_status = hf_cli_write(&text, NULL);
    char *folder = NULL;
    hf_exit written = hf_cli_write_report(store, report, comparison, options->db, &folder);
    if (written == HF_EXIT_OK && text.size)
        printf("\nrun %lld: %s/report.html, %sresults.csv and layers.csv; store %s\n",
               (long long)report->run.id, folder, comparison ? "comparison.json, " : "",
               options->daemon_store ? options->daemon_store : options->db);
    hf_buffer_free(&text);
    hf_exit told = tell_others(store, report, comparison, folder, options->night);
    free(folder);
    exit_status = exit_status != HF_EXIT_OK ? exit_status : told;
    return written != HF_EXIT_OK ? written : exit_status;
}

static hf_exit compare_and_show(hf_store *store, const hf_report *report,
                                const hf_cli_results_options *options, hf_cli_run_verdict *verdict)
{
    hf_error err = {0};
    hf_run_comparison comparison;
    if (hf_run_compare(options->baseline, report, &comparison, &err) != HF_OK)
        return hf_cli_fail(&err);
    verdict->regressed = comparison.counts[HF_CHANGE_REGRESSED];
    hf_exit exit_status = show(store, report, &comparison, options);
    if (!options->daemon_store && hf_store_set_comparison(store, report->run.id, options->baseline->run.key,
                                                          (int64_t)verdict->regressed, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_run_comparison_free(&comparison);
    return exit_status;
}

hf_exit hf_cli_show_results(hf_store *store, int64_t run_id, const hf_cli_results_options *options,
                            hf_cli_run_verdict *verdict)
{
    hf_error err = {0};
    hf_report report = {0};
    if (hf_store_load_report(store, run_id, &report, &err) != HF_OK)
        return hf_cli_fail(&err);
    *verdict = (hf_cli_run_verdict){0};
    for (size_t i = 0; i < report.result_count; i++)
        verdict->missed += hf_report_missed(&report, &report.results[i]);
    hf_exit exit_status = options->baseline ? compare_and_show(store, &report, options, verdict)
                                            : show(store, &report, NULL, options);
    hf_report_free(&report);
    return exit_status;
}
