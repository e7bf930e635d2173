/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board_internal.h"
#include "serial/serial.h"

#define VBOARD_MAX_ARGUMENTS 32u

typedef struct readiness {
    bool ready;
    char last[256]; /* what it said last: the reason, should it end instead */
} readiness;

static void see_vboard_line(void *user, const char *line)
{
    readiness *state = user;
    if (strncmp(line, "ready ", 6) == 0)
        state->ready = true;
    else
        snprintf(state->last, sizeof state->last, "%s", line);
}

static hf_status await_vboard(hf_board *board, const readiness *state, hf_deadline deadline, hf_error *err)
{
    while (!state->ready) {
        hf_status status = hf_watch_wait(&board->watch, hf_child_fd(board->vboard), POLLIN, deadline, err);
        if (status == HF_OK)
            status = hf_child_ready(board->vboard, err);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETIMEOUT,
                              "the virtual board did not become ready in time");
        if (status != HF_OK && !state->ready) {
            if (state->last[0])
                hf_error_context(err, HF_FAULT_BOARD, "the virtual board said '%s'", state->last);
            /* One that gives up by itself was started wrongly, or is not hilfarm-vboard. */
            if (err && status == HF_ECHILD && hf_child_exit_status(board->vboard) >= 0)
                err->lasting = HF_ABSENT;
            return status;
        }
    }
    return HF_OK;
}

static hf_status start_vboard(hf_board *board, hf_deadline deadline, hf_error *err)
{
    char socket_path[FILE_PATH_BYTES + 8], pty_path[FILE_PATH_BYTES + 8], cpu[16];
    hf_board_file(board, ".sock", socket_path);
    hf_board_file(board, ".pty", pty_path);
    snprintf(cpu, sizeof cpu, "%d", board->options.cpu);
    unlink(socket_path); /* of a board that was killed; nobody else's, we hold the lock */

    const char *argv[VBOARD_MAX_ARGUMENTS + 1];
    size_t count = 0;
    const char *const fixed[] = {board->options.vboard_path, "--chip", board->chip->name, "--socket",
                                 socket_path, "--pty-link", pty_path, "--die-with-parent",
                                 /* nothing depends on it but how long a sweep takes */
                                 "--flash-time", "0"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        argv[count++] = fixed[i];
    if (board->options.cpu >= 0) {
        argv[count++] = "--cpu";
        argv[count++] = cpu;
    }
    const char *const *extra = board->hooks.vboard_arguments;
    for (; extra && *extra && count < VBOARD_MAX_ARGUMENTS; extra++)
        argv[count++] = *extra;
    argv[count] = NULL;

    static const char name[] = "the virtual board";
    readiness state = {0};
    hf_child_options options = {
        .name = name,
        .argv = argv,
        .cpu = board->options.cpu,
        .fault = HF_FAULT_BOARD,
        .transcript = board->transcript,
        .speaker = HF_SPEAKER_VBOARD,
        .line = see_vboard_line,
        .line_user = &state,
    };
    hf_status status = hf_child_start(&options, &board->vboard, err);
    if (status != HF_OK)
        return status;
    status = hf_watch_add(&board->watch, hf_child_fd(board->vboard), hf_child_ready, board->vboard, err);
    if (status == HF_OK)
        status = await_vboard(board, &state, deadline, err);
    hf_child_on_line(board->vboard, NULL, NULL); /* `state` ends here */
    return status;
}

/* Locks the port before the flasher is opened: somebody else's board is not to be touched. A device that is
 * not there now is left to open_serial(): what the flasher says of an unplugged board comes first. */
static hf_status claim_port(hf_board *board, hf_deadline deadline, hf_error *err)
{
    hf_serial_address address;
    hf_error missing = {0};
    hf_status status = hf_serial_find(board->config, deadline, &board->watch, &address, &missing);
    if (status == HF_OK)
        return hf_board_lock_port(board, &address, err);
    bool device = board->config->port_kind == HF_PORT_DEVICE || board->config->port_kind == HF_PORT_PTY;
    return device ? HF_OK : hf_error_pass(err, &missing);
}

static hf_status open_serial(hf_board *board, hf_deadline deadline, hf_error *err)
{
    hf_serial_address address = {.kind = HF_PORT_PTY};
    hf_status status = HF_OK;
    if (board->config->is_virtual)
        hf_board_file(board, ".pty", address.name);
    else
        status = hf_serial_find(board->config, deadline, &board->watch, &address, err);
    if (status == HF_OK && !board->config->is_virtual)
        status = hf_board_lock_port(board, &address, err);
    if (status == HF_OK)
        status = hf_serial_open(&address, HF_SESSION_RESET_BAUD, board->transcript, deadline, &board->watch,
                                &board->serial, err);
    if (status == HF_OK && board->hooks.wrap_serial)
        board->serial = board->hooks.wrap_serial(board->hooks.wrap_serial_user, board->serial);
    return status;
}

hf_status hf_board_start(hf_board *board, hf_error *err)
{
    hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.start_ms);
    hf_status status = HF_OK;
    if (board->config->is_virtual)
        status = start_vboard(board, deadline, err);
    else
        status = claim_port(board, deadline, err);
    bool was_up = status == HF_OK;
    if (status == HF_OK)
        status = hf_board_open_flasher(board, deadline, err);
    if (status == HF_OK)
        status = hf_board_check_silicon(board, deadline, err);
    if (status == HF_OK)
        status = open_serial(board, deadline, err);
    if (status == HF_OK) {
        board->up = true;
        return HF_OK;
    }
    /* The flasher fails because its board is gone: the board is the cause. */
    hf_error cause = {0};
    if (err && status != HF_ECANCELLED && was_up && board->vboard &&
        hf_child_ended(board->vboard, END_WAIT_MS, &cause) != HF_OK)
        *err = cause;
    if (err && err->fault == HF_FAULT_SERIAL && err->status == HF_ENOTFOUND)
        err->lasting = HF_ABSENT;
    hf_board_stop(board);
    return err ? err->status : status;
}

void hf_board_stop(hf_board *board)
{
    board->up = false;
    hf_serial_close(board->serial);
    board->serial = NULL;
    hf_flasher_close(board->flasher); /* the next one knows nothing of the flash: it may be another chip's */
    board->flasher = NULL;
    if (!board->vboard)
        return;
    hf_watch_remove(&board->watch, board->vboard);
    hf_child_stop(board->vboard, board->options.deadlines.stop_ms);
    board->vboard = NULL;
    char path[FILE_PATH_BYTES + 8];
    hf_board_file(board, ".sock", path); /* left behind by one that had to be killed */
    unlink(path);
    hf_board_file(board, ".pty", path);
    unlink(path);
}
