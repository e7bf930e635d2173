/* SPDX-License-Identifier: Apache-2.0 */
#include "consoles.h"

#include <stdio.h>
#include <string.h>

#include "access.h"
#include "answers.h"
#include "board/board_line.h"
#include "console_state.h"
#include "host_of_board.h"
#include "log.h"

#define MOST_CONSOLES 64 /* each has a thread or reads along with a board */

/* ---- Opening ---- */

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
    hf_api_board described = {0};
    if (daemon->console_count >= MOST_CONSOLES) {
        hf_http_respond_error(request, 503, "%d consoles are open: no more are", MOST_CONSOLES);
        return false;
    }
    if (wanted->watch)
        return true;
    if (daemon->farm->boards[board].host) {
        hf_daemon_describe_host(daemon, daemon->farm->boards[board].host, &described);
        if (described.host_problem) {
            hf_http_respond_error(request, 409, "board %s cannot be reached: host %s: %s", id, described.host,
                                  described.host_problem);
            return false;
        }
    }
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

void hf_consoles_open(hf_daemon *daemon, hf_http_request *request, uint32_t board, const char *user,
                      const hf_api_console_request *wanted)
{
    hf_error err = {0};
    if (!may_open(daemon, request, board, user, wanted))
        return;
    hf_daemon_console *console = hf_console_make(daemon, board, wanted->watch);
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
    hf_console_event(console->ring, "console", &hf_api_console_started_type, &started);
    hf_console_enlist(console);
    hf_log(HF_LOG_NOTICE, wanted->watch ? "board %s is watched by %s" : "console of board %s is opened by %s",
           id, user);
    if (wanted->watch) {
        hf_console_note(console->ring, "open", "");
    } else if (hf_console_open_line(console, wanted, &err) != HF_OK) {
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
        hf_console_tell_end(console); /* lines take time to close, and the server does not wait for that */
    }
}
