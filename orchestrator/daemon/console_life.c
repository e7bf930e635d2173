/* SPDX-License-Identifier: Apache-2.0 */
/* One console from its beginning to its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "console/local_console.h"
#include "console_state.h"
#include "hosts/farm_hosts.h"
#include "log.h"
#include "random_text.h"

#define KEPT_EVENTS 512
#define KEPT_BYTES  ((size_t)512 * 1024)

/* ---- The list ---- */

void hf_console_enlist(hf_daemon_console *console)
{
    hf_daemon *daemon = console->daemon;
    pthread_mutex_lock(&daemon->console_mutex);
    console->next = daemon->consoles;
    console->link = &daemon->consoles;
    if (console->next)
        console->next->link = &console->next;
    daemon->consoles = console;
    daemon->console_count++;
    daemon->watcher_count += console->watch;
    pthread_mutex_unlock(&daemon->console_mutex);
    if (daemon->console_count == 1)
        uv_timer_start(&daemon->batches, hf_console_on_batch_time, HF_CONSOLE_BATCH_MS, HF_CONSOLE_BATCH_MS);
}

static void free_console(hf_daemon_console *console)
{
    hf_console_free(console->console);
    hf_event_ring_release(console->ring);
    pthread_mutex_destroy(&console->mutex);
    free(console);
}

/* The last event. */
void hf_console_tell_end(hf_daemon_console *console)
{
    hf_buffer text = HF_BUFFER_INIT;
    const hf_api_console_note note = {.text = console->why, .failed = console->failed};
    if (console->told)
        return;
    console->told = true;
    hf_console_flush(console);
    (void)hf_api_write(&hf_api_console_note_type, &note, &text, NULL);
    hf_event_ring_end(console->ring, "closed", hf_buffer_text(&text));
    hf_buffer_free(&text);
}

/* Says why it has ended, and forgets it. */
static void finish(hf_daemon_console *console)
{
    hf_daemon *daemon = console->daemon;
    const char *id = daemon->boards[console->board].id;
    pthread_mutex_lock(&daemon->console_mutex);
    *console->link = console->next;
    if (console->next)
        console->next->link = console->link;
    daemon->console_count--;
    daemon->watcher_count -= console->watch;
    pthread_mutex_unlock(&daemon->console_mutex);
    if (!daemon->console_count)
        uv_timer_stop(&daemon->batches);
    if (!console->ending) { /* the line failed */
        snprintf(console->why, sizeof console->why, "%s", console->closed.message);
        console->failed = true;
    }
    hf_log(HF_LOG_NOTICE, "console of board %s by %s is closed: %s", id, console->user, console->why);
    hf_console_tell_end(console);
    free_console(console);
}

static void finish_on_loop(void *user, void *argument)
{
    (void)user;
    finish(argument);
}

/* Any thread. */
static void finish_soon(hf_daemon_console *console)
{
    if (hf_loop_calls_add(console->daemon->calls, finish_on_loop, console) != HF_OK)
        hf_log(HF_LOG_ERROR, "no memory to end a console"); /* its client is told by the end of the daemon */
}

void hf_consoles_end(hf_daemon_console *console, const char *why, bool failed)
{
    if (console->ending)
        return;
    console->ending = true;
    console->failed = failed;
    snprintf(console->why, sizeof console->why, "%s", why);
    if (console->console)
        hf_console_stop(console->console); /* on_closed() follows */
    else
        finish_soon(console);
}

/* ---- What a console reports; its thread ---- */

static void on_waiting(void *user, const char *who)
{
    const hf_daemon_console *console = user;
    hf_console_note(console->ring, "waiting", who);
}

static void on_opened(void *user)
{
    const hf_daemon_console *console = user;
    hf_console_note(console->ring, "open", "");
}

static void on_output(void *user, const void *bytes, size_t size)
{
    hf_daemon_console *console = user;
    hf_console_add_output(console, bytes, size);
    hf_consoles_heard(console->daemon, console->board, bytes, size);
}

static void on_dropped(void *user, uint64_t bytes)
{
    hf_daemon_console *console = user;
    hf_console_skip(console, bytes);
    hf_consoles_heard(console->daemon, console->board, NULL, bytes);
}

static void on_written(void *user, void *token, hf_status status, const hf_error *err)
{
    (void)user;
    if (status == HF_OK)
        hf_http_respond(token, 204, HF_HTTP_TEXT, NULL);
    else if (status == HF_ECANCELLED)
        hf_http_respond_error(token, 409, "the console has ended");
    else
        hf_answer_failure(token, err);
}

static void on_closed(void *user, const hf_error *why)
{
    hf_daemon_console *console = user;
    console->closed = *why;
    finish_soon(console);
}

/* ---- Beginning ---- */

hf_daemon_console *hf_console_make(hf_daemon *daemon, uint32_t board, bool watch)
{
    hf_daemon_console *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    pthread_mutex_init(&made->mutex, NULL);
    made->daemon = daemon;
    made->board = board;
    made->watch = watch;
    made->ring = hf_event_ring_new(KEPT_EVENTS, KEPT_BYTES);
    if (made->ring && hf_random_text(made->name, HF_CONSOLE_NAME_BYTES))
        return made;
    free_console(made);
    return NULL;
}

hf_status hf_console_open_line(hf_daemon_console *console, const hf_api_console_request *wanted,
                               hf_error *err)
{
    hf_daemon *daemon = console->daemon;
    hf_board_options options;
    hf_console_backend backend;
    const hf_board_line_settings settings = {
        .baud = wanted->baud, .flash = wanted->flash, .reset = wanted->reset};
    const hf_console_observer observer = {.user = console,
                                          .waiting = on_waiting,
                                          .opened = on_opened,
                                          .output = on_output,
                                          .dropped = on_dropped,
                                          .written = on_written,
                                          .closed = on_closed};
    hf_controller_board_options(daemon->controller, console->board, &options);
    const hf_farm_board *board = &daemon->farm->boards[console->board];
    hf_status status = board->host
                           ? hf_farm_hosts_console(daemon->hosts, board, &options, &settings, &backend, err)
                           : hf_local_console_new(&board->config, &options, &settings, &backend, err);
    if (status != HF_OK)
        return status;
    status = hf_console_start(&backend, wanted->wait_ms, &observer, &console->console, err);
    if (status != HF_OK)
        backend.free(backend.state);
    return status;
}
