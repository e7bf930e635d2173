/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WORKER_LOCAL_BOARD_H
#define HF_WORKER_LOCAL_BOARD_H

#include "worker/worker.h"

/** @file local_board.h
 * The back end for a board of this host. */

/**
 * @param config, options borrowed for the back end's life; the options may change between commands, except during one
 * @param out written on HF_OK; nothing is opened yet
 */
hf_status hf_local_board_new(const hf_board_config *config, const hf_board_options *options,
                             hf_worker_backend *out, hf_error *err);

#endif
