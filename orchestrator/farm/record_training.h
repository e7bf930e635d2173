/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RECORD_TRAINING_H
#define HF_FARM_RECORD_TRAINING_H

#include "report/rows.h"
#include "spec/spec.h"

/** @file record_training.h How the weights of a variation were trained, for the store. */

/**
 * Reads the record beside the file with the variation's weights. Without weights, a record or the memory for it, the
 * training is not known, which is no error: a run does not need it.
 * @param out zeroed by the caller, who frees it with hf_clear_training()
 */
void hf_record_training(const hf_spec_variation *variation, hf_training_row *out);
void hf_clear_training(hf_training_row *training);

#endif
