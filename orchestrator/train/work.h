/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_WORK_H
#define HF_TRAIN_WORK_H

#include <jansson.h>

#include "base/file.h"
#include "datasets/dataset.h"
#include "graph/graph.h"
#include "train/train.h"

/**
 * @file work.h
 * The trainings of one hf_train(): what they need, and their folders. The models' folder holds `.training`, with a folder per
 * training that has begun and is not complete.
 */

/** Shared by all trainings of a spec. */
typedef struct hf_training_set {
    const hf_spec *spec;
    hf_pixel_range pixels;
    char data_digest[HF_SHA256_HEX_SIZE], test_digest[HF_SHA256_HEX_SIZE]; /**< test: "" = none */
    hf_dataset data, test; /**< opened when the first training needs them */
    bool is_open;
    char torch[32]; /**< version of the trainer's torch; "" = no trainer */
} hf_training_set;

/** One training. */
typedef struct hf_training_work {
    const hf_spec_variation *variation;
    uint32_t index;  /**< of the variation */
    hf_graph *graph; /**< owned, without weights */
    json_t *job;     /**< owned: job.json */
    char key[HF_SHA256_HEX_SIZE];
    char *folder; /**< owned: .training/KEY */
} hf_training_work;

/** Digests the data sets. @return errors of reading */
hf_status hf_training_set_init(hf_training_set *set, const hf_spec *spec, hf_error *err);
void hf_training_set_free(hf_training_set *set);

/** Builds the graph and finds the key. @param out hf_training_work_free() */
hf_status hf_training_work_init(const hf_training_set *set, uint32_t index, hf_training_work *out,
                                hf_error *err);
void hf_training_work_free(hf_training_work *work);

/** The quantisation of the input tensor, which covers all pixel values. */
hf_quant hf_training_input_quant(const hf_training_set *set, const hf_training_work *work);

/**
 * Writes everything that the trainer reads into the work's folder.
 * @param until_epoch the trainer pauses then; 0 = trains to the end. Not part of what identifies the training
 */
hf_status hf_training_work_prepare(hf_training_set *set, const hf_training_work *work, uint32_t until_epoch,
                                   hf_error *err);

/**
 * Makes the .tflite file and its record of the trainer's result, and scores it on the test set with the engine.
 * @param record float and int8 accuracy are set
 */
hf_status hf_training_work_finish(hf_training_set *set, hf_training_work *work, const json_t *history,
                                  hf_training_record *record, hf_error *err);

#endif
