/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_GUESSING_H
#define HF_TRAIN_GUESSING_H

#include <stddef.h>

#include "datasets/dataset.h"

/**
 * @file guessing.h
 * Tells a training that has learnt nothing. No I/O.
 */

/**
 * Whether an accuracy is no better than always naming the most frequent class: the lower end of its 95 % interval is not above that
 * class's share.
 * @param percent 0 .. 100, on `share` of the samples of each class; negative: unknown, and never guessing
 * @param where   what the samples are, for the text: "test" or "validation"
 * @param text    receives a sentence, or "" @param size bytes of text
 */
void hf_training_describe_guessing(double percent, const hf_dataset *dataset, double share, const char *where,
                                   char *text, size_t size);

#endif
