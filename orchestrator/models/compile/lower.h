/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_LOWER_H
#define HF_COMPILE_LOWER_H

#include <stdbool.h>

#include "engine/format.h"
#include "graph/graph.h"

/**
 * @file lower.h
 * From the nodes of a graph to the operators of an image.
 */

/** Where an operator's bytes begin in the memory of a tensor. Its record says how they are spaced. */
typedef struct hf_place {
    int32_t tensor; /**< one that owns its memory */
    int32_t first_byte;
} hf_place;

/** An image operator before memory is planned: the four offsets in its record are 0, the steps are not. */
typedef struct hf_lowered_op {
    hf_op_record record;
    int32_t node;                    /**< whose output, or part of it, it computes */
    int32_t first_channel, channels; /**< which: hf_image_op_output */
    int32_t shuffle_groups; /**< its channels are the node's after a channel shuffle of so many groups */
    int32_t part;           /**< copy, table: which of a concatenation's inputs it brings; else -1 */
    int32_t functions;      /**< table: nodes it stands for, `node` and those before it; else 0 */
    hf_place inputs[2];     /**< the second of add and mul is a whole tensor */
    int32_t input_count;
    hf_place output;
} hf_lowered_op;

/**
 * The graph as image operators, in an order that needs little memory (order.h). Fewer than nodes:
 * - a reshape is no operator: its output is another name of its input
 * - a chain of functions of one value, each but the last read by the next alone, is one table
 * - a pad whose only reader is an unpadded convolution becomes that convolution's padding
 * - slices, concatenations and channel shuffles are views where they can be (views.h), otherwise copies, or
 *   tables if a part of a concatenation has another quantisation
 * - rows that are never read are not computed (trim.h)
 */
typedef struct hf_lowered {
    hf_lowered_op *ops; /**< owned */
    int32_t op_count;
    int64_t *tensor_bytes; /**< owned, one per graph tensor; 0 for those whose memory is another's */
    int32_t tensor_count;
    int32_t input, output; /**< tensors that own their memory */
} hf_lowered;

/** Geometry only: needs neither weights nor quantisation. */
hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err);
void hf_lowered_free(hf_lowered *lowered);

/**
 * The record of a node that reads its own inputs, all tensors whole. A concatenation's is that of a copy of
 * its first input.
 */
hf_status hf_lower_node(const hf_graph *graph, const hf_node *node, hf_op_record *out, hf_error *err);

#endif
