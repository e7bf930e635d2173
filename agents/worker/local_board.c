/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/local_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct local_board {
    const hf_board_config *config;
    const hf_board_options *options;
    hf_board *board; /* NULL = not open */
} local_board;

/* What a reply says beyond the outcome, once the board has been opened. */
static hf_status complete(const local_board *local, hf_status status, hf_worker_reply *reply)
{
    if (!local->board)
        return status;
    if (status != HF_OK)
        reply->transcript = strdup(hf_board_transcript(local->board));
    snprintf(reply->openocd_version, sizeof reply->openocd_version, "%s",
             hf_board_flasher_version(local->board));
    return status;
}

static hf_status open_board(void *board, hf_worker_reply *reply)
{
    local_board *local = board;
    hf_board_options options = *local->options;
    options.open_transcript = &reply->transcript;
    return complete(local, hf_board_open(local->config, &options, &local->board, &reply->error), reply);
}

static hf_status attempt(void *board, const hf_attempt_request *request, hf_worker_reply *reply)
{
    local_board *local = board;
    return complete(local, hf_board_attempt(local->board, request, &reply->result, &reply->error), reply);
}

static void close_board(void *board)
{
    local_board *local = board;
    hf_board_close(local->board);
    local->board = NULL;
}

hf_status hf_local_board_new(const hf_board_config *config, const hf_board_options *options,
                             hf_worker_backend *out, hf_error *err)
{
    local_board *local = calloc(1, sizeof *local);
    if (!local)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", config->id);
    local->config = config;
    local->options = options;
    *out = (hf_worker_backend){
        .board = local, .open = open_board, .attempt = attempt, .close = close_board, .free = free};
    return HF_OK;
}
