/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics: the state of the daemon in Prometheus' text format, version 0.0.4. API.md lists the metrics. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "dispatch.h"
#include "routes.h"
#include "run_list.h"

#define TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A label's value: three characters have to be escaped. */
static void put_label(hf_buffer *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        if (*at == '\\' || *at == '"')
            hf_buffer_putc(out, '\\');
        if (*at == '\n')
            hf_buffer_puts(out, "\\n");
        else
            hf_buffer_putc(out, *at);
    }
}

static void put_head(hf_buffer *out, const char *name, const char *type, const char *help)
{
    hf_buffer_printf(out, "# HELP hilfarm_%s %s\n# TYPE hilfarm_%s %s\n", name, help, name, type);
}

static void put_gauge(hf_buffer *out, const char *name, const char *help, double value)
{
    put_head(out, name, "gauge", help);
    hf_buffer_printf(out, "hilfarm_%s %.15g\n", name, value);
}

static void put_counted(hf_buffer *out, const char *name, const char *label, const char *value,
                        uint64_t count)
{
    hf_buffer_printf(out, "hilfarm_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, count);
}

/* ---- The process ---- */

static double resident_bytes(void)
{
    unsigned long long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    const int read = fscanf(file, "%llu %llu", &all, &resident); /* NOLINT(cert-err34-c): of the kernel */
    fclose(file);
    return read == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

static void put_process(const hf_daemon *daemon, hf_buffer *out)
{
    struct stat store;
    hf_http_load load;
    put_head(out, "build_info", "gauge", "The version of hilfarm; the value is always 1.");
    hf_buffer_puts(out, "hilfarm_build_info{version=\"");
    put_label(out, daemon->options->version);
    hf_buffer_puts(out, "\"} 1\n");
    put_gauge(out, "start_time_seconds", "When the daemon started, in seconds since 1970.",
              (double)daemon->started_ms / 1000);
    put_gauge(out, "resident_memory_bytes", "Memory of the daemon, without its children.", resident_bytes());
    if (stat(daemon->store_path, &store) == 0)
        put_gauge(out, "store_size_bytes", "Size of the store's file.", (double)store.st_size);
    hf_http_server_load(daemon->server, &load);
    put_gauge(out, "http_connections", "Connections to the daemon.", load.connections);
    put_gauge(out, "http_requests", "Requests being handled.", load.requests);
    put_gauge(out, "http_streams", "Clients that follow a run or the farm.", load.streams);
}

/* ---- Boards ---- */

static const char *const board_states[] = {
#define STATE(name, text) text,
    HF_BOARD_STATE_MAP(STATE)
#undef STATE
};
#define BOARD_STATES (sizeof board_states / sizeof board_states[0])

static void put_board(hf_buffer *out, const char *name, const hf_board_view *board, const char *result,
                      uint64_t value)
{
    hf_buffer_printf(out, "hilfarm_%s{board=\"", name);
    put_label(out, board->id);
    hf_buffer_puts(out, "\",chip=\"");
    put_label(out, board->chip);
    hf_buffer_printf(out, "\",modelled=\"%d\"", board->modelled);
    if (result)
        hf_buffer_printf(out, ",result=\"%s\"", result);
    hf_buffer_printf(out, "} %" PRIu64 "\n", value);
}

/* Whether jobs can run on it: neither out of service nor reserved nor failing. */
static bool is_usable(const hf_schedule_board_status *status)
{
    return !status->disabled && !status->reserved && !status->quarantined && !status->given_up &&
           !status->needs_attention && !status->in_use;
}

static void put_boards(hf_daemon *daemon, hf_buffer *out)
{
    uint32_t count;
    const hf_board_view *boards = hf_controller_boards(daemon->controller, &count);
    uint64_t in_state[BOARD_STATES] = {0};
    for (uint32_t i = 0; i < count; i++)
        in_state[boards[i].status.state]++;
    put_head(out, "boards", "gauge", "Boards by state.");
    for (size_t s = 0; s < BOARD_STATES; s++)
        put_counted(out, "boards", "state", board_states[s], in_state[s]);
    put_head(out, "board_usable", "gauge", "1 if jobs can run on the board.");
    for (uint32_t i = 0; i < count; i++)
        put_board(out, "board_usable", &boards[i], NULL, is_usable(&boards[i].status));
    put_head(out, "board_busy", "gauge", "1 if the board measures.");
    for (uint32_t i = 0; i < count; i++)
        put_board(out, "board_busy", &boards[i], NULL, boards[i].status.state == HF_BOARD_BUSY);
    put_head(out, "board_needs_attention", "gauge", "1 if a person must look at the board.");
    for (uint32_t i = 0; i < count; i++)
        put_board(out, "board_needs_attention", &boards[i], NULL, daemon->boards[i].attention != NULL);
    put_head(out, "board_attempts_total", "counter", "Attempts since the daemon started.");
    for (uint32_t i = 0; i < count; i++) {
        put_board(out, "board_attempts_total", &boards[i], "succeeded", boards[i].status.done);
        put_board(out, "board_attempts_total", &boards[i], "failed", boards[i].status.failed);
    }
}

/* ---- Runs ---- */

static const char *const queue_states[] = {
#define STATE(name, text) text,
    HF_API_QUEUE_STATE_MAP(STATE)
#undef STATE
};
#define QUEUE_STATES (sizeof queue_states / sizeof queue_states[0])

static void put_runs(const hf_daemon *daemon, hf_buffer *out)
{
    uint64_t in_state[QUEUE_STATES] = {0}, running = 0, waiting = 0;
    for (hf_daemon_run *run = daemon->first; run; run = run->next) {
        hf_api_queue_entry entry;
        hf_daemon_run_entry(run, &entry);
        const uint64_t over = (uint64_t)entry.measured + entry.failed + entry.not_run + entry.pruned;
        in_state[entry.state]++;
        running += entry.running;
        waiting += entry.job_count > over + entry.running ? entry.job_count - over - entry.running : 0;
    }
    put_head(out, "runs", "gauge", "Runs in the queue by state.");
    for (size_t s = 0; s < QUEUE_STATES; s++)
        put_counted(out, "runs", "state", queue_states[s], in_state[s]);
    put_head(out, "jobs", "gauge", "Measurements of the runs in the queue that are still to be made.");
    put_counted(out, "jobs", "state", "running", running);
    put_counted(out, "jobs", "state", "waiting", waiting);
    put_head(out, "runs_ended_total", "counter", "Runs that ended since the daemon started.");
    for (int state = HF_RUN_DONE; state <= HF_RUN_ABORTED; state++)
        put_counted(out, "runs_ended_total", "state", hf_run_state_name((hf_run_state)state),
                    daemon->totals.runs[state]);
    put_head(out, "results_total", "counter", "Results of the runs that ended since the daemon started.");
    for (int outcome = HF_RESULT_MEASURED; outcome <= HF_RESULT_PRUNED; outcome++)
        put_counted(out, "results_total", "outcome", hf_result_outcome_name((hf_result_outcome)outcome),
                    daemon->totals.results[outcome]);
    put_head(
        out, "regressed_results_total", "counter",
        "Results that were worse than in the baseline, of the runs that ended since the daemon started.");
    hf_buffer_printf(out, "hilfarm_regressed_results_total %" PRIu64 "\n", daemon->totals.regressed);
}

static void answer(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_buffer text = HF_BUFFER_INIT;
    put_process(daemon, &text);
    put_boards(daemon, &text);
    put_runs(daemon, &text);
    hf_http_respond(argument, 200, TYPE, &text);
    hf_buffer_free(&text);
}

void hf_get_metrics(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, answer);
}
