/* SPDX-License-Identifier: Apache-2.0 */
#include "console_here.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/did_you_mean.h"
#include "base/work_dir.h"
#include "board_maintenance.h"
#include "boards_in_service.h"
#include "console/local_console.h"
#include "health/board_record.h"
#include "store_access.h"

#define POLL_MS 100

/* What both threads see. */
typedef struct serving {
    hf_cli_console_terminal *terminal;
    const char *board;
    uint32_t baud;
    int wake_fd; /* something below has changed */
    _Atomic bool opened, writing, closed;
    hf_error why;
} serving;

static void wake(const serving *s)
{
    const uint64_t one = 1;
    ssize_t put = write(s->wake_fd, &one, sizeof one);
    (void)put; /* EAGAIN: it is readable already */
}

static void on_waiting(void *user, const char *who)
{
    const serving *s = user;
    char line[HF_CLI_CONSOLE_LINE];
    snprintf(line, sizeof line, "board %.64s is waited for: %.500s", s->board, who);
    hf_cli_console_say(s->terminal, line);
}

static void on_opened(void *user)
{
    serving *s = user;
    s->opened = true;
    wake(s);
}

static void on_output(void *user, const void *bytes, size_t size)
{
    const serving *s = user;
    hf_cli_console_output(s->terminal, bytes, size);
}

static void on_written(void *user, void *token, hf_status status, const hf_error *err)
{
    serving *s = user;
    (void)token;
    (void)status;
    (void)err; /* a line that fails ends the console, with the cause */
    s->writing = false;
    wake(s);
}

static void on_closed(void *user, const hf_error *why)
{
    serving *s = user;
    s->why = *why;
    s->closed = true;
    wake(s);
}

static void serve(serving *s, hf_console *console)
{
    bool told = false, stopped = false;
    uint8_t bytes[1024];
    while (!s->closed) {
        if (s->opened && !told)
            hf_cli_console_opened(s->terminal, s->board, s->baud);
        told = s->opened;
        struct pollfd waits[] = {
            {.fd = s->wake_fd, .events = POLLIN},
            {.fd = s->terminal->signals.fd, .events = POLLIN},
            {.fd = told && !s->writing && !stopped ? hf_cli_console_input_fd(s->terminal) : -1,
             .events = POLLIN},
        };
        (void)poll(waits, stopped ? 1 : 3, POLL_MS); /* on EINTR nothing is ready */
        uint64_t count;
        ssize_t drained = read(s->wake_fd, &count, sizeof count);
        (void)drained;
        if (waits[2].revents) {
            const size_t size = hf_cli_console_input(s->terminal, bytes, sizeof bytes);
            s->writing = size > 0;
            if (size && hf_console_input(console, bytes, size, NULL, NULL) != HF_OK)
                s->writing = false; /* it is ending */
        }
        if (!stopped && !s->writing && hf_cli_console_leaving(s->terminal)) {
            hf_console_stop(console);
            stopped = true;
        }
    }
}

static hf_status find_board(const hf_farm *farm, const char *id, uint32_t *board, hf_error *err)
{
    hf_suggestion suggestion = {.word = id};
    *board = hf_farm_find_board(farm, id);
    if (*board != HF_FARM_NO_BOARD)
        return farm->boards[*board].host
                   ? HF_FAIL(err, HF_EINVALID,
                             "board %s is on host %s: its console needs the daemon of the farm", id,
                             farm->boards[*board].host)
                   : HF_OK;
    for (uint32_t i = 0; i < farm->board_count; i++)
        hf_suggest(&suggestion, farm->boards[i].config.id);
    return HF_FAIL(err, HF_ENOTFOUND, "the farm has no board '%s'%s%s%s", id,
                   suggestion.best ? ", did you mean '" : "", suggestion.best ? suggestion.best : "",
                   suggestion.best ? "'?" : "");
}

/* What people have decided about the board, if there is a store that knows. */
static hf_status check_service(const hf_farm *farm, uint32_t board, const char *store_path, hf_error *err)
{
    char user[HF_CLI_USER_SIZE], reason[400];
    hf_store *store = NULL;
    hf_board_state_row *states = NULL;
    if (hf_cli_open_store_readonly(store_path, &store, NULL) != HF_OK)
        return HF_OK;
    hf_cli_user_name(user);
    hf_status status = hf_health_load(store, farm, &states, err);
    hf_store_close(store);
    if (status == HF_OK && hf_cli_is_left_out(&states[board], user, reason, sizeof reason))
        status = HF_FAIL(err, HF_EBUSY, "board %s is %s", farm->boards[board].config.id, reason);
    hf_rows_free(&hf_board_state_row_type, states, states ? farm->board_count : 0);
    return status;
}

static hf_status run(const hf_farm_board *board, const hf_board_options *options,
                     const hf_api_console_request *request, hf_cli_console_terminal *terminal, hf_error *err)
{
    serving s = {.terminal = terminal,
                 .board = board->config.id,
                 .baud = hf_board_line_baud(request->baud),
                 .wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    const hf_board_line_settings settings = {
        .baud = request->baud, .flash = request->flash, .reset = request->reset};
    const hf_console_observer observer = {.user = &s,
                                          .waiting = on_waiting,
                                          .opened = on_opened,
                                          .output = on_output,
                                          .written = on_written,
                                          .closed = on_closed};
    hf_console_backend backend;
    hf_console *console = NULL;
    if (s.wake_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptor for a console: %s", strerror(errno));
    hf_status status = hf_local_console_new(&board->config, options, &settings, &backend, err);
    if (status == HF_OK) {
        status = hf_console_start(&backend, request->wait_ms, &observer, &console, err);
        if (status != HF_OK)
            backend.free(backend.state);
    }
    if (status == HF_OK)
        serve(&s, console);
    hf_console_free(console);
    close(s.wake_fd);
    return status == HF_OK && s.why.status != HF_OK ? hf_error_pass(err, &s.why) : status;
}

hf_status hf_cli_console_here(const hf_farm *farm, const char *board, const char *store_path,
                              const hf_cli_programs *programs, const hf_api_console_request *request,
                              hf_cli_console_terminal *terminal, hf_error *err)
{
    hf_work_dir work_dir;
    uint32_t index = 0;
    hf_status status = find_board(farm, board, &index, err);
    if (status == HF_OK)
        status = check_service(farm, index, store_path, err);
    if (status == HF_OK)
        status = hf_work_dir_make(&work_dir, err);
    if (status != HF_OK)
        return status;
    const hf_board_options options =
        hf_cli_board_options(programs, work_dir.path, -1, &farm->boards[index].deadlines);
    status = run(&farm->boards[index], &options, request, terminal, err);
    hf_work_dir_remove(&work_dir);
    return status;
}
