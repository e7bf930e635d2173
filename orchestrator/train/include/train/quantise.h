/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_QUANTISE_H
#define HF_TRAIN_QUANTISE_H

#include "graph/graph.h"

/**
 * @file quantise.h
 * Real weights and ranges as an int8 graph. No I/O.
 */

/** A trained network with batch norm folded. All arrays are borrowed. */
typedef struct hf_trained {
    const double *min,
        *max; /**< per tensor: the range of its values; that of input and softmax is not used */
    const float *const *weights,
        *const *biases; /**< per node, in the order of hf_node; NULL for nodes without weights */
} hf_trained;

/**
 * Sets weights, biases and quantisation in a graph of a family without weights.
 * - A tensor's scale is (max - min) / 255, with min <= 0 <= max, and at least 1e-6; its zero point is round(-128 - min / scale). A
 *   softmax has scale 1/256 and zero point -128.
 * - Weights are symmetric, -127 .. 127, with one scale per output channel, of a dense layer one for all.
 * - Biases are round(bias / (input scale x weight scale)); a weight scale is large enough for its bias to fit into 31 bits.
 * @param input quantisation of the input tensor
 * Errors: HF_EINVALID for a value that is not finite, or a graph with weights; HF_ENOMEM.
 */
hf_status hf_trained_quantise(hf_graph *graph, const hf_trained *trained, hf_quant input, hf_error *err);

#endif
