/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_VIEWS_H
#define HF_COMPILE_VIEWS_H

#include "lower.h"

/**
 * @file views.h
 * Tensors stored in the memory of others: slices, concatenations and channel shuffles without copies.
 */

/** Where a tensor's values are stored: in the memory of tensor `base`, with strides. */
typedef struct hf_view {
    int32_t base;         /**< usually the tensor itself; -1: the tensor is never stored */
    int32_t first_byte;   /**< of position 0, relative to the base's first byte */
    int32_t step;         /**< bytes from position to position */
    int32_t channel_step; /**< as in hf_op_record; must be 1 if the tensor is read through this view */
} hf_view;

/** A node while the graph is lowered. */
typedef struct hf_lowered_node {
    hf_op_record record;    /**< unset for reshapes and folded nodes */
    int32_t input;          /**< tensor that it reads: the input of the first node folded into it */
    int32_t fused_nodes;    /**< as in hf_lowered_op */
    int32_t shuffle_groups; /**< as in hf_lowered_op */
    /** concat: channel i of input g becomes channel i * interleave + g; 0: inputs follow one another */
    int32_t interleave;
    bool folded; /**< computed as part of its successor */
    bool elided; /**< needs no operator: its output is already in place */
} hf_lowered_node;

/** A graph while it is lowered. */
typedef struct hf_lowering {
    const hf_graph *graph;  /**< borrowed */
    hf_lowered_node *nodes; /**< owned, per node */
    hf_view *views;         /**< owned, per tensor */
    int32_t *readers;       /**< owned, number of readers per tensor; the graph's output has one more */
} hf_lowering;

/**
 * Decides where every tensor is stored, which nodes need no operator, and in which order convolutions store
 * their channels:
 * - a slice is a view of its input if all its readers can read views
 * - an input of a concatenation is computed directly in its place in the output if the concatenation is its
 *   only reader and its operator can leave space between positions
 * - a part is a view of its input, and an input of a join is computed directly in its place if the join is its
 *   only reader
 * - a channel shuffle is absorbed by the convolutions before it, which store their channels in its order,
 *   also through a concatenation
 */
void hf_views_choose(hf_lowering *l);

/**
 * The view of one input of a concatenation in its output.
 * @param whole view of the output
 * @param first_channel of the input, in the output
 */
hf_view hf_view_part(const hf_view *whole, const hf_lowered_node *concat, int32_t first_channel);
/** Whether two views are the same bytes in the same order. */
bool hf_view_equal(const hf_view *a, const hf_view *b);

#endif
