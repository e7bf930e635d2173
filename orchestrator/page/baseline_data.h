/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_BASELINE_DATA_H
#define HF_PAGE_BASELINE_DATA_H

#include "report/run_comparison.h"

/**
 * @file baseline_data.h
 * What changed against another run, for the page; web/report/data.ts declares the same. Results are given by their index in the later run.
 */

/** Writes an object. @param comparison NULL = there is no baseline: null */
void hf_baseline_data_json(const hf_run_comparison *comparison, hf_buffer *out);

#endif
