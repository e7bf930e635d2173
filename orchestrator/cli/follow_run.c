/* SPDX-License-Identifier: Apache-2.0 */
#include "follow_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/follow.h"
#include "daemon_results.h"
#include "display.h"
#include "output.h"
#include "run_start.h"
#include "signals.h"

typedef struct follow {
    hf_client *client;
    const char *run;
    const hf_cli_follow_options *options;
    hf_display *display; /* NULL with --quiet */
    hf_cli_signals signals;
    bool is_cancelled;
} follow;

/* A line for the user, above the live lines. */
static void __attribute__((format(printf, 2, 3))) note(follow *f, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (f->display)
        hf_display_note(f->display, line);
    else
        fprintf(stderr, "hilfarm: %s\n", line);
}

static void on_gap(void *user, uint64_t events)
{
    note(user, "%" PRIu64 " event%s left out: they came too fast", events, events == 1 ? " is" : "s are");
}

static void on_lost(void *user, const char *why, uint64_t patience_ms)
{
    char patience[32];
    hf_cli_format_duration(patience_ms * HF_NS_PER_MS, patience, sizeof patience);
    note(user, "the connection to the daemon is lost (%s); trying again for %s, the run goes on", why,
         patience);
}

static void on_back(void *user)
{
    note(user, "connected to the daemon again");
}

/* @return false if the run cannot be cancelled */
static bool cancel(follow *f)
{
    hf_error err = {0};
    char *path = hf_client_path("/runs/", f->run, "/cancel");
    const hf_client_call call = {.method = "POST", .path = path, .deadline_ms = 5000};
    hf_status status = path ? hf_client_do(f->client, &call, &err) : HF_FAIL(&err, HF_ENOMEM, "no memory");
    if (status == HF_OK)
        note(f, "the run is being cancelled");
    else
        note(f, "the run cannot be cancelled: %s", err.message);
    free(path);
    return status == HF_OK;
}

static bool on_signal(void *user)
{
    follow *f = user;
    struct signalfd_siginfo caught = {0};
    if (read(f->signals.fd, &caught, sizeof caught) != (ssize_t)sizeof caught)
        return true;
    if (caught.ssi_signo == SIGHUP || f->is_cancelled || !f->options->owns_run)
        return false;
    f->is_cancelled = cancel(f);
    return f->is_cancelled;
}

/* Why following ended before the run did. */
static hf_exit left(const follow *f, hf_status status, const hf_error *err)
{
    if (status == HF_ECANCELLED) {
        if (f->is_cancelled)
            fprintf(stderr, "hilfarm: not waiting for the run to end; see: hilfarm attach %s\n", f->run);
        else
            fprintf(stderr,
                    "hilfarm: the run goes on; follow it with: hilfarm attach %s; stop it with: hilfarm "
                    "cancel %s\n",
                    f->run, f->run);
        return HF_EXIT_INTERRUPTED;
    }
    hf_exit exit_status = hf_cli_fail(err);
    if (status == HF_EIO)
        fprintf(stderr,
                "hilfarm: the daemon resumes the run when it is back; follow it with: hilfarm attach %s\n",
                f->run);
    return exit_status;
}

static hf_exit conclude(const follow *f, const hf_api_run_end *end)
{
    const hf_cli_daemon_results_options results = {.baseline = f->options->baseline,
                                                   .night = f->options->night,
                                                   .fail_on = f->options->fail_on,
                                                   .quiet = f->options->quiet,
                                                   .plain = f->options->plain};
    hf_error err = {0};
    hf_status ended = hf_api_failure_pass(&err, &end->error);
    if (!f->options->quiet)
        hf_cli_print_prepared(&end->summary);
    hf_exit shown = end->summary.run_id ? hf_cli_show_daemon_results(f->client, end, &results) : HF_EXIT_OK;
    if (ended != HF_OK)
        hf_cli_fail(&err);
    hf_exit exit_status = hf_run_exit(ended, &end->summary, end->missed, end->compared ? end->regressed : 0,
                                      f->options->fail_on);
    return exit_status == HF_EXIT_FARM || shown == HF_EXIT_OK ? exit_status : shown;
}

hf_exit hf_cli_follow_run(hf_client *client, const char *run, const hf_cli_follow_options *options)
{
    hf_error err = {0};
    hf_api_run_end end = {0};
    follow f = {.client = client, .run = run, .options = options};
    if (!options->quiet)
        f.display = hf_display_new(!options->plain && hf_cli_is_terminal(STDOUT_FILENO));
    hf_cli_signals_catch(&f.signals);
    hf_client_follower follower = {
        .user = &f,
        .gap = on_gap,
        .lost = on_lost,
        .back = on_back,
        .woken = on_signal,
        .wake_fd = f.signals.fd,
        .from_start = options->from_start,
    };
    if (f.display)
        follower.run = hf_display_observer(f.display);
    hf_status status = hf_client_follow(client, run, &follower, &end, &err);
    hf_display_free(f.display);
    hf_exit exit_status = status == HF_OK ? conclude(&f, &end) : left(&f, status, &err);
    hf_cli_signals_release(&f.signals);
    hf_api_clear(&hf_api_run_end_type, &end);
    return exit_status;
}
