/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_SVDF_H
#define HF_GRAPH_SVDF_H

#include "graph/graph.h"

/**
 * @file svdf.h
 * The fixed-point parameters of an SVDF, shared by the reference interpreter and the image compiler.
 *
 * Each of `units` * `rank` filters reduces the input to one number and keeps the last `memory` of them, 16 bits each, as its
 * state. A unit is the sum, over its `rank` filters and over time, of state x time weight. A node's weights are
 * [filters][inputs], its time weights [filters][memory], its biases [units]; weight_scales has the scales of both. The second
 * input is the state before the inference, [filters][memory], little-endian, without its zero point; the output is the state
 * after it, then the units.
 */

typedef struct hf_svdf_rule {
    int32_t multiplier[2],
        shift[2]; /**< from the sum over inputs to the state; from the sum over time to the output */
    int32_t state_min, state_max; /**< of the state, without its zero point */
} hf_svdf_rule;

/** Errors: HF_EUNSUPPORTED for scales that are out of range. @param node with weight scales and quantisation */
hf_status hf_svdf_rule_init(const hf_graph *graph, const hf_node *node, hf_svdf_rule *rule, hf_error *err);

#endif
