/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "answers.h"
#include "base/clock.h"
#include "base/open_files.h"
#include "boards.h"
#include "consoles.h"
#include "daemon/daytime.h"
#include "daemon_state.h"
#include "farm_hosts.h"
#include "health.h"
#include "hosts/farm_hosts.h"
#include "http/listen.h"
#include "log.h"
#include "restart.h"
#include "routes.h"
#include "run_begin.h"
#include "run_list.h"
#include "run_views.h"
#include "service.h"
#include "sessions.h"
#include "state_folder.h"

#define GROUP         "hilfarm" /* whose members may use the socket */
#define QUICK_THREADS 3
#define SLOW_THREADS  4
#define ANSWER_MS     300000 /* reading a spec with thousands of models takes minutes */
#define STOP_STEP_MS  50     /* how often a daemon that stops looks whether all is over */
#define CLOSING_MS    5000
#define BEAT_S        15 /* well under the time after which a client takes a connection for dead */
#define PRUNE_S       3600
#define BUSY_WAIT_NS                                                                                         \
    (UINT64_C(365) * 24 * 3600 *                                                                             \
     HF_NS_PER_S) /* a person may keep a board, a host be away, as long as it takes */
#define QUARANTINE_NS        (UINT64_C(30) * HF_NS_PER_S)
#define QUARANTINE_MAX_NS    (UINT64_C(3600) * HF_NS_PER_S)
#define MAX_QUARANTINES      3
#define IDLE_CLOSE_NS        (UINT64_C(10) * HF_NS_PER_S)
#define MS_PER_DAY           INT64_C(86400000)
#define OPEN_FILES           2048 /* connections, and the stores of runs */
#define OPEN_FILES_PER_BOARD 12
#define FARM_EVENTS          16
#define FARM_EVENT_BYTES     65536

/* ---- The server's callbacks ---- */

static bool authorize(void *user, const char *authorization, hf_http_peer *peer)
{
    hf_daemon *daemon = user;
    return hf_tokens_check(daemon->tokens, authorization, peer->name) ||
           hf_sessions_check(daemon->sessions, authorization, (int64_t)(hf_now_ns() / HF_NS_PER_MS), peer);
}

typedef struct executed {
    void (*job)(void *argument);
    void *argument;
} executed;

static void run_executed(hf_task_pool_thread *thread, void *argument)
{
    (void)thread;
    const executed task = *(executed *)argument;
    free(argument);
    task.job(task.argument);
}

static void execute(void *user, void (*job)(void *argument), void *argument)
{
    hf_daemon *daemon = user;
    executed *task = malloc(sizeof *task);
    if (task)
        *task = (executed){.job = job, .argument = argument};
    if (!task || hf_task_pool_add(daemon->quick, run_executed, task) != HF_OK) {
        free(task);
        job(argument); /* better late than never */
    }
}

static void log_line(void *user, const char *line)
{
    (void)user;
    hf_log(HF_LOG_DEBUG, "http: %s", line); /* clients that leave, above all */
}

/* ---- The end ---- */

static void on_second(uv_timer_t *timer);

static void stop_when_idle(hf_daemon *daemon)
{
    if (daemon->drained && !daemon->first && !daemon->consoles)
        uv_stop(&daemon->loop);
}

static void on_drained(void *user)
{
    hf_daemon *daemon = user;
    daemon->drained = true;
}

static void begin_stop(hf_daemon *daemon, const char *why)
{
    if (daemon->stopping)
        return;
    daemon->stopping = true;
    hf_service_tell("STOPPING=1");
    if (!daemon->controller) /* a signal while the daemon starts */
        return;
    hf_log(HF_LOG_NOTICE, "stopping (%s): attempts are cancelled, %u %s to be resumed", why,
           daemon->run_count, daemon->run_count == 1 ? "run stays" : "runs stay");
    hf_consoles_end_all(daemon, "the daemon is being stopped");
    hf_http_server_close(daemon->server);
    hf_controller_stop(daemon->controller, true, why);
    hf_controller_drain(daemon->controller);
    uv_timer_start(&daemon->second, on_second, STOP_STEP_MS, STOP_STEP_MS);
}

static void on_signal(uv_signal_t *handle, int number)
{
    if (number == SIGHUP)
        hf_log(HF_LOG_NOTICE, "SIGHUP: nothing is read again; restart the daemon to use a changed farm file");
    else
        begin_stop(handle->data, number == SIGINT ? "SIGINT" : "SIGTERM");
}

/* ---- Every second ---- */

static void prune_job(hf_task_pool_thread *thread, void *argument)
{
    (void)thread;
    hf_daemon *daemon = argument;
    hf_error err = {0};
    pthread_mutex_lock(&daemon->spool_mutex);
    if (hf_spool_prune(daemon->spool, hf_wall_ms() - daemon->options->keep_days * MS_PER_DAY, &err) != HF_OK)
        hf_log_error("cleaning the spool", &err);
    pthread_mutex_unlock(&daemon->spool_mutex);
}

/* The end of the night: runs of negative priority leave the boards to people. */
static void stop_night_runs(hf_daemon *daemon)
{
    for (hf_daemon_run *run = daemon->first; run; run = run->next)
        if (run->priority < 0 && !run->stop_requested) {
            hf_log(HF_LOG_WARNING, "run %s (%s) is stopped: the night is over", run->submitted.key,
                   run->name);
            hf_run_stop(run, "the night is over");
        }
}

static void on_second(uv_timer_t *timer)
{
    hf_daemon *daemon = timer->data;
    const int64_t now_ms = hf_wall_ms();
    daemon->seconds++;
    hf_http_server_tick(daemon->server);
    if (daemon->watchdog_ms)
        hf_service_tell("WATCHDOG=1");
    if (daemon->stopping) {
        stop_when_idle(daemon);
        return;
    }
    hf_consoles_check(daemon);
    hf_consoles_beat(daemon);
    hf_daemon_watch_hosts(daemon);
    if (daemon->seconds % BEAT_S == 0) {
        hf_event_ring_beat(daemon->ring);
        for (hf_daemon_run *run = daemon->first; run; run = run->next)
            hf_event_ring_beat(run->ring);
    }
    if (daemon->seconds % PRUNE_S == 1)
        (void)hf_task_pool_add(daemon->quick, prune_job, daemon); /* without memory: in an hour */
    if (hf_daytime_due(&daemon->options->check_at, now_ms, &daemon->last_check_day))
        hf_health_check_all(daemon);
    if (hf_daytime_due(&daemon->options->stop_at, now_ms, &daemon->last_stop_day))
        stop_night_runs(daemon);
}

static void on_controller_changed(void *user)
{
    hf_daemon *daemon = user;
    daemon->boards_changed = true;
    hf_views_changed(daemon);
}

/* ---- Starting ---- */

static hf_status load_farm(hf_daemon *daemon, hf_error *err)
{
    const char *path = daemon->options->farm_path;
    if (!path)
        return hf_farm_default(&daemon->farm, err);
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_status status = diagnostics ? hf_farm_load(path, &daemon->farm, diagnostics, err)
                                   : HF_FAIL(err, HF_ENOMEM, "no memory for the farm file");
    char *mistakes = status == HF_EINVALID ? hf_diagnostics_render(diagnostics) : NULL;
    if (mistakes)
        fputs(mistakes, stderr);
    if (status == HF_EINVALID && err->status == HF_OK)
        status = HF_FAIL(err, HF_EINVALID, "the farm file %s has mistakes", path);
    free(mistakes);
    hf_diagnostics_free(diagnostics);
    return status;
}

static hf_status open_spool(hf_daemon *daemon, hf_error *err)
{
    const hf_spool_options options = {.max_waiting = daemon->options->max_queued};
    return hf_spool_open(daemon->spool_path, &options, &daemon->spool, err);
}

static hf_status start_pools(hf_daemon *daemon, hf_error *err)
{
    hf_status status = hf_task_pool_new("quick", QUICK_THREADS, daemon->store_path, &daemon->quick, err);
    if (status == HF_OK)
        status = hf_task_pool_new("slow", SLOW_THREADS, daemon->store_path, &daemon->slow, err);
    if (status == HF_OK)
        status = hf_task_pool_new("recorder", 1, daemon->store_path, &daemon->recorder, err);
    return status;
}

static hf_status start_controller(hf_daemon *daemon, hf_error *err)
{
    const hf_daemon_options *options = daemon->options;
    hf_status status = hf_boards_load(daemon, err);
    if (status == HF_OK)
        status = hf_health_monitor_open(daemon->farm, daemon->store_path, HF_HEALTH_CHECK_READMISSION,
                                        &daemon->monitor, err);
    if (status != HF_OK)
        return status;
    const hf_controller_options controller = {
        .loop = &daemon->loop,
        .farm = daemon->farm,
        .firmware_dir = options->firmware_dir,
        .openocd_path = options->openocd_path,
        .vboard_path = options->vboard_path,
        .cache_dir = daemon->cache_path,
        .policy = {.quarantine_ns = QUARANTINE_NS,
                   .quarantine_max_ns = QUARANTINE_MAX_NS,
                   .max_quarantines = MAX_QUARANTINES,
                   .check_before_readmission = true,
                   .busy_wait_ns = BUSY_WAIT_NS,
                   .agent_wait_ns = BUSY_WAIT_NS,
                   .idle_close_ns = IDLE_CLOSE_NS},
        .boards = hf_health_monitor_standings(daemon->monitor),
        .remote = {.user = daemon->hosts, .make = daemon->hosts ? hf_farm_hosts_backend : NULL},
        .checks = hf_health_monitor_checks(daemon->monitor),
        .observer = {.user = daemon,
                     .changed = on_controller_changed,
                     .board = hf_health_on_board,
                     .checked = hf_health_on_checked,
                     .heard = hf_consoles_heard,
                     .is_heard = hf_consoles_watch,
                     .drained = on_drained},
    };
    status = hf_controller_new(&controller, &daemon->controller, err);
    const char *problem = status == HF_OK ? hf_controller_cache_problem(daemon->controller) : NULL;
    if (problem)
        hf_log(HF_LOG_WARNING, "prepared models are not kept for later runs: %s", problem);
    return status;
}

static void start_handles(hf_daemon *daemon)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    uv_timer_init(&daemon->loop, &daemon->second);
    uv_timer_init(&daemon->loop, &daemon->views);
    uv_timer_init(&daemon->loop, &daemon->pause);
    uv_timer_init(&daemon->loop, &daemon->batches);
    daemon->second.data = daemon->views.data = daemon->pause.data = daemon->batches.data = daemon;
    daemon->watchdog_ms = hf_service_watchdog_ms();
    uv_timer_start(&daemon->second, on_second, 1000, 1000);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&daemon->loop, &daemon->signals[i]);
        daemon->signals[i].data = daemon;
        uv_signal_start(&daemon->signals[i], on_signal, numbers[i]);
    }
    daemon->last_check_day = hf_daytime_start(&daemon->options->check_at, daemon->started_ms);
    daemon->last_stop_day = hf_daytime_start(&daemon->options->stop_at, daemon->started_ms);
}

/* The sockets are there before runs are taken up, so that a second daemon fails at once; clients wait in their queue. */
static hf_status open_sockets(hf_daemon *daemon, hf_error *err)
{
    const hf_daemon_options *options = daemon->options;
    hf_status status =
        hf_service_sockets(daemon->sockets, HF_HTTP_MAX_SOCKETS - 3, &daemon->socket_count, err);
    const bool passed = daemon->socket_count > 0;
    if (status == HF_OK && !passed && options->socket_path) {
        status = hf_listen_unix(options->socket_path, GROUP, &daemon->sockets[daemon->socket_count], err);
        daemon->own_socket = status == HF_OK;
        daemon->socket_count += status == HF_OK;
    }
    if (status == HF_OK && options->listen) {
        status = hf_listen_tcp(options->listen, &daemon->sockets[daemon->socket_count], err);
        daemon->socket_count += status == HF_OK;
    }
    return status;
}

static hf_status serve(hf_daemon *daemon, hf_error *err)
{
    const hf_daemon_options *options = daemon->options;
    hf_status status = HF_OK;
    while (status == HF_OK && daemon->socket_count)
        status = hf_http_server_listen(daemon->server, daemon->sockets[--daemon->socket_count], err);
    if (status == HF_OK)
        hf_log(HF_LOG_NOTICE, "hilfarmd %s: %u board%s, state in %s, listening on %s%s%s", options->version,
               daemon->farm->board_count, daemon->farm->board_count == 1 ? "" : "s", options->state_dir,
               daemon->own_socket ? options->socket_path : "sockets of systemd",
               options->listen ? " and " : "", options->listen ? options->listen : "");
    return status;
}

static hf_status start_server(hf_daemon *daemon, hf_error *err)
{
    const hf_http_options http = {.routes = hf_daemon_routes,
                                  .route_count = hf_daemon_route_count,
                                  .user = daemon,
                                  .limits = {.answer_ms = ANSWER_MS},
                                  .authorize = authorize,
                                  .render_error = hf_answer_render_error,
                                  .execute = execute,
                                  .log = log_line};
    hf_status status = HF_OK;
    daemon->sessions = hf_sessions_new();
    if (!daemon->sessions)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for sessions");
    if (status == HF_OK && daemon->options->listen)
        status = hf_tokens_load(daemon->options->token_file, &daemon->tokens, err);
    return status == HF_OK ? hf_http_server_new(&http, &daemon->server, err) : status;
}

/* In the order in which things need each other; whatever was there is freed by free_all(). */
static hf_status start(hf_daemon *daemon, hf_error *err)
{
    hf_status status = load_farm(daemon, err);
    if (status == HF_OK)
        status = hf_state_folder_open(daemon, err);
    if (status == HF_OK)
        status = hf_daemon_find_hosts(daemon, err);
    if (status == HF_OK)
        status =
            hf_open_files_allow(OPEN_FILES + (uint64_t)daemon->farm->board_count * OPEN_FILES_PER_BOARD +
                                    (daemon->hosts ? HF_FARM_MAX_BOARDS : 0), /* one for each remote board */
                                err);
    hf_error log_err = {0};
    if (status == HF_OK && hf_log_keep(daemon->options->state_dir, &log_err) != HF_OK)
        hf_log_error("the log is not kept in a file", &log_err);
    if (status == HF_OK)
        status = open_spool(daemon, err);
    if (status == HF_OK)
        status = open_sockets(daemon, err);
    if (status == HF_OK)
        status = start_server(daemon, err);
    if (status == HF_OK)
        status = start_pools(daemon, err);
    if (status == HF_OK)
        status = hf_loop_calls_new(&daemon->loop, daemon, &daemon->calls, err);
    if (status == HF_OK)
        status = start_controller(daemon, err);
    daemon->ring = hf_event_ring_new(FARM_EVENTS, FARM_EVENT_BYTES);
    if (status == HF_OK && !daemon->ring)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for events");
    if (status == HF_OK)
        status = hf_restart_runs(daemon, err);
    /* Last: whoever can connect finds the queue as it was. */
    if (status == HF_OK)
        status = serve(daemon, err);
    return status;
}

/* ---- Ending ---- */

static void close_handles(hf_daemon *daemon)
{
    uv_close((uv_handle_t *)&daemon->second, NULL);
    uv_close((uv_handle_t *)&daemon->views, NULL);
    uv_close((uv_handle_t *)&daemon->pause, NULL);
    uv_close((uv_handle_t *)&daemon->batches, NULL);
    for (size_t i = 0; i < sizeof daemon->signals / sizeof daemon->signals[0]; i++)
        uv_close((uv_handle_t *)&daemon->signals[i], NULL);
}

static void free_all(hf_daemon *daemon)
{
    /* Jobs of the pools answer requests and make calls of the loop, so they end first. */
    hf_task_pool_free(daemon->quick);
    hf_task_pool_free(daemon->slow);
    hf_task_pool_free(daemon->recorder);
    if (daemon->calls)
        hf_loop_calls_close(daemon->calls);
    hf_http_server_free(daemon->server, CLOSING_MS);
    for (size_t i = 0; i < daemon->socket_count; i++)
        close(daemon->sockets[i]);
    if (daemon->own_socket)
        unlink(daemon->options->socket_path);
    hf_controller_free(daemon->controller);
    hf_daemon_leave_hosts(daemon);
    close_handles(daemon);
    uv_run(&daemon->loop, UV_RUN_DEFAULT); /* until all handles are closed */
    uv_loop_close(&daemon->loop);
    hf_error err = {0};
    if (hf_health_monitor_close(daemon->monitor, &err) != HF_OK)
        hf_log_error("what happened to boards is not recorded", &err);
    hf_event_ring_release(daemon->ring);
    if (daemon->farm)
        hf_rows_free(&hf_board_state_row_type, daemon->boards, daemon->farm->board_count);
    hf_spool_close(daemon->spool);
    hf_tokens_free(daemon->tokens);
    hf_sessions_free(daemon->sessions);
    hf_state_folder_close(daemon);
    hf_farm_free(daemon->farm);
    for (uint32_t i = 0; i < daemon->owner_count; i++)
        free(daemon->owners[i]);
    free(daemon->owners);
    pthread_mutex_destroy(&daemon->spool_mutex);
    pthread_mutex_destroy(&daemon->console_mutex);
}

hf_status hf_daemon_serve(const hf_daemon_options *options, hf_error *err)
{
    hf_daemon daemon = {.options = options, .started_ms = hf_wall_ms(), .lock_fd = -1};
    if (uv_loop_init(&daemon.loop) != 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no event loop");
    pthread_mutex_init(&daemon.spool_mutex, NULL);
    pthread_mutex_init(&daemon.console_mutex, NULL);
    start_handles(&daemon); /* first: a signal must not be missed while the spool is read */
    hf_status status = start(&daemon, err);
    if (status == HF_OK)
        hf_service_tell("READY=1");
    else
        begin_stop(&daemon, "it cannot start"); /* runs that were taken up stay as they are */
    if (daemon.controller)
        uv_run(&daemon.loop, UV_RUN_DEFAULT);
    free_all(&daemon);
    if (status == HF_OK)
        hf_log(HF_LOG_NOTICE, "stopped");
    hf_log_keep_end();
    return status;
}
