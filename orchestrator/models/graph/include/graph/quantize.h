/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_QUANTIZE_H
#define HF_GRAPH_QUANTIZE_H

#include <stdint.h>

#include "graph/graph.h"

/**
 * @file quantize.h
 * Fixed-point parameters derived from float scales as in TensorFlow Lite; shared by the
 * reference interpreter and the image compiler.
 */

/**
 * Converts a factor: real = multiplier * 2^(shift - 31), multiplier 2^30 .. 2^31 - 1, or 0 for 0.
 * @param real >= 0, finite
 * @param shift positive: to the left
 */
void hf_quantize_multiplier(double real, int32_t *multiplier, int32_t *shift);

/**
 * The factor of a MEAN over `count` positions: (in scale / out scale) / count, with the division done in
 * integers as TensorFlow Lite does it.
 * @param count 1 .. INT32_MAX / 255
 */
void hf_mean_multiplier(hf_quant in, hf_quant out, int32_t count, int32_t *multiplier, int32_t *shift);

/** Largest left shift of a requantisation. */
#define HF_REQUANTIZE_MAX_SHIFT 30
/** Largest number of channels of a softmax: its fixed-point sum of exponentials, each at most 1, is below
 * 2^12. */
#define HF_SOFTMAX_MAX_CHANNELS 4095

/**
 * The factor of a REDUCE that sums or averages.
 * @param in the node's input, whose width is reduced
 * Errors: HF_EUNSUPPORTED for too many values, or an output scale that is too small.
 */
hf_status hf_reduce_multiplier(const hf_node *node, const hf_tensor *in, hf_quant out, int32_t *multiplier,
                               int32_t *shift, hf_error *err);

#endif
