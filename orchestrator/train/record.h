/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_RECORD_H
#define HF_TRAIN_RECORD_H

#include <jansson.h>

#include "train/train.h"

/**
 * @file record.h
 * The record beside a trained file (FORMAT.md).
 */

/** @return the record's path, owned by the caller; NULL without memory */
char *hf_training_record_path(const char *tflite_path);

/**
 * Writes a trained file and its record; the record last, so that it never describes another file.
 * @param recipe, history borrowed
 */
hf_status hf_training_record_write(const char *tflite_path, const uint8_t *tflite, size_t size,
                                   const hf_training_record *record, const json_t *recipe,
                                   const json_t *history, hf_error *err);

#endif
