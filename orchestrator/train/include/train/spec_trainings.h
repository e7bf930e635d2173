/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_SPEC_TRAININGS_H
#define HF_TRAIN_SPEC_TRAININGS_H

#include "spec/spec.h"
#include "train/train.h"

/**
 * @file spec_trainings.h
 * The trainings that a spec asks for.
 */

/**
 * Lists the trainings of a spec's variations, in the order of the spec.
 * @param only  patterns of names as in fnmatch(3), with commas between; NULL = all
 * @param items owned by the caller; NULL if there are none. The items borrow from the spec
 * @return HF_OK; HF_ENOMEM
 */
hf_status hf_trainings_of_spec(const hf_spec *spec, const char *only, hf_training_item **items,
                               uint32_t *count, hf_error *err);

#endif
