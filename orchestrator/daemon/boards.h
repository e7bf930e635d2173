/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_BOARDS_H
#define HF_DAEMON_BOARDS_H

#include "api/board.h"
#include "daemon_state.h"

/**
 * @file boards.h
 * What is known of the farm's boards beyond a run: the store keeps it, the controller obeys it.
 */

/**
 * Reads what the store knows of the farm's boards, before the controller is made.
 * @param standings set to one per board, the caller's to free()
 */
hf_status hf_boards_load(hf_daemon *daemon, hf_board_standing **standings, hf_error *err);
void hf_boards_free(hf_daemon *daemon);

/** The state of a board as it is now. Borrows from the daemon; valid until the controller is used again. */
void hf_boards_get(hf_daemon *daemon, uint32_t board, hf_api_board *out);
/** Renders all boards. */
hf_status hf_boards_render(hf_daemon *daemon, hf_buffer *out, hf_error *err);

/**
 * Records parts of a board's state in the background.
 * @param parts hf_board_part
 * @param request answered with the board when that is done; NULL = none, a failure is logged
 */
void hf_boards_save(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request);

#endif
