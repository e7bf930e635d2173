/* SPDX-License-Identifier: Apache-2.0 */
#include "farm_hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "health/board_record.h"
#include "host_of_board.h"
#include "hosts/farm_hosts.h"
#include "log.h"
#include "loop_calls.h"
#include "pool.h"
#include "run_views.h"
#include "store/board_health.h"

#define LEAST_MS 1000
#define MOST_MS  4000

static void log_problems(hf_daemon *daemon)
{
    hf_buffer problems = HF_BUFFER_INIT;
    hf_farm_hosts_problems(daemon->hosts, daemon->farm, &problems);
    char *rest = NULL;
    for (char *line = problems.data ? strtok_r(problems.data, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        hf_log(HF_LOG_WARNING, "%s", line);
    hf_buffer_free(&problems);
}

static void remember(hf_daemon *daemon)
{
    hf_error err = {0};
    if (hf_hosts_remember(daemon->hosts, daemon->hosts_path, &err) != HF_OK)
        hf_log_error("the hosts of the farm are not remembered", &err);
}

/* A thread of the connection. */
static void connection_changed(void *user, const char *problem)
{
    (void)user;
    if (problem)
        hf_log(HF_LOG_WARNING, "%s; trying again. Boards of other hosts are away meanwhile", problem);
    else
        hf_log(HF_LOG_NOTICE, "connected to the NATS server");
}

/* Boards that were known once stay known: runs that are taken up may have selected them, and their host may only be away. */
hf_status hf_daemon_find_hosts(hf_daemon *daemon, hf_error *err)
{
    hf_error forgotten = {0};
    if (!daemon->farm->broker.url)
        return HF_OK;
    daemon->hosts_seen = calloc(1, sizeof *daemon->hosts_seen);
    if (!daemon->hosts_seen)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the hosts of the farm");
    /* Boards of this host do not wait for the server. */
    const hf_broker_watch watch = {.at_once = true, .changed = connection_changed};
    hf_status status = hf_farm_hosts_open(daemon->farm, "hilfarmd", &watch, &daemon->hosts, err);
    if (status == HF_OK)
        status = hf_farm_reserve(daemon->farm, HF_FARM_MAX_BOARDS, err);
    if (status != HF_OK)
        return status;
    if (hf_hosts_recall(daemon->hosts, daemon->hosts_path, &forgotten) != HF_OK)
        hf_log_error("hosts that were known are forgotten", &forgotten);
    status = hf_farm_hosts_find(daemon->hosts, daemon->farm, LEAST_MS, MOST_MS, NULL, err);
    if (status == HF_OK)
        status = hf_hosts_watch_clocks(daemon->hosts, err);
    if (status != HF_OK)
        return status;
    log_problems(daemon);
    remember(daemon);
    return HF_OK;
}

/* ---- Hosts that go and come ---- */

static bool was_away(const struct hf_daemon_hosts *seen, const char *name, bool *known)
{
    for (uint32_t i = 0; i < seen->count; i++)
        if (strcmp(seen->states[i].name, name) == 0) {
            *known = true;
            return seen->away[i];
        }
    *known = false;
    return false;
}

/* @param problem NULL: it is there */
static void log_change(const hf_host_state *state, const char *problem)
{
    if (problem)
        hf_log(HF_LOG_WARNING, "host %s is away: %s", state->name, problem);
    else
        hf_log(HF_LOG_NOTICE, "host %s is there: hilfarm-agent %s, %u board%s", state->name, state->version,
               state->board_count, state->board_count == 1 ? "" : "s");
}

/* Nothing is decided by it, but people compare times. @param was before */
static bool watch_clock(const hf_host_state *state, bool was)
{
    hf_buffer text = HF_BUFFER_INIT;
    const bool off = hf_host_clock_is_off(&state->clock);
    if (off != was) {
        hf_host_clock_describe(&state->clock, &text);
        hf_log(off ? HF_LOG_WARNING : HF_LOG_NOTICE, "the clock of host %s is %s%s", state->name,
               hf_buffer_text(&text), off ? ": set both clocks by NTP" : "");
    }
    hf_buffer_free(&text);
    return off;
}

static bool clock_was_off(const struct hf_daemon_hosts *seen, const char *name)
{
    for (uint32_t i = 0; i < seen->count; i++)
        if (strcmp(seen->states[i].name, name) == 0)
            return seen->clock_off[i];
    return false;
}

static void watch(hf_daemon *daemon)
{
    struct hf_daemon_hosts *seen = daemon->hosts_seen;
    const uint64_t now_ns = hf_now_ns();
    const uint32_t count = hf_hosts_list(daemon->hosts, seen->now, HF_HOSTS_MAX);
    bool away[HF_HOSTS_MAX], clock_off[HF_HOSTS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        bool known;
        const bool before = was_away(seen, seen->now[i].name, &known);
        away[i] = hf_host_is_away(&seen->now[i], now_ns);
        clock_off[i] = watch_clock(&seen->now[i], clock_was_off(seen, seen->now[i].name));
        if (known && before == away[i])
            continue;
        log_change(&seen->now[i], hf_host_problem(&seen->now[i], now_ns));
        daemon->boards_changed = true;
        hf_views_changed(daemon);
    }
    seen->count = count;
    memcpy(seen->states, seen->now, count * sizeof seen->now[0]);
    memcpy(seen->away, away, count * sizeof away[0]);
    memcpy(seen->clock_off, clock_off, count * sizeof clock_off[0]);
}

/* ---- New boards ---- */

typedef struct adoption {
    hf_board_state_row *rows; /* what the store knows of boards */
    size_t count;
} adoption;

static hf_status adopt_board(hf_daemon *daemon, uint32_t board, adoption *known, hf_error *err)
{
    hf_board_state_row *row = &daemon->boards[board];
    hf_status status =
        hf_health_take_state(known->rows, known->count, &daemon->farm->boards[board], row, err);
    if (status != HF_OK)
        return status;
    const hf_board_standing standing = hf_health_standing(row, hf_wall_ms());
    hf_health_monitor_add(daemon->monitor, board, &standing);
    status = hf_controller_add_board(daemon->controller, &standing, err);
    if (status == HF_OK)
        hf_log(HF_LOG_NOTICE, "board %s (%s) belongs to the farm now", row->id, row->chip);
    return status;
}

/* A thread of the recorder. */
static void remember_later(hf_task_pool_thread *thread, void *argument)
{
    (void)thread;
    remember(argument);
}

/* The loop's thread. */
static void adopt(void *user, void *argument)
{
    hf_daemon *daemon = user;
    adoption *known = argument;
    hf_error err = {0};
    uint32_t added = 0;
    const uint32_t before = daemon->farm->board_count;
    hf_status status =
        daemon->stopping ? HF_OK : hf_farm_hosts_add(daemon->hosts, daemon->farm, &added, &err);
    for (uint32_t i = 0; i < added && status == HF_OK; i++)
        status = adopt_board(daemon, before + i, known, &err);
    if (status != HF_OK)
        hf_log_error("boards of other hosts cannot be used before the daemon is restarted", &err);
    if (added > 0 && hf_task_pool_add(daemon->recorder, remember_later, daemon) != HF_OK)
        hf_log(HF_LOG_ERROR, "no memory to remember the hosts of the farm");
    daemon->adopting = status != HF_OK; /* not again */
    daemon->boards_changed = true;
    hf_views_changed(daemon);
    hf_rows_free(&hf_board_state_row_type, known->rows, known->count);
    free(known);
}

/* A thread of the recorder, which waits for the disk. */
static void read_known(hf_task_pool_thread *thread, void *argument)
{
    hf_daemon *daemon = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    adoption *known = calloc(1, sizeof *known);
    if (known && hf_task_pool_store(thread, &store, &err) == HF_OK)
        (void)hf_store_list_board_states(store, &known->rows, &known->count,
                                         &err); /* then nothing is known */
    if (err.status != HF_OK)
        hf_log_error("what is known of new boards", &err);
    if (known && hf_loop_calls_add(daemon->calls, adopt, known) == HF_OK)
        return;
    if (known)
        hf_rows_free(&hf_board_state_row_type, known->rows, known->count);
    free(known);
    hf_log(HF_LOG_ERROR, "no memory for new boards of other hosts");
}

void hf_daemon_watch_hosts(hf_daemon *daemon)
{
    if (!daemon->hosts || daemon->stopping)
        return;
    watch(daemon);
    if (!daemon->adopting && hf_farm_hosts_has_new(daemon->hosts, daemon->farm))
        daemon->adopting = hf_task_pool_add(daemon->recorder, read_known, daemon) == HF_OK;
}

void hf_daemon_leave_hosts(hf_daemon *daemon)
{
    hf_hosts_free(daemon->hosts);
    daemon->hosts = NULL;
    free(daemon->hosts_seen);
}
