/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WEIGHTS_CALIBRATION_H
#define HF_WEIGHTS_CALIBRATION_H

#include "sampled_sums.h"

/**
 * @file calibration.h
 * Chooses the quantisation of a layer from its outputs on sample inputs, as folding a
 * batch norm would: each output channel gets a standard deviation and an offset of its own, so that layers
 * are not dead and channels differ.
 *
 * The arithmetic consists of additions, multiplications, divisions and square roots of doubles in a fixed
 * order, which IEEE 754 defines exactly; the file is compiled without fused multiply-add. So a graph gets the
 * same bytes on every host.
 */

/** A deterministic stream of random bits (the splitmix64 generator). */
typedef struct hf_random {
    uint64_t state;
} hf_random;

/** The next 64 random bits. */
uint64_t hf_random_next(hf_random *random);
/** The next number, uniform in [0, 1), a multiple of 2^-32. */
double hf_random_unit(hf_random *random);

/**
 * Chooses weight scales, biases and the output's quantisation of a node whose weights are set, and stores
 * them in the graph.
 * @param sampled of the node
 * @param given the output's quantisation if its group has one already (the weight scales are then chosen so
 * that the values fit), else NULL
 * Errors: HF_ENOMEM.
 */
hf_status hf_calibrate_weighted(hf_graph *graph, hf_node *node, const hf_sampled_sums *sampled,
                                const hf_quant *given, hf_random *random, hf_error *err);
/**
 * Chooses the output's quantisation of a node without weights.
 * @param tensors per sample, one pointer per graph tensor; only the node's inputs are read
 * @param given the output's quantisation if its group has one already, else NULL
 */
void hf_calibrate_plain(hf_graph *graph, const hf_node *node, const int8_t *const *const *tensors,
                        int32_t samples, const hf_quant *given);

#endif
