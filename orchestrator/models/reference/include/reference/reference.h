/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REFERENCE_REFERENCE_H
#define HF_REFERENCE_REFERENCE_H

#include "graph/graph.h"

/**
 * @file reference.h
 * The reference interpreter: what a board must compute. Plain TensorFlow Lite int8 semantics, one tensor at a
 * time.
 */

typedef struct hf_reference {
    int8_t **outputs; /**< one per node, owned: that node's whole output tensor */
    int32_t node_count;
} hf_reference;

/**
 * Runs one inference on a graph with weights.
 * @param input hf_tensor_bytes() of the input tensor
 */
hf_status hf_reference_run(const hf_graph *graph, const int8_t *input, hf_reference *out, hf_error *err);
void hf_reference_free(hf_reference *reference);

#endif
