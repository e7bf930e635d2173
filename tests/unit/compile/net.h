/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_H
#define NET_H

#include "graph/graph.h"

/** A small graph, built node by node. Each function appends a node and returns its output tensor. */
typedef struct net {
    hf_graph *graph; /**< owned by the caller of net_begin() */
    int32_t last;    /**< the newest tensor */
} net;

/** A graph that consists of its input, [side,side,channels]. */
net net_begin(int32_t side, int32_t channels);
/** Adds a node. @param node gets a name; an input_count or stride of 0 becomes 1 @param out_channels of a
 * convolution */
int32_t net_add(net *n, hf_node node, int32_t out_channels);
/** A 1x1 convolution. */
int32_t net_conv(net *n, int32_t from, int32_t channels, int32_t groups);
/** A 3x3 depthwise convolution or pool, padded. */
int32_t net_window(net *n, hf_op op, int32_t from, int32_t stride);
int32_t net_slice(net *n, int32_t from, int32_t first, int32_t count);
int32_t net_shuffle(net *n, int32_t from, int32_t groups);
int32_t net_concat(net *n, int32_t a, int32_t b);
/** Makes the last tensor the output and generates weights and quantisation. */
void net_finish(net *n);
/** Compiles the graph, runs it in the engine on the host and compares every operator with the reference. */
void net_compare(const net *n);

#endif
