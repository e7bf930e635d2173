/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RANDOM_GRAPH_H
#define RANDOM_GRAPH_H

#include "graph/graph.h"

/** Deterministic numbers. */
typedef struct random_source {
    uint32_t state;
} random_source;

uint32_t random_next(random_source *r);
/** min .. max, both included. */
int32_t random_between(random_source *r, int32_t min, int32_t max);

/** Zeros, the caller's to free(); fails the test if there is no memory. */
void *random_allocate(int64_t count, size_t size);

/** Kinds of random numbers. */
typedef enum random_kind {
    RANDOM_USUAL,      /**< scales that use the output's range */
    RANDOM_SATURATING, /**< outputs mostly at the ends of their range */
    RANDOM_EXTREME,    /**< any weight, bias and scale that the formats can hold */
    RANDOM_DEAD,       /**< many channels with zero weights or huge biases */
    RANDOM_KIND_COUNT
} random_kind;

/** A graph of one operator with random shape, parameters and quantisation, and operators for its inputs. */
hf_graph *random_single(random_source *r, hf_op op, random_kind kind);
/** A 1x1 convolution of 1 .. 4 positions with usual numbers. */
hf_graph *random_pointwise(random_source *r, int32_t in_channels, int32_t out_channels);
/** The sum of the input and of a function of it. @param second, out scales of the function and of the sum,
 * relative to the input's scale */
hf_graph *random_sum(random_source *r, float second, float out);
/** A convolution of 2 .. 40 groups. */
hf_graph *random_grouped(random_source *r, random_kind kind);
/** A depthwise convolution with kernels of 1 .. 7, too large for all its rows to be in scratch at once. */
hf_graph *random_depthwise(random_source *r, random_kind kind);
/** A 3x3 convolution with stride 2 of three channels. */
hf_graph *random_rgb(random_source *r, random_kind kind);
/** One or two convolutions whose windows overlap, of channels in fours: maps, and tensors of one column. */
hf_graph *random_overlapping(random_source *r, random_kind kind);
/** A 1x1 convolution of one channel and many positions, in an arena with room for tables. */
hf_graph *random_one_channel(random_source *r, random_kind kind);
/** A 3x3 depthwise convolution of both strides, mostly of maps of 1 .. 8 columns. */
hf_graph *random_depthwise_3x3(random_source *r, random_kind kind);
/** A depthwise convolution of one row or one column with at most 17 taps, mostly of stride 1 or 2. */
hf_graph *random_depthwise_line(random_source *r, random_kind kind);
/** A 3x3 depthwise convolution between two pointwise ones, which make its input and output so much smaller that most of
 * these are compiled to a chain. */
hf_graph *random_bottleneck(random_source *r, random_kind kind);
/** A chain of functions of one value, a pad, and a convolution of any padding, which the compiler folds. */
hf_graph *random_folded(random_source *r);
/** A graph of several operators, with branches and joins and small tensors. */
hf_graph *random_network(random_source *r, int32_t nodes);
/** The same with rare operators. */
hf_graph *random_rare_network(random_source *r, int32_t nodes);
void random_input(random_source *r, int8_t *bytes, size_t size);

#endif
