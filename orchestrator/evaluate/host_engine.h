/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_HOST_ENGINE_H
#define HF_EVALUATE_HOST_ENGINE_H

#include "evaluate/evaluate.h"

/**
 * @file host_engine.h
 * Inferences of one model at the same time: each thread has an arena of its own.
 */

/** An arena for the model. @return free(); NULL = out of memory */
uint8_t *hf_evaluated_model_arena_new(const hf_evaluated_model *model);
/** As hf_evaluated_model_run(), in this arena. */
hf_status hf_evaluated_model_run_in(const hf_evaluated_model *model, uint8_t *arena, const int8_t *input,
                                    int8_t *output, hf_error *err);

#endif
