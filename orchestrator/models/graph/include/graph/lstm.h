/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_LSTM_H
#define HF_GRAPH_LSTM_H

#include "graph/graph.h"

/**
 * @file lstm.h
 * The fixed-point parameters of an LSTM with activations of 8 or 16 bits and a 16-bit cell state, shared by the reference
 * interpreter and the image compiler. The order of the gates is input, forget, cell, output.
 *
 * A node's weights are those of the inputs, [4][units][inputs], then the recurrent ones, [4][units][units]; its biases are
 * [4][units]; weight_scales has a scale for each of the eight arrays. Its second input is the state before the first step:
 * `units` bytes of hidden state and 2 * `units` bytes of cell state, little-endian. Its output is the hidden state after each
 * step, then the last cell state; so the last 3 * `units` bytes are the state after the last step. If the node's in_bytes is 2,
 * inputs and hidden state have 16 bits and the biases 64 (`long_bias`).
 */

#define HF_LSTM_GATES 4
enum { HF_LSTM_INPUT, HF_LSTM_FORGET, HF_LSTM_CELL, HF_LSTM_OUTPUT };

/** A factor: multiplier * 2^(shift - 31). */
typedef struct hf_lstm_scale {
    int32_t multiplier, shift;
} hf_lstm_scale;

typedef struct hf_lstm_rule {
    hf_lstm_scale input[HF_LSTM_GATES],
        recurrent[HF_LSTM_GATES];        /**< sums to 16 bits with 12 fraction bits */
    hf_lstm_scale forget;                /**< forget gate x cell state */
    hf_lstm_scale update;                /**< input gate x cell gate */
    hf_lstm_scale output;                /**< output gate x tanh of the cell state */
    int32_t tanh_multiplier, tanh_shift; /**< of the cell state: value * multiplier, rounded, >> shift */
    int32_t clip;                        /**< the cell state is limited to -clip .. clip; 0: not */
} hf_lstm_rule;

/** Bytes of a value of inputs and hidden state: 1 or 2. */
int32_t hf_lstm_value_bytes_of(const hf_node *node);
/** Steps in time, and values of each: the shape of the node's first input. */
int32_t hf_lstm_steps(const hf_graph *graph, const hf_node *node);
/** Errors: HF_EUNSUPPORTED for scales that are out of range. @param node with weight scales and quantisation */
hf_status hf_lstm_rule_init(const hf_graph *graph, const hf_node *node, hf_lstm_rule *rule, hf_error *err);

#endif
