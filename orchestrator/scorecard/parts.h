/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_PARTS_H
#define HF_SCORECARD_PARTS_H

#include "scorecard/compare.h"

/** @file parts.h What the renderers of scorecards share. */

/** Percent of a whole; 0 of nothing. */
double hf_parts_share(int64_t part, int64_t whole);
/** "met", "open", or what missing a limit is called. */
const char *hf_parts_verdict(hf_verdict verdict, const char *missed);
/** What values of checks include, as a sentence; static. */
const char *hf_parts_counted(const hf_firmware_bounds *firmware);

/** A check's value or limit in its unit: "250.0 KB", "60.0 M". */
void hf_parts_format_check(const hf_scorecard_check *check, int64_t value, char *text, size_t size);
/** "RAM ROM": the limits a model misses; `none` if it misses none. */
void hf_parts_fails(const hf_compared *model, const char *none, char *text, size_t size);

#endif
