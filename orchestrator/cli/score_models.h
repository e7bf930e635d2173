/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_SCORE_MODELS_H
#define HF_CLI_SCORE_MODELS_H

#include "analyzer/score_source.h"
#include "exit_status.h"

/**
 * @file score_models.h
 * Scorecards of the models that a user names: variations, .tflite files, and all models of a spec.
 */

/** Up to this many models, sizes and memory plans are exact without --exact. */
#define HF_SCORE_EXACT_UP_TO 20

typedef struct hf_score_request {
    const char *const *arguments; /**< each a name, FILE.tflite or SPEC.yaml */
    uint32_t argument_count;
    hf_limits limits;           /**< 0 = the spec's, for models of a spec */
    hf_score_settings settings; /**< `exact` is set for few models */
} hf_score_request;

typedef struct hf_scored_models {
    hf_candidate *items; /**< owned; in the order of the arguments */
    size_t count;
} hf_scored_models;

/**
 * Reads and scores everything that can be. Prints every mistake.
 * @param out zeroed by the caller; always free it with hf_scored_models_free()
 */
hf_exit hf_cli_score_models(const hf_score_request *request, hf_scored_models *out);
void hf_scored_models_free(hf_scored_models *models);

#endif
