/* SPDX-License-Identifier: Apache-2.0 */
#include "consoles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "answers.h"
#include "base/clock.h"
#include "console/local_console.h"
#include "log.h"
#include "random_text.h"

#define NAME_BYTES    16
#define MOST_CONSOLES 64 /* each has a thread or reads along with a board */
#define KEPT_EVENTS   512
#define KEPT_BYTES    ((size_t)512 * 1024)
#define BATCH_BYTES   4096u
#define BATCH_MS      25 /* output is sent at most this often, so that a fast line costs little */

struct hf_daemon_console {
    hf_daemon *daemon;
    hf_daemon_console *next, **link;
    char name[2 * NAME_BYTES + 1];
    char user[HF_USER_NAME_SIZE];
    hf_http_peer peer;
    uint32_t board;
    bool watch;
    bool told;           /* its client knows that it has ended */
    bool ending;         /* it has been told to end; `why` is set */
    hf_console *console; /* NULL: it only watches */
    hf_event_ring *ring; /* any thread */
    hf_error closed;     /* of a console that has ended */
    char why[sizeof((hf_error *)NULL)->message];
    bool failed;
    pthread_mutex_t mutex;
    /* Under the mutex. */
    int64_t offset; /* of the first byte of the batch */
    size_t used;
    uint8_t batch[BATCH_BYTES];
};

/* ---- Events; any thread ---- */

static void add_event(hf_event_ring *ring, const char *event, const hf_api_type *type, const void *object)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (hf_api_write(type, object, &text, NULL) == HF_OK)
        hf_event_ring_add(ring, event, hf_buffer_text(&text));
    hf_buffer_free(&text);
    (void)hf_event_ring_send(ring);
}

static void add_note(hf_event_ring *ring, const char *event, const char *words)
{
    const hf_api_console_note note = {.text = (char *)words};
    add_event(ring, event, &hf_api_console_note_type, &note);
}

/* With the mutex. */
static void flush(hf_daemon_console *console)
{
    char hex[2 * BATCH_BYTES + 1] = "";
    if (!console->used)
        return;
    for (size_t i = 0; i < console->used; i++)
        snprintf(&hex[2 * i], 3, "%02x", console->batch[i]);
    const hf_api_console_output output = {.offset = console->offset, .hex = hex};
    console->offset += (int64_t)console->used;
    console->used = 0;
    add_event(console->ring, "output", &hf_api_console_output_type, &output);
}

static void add_output(hf_daemon_console *console, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    pthread_mutex_lock(&console->mutex);
    while (size) {
        const size_t room = BATCH_BYTES - console->used, part = size < room ? size : room;
        memcpy(&console->batch[console->used], from, part);
        console->used += part;
        from += part;
        size -= part;
        if (console->used == BATCH_BYTES)
            flush(console);
    }
    pthread_mutex_unlock(&console->mutex);
}

static void on_batch_time(uv_timer_t *timer)
{
    hf_daemon *daemon = timer->data;
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next) {
        pthread_mutex_lock(&console->mutex);
        flush(console);
        pthread_mutex_unlock(&console->mutex);
    }
}

void hf_consoles_heard(void *user, uint32_t board, const void *bytes, size_t size)
{
    hf_daemon *daemon = user;
    if (!daemon->watcher_count)
        return;
    pthread_mutex_lock(&daemon->console_mutex);
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next)
        if (console->watch && console->board == board)
            add_output(console, bytes, size);
    pthread_mutex_unlock(&daemon->console_mutex);
}

/* ---- The list ---- */

static void enlist(hf_daemon_console *console)
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
        uv_timer_start(&daemon->batches, on_batch_time, BATCH_MS, BATCH_MS);
}

static void free_console(hf_daemon_console *console)
{
    hf_console_free(console->console);
    hf_event_ring_release(console->ring);
    pthread_mutex_destroy(&console->mutex);
    free(console);
}

/* The last event. */
static void tell_end(hf_daemon_console *console)
{
    hf_buffer text = HF_BUFFER_INIT;
    const hf_api_console_note note = {.text = console->why, .failed = console->failed};
    if (console->told)
        return;
    console->told = true;
    pthread_mutex_lock(&console->mutex);
    flush(console);
    pthread_mutex_unlock(&console->mutex);
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
    tell_end(console);
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
    add_note(console->ring, "waiting", who);
}

static void on_opened(void *user)
{
    const hf_daemon_console *console = user;
    add_note(console->ring, "open", "");
}

static void on_output(void *user, const void *bytes, size_t size)
{
    hf_daemon_console *console = user;
    add_output(console, bytes, size);
    hf_consoles_heard(console->daemon, console->board, bytes, size);
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

/* ---- Opening ---- */

static hf_daemon_console *make(hf_daemon *daemon, uint32_t board, bool watch)
{
    hf_daemon_console *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    pthread_mutex_init(&made->mutex, NULL);
    made->daemon = daemon;
    made->board = board;
    made->watch = watch;
    made->ring = hf_event_ring_new(KEPT_EVENTS, KEPT_BYTES);
    if (made->ring && hf_random_text(made->name, NAME_BYTES))
        return made;
    free_console(made);
    return NULL;
}

static bool holds_reservation(hf_daemon *daemon, uint32_t board, const char *user)
{
    uint32_t count;
    const hf_board_state_row *row = &daemon->boards[board];
    return hf_controller_boards(daemon->controller, &count)[board].status.reserved && row->reserved_by &&
           strcmp(row->reserved_by, user) == 0;
}

/* Answers if a console may not be opened. */
static bool may_open(hf_daemon *daemon, hf_http_request *request, uint32_t board, const char *user,
                     const hf_api_console_request *wanted)
{
    const char *id = daemon->boards[board].id;
    if (daemon->console_count >= MOST_CONSOLES) {
        hf_http_respond_error(request, 503, "%d consoles are open: no more are", MOST_CONSOLES);
        return false;
    }
    if (daemon->farm->boards[board].host) {
        hf_http_respond_error(request, 409,
                              "board %s is on host %s: only boards of the daemon's host have consoles", id,
                              daemon->farm->boards[board].host);
        return false;
    }
    if (wanted->watch)
        return true;
    if (!holds_reservation(daemon, board, user)) {
        hf_http_respond_error(request, 403,
                              "board %s is not reserved by %s: a console needs that, so that no run meets it "
                              "(hilfarm reserve %s); "
                              "watching does not",
                              id, user, id);
        return false;
    }
    for (const hf_daemon_console *other = daemon->consoles; other; other = other->next)
        if (!other->watch && other->board == board) {
            hf_http_respond_error(request, 409, "board %s has a console of %s already", id, other->user);
            return false;
        }
    return true;
}

static hf_status start(hf_daemon_console *console, const hf_api_console_request *wanted, hf_error *err)
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
                                          .written = on_written,
                                          .closed = on_closed};
    hf_controller_board_options(daemon->controller, console->board, &options);
    hf_status status = hf_local_console_new(&daemon->farm->boards[console->board].config, &options, &settings,
                                            &backend, err);
    if (status != HF_OK)
        return status;
    status = hf_console_start(&backend, wanted->wait_ms, &observer, &console->console, err);
    if (status != HF_OK)
        backend.free(backend.state);
    return status;
}

void hf_consoles_open(hf_daemon *daemon, hf_http_request *request, uint32_t board, const char *user,
                      const hf_api_console_request *wanted)
{
    hf_error err = {0};
    if (!may_open(daemon, request, board, user, wanted))
        return;
    hf_daemon_console *console = make(daemon, board, wanted->watch);
    if (!console) {
        hf_http_respond_error(request, 500, "no memory for a console");
        return;
    }
    const char *id = daemon->boards[board].id;
    console->peer = *hf_http_request_peer(request);
    snprintf(console->user, sizeof console->user, "%s", user);
    hf_event_ring_follow(console->ring, request);
    const hf_api_console_started started = {.console = console->name,
                                            .board = (char *)id,
                                            .baud = wanted->watch ? 0 : hf_board_line_baud(wanted->baud)};
    add_event(console->ring, "console", &hf_api_console_started_type, &started);
    enlist(console);
    hf_log(HF_LOG_NOTICE, wanted->watch ? "board %s is watched by %s" : "console of board %s is opened by %s",
           id, user);
    if (wanted->watch) {
        add_note(console->ring, "open", "");
    } else if (start(console, wanted, &err) != HF_OK) {
        hf_consoles_end(console, err.message, true);
    }
}

/* ---- Requests about one ---- */

static bool is_same(const hf_http_peer *a, const hf_http_peer *b)
{
    return a->local == b->local && (a->local ? a->uid == b->uid : strcmp(a->name, b->name) == 0);
}

hf_daemon_console *hf_consoles_find(hf_daemon *daemon, hf_http_request *request, const char *name)
{
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next) {
        if (strcmp(console->name, name) != 0)
            continue;
        if (is_same(&console->peer, hf_http_request_peer(request)))
            return console;
        hf_http_respond_error(request, 403, "this console was opened by %s", console->user);
        return NULL;
    }
    hf_http_respond_error(request, 404, "there is no such console, or it has ended");
    return NULL;
}

void hf_consoles_input(hf_daemon_console *console, hf_http_request *request)
{
    size_t size;
    hf_error err = {0};
    const char *bytes = hf_http_request_body(request, &size);
    if (console->watch)
        hf_http_respond_error(request, 409, "the board is only watched: nothing can be written to it");
    else if (hf_console_input(console->console, bytes, size, request, &err) != HF_OK)
        hf_answer_failure_as(request, err.status == HF_EINVALID ? 400 : 409, &err);
}

/* ---- Ends ---- */

static void end_where(hf_daemon *daemon, bool (*over)(hf_daemon_console *console, const char **why),
                      bool failed)
{
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next) {
        const char *why = NULL;
        if (!console->ending && over(console, &why))
            hf_consoles_end(console, why, failed);
    }
}

static bool has_lost_reservation(hf_daemon_console *console, const char **why)
{
    hf_daemon *daemon = console->daemon;
    if (console->watch || holds_reservation(daemon, console->board, console->user))
        return false;
    const char *by = daemon->boards[console->board].reserved_by;
    uint32_t count;
    *why = by && hf_controller_boards(daemon->controller, &count)[console->board].status.reserved
               ? "another user has taken over the reservation"
               : "the reservation has ended";
    return true;
}

void hf_consoles_check(hf_daemon *daemon)
{
    if (daemon->console_count)
        end_where(daemon, has_lost_reservation, true);
}

static bool has_lost_client(hf_daemon_console *console, const char **why)
{
    *why = "its client is gone";
    return hf_event_ring_followers(console->ring) == 0;
}

void hf_consoles_beat(hf_daemon *daemon)
{
    end_where(daemon, has_lost_client, true);
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next)
        hf_event_ring_beat(console->ring);
}

void hf_consoles_end_all(hf_daemon *daemon, const char *why)
{
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next) {
        hf_consoles_end(console, why, true);
        tell_end(console); /* lines take time to close, and the server does not wait for that */
    }
}
