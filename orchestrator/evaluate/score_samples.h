/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_SCORE_SAMPLES_H
#define HF_EVALUATE_SCORE_SAMPLES_H

#include "evaluate/evaluate.h"

/**
 * @file score_samples.h
 * Runs a model on samples, on all processors. The scores do not depend on their number.
 */

/** What is known of one sample. */
typedef struct hf_sample_score {
    char *unreadable;    /**< owned: why it cannot be read; NULL = it was scored */
    double error;        /**< HF_EVALUATION_ANOMALY: mean squared error over its windows */
    uint32_t inferences; /**< made for it */
} hf_sample_score;

/** All borrowed. */
typedef struct hf_scoring {
    const hf_evaluated_model *model;
    const hf_dataset *dataset;
    const hf_evaluate_options *options;
    hf_evaluation_kind kind;
    const uint32_t *samples; /**< indices of the samples to score */
    uint32_t count;
    hf_sample_score *scores; /**< receives a score for each, zeroed by the caller, who frees its texts */
    int8_t *outputs;         /**< HF_EVALUATION_CLASSES: receives the output tensor of each; else not used */
} hf_scoring;

/**
 * Scores the samples.
 * @return HF_OK even if some are unreadable; HF_ENOMEM; HF_EFORMAT if the engine stops
 */
hf_status hf_score_samples(const hf_scoring *scoring, hf_error *err);

#endif
