/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_LIMIT_TEXT_H
#define HF_SCORECARD_LIMIT_TEXT_H

#include "report/limit_verdicts.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pareto.h"

/** @file limit_text.h Texts of limit checks and shares, for the renderers of scorecards. */

/** Percent of a whole; 0 if the whole is 0. */
double hf_share_percent(int64_t part, int64_t whole);
/** "met", "open", or `missed`. */
const char *hf_limit_verdict_text(hf_verdict verdict, const char *missed);
/** A sentence that says what the values of checks include; static. */
const char *hf_limits_counted_text(const hf_firmware_bounds *firmware);

/** A check's value or limit in its unit: "250.0 KB", "60.0 M". */
void hf_limit_format(const hf_scorecard_check *check, int64_t value, char *text, size_t size);
/** The limits that a model misses, "RAM ROM"; `none` if it misses none. */
void hf_limits_missed_text(const hf_candidate *model, const char *none, char *text, size_t size);

#endif
