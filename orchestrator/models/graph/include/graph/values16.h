/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_VALUES16_H
#define HF_GRAPH_VALUES16_H

#include "graph/graph.h"

/**
 * @file values16.h
 * The fixed-point parameters of operators of 16-bit values, shared by the reference interpreter and the image compiler.
 */

/** The value at index i of an array of 16-bit values, little-endian. */
static inline int32_t hf_value16(const int8_t *bytes, int64_t i)
{
    return (int16_t)(uint16_t)((uint8_t)bytes[2 * i] | (uint16_t)(uint8_t)bytes[2 * i + 1] << 8);
}

static inline void hf_set_value16(int8_t *bytes, int64_t i, int32_t value)
{
    bytes[2 * i] = (int8_t)(uint8_t)((uint32_t)value & 0xFF);
    bytes[2 * i + 1] = (int8_t)(uint8_t)((uint32_t)value >> 8 & 0xFF);
}

/** Output range of a fused activation for values of 1 or 2 bytes. */
void hf_activation_range16(hf_activation activation, hf_quant output, int32_t value_bytes, int32_t *min,
                           int32_t *max);

/** A binary function, ADD to MINIMUM or SQUARED_DIFFERENCE. Sums scale both operands, shifted left by `left_shift`, first. */
typedef struct hf_binary16_rule {
    int32_t multiplier[3], shift[3]; /**< left operand, right operand, output */
    int32_t left_shift;
    int32_t min, max;
} hf_binary16_rule;

/** Errors: HF_EUNSUPPORTED. @param a, b, out quantisation of the function's left and right operand and of the output */
hf_status hf_binary16_rule_init(const hf_node *node, hf_quant a, hf_quant b, hf_quant out,
                                hf_binary16_rule *rule, hf_error *err);

/** A function of one value. RESCALE and LEAKY_RELU have factors below zero and from zero on. LOGISTIC and TANH multiply the
 * value and shift it to the right, rounded, to steps of the table of sigmoids of an lstm. */
typedef struct hf_function16_rule {
    int32_t multiplier[2], shift[2];
    int32_t min, max;
} hf_function16_rule;

hf_status hf_function16_rule_init(const hf_graph *graph, const hf_node *node, hf_function16_rule *rule,
                                  hf_error *err);

/** A softmax: differences to the largest value are scaled to steps of 10 / 65535; two tables with 512 linear pieces. */
typedef struct hf_softmax16_rule {
    int32_t multiplier, shift;
    int16_t exponential[513]; /**< of -10 .. 0, 15 bits behind the point */
    int16_t reciprocal[513];  /**< 1 / (1 + x), x = 0 .. 1 */
} hf_softmax16_rule;

hf_status hf_softmax16_rule_init(const hf_graph *graph, const hf_node *node, hf_softmax16_rule *rule,
                                 hf_error *err);

/** Largest number of channels of a softmax: its sum of exponentials, each at most 2^15, has 31 bits. */
#define HF_SOFTMAX16_MAX_CHANNELS 32768

#endif
