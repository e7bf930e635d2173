/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "board_internal.h"
#include "serial/serial.h"

/* Locks the port before the flasher is opened, so that a board in use is left alone. A device that does not
 * exist is left to open_serial(): for an unplugged board, the flasher's message is the more helpful one. */
static hf_status lock_port(hf_board *board, hf_deadline deadline, hf_error *err)
{
    hf_serial_address address;
    hf_error missing = {0};
    hf_status status = hf_serial_find(board->config, deadline, &board->watch, &address, &missing);
    if (status == HF_OK)
        return hf_board_lock_port(board, &address, err);
    bool device = board->config->port_kind == HF_PORT_DEVICE || board->config->port_kind == HF_PORT_PTY;
    return device ? HF_OK : hf_error_pass(err, &missing);
}

static hf_status open_serial(hf_board *board, uint32_t baud, hf_deadline deadline, hf_error *err)
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
        status =
            hf_serial_open(&address, baud, board->transcript, deadline, &board->watch, &board->serial, err);
    if (status == HF_OK && board->hooks.wrap_serial)
        board->serial = board->hooks.wrap_serial(board->hooks.wrap_serial_user, board->serial);
    return status;
}

hf_status hf_board_start(hf_board *board, hf_error *err)
{
    return hf_board_start_line(board, true, HF_SESSION_RESET_BAUD, err);
}

hf_status hf_board_start_line(hf_board *board, bool with_flasher, uint32_t baud, hf_error *err)
{
    hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.start_ms);
    hf_status status = HF_OK;
    if (board->config->is_virtual)
        status = hf_board_start_vboard(board, deadline, err);
    else
        status = lock_port(board, deadline, err);
    bool was_up = status == HF_OK;
    if (status == HF_OK && with_flasher)
        status = hf_board_open_flasher(board, deadline, err);
    if (status == HF_OK && with_flasher)
        status = hf_board_check_silicon(board, deadline, err);
    if (status == HF_OK)
        status = open_serial(board, baud, deadline, err);
    if (status == HF_OK) {
        board->up = true;
        return HF_OK;
    }
    /* If the flasher failed because the virtual board ended, the board is the cause. */
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
    hf_flasher_close(
        board->flasher); /* and forget the contents of the flash: it may be another chip next time */
    board->flasher = NULL;
    if (!board->vboard)
        return;
    hf_watch_remove(&board->watch, board->vboard);
    hf_child_stop(board->vboard, board->options.deadlines.stop_ms);
    board->vboard = NULL;
    char path[FILE_PATH_BYTES + 8];
    hf_board_file(board, ".sock", path); /* left behind if it had to be killed */
    unlink(path);
    hf_board_file(board, ".pty", path);
    unlink(path);
}
