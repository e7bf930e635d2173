/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WEIGHTS_WEIGHTS_H
#define HF_WEIGHTS_WEIGHTS_H

#include "graph/graph.h"

/**
 * @file weights.h
 * Seeded weights for graphs that come without any, and seeded inputs.
 */

/**
 * The generator of firmware/proto/SPEC.md: fills `bytes` from the seed, byte = state >> 24 after each step.
 */
void hf_input_generate(uint32_t seed, int8_t *bytes, size_t size);

/**
 * Fills a graph from a family with deterministic int8 weights, biases and quantisation, scaled layer by layer
 * on seeded inputs so that activations stay alive (no layer with more than 90 % of its outputs saturated or
 * equal; a softmax over more than 500 classes excepted, whose output steps are 1/256). Same graph and seed,
 * same bytes on any host.
 */
hf_status hf_weights_generate(hf_graph *graph, uint32_t seed, hf_error *err);

#endif
