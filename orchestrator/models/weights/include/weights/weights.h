/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WEIGHTS_WEIGHTS_H
#define HF_WEIGHTS_WEIGHTS_H

#include "graph/graph.h"

/**
 * @file weights.h
 * Pseudo-random weights for graphs without weights, and pseudo-random inputs, both from a seed.
 */

/**
 * Fills `bytes` from the seed with the generator of firmware/proto/SPEC.md: byte = state >> 24 after each
 * step.
 * @param size in bytes
 */
void hf_input_generate(uint32_t seed, int8_t *bytes, size_t size);

/**
 * Sets deterministic int8 weights, biases and quantisation in a graph of a family. They are calibrated layer
 * by layer on seeded inputs so that no layer is dead: at most 90 % of its outputs are equal or saturated.
 * Exempt is a softmax over more than 500 classes, whose output steps are 1/256. The same graph and seed give
 * the same bytes on every host.
 * Errors: HF_EINVALID if the graph has weights already, HF_ENOMEM, and those of hf_reference_node(). After an
 * error the graph has no weights, unless it had some before.
 */
hf_status hf_weights_generate(hf_graph *graph, uint32_t seed, hf_error *err);

#endif
