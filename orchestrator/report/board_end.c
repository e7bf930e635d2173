/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that were unusable at the end of a run: quarantined, given up or never opened, and why. */
#include <string.h>

#include "report/rows.h"

static const char *const board_ends[] = {
#define HF_BOARD_END_ROW(name, text) [HF_BOARD_END_##name] = (text),
    HF_BOARD_END_MAP(HF_BOARD_END_ROW)
#undef HF_BOARD_END_ROW
};

const char *hf_board_end_text(hf_board_end end)
{
    return board_ends[end];
}

const char *hf_failure_end(const hf_failure_row *row, const char **cause)
{
    for (size_t i = 0; i < sizeof board_ends / sizeof board_ends[0]; i++) {
        size_t length = strlen(board_ends[i]);
        if (strncmp(row->message, board_ends[i], length) != 0 || strncmp(row->message + length, ": ", 2) != 0)
            continue;
        *cause = row->message + length + 2;
        return board_ends[i];
    }
    *cause = row->message;
    return "unusable at the end";
}

const char *hf_report_dead_board(const hf_report *report, const char *board_id)
{
    for (size_t i = 0; i < report->failure_count; i++)
        if (report->failures[i].dead && strcmp(report->failures[i].board_id, board_id) == 0)
            return report->failures[i].message;
    return NULL;
}
