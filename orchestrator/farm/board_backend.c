/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/remote_boards.h"
#include "worker/local_board.h"

hf_status hf_farm_board_backend(const hf_controller_remote *remote, const hf_farm_board *board,
                                const hf_board_options *options, hf_worker_backend *out, hf_error *err)
{
    if (!board->host)
        return hf_local_board_new(&board->config, options, out, err);
    if (!remote->make)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                          "board %s is on another host, to which there is no connection", board->config.id);
    return remote->make(remote->user, board, options, out, err);
}
