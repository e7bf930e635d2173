/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_LIMIT_CHECKS_H
#define HF_SCORECARD_LIMIT_CHECKS_H

#include "report/limit_verdicts.h"
#include "scorecard/scorecard.h"

/**
 * @file limit_checks.h
 * Checks a model against limits before it is run: by its analysis and the size of the firmware.
 */

/** What the firmware takes on the chips that a model may be measured on; all 0 = not known. */
typedef struct hf_firmware_bounds {
    hf_firmware_footprint least, most;
} hf_firmware_bounds;

/** Widens the bounds by one more chip's firmware. */
void hf_firmware_bounds_add(hf_firmware_bounds *bounds, const hf_firmware_footprint *footprint);

/**
 * What a model needs on a board: arena, static data and stack; image and firmware; MACs.
 * @param arena_bytes, image_bytes ranges in which they are; the upper ends count for nothing while the
 * firmware is not known
 * @param firmware NULL or all 0 = not known
 */
hf_needs hf_needs_of(hf_range arena_bytes, hf_range image_bytes, int64_t macs,
                     const hf_firmware_bounds *firmware);

/** A figure against its limit. */
typedef struct hf_scorecard_check {
    const hf_limit_kind *kind;
    int64_t value;      /**< what is certainly needed, as far as it is known */
    int64_t most;       /**< it is not more than this; INT64_MAX = not known */
    int64_t limit;      /**< 0 = none given */
    hf_verdict verdict; /**< NONE without a limit */
    double margin;      /**< share of the limit that is left; negative: over it; 0 without a limit */
} hf_scorecard_check;

/** Holds a scorecard against limits, by the same rules as a run's result. @param firmware NULL = not known */
void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               const hf_firmware_bounds *firmware, hf_scorecard_check checks[HF_LIMIT_KINDS]);

/**
 * For hf_compile_options: how large an arena may grow without missing the RAM limit or leaving a chip's RAM,
 * static data and stack taken off.
 * @param chip, firmware NULL = not known
 * @param input_bytes of the input tensor: a chip keeps a second one beside the arena
 * @return bytes, at least 1; 0 = no limit
 */
uint32_t hf_arena_limit_bytes(const hf_limits *limits, const hf_chip *chip,
                              const hf_firmware_footprint *firmware, int64_t input_bytes);

#endif
