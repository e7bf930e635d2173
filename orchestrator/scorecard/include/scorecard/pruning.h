/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_PRUNING_H
#define HF_SCORECARD_PRUNING_H

#include "scorecard/limit_checks.h"

/**
 * @file pruning.h
 * Which models cannot fit a limit or a chip. `hilfarm run` prunes them: it never flashes them.
 */

#define HF_CANNOT_FIT_SIZE 256

/**
 * Whether a model certainly exceeds a limit or does not fit the chip, and why.
 * @param chip NULL = check only the limits
 * @param firmware of the chip; NULL or all 0 = unknown
 * @param arena_bytes, image_bytes, macs of the model; 0 = unknown, which excludes nothing
 * @param why receives all reasons in one line: "ROM: model and firmware take 301.2 KB, the limit is 250.0 KB"
 * @return true if it cannot fit
 */
bool hf_cannot_fit(const hf_limits *limits, const hf_chip *chip, const hf_firmware_footprint *firmware,
                   int64_t arena_bytes, int64_t image_bytes, int64_t macs, char why[HF_CANNOT_FIT_SIZE]);

#endif
