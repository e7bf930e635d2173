/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_SHAPE_H
#define HF_GRAPH_SHAPE_H

#include "graph/graph.h"

/**
 * @file shape.h
 * Which shape each operator makes of its inputs, and which attributes it cannot do with.
 *
 * @param node its inputs exist in the graph, as many as its operator takes; groups >= 1 or an error
 * @param out_channels conv and dense only
 * @param out receives height, width and channels; the rest is zero
 */
hf_status hf_node_output_shape(const hf_graph *graph, const hf_node *node, int32_t out_channels,
                               hf_tensor *out, hf_error *err);

#endif
