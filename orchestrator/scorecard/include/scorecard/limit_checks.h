/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_LIMIT_CHECKS_H
#define HF_SCORECARD_LIMIT_CHECKS_H

#include "report/limit_verdicts.h"
#include "scorecard/scorecard.h"

/**
 * @file limit_checks.h
 * Checks a model against limits before it is run: by its analysis and the size of the firmware.
 */

/** Size of the firmware on the chips that a model may be measured on; all 0 = unknown. */
typedef struct hf_firmware_bounds {
    hf_firmware_footprint least, most;
} hf_firmware_bounds;

/** Widens the bounds by one more chip's firmware. */
void hf_firmware_bounds_add(hf_firmware_bounds *bounds, const hf_firmware_footprint *footprint);

/**
 * What a model needs on a board: arena, static data and stack; image and firmware; MACs.
 * @param arena_bytes, image_bytes ranges of the sizes; the upper bounds are ignored while the firmware is unknown
 * @param firmware NULL or all 0 = unknown
 */
hf_needs hf_needs_of(hf_range arena_bytes, hf_range image_bytes, int64_t macs,
                     const hf_firmware_bounds *firmware);

/** A figure against its limit. */
typedef struct hf_scorecard_check {
    const hf_limit_kind *kind;
    int64_t value;      /**< what is certainly needed */
    int64_t most;       /**< upper bound; INT64_MAX = unknown */
    int64_t limit;      /**< 0 = none given */
    hf_verdict verdict; /**< NONE without a limit */
    double margin;      /**< share of the limit that is left; negative if exceeded; 0 without a limit */
} hf_scorecard_check;

/** Checks a scorecard against limits, by the same rules as a run's result. @param firmware NULL = unknown */
void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               const hf_firmware_bounds *firmware, hf_scorecard_check checks[HF_LIMIT_KINDS]);

/**
 * For hf_compile_options: the largest arena that meets the RAM limit and fits into the chip's RAM beside static data
 * and stack.
 * @param chip, firmware NULL = unknown
 * @param input_bytes size of the input tensor, of which the firmware keeps a copy beside the arena
 * @return bytes, at least 1; 0 = no limit
 */
uint32_t hf_arena_limit_bytes(const hf_limits *limits, const hf_chip *chip,
                              const hf_firmware_footprint *firmware, int64_t input_bytes);

/**
 * What an image is compiled for that serves several chips: the tightest of their limits counts. A run and `hilfarm
 * analyze` use it, so that they have the same image.
 * @param chips none = only the limits count
 * @param firmwares of the chips, in their order; NULL = unknown
 * @param input_bytes as above
 */
hf_compile_options hf_compile_options_for(hf_objective objective, const hf_limits *limits,
                                          const hf_chip *const *chips, const hf_firmware_footprint *firmwares,
                                          uint32_t chip_count, int64_t input_bytes);

#endif
