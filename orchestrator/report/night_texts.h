/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_NIGHT_TEXTS_H
#define HF_REPORT_NIGHT_TEXTS_H

#include "report/night_report.h"

/**
 * @file night_texts.h
 * What the formats of night_report.h have in common.
 */

/** Whether a board needs attention and is not reported as dead. A disabled board needs none. @param state index */
bool hf_night_needs_attention(const hf_night *night, size_t state);
/** The comparison of a result of the report; NULL = there is none. @param index in the report */
const hf_result_comparison *hf_night_compared(const hf_night *night, size_t index);
/** Whether a result is worse than in the baseline. */
bool hf_night_regressed(const hf_night *night, size_t index);
/** "latency 101 us -> 120 us (+18.8 %), RAM ..."; for a result that failed: "was measured before". */
void hf_night_put_regression(const hf_result_comparison *result, hf_buffer *out);
/** "ROM 284.0 KB, limit 250.0 KB": each limit that a measured result misses. */
void hf_night_put_missed(const hf_report *report, const hf_result_row *row, hf_buffer *out);
/** "2026-11-30 11:25" in local time. */
void hf_night_put_time(int64_t ms, hf_buffer *out);

#endif
