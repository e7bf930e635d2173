/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ROUND_TRIP_H
#define HF_TEST_ROUND_TRIP_H

#include "graph/graph.h"

/** The graph as a file; fails the test where it cannot be written. @return malloc()ed bytes */
uint8_t *round_trip_write(const hf_graph *graph, size_t *size);
/** Reads bytes in an allocation of exactly their size; fails the test where they cannot be read. */
hf_graph *round_trip_read(const uint8_t *bytes, size_t size);
/** Both graphs compute the same output from `inputs` seeded inputs; where they have the same operators in the
 * same order, every node's output. */
void round_trip_same_outputs(const hf_graph *a, const hf_graph *b, uint32_t seed, int inputs);
/** Both graphs have the same operators with the same attributes, parameters and quantisation. */
void round_trip_same_graph(const hf_graph *a, const hf_graph *b);
/** Every quantisation and weight of a graph by seed, without looking at what comes out: quick, for graphs of
 * any size. Tensors that must share a quantisation get the same. */
void round_trip_fill(hf_graph *graph, uint32_t seed);

#endif
