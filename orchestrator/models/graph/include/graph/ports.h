/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_PORTS_H
#define HF_GRAPH_PORTS_H

#include "graph/graph.h"

/**
 * @file ports.h
 * Sequences of inferences of models with states: an inference takes the states from its input tensor and leaves the
 * next ones in its output tensor.
 */

/** Bytes of all inputs of the model, without states and without gaps between them. */
size_t hf_ports_input_bytes(const hf_graph *graph);
/**
 * Makes an input tensor for the first inference: the inputs, one after the other, and the initial states.
 * @param inputs hf_ports_input_bytes() bytes; values of a uint8 input are uint8
 * @param input receives hf_tensor_bytes() bytes
 */
void hf_ports_pack(const hf_graph *graph, const uint8_t *inputs, int8_t *input);
/** Whether the graph has a state, so that its outputs depend on the inferences before. */
bool hf_ports_stateful(const hf_graph *graph);
/** Puts the initial states into an input tensor. The rest of it stays unchanged. */
void hf_ports_begin(const hf_graph *graph, int8_t *input);
/** Puts the states that an inference left in `output` into the next inference's input tensor. */
void hf_ports_advance(const hf_graph *graph, const int8_t *output, int8_t *input);

#endif
