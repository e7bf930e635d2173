/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_LOWER_H
#define HF_COMPILE_LOWER_H

#include <stdbool.h>

#include "engine/format.h"
#include "graph/graph.h"

/**
 * @file lower.h
 * Lowering: from the nodes of a graph to the operators of an image.
 */

/** Where an operator's input or output begins in the memory of a tensor. The operator's record holds the
 * strides. */
typedef struct hf_place {
    int32_t tensor; /**< a tensor with memory of its own */
    int32_t first_byte;
} hf_place;

/** An image operator before memory is planned: the four offsets in its record are still 0. */
typedef struct hf_lowered_op {
    hf_op_record record;
    int32_t node;                    /**< the node whose output, or part of it, it computes */
    int32_t first_channel, channels; /**< that part: see hf_image_op_output */
    int32_t shuffle_groups; /**< channels are stored as after a channel shuffle of this many groups */
    int32_t part;           /**< copy, table: index of the concatenation's input that it copies; else -1 */
    int32_t fused_nodes;    /**< table: number of nodes fused into it, up to and including `node`; else 0 */
    hf_place inputs[2];     /**< the second input of add and mul is a whole tensor */
    int32_t input_count;
    hf_place output;
} hf_lowered_op;

/**
 * The graph as image operators, in an order that needs little memory (order.h). There are fewer operators
 * than nodes:
 * - a reshape needs no operator: its output is an alias of its input
 * - consecutive element-wise functions are fused into one table if each is the only reader of the one before
 * - a pad whose only reader is an unpadded convolution becomes that convolution's padding
 * - slices, concatenations and channel shuffles are views where possible (views.h); otherwise they are
 *   copies, or tables for the inputs of a concatenation whose quantisation differs from its output's
 * - rows that are never read are not computed (trim.h)
 */
typedef struct hf_lowered {
    hf_lowered_op *ops; /**< owned */
    int32_t op_count;
    int64_t *tensor_bytes; /**< owned, one per graph tensor; 0 for views of other tensors */
    int32_t tensor_count;
    int32_t input, output; /**< tensors with memory of their own */
} hf_lowered;

/**
 * Lowers a graph. Needs its shapes only, neither weights nor quantisation.
 * @param out owned by the caller; hf_lowered_free()
 * Errors: HF_EINVALID and HF_EUNSUPPORTED for nodes that no image operator can compute, HF_ELIMIT for
 * attributes out of the image's range, HF_ENOMEM.
 */
hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err);
void hf_lowered_free(hf_lowered *lowered);

/**
 * The record of a single node, with whole tensors as inputs and output. For a concatenation it describes a
 * copy of the first input. Errors as for hf_lower().
 */
hf_status hf_lower_node(const hf_graph *graph, const hf_node *node, hf_op_record *out, hf_error *err);

#endif
