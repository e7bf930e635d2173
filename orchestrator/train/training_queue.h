/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAINING_QUEUE_H
#define HF_TRAIN_TRAINING_QUEUE_H

#include "train/train.h"

/**
 * @file training_queue.h
 * The order of trainings: that of the list, but what others learn from comes before them.
 */

typedef struct hf_training_queue {
    struct hf_queued_training *entries; /**< owned, one per item */
    uint32_t count;
    uint32_t first; /**< those before it have begun */
} hf_training_queue;

/** @param items borrowed during the call; they do not learn from each other in circles */
hf_status hf_training_queue_init(hf_training_queue *queue, const hf_training_item *items, uint32_t count,
                                 hf_error *err);
void hf_training_queue_free(hf_training_queue *queue);

/**
 * Takes the first training whose teachers have ended.
 * @param is_orphan set to whether one of them failed
 * @return false: none is left, or all that are wait for those under way
 */
bool hf_training_queue_take(hf_training_queue *queue, uint32_t *item, bool *is_orphan);

/** A training that was taken has ended. @param good its file is there */
void hf_training_queue_end(hf_training_queue *queue, uint32_t item, bool good);

#endif
