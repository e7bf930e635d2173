/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_SHAPE_H
#define HF_GRAPH_SHAPE_H

#include "graph/graph.h"

/**
 * @file shape.h
 * Shape inference, with checks of the attributes.
 */

/**
 * The shape of a node's output.
 * @param node its inputs exist in the graph and have the right number
 * @param out_channels conv and dense only
 * @param out receives height, width and channels; other members are zero
 * Errors: HF_EINVALID with the node and the offending attribute.
 */
hf_status hf_node_output_shape(const hf_graph *graph, const hf_node *node, int32_t out_channels,
                               hf_tensor *out, hf_error *err);

#endif
