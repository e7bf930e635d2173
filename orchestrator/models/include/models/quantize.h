/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_QUANTIZE_H
#define HF_MODELS_QUANTIZE_H

#include <stdint.h>

#include "models/graph.h"

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

/**
 * The factor of a MEAN over `count` positions: (in scale / out scale) / count, with the division done in
 * integers as TensorFlow Lite does it.
 * @param count 1 .. INT32_MAX / 255
 */
void hf_mean_multiplier(hf_quant in, hf_quant out, int32_t count, int32_t *multiplier, int32_t *shift);

/** Whether each output value depends on one input value alone: RELU, HARD_SWISH, ADD_CONST, MUL_CONST. */
bool hf_op_is_unary_elementwise(hf_op op);
/**
 * What such a node makes of every int8 value; the reference interpreter uses nothing else.
 * @param table receives the output for input q at q + 128; chains of nodes compose: second[first[i] + 128]
 */
hf_status hf_elementwise_table(const hf_graph *graph, const hf_node *node, int8_t table[256], hf_error *err);
/**
 * The same for a change of quantisation followed by the node's activation: what a CONCAT (whose activation
 * must be NONE) makes of an input quantised differently.
 */
hf_status hf_rescale_table(const hf_node *node, hf_quant in, hf_quant out, int8_t table[256], hf_error *err);

#endif
