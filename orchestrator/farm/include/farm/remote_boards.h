/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_REMOTE_BOARDS_H
#define HF_FARM_REMOTE_BOARDS_H

#include "spec/farm_file.h"

/**
 * @file remote_boards.h
 * How boards of other hosts are reached: this module knows of none itself.
 */

struct hf_board_options;  /* board/board.h */
struct hf_worker_backend; /* worker/worker.h */

typedef struct hf_controller_remote {
    void *user;
    /**
     * Makes what carries out the commands of a board; NULL = there is no connection.
     * @param board, options borrowed for the back end's life
     * @param out as of hf_local_board_new()
     */
    hf_status (*make)(void *user, const hf_farm_board *board, const struct hf_board_options *options,
                      struct hf_worker_backend *out, hf_error *err);
} hf_controller_remote;

/**
 * Makes what carries out the commands of a board of this host or of another one.
 * @param board, options borrowed for the back end's life
 * @param out hf_worker_new(), or its own functions
 * @return HF_OK; HF_EUNSUPPORTED: a board of another host without a connection; what `make` returns
 */
hf_status hf_farm_board_backend(const hf_controller_remote *remote, const hf_farm_board *board,
                                const struct hf_board_options *options, struct hf_worker_backend *out,
                                hf_error *err);

#endif
