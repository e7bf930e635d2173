/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WEIGHTS_CALIBRATION_H
#define HF_WEIGHTS_CALIBRATION_H

#include "reference/node.h"

/**
 * @file calibration.h
 * Quantisation of a layer from what it computes on sample inputs, as folding a batch norm would give it: each
 * output channel gets its own spread and offset, so that neither a whole layer dies nor its channels look
 * alike.
 *
 * Only additions, multiplications, divisions and square roots of doubles in a fixed order, which IEEE 754
 * defines to the last bit; the file is compiled without fused multiply-add. The same graph gives the same
 * bytes on any host.
 */

/** A deterministic stream of random bits (the splitmix64 generator). */
typedef struct hf_random {
    uint64_t state;
} hf_random;

uint64_t hf_random_next(hf_random *random);
/** Uniform in [0, 1), a multiple of 2^-32. */
double hf_random_unit(hf_random *random);

/**
 * Chooses weight scales, biases and the output's quantisation of a node whose weights are set, and stores
 * them in the graph.
 * @param tensors per sample, one pointer per graph tensor; those of the node's input are read
 * @param given the output's quantisation where another tensor has decided it already (the weight scales then
 * make the values fit), else NULL
 */
hf_status hf_calibrate_weighted(hf_graph *graph, hf_node *node, const int8_t *const *const *tensors,
                                int32_t samples, const hf_quant *given, hf_random *random, hf_error *err);
/** Chooses the output's quantisation of a node without weights. @param given as above */
void hf_calibrate_plain(hf_graph *graph, const hf_node *node, const int8_t *const *const *tensors,
                        int32_t samples, const hf_quant *given);

#endif
