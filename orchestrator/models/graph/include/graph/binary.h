/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_BINARY_H
#define HF_GRAPH_BINARY_H

#include "graph/graph.h"

/**
 * @file binary.h
 * The arithmetic of the hf_binary functions, shared by the reference interpreter and the image compiler.
 */

/** A binary function of two quantised values. */
typedef struct hf_binary_rule {
    hf_binary function;
    int32_t a_zero_point, b_zero_point; /**< of the function's left and right operand */
    /** Sums and differences: of the left operand, the right one, and the output. Others use the last, PRELU the
     * first for values above zero. */
    int32_t multiplier[3], shift[3];
    int32_t zero_point, min, max;
} hf_binary_rule;

/**
 * @param node gives function and activation
 * @param a, b, out quantisation of the function's left and right operand and of the output
 * Errors: HF_EUNSUPPORTED if the scales or zero points do not allow the function.
 */
hf_status hf_binary_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out, hf_binary_rule *rule,
                              hf_error *err);
/** The output for a left and a right operand. Division by zero gives the end of the output's range. */
int8_t hf_binary_value(const hf_binary_rule *rule, int8_t a, int8_t b);

#endif
