/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_RESULT_COLUMNS_H
#define HF_PAGE_RESULT_COLUMNS_H

#include "name_table.h"
#include "packed_text.h"
#include "report/results_format.h"

/**
 * @file result_columns.h
 * What tables and charts need of every result: a column of JSON per figure with a value per result, so that a key is written once and
 * not once per result. Names that repeat are indices. web/report/data.ts declares the same.
 */
typedef struct hf_result_columns {
    hf_buffer *columns; /**< owned; "1,2,3" */
    hf_buffer *factors; /**< owned; one per factor of the run */
    size_t factor_count;
    hf_name_table families, chips, firmwares;
    size_t count; /**< results */
} hf_result_columns;

/** @return false if memory is short; hf_result_columns_free() in any case */
bool hf_result_columns_begin(hf_result_columns *columns, const hf_results_head *head);
/** Adds a result. @return false if memory is short */
bool hf_result_columns_add(hf_result_columns *columns, const hf_results_head *head, const hf_result_row *row);

/** Where the text of the columns goes. */
typedef void hf_put_text(void *user, const void *bytes, size_t size);
/** Writes the members `results`, `factors` and the names that they refer to, each after a comma. */
void hf_result_columns_write(const hf_result_columns *columns, const hf_results_head *head, hf_put_text *put,
                             void *user);
void hf_result_columns_free(hf_result_columns *columns);

#endif
