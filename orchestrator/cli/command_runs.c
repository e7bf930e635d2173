/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/run.h"
#include "commands.h"
#include "options.h"
#include "queue_table.h"
#include "report/render.h"
#include "results_source.h"
#include "store_access.h"
#include "watch.h"

#define PAGE 500 /* runs that the daemon is asked for at once */

typedef struct values {
    const char *db;
    uint32_t count;
    bool local, watch, json;
    hf_cli_results_source source;
} values;

static const hf_cli_option options[] = {
    {.name = "count",
     .letter = 'n',
     .placeholder = "N",
     .help = "only the newest N runs (default: all; with --watch 10)",
     .read = hf_cli_read_count,
     .min = 1,
     .max = 1000000,
     .offset = offsetof(values, count)},
    HF_CLI_OPTION_WATCH(offsetof(values, watch)),
    {.name = "json",
     .help = "print the runs as JSON, with all that is known of them",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, json)},
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
};

static const hf_cli_command command = {
    .synopsis = "runs [options]",
    .description = "Lists the runs in the store, newest first. `hilfarm report` and `hilfarm export` take a "
                   "run's number, its key or the beginning of it, a tag, or its name.\n"
                   "With --watch, also the runs that wait or are under way on the daemon.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm runs -n 5\n"
             "  hilfarm runs --watch\n"
             "  hilfarm runs --json | jq '.[] | select(.regressed > 0) | .key'",
};

static hf_status list_stored(const values *v, hf_buffer *text, hf_error *err)
{
    hf_store *store = NULL;
    hf_run_row *runs = NULL;
    size_t count = 0;
    hf_status status = hf_cli_open_store_readonly(v->source.db, &store, err);
    if (status == HF_OK)
        status = hf_store_list_runs(store, &runs, &count, err);
    if (status == HF_OK)
        (v->json ? hf_render_runs_json
                 : hf_render_runs)(runs, v->count && v->count < count ? v->count : count, text);
    hf_rows_free(&hf_run_row_type, runs, count);
    hf_store_close(store);
    return status;
}

/* Appends a page of the daemon's list to what is there. @param more set to whether older runs may follow */
static hf_status fetch_page(const values *v, hf_api_runs *all, bool *more, hf_error *err)
{
    char path[96];
    hf_api_runs page = {0};
    const size_t wanted = v->count && v->count - all->run_count < PAGE ? v->count - all->run_count : PAGE;
    if (all->run_count)
        snprintf(path, sizeof path, "/runs?limit=%zu&before=%" PRId64, wanted,
                 all->runs[all->run_count - 1].id);
    else
        snprintf(path, sizeof path, "/runs?limit=%zu", wanted);
    const hf_client_call call = {
        .method = "GET", .path = path, .answer_type = &hf_api_runs_type, .answer = &page};
    hf_status status = hf_client_do(v->source.client, &call, err);
    if (status != HF_OK)
        return status;
    hf_run_row *longer = realloc(all->runs, (all->run_count + page.run_count + 1) * sizeof *longer);
    if (!longer) {
        hf_api_clear(&hf_api_runs_type, &page);
        return HF_FAIL(err, HF_ENOMEM, "no memory for the list of runs");
    }
    all->runs = longer;
    for (size_t i = 0; i < page.run_count; i++)
        all->runs[all->run_count++] = page.runs[i]; /* with all that it owns */
    *more = page.run_count == wanted && (!v->count || all->run_count < v->count);
    free(page.runs);
    return HF_OK;
}

static hf_status list_fetched(const values *v, hf_buffer *text, hf_error *err)
{
    hf_api_runs all = {0};
    hf_status status = HF_OK;
    for (bool more = true; status == HF_OK && more;)
        status = fetch_page(v, &all, &more, err);
    if (status == HF_OK)
        (v->json ? hf_render_runs_json : hf_render_runs)(all.runs, all.run_count, text);
    hf_api_clear(&hf_api_runs_type, &all);
    return status;
}

static hf_status render(void *user, hf_buffer *text, hf_error *err)
{
    const values *v = user;
    if (!v->source.client)
        return list_stored(v, text, err);
    hf_api_queue queue = {0};
    const hf_client_call call = {
        .method = "GET", .path = "/queue", .answer_type = &hf_api_queue_type, .answer = &queue};
    hf_status status = v->watch ? hf_client_do(v->source.client, &call, err) : HF_OK;
    if (status == HF_OK && v->watch) {
        hf_cli_render_queue(&queue, text);
        hf_buffer_putc(text, '\n');
    }
    hf_api_clear(&hf_api_queue_type, &queue);
    return status == HF_OK ? list_fetched(v, text, err) : status;
}

int hf_command_runs(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    if (v.watch && v.json) {
        fputs("hilfarm runs: --json and --watch exclude each other\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (v.watch && !v.count)
        v.count = 10;
    exit_status = hf_cli_results_source_open(v.db, v.local, &v.source);
    if (exit_status == HF_EXIT_OK)
        exit_status = v.watch ? hf_cli_watch(render, &v) : hf_cli_show_once(render, &v);
    hf_cli_results_source_close(&v.source);
    return exit_status;
}
