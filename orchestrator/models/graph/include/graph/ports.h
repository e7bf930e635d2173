/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_PORTS_H
#define HF_GRAPH_PORTS_H

#include "graph/graph.h"

/**
 * @file ports.h
 * A model's inputs, outputs and states, and their values in the model's own types. A model with states is run as a
 * sequence of inferences: each takes the states from its input tensor and leaves the next ones in its output tensor.
 */

/** Number of ports: those of the model, or the graph's input and output tensor if it has none. */
int32_t hf_ports_count(const hf_graph *graph);
/** Port `at`, inputs first. `initial` and `float_tail` are borrowed from the graph. */
hf_model_port hf_ports_get(const hf_graph *graph, int32_t at);
/** Whether the graph has a state, so that its outputs depend on the inferences before. */
bool hf_ports_stateful(const hf_graph *graph);
/** Where the inputs end in the input tensor. States are behind them. */
size_t hf_ports_inputs_end(const hf_graph *graph);
/** Puts the initial states into an input tensor. The rest of it stays unchanged. */
void hf_ports_begin(const hf_graph *graph, int8_t *input);
/** Puts the states that an inference left in `output` into the next inference's input tensor. */
void hf_ports_advance(const hf_graph *graph, const int8_t *output, int8_t *input);

/** Number of values of a port. */
size_t hf_port_values(const hf_model_port *port);
/** Bytes of a port's values in the model's own type: 4 for each float32, otherwise as many as in the tensor. */
size_t hf_port_own_bytes(const hf_model_port *port);
/**
 * Converts a port's values to the model's own type: float32 is dequantised, uint8 has its own zero point (128 above
 * int8's), others are copied.
 * @param tensor the input tensor, or of an output the output tensor
 * @param own receives hf_port_own_bytes() bytes, little-endian
 */
void hf_port_export(const hf_model_port *port, const int8_t *tensor, uint8_t *own);
/** The reverse. Float values are quantised as QUANTIZE does. @param own no NaN */
void hf_port_import(const hf_model_port *port, const uint8_t *own, int8_t *tensor);
/** Quantises value `at` of an input as QUANTIZE does: the nearest step, halves away from zero, within the range. */
void hf_port_quantise(const hf_model_port *port, float value, size_t at, int8_t *tensor);

#endif
