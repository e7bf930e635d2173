/* SPDX-License-Identifier: Apache-2.0 */
#include "board/board_line.h"

#include <stdlib.h>

#include "board_internal.h"
#include "serial/serial.h"

struct hf_board_line {
    hf_board board;
    int wake_fd;
    bool woken;
};

/* Ends the wait of a read. */
static hf_status on_wake(void *user, hf_error *err)
{
    hf_board_line *line = user;
    line->woken = true;
    return HF_FAIL(err, HF_ETIMEOUT, "woken");
}

static hf_status watch_wake(hf_board_line *line, hf_error *err)
{
    return line->wake_fd < 0 ? HF_OK : hf_watch_add(&line->board.watch, line->wake_fd, on_wake, line, err);
}

static hf_status prepare_chip(hf_board *board, const hf_board_line_settings *settings, hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.flash_ms);
    uint32_t written;
    hf_status status = HF_OK;
    if (settings->flash)
        status = hf_flasher_reset_halt(board->flasher, deadline, err);
    if (status == HF_OK && settings->flash)
        status = hf_flasher_program(board->flasher, board->chip->flash_base, board->firmware->bytes,
                                    board->firmware->size, deadline, &written, err);
    if (status == HF_OK)
        status = hf_flasher_reset_run(board->flasher, deadline, err);
    /* The chip runs as if no probe were there. */
    hf_flasher_close(board->flasher);
    board->flasher = NULL;
    return status;
}

uint32_t hf_board_line_baud(uint32_t baud)
{
    return baud ? baud : HF_SESSION_RESET_BAUD;
}

static hf_status start(hf_board_line *line, const hf_board_options *options,
                       const hf_board_line_settings *settings, hf_error *err)
{
    hf_board *board = &line->board;
    const bool with_flasher = settings->flash || settings->reset;
    hf_status status = hf_board_prepare(board, options, err);
    if (status == HF_OK)
        status = hf_board_start_line(board, with_flasher, hf_board_line_baud(settings->baud), err);
    if (status == HF_OK && with_flasher)
        status = prepare_chip(board, settings, err);
    return status == HF_OK ? watch_wake(line, err) : status;
}

hf_status hf_board_line_open(const hf_board_config *config, const hf_board_options *options,
                             const hf_board_line_settings *settings, int wake_fd, hf_board_line **out,
                             hf_error *err)
{
    hf_board_line *line = calloc(1, sizeof *line);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    line->board.config = config;
    line->board.watch = (hf_watch){.cancel_fd = options->cancel_fd};
    line->wake_fd = wake_fd;
    hf_status status = start(line, options, settings, err);
    if (status == HF_OK)
        *out = line;
    else
        hf_board_line_close(line);
    return status;
}

hf_status hf_board_line_read(hf_board_line *line, void *bytes, size_t capacity, hf_deadline deadline,
                             size_t *got, hf_error *err)
{
    hf_error cause = {0};
    line->woken = false;
    hf_status status =
        hf_serial_read(line->board.serial, bytes, capacity, deadline, &line->board.watch, got, &cause);
    if (status == HF_OK || status == HF_ETIMEOUT || line->woken)
        return status == HF_OK ? HF_OK : HF_ETIMEOUT;
    return hf_error_pass(err, &cause);
}

hf_status hf_board_line_write(hf_board_line *line, const void *bytes, size_t size, hf_deadline deadline,
                              hf_error *err)
{
    hf_watch_remove(&line->board.watch, line);
    hf_status status = hf_serial_write(line->board.serial, bytes, size, deadline, &line->board.watch, err);
    hf_status watched = watch_wake(line, status == HF_OK ? err : NULL);
    return status == HF_OK ? watched : status;
}

void hf_board_line_close(hf_board_line *line)
{
    if (!line)
        return;
    hf_board_release(&line->board);
    free(line);
}
