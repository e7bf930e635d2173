/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "answers.h"
#include "base/clock.h"
#include "boards.h"
#include "consoles.h"
#include "dispatch.h"
#include "log.h"
#include "routes.h"
#include "run_views.h"
#include "store/board_health.h"
#include "user_request.h"

static void list(void *user, void *argument)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (hf_boards_render(user, &text, &err) == HF_OK)
        hf_http_respond(argument, 200, HF_HTTP_JSON, &text);
    else
        hf_answer_failure(argument, &err);
    hf_buffer_free(&text);
}

void hf_get_boards(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, list);
}

/* The board of the request's first segment; answers if there is none. */
static bool find(hf_daemon *daemon, hf_http_request *request, uint32_t *board)
{
    const char *id = hf_http_request_segment(request, 0);
    if (hf_controller_find_board(daemon->controller, id, board))
        return true;
    hf_http_respond_error(request, 404, "the farm has no board '%s'", id);
    return false;
}

static void show(void *user, void *argument)
{
    uint32_t board;
    if (!find(user, argument, &board))
        return;
    hf_api_board shown;
    hf_boards_get(user, board, &shown);
    hf_answer_object(argument, 200, &hf_api_board_type, &shown);
}

void hf_get_board(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, show);
}

/* ---- Changes ---- */

typedef struct change {
    hf_http_request *request;
    hf_api_board_change body;
    char user[HF_USER_NAME_SIZE]; /* who asks */
} change;

static void replace(char **text, const char *with)
{
    free(*text);
    *text = with ? strdup(with) : NULL;
}

/* Logs that a user ends the reservation of another one. */
static void log_override(const hf_board_state_row *row, const change *asked)
{
    hf_log(HF_LOG_NOTICE, "board %s: %s overrides the reservation of %s", row->id, asked->user,
           row->reserved_by);
}

static bool reserve(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts)
{
    hf_board_state_row *row = &daemon->boards[board];
    const int64_t until_ms = asked->body.until_ms;
    if (until_ms && until_ms <= hf_wall_ms()) {
        hf_http_respond_error(asked->request, 400, "until_ms is in the past");
        return false;
    }
    uint32_t count;
    if (hf_controller_boards(daemon->controller, &count)[board].status.reserved && row->reserved_by &&
        strcmp(row->reserved_by, asked->user) != 0) {
        if (!asked->body.force) {
            hf_http_respond_error(asked->request, 409,
                                  "board %s is reserved by %s already; force overrides that", row->id,
                                  row->reserved_by);
            return false;
        }
        log_override(row, asked);
    }
    replace(&row->reserved_by, asked->user);
    replace(&row->reserved_note, asked->body.note);
    row->reserved_ms = hf_wall_ms();
    row->reserved_until_ms = until_ms;
    hf_controller_reserve_board(daemon->controller, board, until_ms);
    *parts = HF_BOARD_PART_RESERVED;
    return true;
}

static bool release(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts)
{
    hf_board_state_row *row = &daemon->boards[board];
    const hf_http_peer *peer = hf_http_request_peer(asked->request);
    if (row->reserved_by && strcmp(row->reserved_by, asked->user) != 0) {
        if (!asked->body.force && !hf_access_may_change(peer, -1, NULL)) {
            hf_http_respond_error(
                asked->request, 403,
                "board %s is reserved by %s: only they and root may release it without force", row->id,
                row->reserved_by);
            return false;
        }
        log_override(row, asked);
    }
    replace(&row->reserved_by, NULL);
    replace(&row->reserved_note, NULL);
    row->reserved_ms = row->reserved_until_ms = 0;
    hf_controller_release_board(daemon->controller, board);
    *parts = HF_BOARD_PART_RESERVED;
    return true;
}

static bool disable(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts)
{
    hf_board_state_row *row = &daemon->boards[board];
    replace(&row->disabled_reason, asked->body.reason ? asked->body.reason : "");
    replace(&row->disabled_by, asked->user);
    row->disabled_ms = hf_wall_ms();
    hf_controller_disable_board(daemon->controller, board);
    *parts = HF_BOARD_PART_DISABLED;
    return true;
}

/* A person has looked at the board: it begins with a clean record. */
static bool enable(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts)
{
    (void)asked;
    hf_board_state_row *row = &daemon->boards[board];
    replace(&row->disabled_reason, NULL);
    replace(&row->disabled_by, NULL);
    replace(&row->attention, NULL);
    row->disabled_ms = row->attention_ms = row->quarantined_until_ms = 0;
    row->quarantine_count = 0;
    hf_controller_enable_board(daemon->controller, board);
    *parts = HF_BOARD_PART_DISABLED | HF_BOARD_PART_ATTENTION | HF_BOARD_PART_QUARANTINE;
    return true;
}

static bool check(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts)
{
    hf_error err = {0};
    hf_health_monitor_expect(daemon->monitor, board, HF_HEALTH_CHECK_MANUAL);
    if (hf_controller_check_board(daemon->controller, board, &err) != HF_OK) {
        hf_answer_failure_as(asked->request, 409, &err);
        return false;
    }
    *parts = 0;
    return true;
}

static const struct {
    const char *name, *done;
    bool (*make)(hf_daemon *daemon, uint32_t board, const change *asked, unsigned *parts);
} changes[] = {
    {"reserve", "reserved", reserve}, {"release", "released", release},  {"disable", "disabled", disable},
    {"enable", "enabled", enable},    {"check", "to be checked", check},
};

static void make_change(void *user, void *argument)
{
    hf_daemon *daemon = user;
    change *asked = argument;
    hf_http_request *request = asked->request;
    const char *name = hf_http_request_segment(request, 1);
    size_t i = 0;
    uint32_t board;
    unsigned parts = 0;
    while (i < sizeof changes / sizeof changes[0] && strcmp(changes[i].name, name) != 0)
        i++;
    if (i == sizeof changes / sizeof changes[0]) {
        hf_http_respond_error(request, 404,
                              "there is no '%s' of a board, expected reserve, release, disable, enable or "
                              "check",
                              name);
    } else if (find(daemon, request, &board) && changes[i].make(daemon, board, asked, &parts)) {
        hf_log(HF_LOG_NOTICE, "board %s is %s by %s", daemon->boards[board].id, changes[i].done, asked->user);
        daemon->boards_changed = true;
        hf_consoles_check(daemon);
        hf_views_changed(daemon);
        hf_boards_save(daemon, board, parts, request);
    }
    hf_api_clear(&hf_api_board_change_type, &asked->body);
    free(asked);
}

/* In the pool, as it may take a while. */
static void read_change(const hf_dispatched *task)
{
    hf_http_request *request = task->request;
    change *asked = calloc(1, sizeof *asked);
    if (!asked) {
        hf_http_respond_error(request, 500, "no memory for the request");
        return;
    }
    asked->request = request;
    if (!hf_user_request_read(request, &hf_api_board_change_type, &asked->body, asked->user)) {
        free(asked);
        return;
    }
    if (hf_loop_calls_add(task->daemon->calls, make_change, asked) != HF_OK) {
        hf_http_respond_error(request, 500, "no memory for the request");
        hf_api_clear(&hf_api_board_change_type, &asked->body);
        free(asked);
    }
}

void hf_post_board(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, read_change);
}
