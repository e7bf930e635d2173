/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_RUN_DATA_H
#define HF_PAGE_RUN_DATA_H

#include "report/rows.h"

#include "base/buffer.h"

/**
 * @file run_data.h
 * The data of a page that do not depend on the number of its results: the run, its limits, its boards and their failures.
 * web/report/data.ts declares the same.
 */

/** Attempts of a board in the run. */
typedef struct hf_board_attempts {
    int64_t attempts, failed;
} hf_board_attempts;

/** The number of a board of the run; -1 = none. */
int64_t hf_board_index(const hf_report *report, const char *id);
/** Writes the members, without the braces of their object. @param attempts one per board */
void hf_run_data_json(const hf_report *report, const hf_board_attempts *attempts, hf_buffer *out);

#endif
