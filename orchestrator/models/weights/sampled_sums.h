/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WEIGHTS_SAMPLED_SUMS_H
#define HF_WEIGHTS_SAMPLED_SUMS_H

#include "reference/node.h"

/**
 * @file sampled_sums.h
 * Accumulators of a node on sample inputs, from which its quantisation is chosen.
 */

typedef struct hf_sampled_sums {
    uint32_t *sums; /**< owned; `channels` of them for each position, sample after sample */
    int64_t positions;
    int32_t channels;
    bool all; /**< all positions of all samples are there */
} hf_sampled_sums;

/**
 * Computes the sums at evenly spaced positions: about 2,048, or all if there are fewer.
 * @param inputs the node's input tensor of each sample
 * @param out to be freed with hf_sampled_sums_free()
 * Errors: HF_ENOMEM.
 */
hf_status hf_sampled_sums_make(const hf_accumulation *accumulation, const int8_t *const *inputs,
                               int32_t samples, hf_sampled_sums *out, hf_error *err);
void hf_sampled_sums_free(hf_sampled_sums *sampled);

#endif
