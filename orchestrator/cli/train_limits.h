/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_TRAIN_LIMITS_H
#define HF_CLI_TRAIN_LIMITS_H

#include "scorecard/pruning.h"
#include "spec/spec.h"

/**
 * @file train_limits.h
 * Which variations a run would prune, so that they are not trained.
 */

/** What they are checked against. */
typedef struct hf_cli_train_limits {
    const hf_spec *spec;
    const hf_chip *chips[HF_SCORECARD_MAX_CHIPS]; /**< those named by the spec's tags, or all */
    hf_firmware_footprint firmwares[HF_SCORECARD_MAX_CHIPS];
    uint32_t chip_count;
} hf_cli_train_limits;

/** @param firmware_dir NULL = the default */
hf_cli_train_limits hf_cli_train_limits_of(const hf_spec *spec, const char *firmware_dir);

/**
 * Whether a variation certainly exceeds the spec's limits, or fits none of the chips.
 * @param why the reasons, for the first chip
 */
bool hf_cli_train_limits_exceeded(const hf_cli_train_limits *limits, const hf_spec_variation *variation,
                                  char why[HF_CANNOT_FIT_SIZE]);

#endif
