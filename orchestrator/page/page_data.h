/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_PAGE_DATA_H
#define HF_PAGE_PAGE_DATA_H

#include "page/page.h"

/**
 * @file page_data.h
 * The data of a page as JSON. web/report/data.ts declares the same structure: a column per figure, a value per result,
 * so that a key is written once and not once per result; names that repeat are indices.
 */
void hf_page_data_json(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out);

#endif
