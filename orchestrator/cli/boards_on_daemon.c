/* SPDX-License-Identifier: Apache-2.0 */
#include "boards_on_daemon.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/board.h"
#include "base/clock.h"
#include "boards_in_service.h"
#include "display.h"
#include "list_boards.h"
#include "output.h"

#define CHECK_MS (UINT64_C(30) * 60 * 1000) /* a board finishes the attempt under way first */
#define POLL_MS  200

static hf_status get_boards(hf_client *client, hf_api_boards *boards, hf_error *err)
{
    const hf_client_call call = {
        .method = "GET", .path = "/boards", .answer_type = &hf_api_boards_type, .answer = boards};
    return hf_client_do(client, &call, err);
}

/* ---- List ---- */

static int wider(int width, const char *text)
{
    const int length = (int)strlen(text);
    return length > width ? length : width;
}

static void print_away(int indent, const hf_api_board *board)
{
    char time[HF_CLI_TIME_SIZE] = "";
    if (board->host_heard_ms)
        hf_cli_format_time(board->host_heard_ms, time, sizeof time);
    printf("%*s  host %s is away: %s%s%s\n", indent, "", board->host, board->host_problem,
           time[0] ? "; last heard " : "", time);
}

/* What people have decided of it. The texts are the board's. */
static hf_board_state_row state_of(const hf_api_board *board)
{
    return (hf_board_state_row){
        .id = (char *)board->view.id,
        .disabled_reason = board->disabled_reason,
        .disabled_by = board->disabled_by,
        .disabled_ms = board->disabled_ms,
        .reserved_by = board->reserved_by,
        .reserved_ms = board->reserved_ms,
        .reserved_until_ms = board->reserved_until_ms,
        .reserved_note = board->reserved_note,
        .attention = board->attention,
        .attention_ms = board->attention_ms,
    };
}

static void print_boards(const hf_api_boards *boards)
{
    int id = wider(0, "board"), chip = wider(0, "chip"), host = 0;
    for (size_t i = 0; i < boards->board_count; i++) {
        if (boards->boards[i].host)
            host = wider(wider(host, "host"), boards->boards[i].host);
        id = wider(id, boards->boards[i].view.id);
        chip = wider(chip, boards->boards[i].view.chip);
    }
    const int gap = host ? host + 2 : 0; /* who has one host sees no column */
    printf("%-*s  %-*s  %-*s%6s %6s  %s\n", id, "board", chip, "chip", gap, host ? "host" : "", "ok",
           "failed", "now");
    for (size_t i = 0; i < boards->board_count; i++) {
        const hf_api_board *board = &boards->boards[i];
        char now[256];
        hf_display_board_state(&board->view, now, sizeof now);
        printf("%-*s  %-*s  %-*s%6u %6u  %s\n", id, board->view.id, chip, board->view.chip, gap,
               board->host ? board->host : "", board->view.status.done, board->view.status.failed, now);
        if (board->host_problem)
            print_away(id, board);
        const hf_board_state_row state = state_of(board);
        hf_cli_print_board_state(id, &state, hf_wall_ms());
    }
}

hf_exit hf_cli_list_daemon_boards(hf_client *client)
{
    hf_error err = {0};
    hf_api_boards boards = {0};
    if (get_boards(client, &boards, &err) != HF_OK)
        return hf_cli_fail(&err);
    print_boards(&boards);
    hf_api_clear(&hf_api_boards_type, &boards);
    return HF_EXIT_OK;
}

/* ---- Changes ---- */

static hf_status post(hf_client *client, const char *board, const char *change,
                      const hf_api_board_change *body, hf_error *err)
{
    char after[32];
    snprintf(after, sizeof after, "/%s", change);
    char *path = hf_client_path("/boards/", board, after);
    const hf_client_call call = {
        .method = "POST", .path = path, .request_type = &hf_api_board_change_type, .request = body};
    hf_status status =
        path ? hf_client_do(client, &call, err) : HF_FAIL(err, HF_ENOMEM, "no memory to change a board");
    free(path);
    return status;
}

hf_exit hf_cli_change_daemon_board(hf_client *client, hf_cli_board_change change,
                                   const hf_cli_maintenance *wanted)
{
    static const char *const names[] = {"disable", "enable", "reserve", "release"};
    static const char *const done[] = {"disabled: no run uses it until it is enabled", "enabled",
                                       "reserved until it is released", "released"};
    hf_error err = {0};
    hf_api_board_change body = {
        .reason = (char *)wanted->reason, .note = (char *)wanted->note, .force = wanted->force};
    if (change == HF_CLI_DISABLE_BOARD && !hf_cli_has_reason(wanted))
        return HF_EXIT_BAD_INPUT;
    if (change == HF_CLI_RESERVE_BOARD && wanted->for_ms)
        body.until_ms = hf_wall_ms() + (int64_t)wanted->for_ms;
    if (post(client, wanted->board, names[change], &body, &err) != HF_OK)
        return hf_cli_fail(&err);
    if (body.until_ms) {
        char until[HF_CLI_TIME_SIZE];
        hf_cli_format_time(body.until_ms, until, sizeof until);
        printf("board %s: reserved until %s\n", wanted->board, until);
    } else {
        printf("board %s: %s\n", wanted->board, done[change]);
    }
    return HF_EXIT_OK;
}

/* ---- Health checks ---- */

static bool is_being_checked(const hf_board_view *view)
{
    return view->status.check_requested || view->status.state == HF_BOARD_CHECKING;
}

/* Says once of each board why its check cannot begin yet. @param told set for these */
static void tell_who_waits(const hf_api_boards *boards, bool *told, size_t count)
{
    for (size_t i = 0; i < count && i < boards->board_count; i++) {
        const hf_board_view *view = &boards->boards[i].view;
        if (told[i] || !is_being_checked(view) || !view->in_use)
            continue;
        told[i] = true;
        fprintf(stderr, "hilfarm: board %s is waited for: %s\n", view->id, view->in_use);
    }
}

/* Waits until no board is being checked. One whose host is away now is not waited for. @param boards as they are then */
static hf_status wait_for_checks(hf_client *client, hf_api_boards *boards, bool *told, size_t count,
                                 hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(CHECK_MS);
    for (;;) {
        size_t checked = 0;
        hf_api_clear(&hf_api_boards_type, boards);
        hf_status status = get_boards(client, boards, err);
        if (status != HF_OK)
            return status;
        for (size_t i = 0; i < boards->board_count; i++)
            checked += is_being_checked(&boards->boards[i].view) && !boards->boards[i].host_problem;
        if (!checked)
            return HF_OK;
        if (hf_deadline_passed(deadline))
            return HF_FAIL(err, HF_ETIMEOUT, "%zu boards are still to be checked", checked);
        tell_who_waits(boards, told, count);
        poll(NULL, 0, POLL_MS);
    }
}

static void print_unchecked(const hf_api_board *board)
{
    printf("board %s: not checked: host %s is away: %s\n", board->view.id, board->host, board->host_problem);
}

/* @param asked of the first `count` @param away how many others were not asked because their host is away */
static hf_exit print_outcomes(const hf_api_boards *boards, const bool *asked, size_t count, size_t away)
{
    size_t passed = 0, failed = away;
    for (size_t i = 0; i < count; i++) {
        const hf_api_board *board = &boards->boards[i];
        if (!asked[i])
            continue;
        const bool lost = is_being_checked(&board->view);
        if (lost)
            print_unchecked(board);
        else
            printf("board %s: %s%s\n", board->view.id,
                   board->attention ? "needs attention: " : "passed the health check",
                   board->attention ? board->attention : "");
        if (lost || board->attention)
            failed++;
        else
            passed++;
    }
    return !passed ? HF_EXIT_FARM : failed ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
}

/*
 * Requests a check of each board in service, and says which ones are not.
 * @param asked set for those that are asked @param away how many are not because their host is away
 */
static hf_status request_checks(hf_client *client, const hf_api_boards *boards, bool *asked, size_t *away,
                                hf_error *err)
{
    hf_status status = HF_OK;
    for (size_t i = 0; status == HF_OK && i < boards->board_count; i++) {
        char reason[400];
        const hf_api_board *board = &boards->boards[i];
        const hf_board_state_row state = state_of(board);
        if (hf_cli_is_left_out(&state, NULL, reason, sizeof reason)) {
            printf("board %s: left out: %s\n", board->view.id, reason);
        } else if (board->host_problem) {
            print_unchecked(board);
            ++*away;
        } else {
            asked[i] = true;
            status = post(client, board->view.id, "check", NULL, err);
        }
    }
    fflush(stdout);
    return status;
}

hf_exit hf_cli_check_daemon_boards(hf_client *client)
{
    hf_error err = {0};
    hf_api_boards boards = {0};
    if (get_boards(client, &boards, &err) != HF_OK)
        return hf_cli_fail(&err);
    const size_t count = boards.board_count; /* more may come, which are not asked */
    size_t away = 0;
    bool *asked = calloc(count + 1, sizeof *asked), *told = calloc(count + 1, sizeof *told);
    hf_status status = asked && told
                           ? request_checks(client, &boards, asked, &away, &err)
                           : HF_FAIL_AS(&err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %zu boards", count);
    if (status == HF_OK)
        status = wait_for_checks(client, &boards, told, count, &err);
    if (status == HF_OK && boards.board_count < count)
        status = HF_FAIL(&err, HF_EPROTOCOL, "the daemon has other boards now");
    const hf_exit exit_status =
        status == HF_OK ? print_outcomes(&boards, asked, count, away) : hf_cli_fail(&err);
    hf_api_clear(&hf_api_boards_type, &boards);
    free(asked);
    free(told);
    return exit_status;
}
