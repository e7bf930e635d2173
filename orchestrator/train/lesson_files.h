/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_LESSON_FILES_H
#define HF_TRAIN_LESSON_FILES_H

#include "base/error.h"

/**
 * @file lesson_files.h
 * A trained model that a training learns from, as the trainer reads it (FORMAT.md).
 */

/**
 * Writes FOLDER/NAME.json and FOLDER/NAME.weights: the graph of a .tflite file, and its weights and biases as real numbers.
 * @return errors of reading; HF_EUNSUPPORTED for weights with zero points; HF_EIO; HF_ENOMEM
 */
hf_status hf_training_write_lesson(const char *folder, const char *name, const char *tflite_path,
                                   hf_error *err);

#endif
