/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_VIEWS_H
#define HF_COMPILE_VIEWS_H

#include "lower.h"

/**
 * @file views.h
 * Tensors that lie in the memory of others: slices, concatenations and shuffles without copies.
 */

/** Where a tensor's values lie: in the memory of tensor `base`, perhaps spread out. */
typedef struct hf_view {
    int32_t base;         /**< tensor whose memory it is; usually itself; -1: not needed */
    int32_t first_byte;   /**< of position 0, from the base's first byte on */
    int32_t step;         /**< bytes from position to position */
    int32_t channel_step; /**< as in hf_op_record; readers need 1 */
} hf_view;

/** A node while the graph is lowered. */
typedef struct hf_lowered_node {
    hf_op_record record;    /**< of all but reshapes and the folded */
    int32_t input;          /**< tensor that it reads, with what was folded into it */
    int32_t functions;      /**< as in hf_lowered_op */
    int32_t shuffle_groups; /**< as in hf_lowered_op */
    /** concat: channel i of part g is channel i * interleave + g; 0: parts side by side */
    int32_t interleave;
    bool folded;        /**< its successor computes it */
    bool nothing_to_do; /**< its output is already in place */
} hf_lowered_node;

typedef struct hf_lowering {
    const hf_graph *graph;
    hf_lowered_node *nodes;
    hf_view *views;   /**< per tensor */
    int32_t *readers; /**< per tensor; the graph's output has one more */
} hf_lowering;

/**
 * Decides where every tensor lies, which nodes need no operator, and in which order convolutions store their
 * channels:
 * - a slice is a view of its input if all who read it can take one
 * - what a concatenation brings together is made where it belongs if it is made by an operator that can leave
 *   space between positions, and it has no other reader
 * - a channel shuffle is the order in which convolutions before it store their channels, be there a
 *   concatenation between them
 */
void hf_views_choose(hf_lowering *l);

/** Where a concatenation that lies at `whole` has the part that begins with channel `first_channel`. */
hf_view hf_view_part(const hf_view *whole, const hf_lowered_node *concat, int32_t first_channel);
bool hf_view_equal(const hf_view *a, const hf_view *b);

#endif
