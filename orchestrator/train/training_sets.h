/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAINING_SETS_H
#define HF_TRAIN_TRAINING_SETS_H

#include "base/file.h"
#include "datasets/dataset.h"
#include "spec/spec.h"

/**
 * @file training_sets.h
 * The data sets that trainings use. Trainings with the same files and pixels share one.
 */

typedef struct hf_training_set {
    const hf_spec_training *recipe; /**< the first with these files and pixels */
    hf_pixel_range pixels;
    char data_digest[HF_SHA256_HEX_SIZE], test_digest[HF_SHA256_HEX_SIZE]; /**< test: "" = none */
    hf_dataset data, test; /**< once hf_training_set_open() was called */
    bool is_open;
} hf_training_set;

typedef struct hf_training_sets {
    hf_training_set **sets; /**< owned */
    uint32_t count;
} hf_training_sets;

/** Finds the set of a recipe; a new one is digested. @param out borrowed from sets @return errors of reading */
hf_status hf_training_sets_get(hf_training_sets *sets, const hf_spec_training *recipe, hf_training_set **out,
                               hf_error *err);
void hf_training_sets_free(hf_training_sets *sets);

/** Lists the samples, unless that was done before. */
hf_status hf_training_set_open(hf_training_set *set, hf_error *err);

#endif
