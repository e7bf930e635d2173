/* SPDX-License-Identifier: Apache-2.0 */
#include "programs.h"

#include <stdio.h>

#include "locations.h"

hf_board_options hf_cli_board_options(const hf_cli_programs *programs, const char *work_dir, int cancel_fd,
                                      const hf_board_deadlines *deadlines)
{
    return (hf_board_options){
        .openocd_path = programs->openocd,
        .vboard_path = programs->vboard,
        .firmware_dir = hf_cli_firmware_dir(programs->firmware_dir),
        .work_dir = work_dir,
        .cpu = -1,
        .cancel_fd = cancel_fd,
        .deadlines = *deadlines,
    };
}

void hf_cli_waiting(void *user, const char *who)
{
    const char *id = user;
    fprintf(stderr, "hilfarm: waiting for board %s: %s\n", id, who);
}
