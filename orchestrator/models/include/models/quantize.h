/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_QUANTIZE_H
#define HF_MODELS_QUANTIZE_H

#include <stdint.h>

/**
 * @file quantize.h
 * Fixed-point parameters as TensorFlow Lite derives them from float scales, for the reference interpreter and
 * the image compiler alike.
 */

/**
 * real = multiplier * 2^(shift - 31), multiplier in 2^30 .. 2^31 - 1, or 0 for 0.
 * @param real >= 0, finite
 * @param shift positive = left
 */
void hf_quantize_multiplier(double real, int32_t *multiplier, int32_t *shift);

#endif
