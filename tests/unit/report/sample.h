/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_REPORT_SAMPLE_H
#define HF_TEST_REPORT_SAMPLE_H

#include "report/rows.h"

/**
 * @file sample.h
 * Reports to render. Everything in them is owned by them: hf_report_free().
 */

/** A sweep as it comes out of a night: two chips, a modelled and a real board, retries,
 * failures, 14 results. */
void sample_sweep(hf_report *report);

/** Two results (measured on a virtual board; failed), round figures, for tests that compare whole texts. */
void sample_small(hf_report *report);

/**
 * Gives a result without ports a uint8 input, a uint8 output and a float32 output, and outputs: 0, 255 and, of the second
 * step, 128, 3 of the first; 1, -2 of the second, of the second step. The scale is 0.5, the zero point 128.
 */
void sample_add_outputs(hf_result_row *row);

/** Nothing measured: a dead board and one that failed once, causes that several models share, a run that was
 * stopped. */
void sample_outage(hf_report *report);

/** Every text of the report is hostile: markup, quotes, control characters, bytes that are not UTF-8. */
void sample_hostile(hf_report *report);

/** A run that has only just begun: no results, no boards. */
void sample_empty(hf_report *report);

#define SAMPLE_HOSTILE "\"><script>alert('x&y')</script>,\r\n\033[31m\xff\xc2\x9b \xc3\xa9"

/** The i-th result of a large run: 30 layers, on either of two chips; figures that are plausible and differ. */
hf_result_row sample_large_result(uint32_t i);
/** A run of that many variations on two chips. */
void sample_large(uint32_t variations, hf_report *report);

#endif
