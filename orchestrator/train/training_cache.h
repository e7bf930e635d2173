/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAINING_CACHE_H
#define HF_TRAIN_TRAINING_CACHE_H

#include "cache/cache.h"

/**
 * @file training_cache.h
 * Trained files with their records, for other specs with the same training. The version of torch is in the record.
 */

/** Keeps a trained file and its record. @param cache NULL = none @param key of the training */
void hf_training_cache_keep(hf_cache *cache, const char *key, const char *tflite_path);

/**
 * Writes the kept file and its record, if there is one.
 * @return whether both are there
 */
bool hf_training_cache_restore(hf_cache *cache, const char *key, const char *tflite_path);

#endif
