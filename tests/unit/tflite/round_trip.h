/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ROUND_TRIP_H
#define HF_TEST_ROUND_TRIP_H

#include "graph/graph.h"

/** Writes a graph; fails the test on an error. @return malloc()ed bytes of the file */
uint8_t *round_trip_write(const hf_graph *graph, size_t *size);
/** Reads a file from an allocation of exact size; fails the test on an error. */
hf_graph *round_trip_read(const uint8_t *bytes, size_t size);
/** Checks that both graphs compute the same output from `inputs` seeded inputs, and if they have the same
 * operators in the same order, the same output of every node. */
void round_trip_same_outputs(const hf_graph *a, const hf_graph *b, uint32_t seed, int inputs);
/** Checks that both graphs have the same operators with the same attributes, parameters and quantisation. */
void round_trip_same_graph(const hf_graph *a, const hf_graph *b);
/** Fills in seeded quantisation, weights and biases without calibration: fast for graphs of any size. Tensors
 * that must have equal quantisation get the same. */
void round_trip_fill(hf_graph *graph, uint32_t seed);

#endif
