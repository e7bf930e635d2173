/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_SCORE_MODELS_H
#define HF_CLI_SCORE_MODELS_H

#include "cli.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pareto.h"

/**
 * @file score_models.h
 * From what a person names (variations, .tflite files, specs) to scorecards.
 */

/** Models up to which sizes and memory plans are made exact without being asked for it. */
#define HF_ANALYZE_EXACT_UP_TO 20

typedef struct hf_analyze_request {
    const char *const *arguments; /**< a name, FILE.tflite or SPEC.yaml each */
    uint32_t argument_count;
    hf_limits limits; /**< 0 = what the spec says, for models of a spec */
    const hf_chip *const *chips;
    uint32_t chip_count;
    hf_firmware_bounds firmware; /**< of these chips, as far as it is known */
    bool exact;                  /**< give variations weights (as `hilfarm run` does) and compile them */
    bool keep_layers;
} hf_analyze_request;

typedef struct hf_analyzed {
    hf_candidate *items; /**< owned, with what is in them; in the order of the arguments */
    size_t count;
} hf_analyzed;

/**
 * Reads and scores everything; prints every mistake by itself.
 * @param out zeroed by the caller; free it with hf_analyzed_free() whatever comes back
 */
hf_exit hf_cli_analyze(const hf_analyze_request *request, hf_analyzed *out);
void hf_analyzed_free(hf_analyzed *models);

#endif
