/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_BOARDS_H
#define HF_DAEMON_BOARDS_H

#include "api/board.h"
#include "daemon_state.h"

/**
 * @file boards.h
 * What is known of the farm's boards beyond a run: the store keeps it, the controller obeys it.
 */

/** Reads what the store knows of the farm's boards. */
hf_status hf_boards_load(hf_daemon *daemon, hf_error *err);

/** The state of a board as it is now. Borrows from the daemon; valid until the controller is used again. */
void hf_boards_get(hf_daemon *daemon, uint32_t board, hf_api_board *out);
/** Renders all boards. */
hf_status hf_boards_render(hf_daemon *daemon, hf_buffer *out, hf_error *err);

/**
 * Records what people have decided about a board, in the background.
 * @param parts HF_BOARD_PART_DISABLED, HF_BOARD_PART_RESERVED; and HF_BOARD_PART_ATTENTION, HF_BOARD_PART_QUARANTINE, which
 * are cleared; 0 = only answer
 * @param request answered with the board when that is done
 */
void hf_boards_save(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request);

#endif
