/* SPDX-License-Identifier: Apache-2.0 */
/* The program of the agent: reads its file, connects, and serves until a signal comes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/work_dir.h"
#include "host/host.h"
#include "joining/host_certificate.h"
#include "joining/renewal.h"
#include "options.h"
#include "spec/agent_file.h"

#define EXIT_BAD_INPUT 2
#define EXIT_FARM      3

typedef struct agent {
    const agent_options *options;
    hf_agent_file *file;
    int lock_fd;
    hf_work_dir work_dir;
    sigset_t ending; /* signals that end it */
    const hf_board_config **boards;
    hf_board_deadlines *deadlines;
    hf_broker *broker; /* the host's */
    hf_host *host;
} agent;

/* For people and for the journal, which adds the time. Any thread. */
static void log_line(void *user, const char *line)
{
    (void)user;
    fprintf(stderr, "hilfarm-agent: %s\n", line);
}

/* ---- Set-up ---- */

static hf_status read_file(agent *a, hf_error *err)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the file");
    hf_status status = hf_agent_file_load(a->options->config_path, &a->file, diagnostics, err);
    char *mistakes = status == HF_EINVALID ? hf_diagnostics_render(diagnostics) : NULL;
    if (mistakes)
        fputs(mistakes, stderr);
    free(mistakes);
    hf_diagnostics_free(diagnostics);
    if (status == HF_OK && a->file->broker.certificate_path)
        status = hf_host_certificate_check(a->file->host, a->file->broker.certificate_path, err);
    return status;
}

/* Two agents with one state folder would forget each other's tokens. */
static hf_status lock_state(agent *a, hf_error *err)
{
    char path[PATH_MAX + 16];
    hf_status status = hf_make_dirs(a->options->state_dir, err);
    if (status != HF_OK)
        return status;
    snprintf(path, sizeof path, "%s/agent.lock", a->options->state_dir);
    a->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (a->lock_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot open %s: %s", path, strerror(errno));
    if (flock(a->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "another hilfarm-agent uses the state folder %s",
                      a->options->state_dir);
}

static hf_status list_boards(agent *a, hf_error *err)
{
    const hf_farm *farm = a->file->farm;
    a->boards = calloc(farm->board_count + 1u, sizeof *a->boards); /* NOLINT(bugprone-sizeof-expression) */
    a->deadlines = calloc(farm->board_count + 1u, sizeof *a->deadlines);
    if (!a->boards || !a->deadlines)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", farm->board_count);
    for (uint32_t i = 0; i < farm->board_count; i++) {
        a->boards[i] = &farm->boards[i].config;
        a->deadlines[i] = farm->boards[i].deadlines;
    }
    return HF_OK;
}

/* ---- Serving ---- */

/* A thread of the connection. */
static void connection_changed(void *user, const char *problem)
{
    const agent *a = user;
    char line[HF_BROKER_PROBLEM_SIZE + 64];
    if (problem)
        snprintf(line, sizeof line, "%s; trying again", problem);
    else
        snprintf(line, sizeof line, "host %s is connected to %s", a->file->host, a->file->broker.url);
    log_line(NULL, line);
}

/* A thread of the connection, which goes on with the certificate of before until the new one is used. */
static bool renew(void *user, const void *bytes, size_t size, hf_buffer *reply)
{
    const agent *a = user;
    const hf_broker_config *broker = &a->file->broker;
    const hf_renewal files = {.host = a->file->host,
                              .ca_path = broker->ca_path,
                              .certificate_path = broker->certificate_path,
                              .key_path = broker->key_path};
    bool renewed;
    if (!hf_renewal_message(&files, bytes, size, reply, &renewed))
        return false;
    if (renewed) {
        log_line(NULL, "the farm has renewed the certificate of this host");
        hf_broker_reconnect(a->broker);
    }
    return true;
}

static hf_status serve(agent *a, hf_error *err)
{
    const hf_host_options options = {.name = a->file->host,
                                     .version = HILFARM_VERSION,
                                     .boards = a->boards,
                                     .deadlines = a->deadlines,
                                     .board_count = a->file->farm->board_count,
                                     .cache_dir = a->options->cache_dir,
                                     .state_dir = a->options->state_dir,
                                     .work_dir = a->work_dir.path,
                                     .openocd_path = a->options->openocd_path,
                                     .vboard_path = a->options->vboard_path,
                                     .question = renew,
                                     .log = log_line,
                                     .log_user = a};
    /* The server may be started later than this host, be out of reach, or refuse the host until it has joined again. */
    const hf_broker_watch watch = {.at_once = true, .changed = connection_changed, .user = a};
    hf_status status = hf_broker_connect(&a->file->broker, a->file->host, &watch, &a->broker, err);
    if (status != HF_OK)
        return status;
    status = hf_host_start(a->broker, &options, &a->host, err);
    if (status != HF_OK)
        return status;
    fprintf(stderr, "hilfarm-agent: %s, host %s: %u board%s\n", HILFARM_VERSION, a->file->host,
            options.board_count, options.board_count == 1 ? "" : "s");
    int number;
    while (sigwait(&a->ending, &number) != 0)
        continue;
    fprintf(stderr, "hilfarm-agent: stopping (SIG%s)\n", sigabbrev_np(number));
    return HF_OK;
}

static hf_status run(agent *a, hf_error *err)
{
    hf_status status = read_file(a, err);
    if (status == HF_OK)
        status = lock_state(a, err);
    if (status == HF_OK)
        status = list_boards(a, err);
    if (status == HF_OK)
        status = hf_work_dir_make(&a->work_dir, err);
    return status == HF_OK ? serve(a, err) : status;
}

static void free_all(agent *a)
{
    hf_host_free(a->host);
    hf_work_dir_remove(&a->work_dir);
    free(a->boards);
    free(a->deadlines);
    hf_agent_file_free(a->file);
    if (a->lock_fd >= 0)
        close(a->lock_fd);
}

/* Before there are threads: all of them inherit it, and the main thread waits for the signals. */
static void block_signals(agent *a)
{
    sigemptyset(&a->ending);
    sigaddset(&a->ending, SIGTERM);
    sigaddset(&a->ending, SIGINT);
    sigaddset(&a->ending, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &a->ending, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    static agent_options options;
    agent a = {.options = &options, .lock_fd = -1};
    hf_error err = {0};
    int exit_status;
    if (!hilfarm_agent_options(argc, argv, &options, &exit_status))
        return exit_status;
    block_signals(&a);
    hf_status status = run(&a, &err);
    free_all(&a);
    if (status == HF_OK)
        return 0;
    fprintf(stderr, "hilfarm-agent: %s\n", err.message);
    return status == HF_EINVALID ? EXIT_BAD_INPUT : EXIT_FARM;
}
