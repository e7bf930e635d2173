/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_WORK_H
#define HF_TRAIN_WORK_H

#include <jansson.h>

#include "base/file.h"
#include "graph/graph.h"
#include "train/train.h"
#include "training_sets.h"

/**
 * @file work.h
 * One training of a hf_train(): what it needs, and its folder. A recipe's folder of models holds `.training`, with a folder per
 * training that has begun and is not complete.
 */

typedef struct hf_training_work {
    const hf_training_item *item;
    uint32_t index;        /**< of the item */
    hf_training_set *data; /**< borrowed */
    hf_graph *graph;       /**< owned, without weights */
    json_t *job;           /**< owned: job.json */
    char key[HF_SHA256_HEX_SIZE];
    char *folder;       /**< owned: .training/KEY */
    char warning[1024]; /**< of hf_training_work_prepare(): samples that were left out; "" = none */
    int lock;           /**< held from hf_training_work_prepare() on; -1 = none */
} hf_training_work;

/** Builds the graph and finds the key. @param out hf_training_work_free() */
hf_status hf_training_work_init(hf_training_sets *sets, const hf_training_item *item, uint32_t index,
                                hf_training_work *out, hf_error *err);
void hf_training_work_free(hf_training_work *work);

/** The quantisation of the input tensor, which covers all pixel values. */
hf_quant hf_training_input_quant(const hf_training_work *work);

/**
 * Writes everything that the trainer reads into the work's folder.
 * @return HF_OK; HF_ECONFLICT if another process has the same training under way; errors of the data sets; HF_EIO; HF_ENOMEM
 */
hf_status hf_training_work_prepare(hf_training_work *work, hf_error *err);

/**
 * Makes the .tflite file and its record of the trainer's result, and scores it on the test set with the engine.
 * @param record  `complete` and what the trainer said are set; the rest is added
 * @param is_scored false: float and int8 accuracy stay unknown
 */
hf_status hf_training_work_finish(hf_training_work *work, const json_t *history, bool is_scored,
                                  hf_training_record *record, hf_error *err);

/** Removes the samples that trainings of a recipe shared, unless one of them is to be continued. */
void hf_training_clean_up(const hf_spec_training *recipe);

#endif
