/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_DATASET_DIGEST_H
#define HF_FARM_DATASET_DIGEST_H

#include "base/file.h"

/**
 * @file dataset_digest.h
 * Digests of data sets.
 */

/**
 * A digest of a data set's classes, labels and files. Reads all files the first time, and again in this process if the
 * size or the times of one have changed.
 * Errors: those of hf_dataset_open() and of reading.
 */
hf_status hf_dataset_digest(const char *path, char digest[HF_SHA256_HEX_SIZE], hf_error *err);

#endif
