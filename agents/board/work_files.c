/* SPDX-License-Identifier: Apache-2.0 */
/* Names of a board's files in the work folder. */
#include <stdio.h>

#include "board_internal.h"

hf_status hf_board_name_files(hf_board *board, hf_error *err)
{
    char name[FILE_NAME_BYTES];
    hf_file_name(board->config->id, name, sizeof name);
    int stem = snprintf(board->file_stem, sizeof board->file_stem, "%s/%s", board->options.work_dir, name);
    if (stem < 0 || (size_t)stem >= sizeof board->file_stem)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT,
                          "board %s: the work folder and the id make file names too long", board->config->id);
    return HF_OK;
}

void hf_board_file(const hf_board *board, const char *suffix, char path[FILE_PATH_BYTES + 8])
{
    snprintf(path, FILE_PATH_BYTES + 8, "%s%s", board->file_stem, suffix);
}
