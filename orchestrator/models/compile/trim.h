/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_TRIM_H
#define HF_COMPILE_TRIM_H

#include "lower.h"

/**
 * @file trim.h
 * Removes rows of tensors that no operator reads.
 */

/**
 * Removes rows at the bottom of tensors that no window reaches, as below an unpadded convolution of stride 2.
 * The operators must be in the graph's order. Errors: HF_ENOMEM.
 */
hf_status hf_trim(hf_lowered *lowered, hf_error *err);

#endif
