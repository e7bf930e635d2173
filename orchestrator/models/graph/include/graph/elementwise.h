/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_ELEMENTWISE_H
#define HF_GRAPH_ELEMENTWISE_H

#include "graph/graph.h"

/**
 * @file elementwise.h
 * The arithmetic of element-wise operators, shared by the reference interpreter and the image compiler.
 */

/** The parameters of a binary operator: ADD, MUL, or their forms with a constant. */
typedef struct hf_pair_rule {
    bool product;
    hf_quant a, b;
    int32_t a_multiplier, a_shift, b_multiplier, b_shift; /**< sums only */
    int32_t multiplier, shift, zero_point, min, max;
} hf_pair_rule;

/**
 * @param node gives operator and activation
 * @param a, b, out quantisation of the inputs and the output
 * @return HF_OK; HF_EUNSUPPORTED if the output's scale is too small for the inputs'
 */
hf_status hf_pair_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_pair_rule *rule,
                            hf_error *err);
/** The output for one pair of input values. */
int8_t hf_pair_value(const hf_pair_rule *rule, int8_t a, int8_t b);

/**
 * The outputs of an element-wise node (HF_NODE_ELEMENTWISE) for all int8 inputs. The reference interpreter
 * computes such nodes with this table alone.
 * @param table receives the output for input q at index q + 128; consecutive nodes compose as
 * second[first[i] + 128]
 */
hf_status hf_elementwise_table(const hf_graph *graph, const hf_node *node, int8_t table[256], hf_error *err);
/**
 * The same for a change of quantisation followed by the node's activation. A CONCAT, whose activation must be
 * NONE, treats inputs this way if their quantisation differs from its output's.
 */
hf_status hf_rescale_table(const hf_node *node, hf_quant in, hf_quant out, int8_t table[256], hf_error *err);

#endif
