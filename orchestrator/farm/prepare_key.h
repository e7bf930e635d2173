/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_KEY_H
#define HF_FARM_PREPARE_KEY_H

#include "base/file.h"
#include "farm/prepare.h"

/**
 * @file prepare_key.h
 * Keys of prepared variations.
 */

/**
 * A digest of the contents of the files that a request names: model, input, data set.
 * Errors: those of reading the files.
 */
hf_status hf_prepare_contents(const hf_prepare_request *request, char digest[HF_SHA256_HEX_SIZE],
                              hf_error *err);

/**
 * The key of a variation.
 * @param contents from hf_prepare_contents()
 * Errors: HF_ENOMEM.
 */
hf_status hf_prepare_key(const hf_prepare_request *request, const hf_compile_options *options,
                         const char contents[HF_SHA256_HEX_SIZE], char key[HF_SHA256_HEX_SIZE],
                         hf_error *err);

#endif
