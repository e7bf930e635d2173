/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_PROGRAMS_H
#define HF_CLI_PROGRAMS_H

#include "board/board.h"

/**
 * @file programs.h
 * The firmware and the programs that boards need, for commands that use a board themselves.
 */

/** What --firmware-dir, --openocd and --vboard say; NULL = the default. */
typedef struct hf_cli_programs {
    const char *firmware_dir, *openocd, *vboard;
} hf_cli_programs;

/** The options of a board. @param work_dir, deadlines, programs borrowed as long as the board */
hf_board_options hf_cli_board_options(const hf_cli_programs *programs, const char *work_dir, int cancel_fd,
                                      const hf_board_deadlines *deadlines);

/** Prints on stderr who uses a board that is waited for; for hf_worker_open_waiting(). @param user its id */
void hf_cli_waiting(void *user, const char *who);

#endif
