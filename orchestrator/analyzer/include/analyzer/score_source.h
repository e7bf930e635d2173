/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ANALYZER_SCORE_SOURCE_H
#define HF_ANALYZER_SCORE_SOURCE_H

#include "scorecard/pareto.h"
#include "source/source.h"

/**
 * @file score_source.h
 * The scorecard of a model that is given by name or as a file.
 */

/** What models are scored for; borrowed. */
typedef struct hf_score_settings {
    const hf_chip *const *chips; /**< at most HF_SCORECARD_MAX_CHIPS */
    uint32_t chip_count;
    hf_firmware_bounds firmware;            /**< of these chips; all 0 = unknown */
    const hf_firmware_footprint *firmwares; /**< of each chip, all 0 = unknown; in the order of `chips` */
    bool exact;       /**< generate weights, as `hilfarm run` does, and compile the model */
    bool keep_layers; /**< otherwise the scorecard has none */
} hf_score_settings;

/**
 * Builds a model and scores it. If a first plan does not decide whether the RAM limit is met, the final one is computed.
 * @param limits    0 = none
 * @param objective what the image is compiled for
 * @param out       written on HF_OK; hf_scorecard_free(&out->card)
 * Errors: those of hf_source_build() and hf_compile_for().
 */
hf_status hf_score_source(const hf_score_settings *settings, const hf_source *source, const hf_limits *limits,
                          hf_objective objective, hf_candidate *out, hf_error *err);

#endif
