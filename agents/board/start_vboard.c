/* SPDX-License-Identifier: Apache-2.0 */
/* hilfarm-vboard as a child process of a virtual board. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "board_internal.h"

#define VBOARD_MAX_ARGUMENTS 32u

typedef struct readiness {
    bool ready;
    char last[256]; /* last line of output: the reason if it exits instead */
} readiness;

static void read_vboard_line(void *user, const char *line)
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
                hf_error_context(err, HF_FAULT_BOARD, "the virtual board reported '%s'", state->last);
            /* It exited: it was started wrongly, or is not hilfarm-vboard. */
            if (err && status == HF_ECHILD && hf_child_exit_status(board->vboard) >= 0)
                err->lasting = HF_ABSENT;
            return status;
        }
    }
    return HF_OK;
}

hf_status hf_board_start_vboard(hf_board *board, hf_deadline deadline, hf_error *err)
{
    char socket_path[FILE_PATH_BYTES + 8], pty_path[FILE_PATH_BYTES + 8], cpu[16];
    hf_board_file(board, ".sock", socket_path);
    hf_board_file(board, ".pty", pty_path);
    snprintf(cpu, sizeof cpu, "%d", board->options.cpu);
    unlink(socket_path); /* left by a board that was killed; we have the lock */

    const char *argv[VBOARD_MAX_ARGUMENTS + 1];
    size_t count = 0;
    const char *const fixed[] = {board->options.vboard_path, "--chip", board->chip->name, "--socket",
                                 socket_path, "--pty-link", pty_path, "--die-with-parent",
                                 /* affects only the duration of a sweep */
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
        .line = read_vboard_line,
        .line_user = &state,
    };
    hf_status status = hf_child_start(&options, &board->vboard, err);
    if (status != HF_OK)
        return status;
    status = hf_watch_add(&board->watch, hf_child_fd(board->vboard), hf_child_ready, board->vboard, err);
    if (status == HF_OK)
        status = await_vboard(board, &state, deadline, err);
    hf_child_on_line(board->vboard, NULL, NULL); /* `state` goes out of scope */
    return status;
}
