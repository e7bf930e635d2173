/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_ELEMENTWISE_H
#define HF_GRAPH_ELEMENTWISE_H

#include "graph/graph.h"

/**
 * @file elementwise.h
 * What element-wise operators compute, value by value, for the reference interpreter and the image compiler
 * alike.
 */

/** How ADD or MUL (or their forms with a constant) makes one value of two. */
typedef struct hf_pair_rule {
    bool product;
    hf_quant a, b;
    int32_t a_multiplier, a_shift, b_multiplier, b_shift; /**< sums only */
    int32_t multiplier, shift, zero_point, min, max;
} hf_pair_rule;

/**
 * @param node its operator and activation
 * @return HF_OK; HF_EUNSUPPORTED when the output's scale is too small for the inputs'
 */
hf_status hf_pair_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_pair_rule *rule,
                            hf_error *err);
int8_t hf_pair_value(const hf_pair_rule *rule, int8_t a, int8_t b);

/**
 * What a node of an element-wise operator (HF_NODE_ELEMENTWISE) makes of every int8 value; the reference interpreter uses nothing else.
 * @param table receives the output for input q at q + 128; chains of nodes compose: second[first[i] + 128]
 */
hf_status hf_elementwise_table(const hf_graph *graph, const hf_node *node, int8_t table[256], hf_error *err);
/**
 * The same for a change of quantisation followed by the node's activation: what a CONCAT (whose activation
 * must be NONE) makes of an input quantised differently.
 */
hf_status hf_rescale_table(const hf_node *node, hf_quant in, hf_quant out, int8_t table[256], hf_error *err);

#endif
