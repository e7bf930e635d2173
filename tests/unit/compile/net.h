/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_H
#define NET_H

#include "graph/graph.h"

/* Small graphs, node by node. Each function returns the new tensor. */
typedef struct net {
    hf_graph *graph; /**< owned by whoever began it */
    int32_t last;    /**< tensor */
} net;

net net_begin(int32_t side, int32_t channels);
/** @param node without a name; input_count and strides of 0 are 1 */
int32_t net_add(net *n, hf_node node, int32_t out_channels);
int32_t net_conv(net *n, int32_t from, int32_t channels, int32_t groups);
/** A 3x3 depthwise convolution or pool, padded. */
int32_t net_window(net *n, hf_op op, int32_t from, int32_t stride);
int32_t net_slice(net *n, int32_t from, int32_t first, int32_t count);
int32_t net_shuffle(net *n, int32_t from, int32_t groups);
int32_t net_concat(net *n, int32_t a, int32_t b);
/** The last tensor is the output; weights and quantisation are made up. */
void net_finish(net *n);
/** Every operator of the compiled image on the host's engine against the reference. */
void net_compare(const net *n);

#endif
