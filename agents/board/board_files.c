/* SPDX-License-Identifier: Apache-2.0 */
#include "base/open_files.h"
#include "board/board.h"

/* For a board: its locks, its child processes with their pipes and sockets, its serial line, and a command that is run
 * for it. Counted in a run on virtual boards: 8 a board, and 15 for the run itself. */
#define FILES_PER_BOARD 12u
#define OWN_FILES       64u

uint64_t hf_boards_open_files(uint32_t board_count)
{
    return OWN_FILES + (uint64_t)board_count * FILES_PER_BOARD;
}

hf_status hf_boards_allow_open_files(uint32_t board_count, hf_error *err)
{
    hf_error cause = {0};
    if (hf_open_files_allow(hf_boards_open_files(board_count), &cause) == HF_OK)
        return HF_OK;
    hf_error_context(&cause, HF_FAULT_FARM, "%u board%s", board_count, board_count == 1 ? "" : "s");
    return hf_error_pass(err, &cause);
}
