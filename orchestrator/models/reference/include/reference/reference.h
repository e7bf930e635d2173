/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REFERENCE_REFERENCE_H
#define HF_REFERENCE_REFERENCE_H

#include "graph/graph.h"

/**
 * @file reference.h
 * The reference interpreter computes the output that boards must produce. It implements the
 * semantics of TensorFlow Lite's int8 kernels in plain C, one whole tensor at a time.
 */

/** The outputs of one inference. */
typedef struct hf_reference {
    int8_t **outputs; /**< owned, one per node: the node's whole output tensor */
    int32_t node_count;
} hf_reference;

/**
 * Runs one inference on a graph with weights.
 * @param input hf_tensor_bytes() bytes, the input tensor
 * @param out to be freed with hf_reference_free()
 * Errors: HF_ELIMIT if the graph is too large to interpret, and those of hf_reference_node().
 */
hf_status hf_reference_run(const hf_graph *graph, const int8_t *input, hf_reference *out, hf_error *err);
/** Frees the outputs. Has no effect on a freed or zeroed *reference. */
void hf_reference_free(hf_reference *reference);

#endif
