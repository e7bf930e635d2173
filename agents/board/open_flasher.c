/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the tool that drives a board's debug probe. */
#include <stdio.h>

#include "board_internal.h"
#include "openocd/openocd_flasher.h"

static hf_status open_openocd(hf_board *board, hf_deadline deadline, hf_error *err)
{
    const hf_board_config *config = board->config;
    char socket_path[FILE_PATH_BYTES + 8], transfer_path[FILE_PATH_BYTES + 8];
    hf_board_file(board, ".sock", socket_path);
    hf_board_file(board, ".flash", transfer_path);
    const hf_openocd_options options = {
        .program = board->options.openocd_path,
        .chip = board->chip,
        .bitbang_socket = config->is_virtual ? socket_path : NULL,
        .interface_script = config->probe_interface,
        .adapter_serial = config->probe_serial,
        .script_dir = config->is_virtual ? NULL : config->script_dir,
        .cpu = board->options.cpu,
        .stop_ms = board->options.deadlines.stop_ms,
        .transcript = board->transcript,
        .watch = &board->watch,
    };
    return hf_openocd_flasher_open(&options, transfer_path, deadline, &board->flasher, err);
}

hf_status hf_board_open_flasher(hf_board *board, hf_deadline deadline, hf_error *err)
{
    const hf_board_hooks *hooks = &board->hooks;
    hf_status status = hooks->open_flasher
                           ? hooks->open_flasher(hooks->open_flasher_user, board->chip, &board->flasher, err)
                           : open_openocd(board, deadline, err);
    if (status == HF_OK)
        snprintf(board->flasher_version, sizeof board->flasher_version, "%s",
                 hf_flasher_version(board->flasher));
    return status;
}
