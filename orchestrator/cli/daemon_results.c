/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "daemon_access.h"
#include "locations.h"
#include "output.h"
#include "report_files.h"
#include "results_source.h"
#include "run_results.h"
#include "store_access.h"

/* ---- From the daemon's store ---- */

static hf_exit show_from_store(hf_store *store, const hf_api_run_end *end,
                               const hf_cli_daemon_results_options *options, const char *store_path)
{
    hf_report baseline = {0};
    hf_cli_run_verdict verdict = {0};
    hf_exit exit_status = HF_EXIT_OK;
    if (options->baseline && end->compared)
        exit_status =
            hf_cli_load_baseline(store, options->baseline, end->name, end->summary.run_id, &baseline);
    const hf_cli_results_options results = {
        .db = hf_cli_default_store(),
        .daemon_store = store_path,
        .baseline = baseline.run.id ? &baseline : NULL,
        .night = options->night,
        .fail_on = options->fail_on,
        .quiet = options->quiet,
        .plain = options->plain,
    };
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_show_results(store, end->summary.run_id, &results, &verdict);
    hf_report_free(&baseline);
    return exit_status;
}

/* ---- Rendered by the daemon ---- */

static hf_exit fetch_table(hf_client *client, const hf_api_run_end *end,
                           const hf_cli_daemon_results_options *options, hf_buffer *text)
{
    char what[64];
    if (options->quiet)
        snprintf(what, sizeof what, "failures.txt?missed=%d", (options->fail_on & HF_FAIL_ON_MISSED) != 0);
    else
        snprintf(what, sizeof what, "table.txt?columns=%d&colour=%d", hf_cli_columns(),
                 !options->plain && hf_cli_has_colours(STDOUT_FILENO));
    if (!options->quiet)
        hf_buffer_putc(text, '\n');
    hf_exit exit_status = hf_cli_fetch_rendered(client, end->key, what, text);
    if (end->compared && (!options->quiet || end->regressed))
        hf_buffer_printf(text, "\ncomparison with the baseline: %u regressed, %u improved\n", end->regressed,
                         end->improved);
    return exit_status;
}

/* A file of the report; the page with the comparison that was made at the end of the run. */
static hf_exit fetch_file(hf_client *client, const hf_api_run_end *end,
                          const hf_cli_daemon_results_options *options, const char *name, hf_buffer *text)
{
    if (!end->compared || !options->baseline || strcmp(name, "report.html") != 0)
        return hf_cli_fetch_rendered(client, end->key, name, text);
    char *what = hf_client_path("report.html?baseline=", options->baseline, "");
    hf_exit exit_status = hf_cli_fetch_rendered(client, end->key, what ? what : name, text);
    free(what);
    return exit_status;
}

static hf_exit show_rendered(hf_client *client, const hf_api_run_end *end,
                             const hf_cli_daemon_results_options *options)
{
    static const char *const names[] = HF_CLI_REPORT_FILES;
    hf_buffer texts[HF_CLI_REPORT_FILE_COUNT] = {0}, table = HF_BUFFER_INIT;
    char *folder = NULL;
    hf_exit exit_status = fetch_table(client, end, options, &table);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&table, NULL);
    for (size_t i = 0; exit_status == HF_EXIT_OK && i < HF_CLI_REPORT_FILE_COUNT; i++)
        exit_status = fetch_file(client, end, options, names[i], &texts[i]);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write_report_texts(end->key, end->name, texts, hf_cli_default_store(), &folder);
    if (folder && table.size)
        printf("\nrun %lld: %s/report.html, results.csv and layers.csv; on the daemon at %s\n",
               (long long)end->summary.run_id, folder, hf_client_where(client));
    if (exit_status == HF_EXIT_OK && options->night && hf_cli_night_wanted(options->night)) {
        fputs("hilfarm: --junit, --markdown, --summary, --notify and --webhook need to read the daemon's "
              "store\n",
              stderr);
        exit_status = HF_EXIT_FARM;
    }
    for (size_t i = 0; i < HF_CLI_REPORT_FILE_COUNT; i++)
        hf_buffer_free(&texts[i]);
    hf_buffer_free(&table);
    free(folder);
    return exit_status;
}

hf_exit hf_cli_show_daemon_results(hf_client *client, const hf_api_run_end *end,
                                   const hf_cli_daemon_results_options *options)
{
    const char *path = hf_cli_daemon_store(client);
    hf_store *store = NULL;
    if (!path || hf_store_open_readonly(path, &store, NULL) != HF_OK)
        return show_rendered(client, end, options);
    hf_exit exit_status = show_from_store(store, end, options, path);
    hf_store_close(store);
    return exit_status;
}
