/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_RESULT_DETAILS_H
#define HF_PAGE_RESULT_DETAILS_H

#include "name_table.h"
#include "report/history_rows.h"
#include "report/results_format.h"

/**
 * @file result_details.h
 * What only a reader who opens a result sees of it: layers, samples, attempts, the plan of its arena, the training of its
 * weights, and the trend of its variation. A block holds the details of several
 * results, which share names; web/report/data.ts declares it.
 */

/** Results in a block. The page opens one block for one result, so it must be small. */
#define HF_DETAILS_BLOCK 128

typedef struct hf_result_details {
    hf_buffer results; /**< "{...},{...}" */
    hf_name_table texts, arenas;
    size_t count; /**< results */
} hf_result_details;

/**
 * Adds a result.
 * @param trend results of the variation over the runs up to this one, newest first; may be none
 * @return false if memory is short
 */
bool hf_result_details_add(hf_result_details *block, const hf_report *report, const hf_results_item *item,
                           const hf_trend_row *trend, size_t trend_count);
/** Writes the block as an object, and empties it. @return false if memory is short */
bool hf_result_details_take(hf_result_details *block, hf_buffer *out);
void hf_result_details_free(hf_result_details *block);

#endif
