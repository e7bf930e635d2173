/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_LOWER_H
#define HF_COMPILE_LOWER_H

#include "engine/format.h"
#include "models/graph.h"

/** Where a tensor's values lie: in the memory of tensor `base`, perhaps spread out. */
typedef struct hf_lowered_view {
    int32_t base;         /**< tensor whose memory it is; itself for most */
    int32_t first_byte;   /**< of position 0, from the base's offset on */
    int32_t step;         /**< bytes from position to position */
    int32_t channel_step; /**< bytes from channel to channel; readers need 1 */
} hf_lowered_view;

/** An image operator before memory is planned: the four offsets in its record are 0, the steps are not. */
typedef struct hf_lowered_op {
    hf_op_record record;
    int32_t node;                       /**< whose output it leaves behind, or channels of */
    int32_t first_channel, channels;    /**< which: hf_image_op_output */
    int32_t chain;                      /**< table: nodes it stands for, `node` and those before it; else 0 */
    int32_t inputs[HF_NODE_MAX_INPUTS]; /**< tensors; hf_lowered.views says where they lie */
    int32_t input_count;
    int32_t output; /**< tensor */
} hf_lowered_op;

/**
 * The graph as image operators, in an order that needs little memory. Fewer than nodes:
 * - a reshape is no operator: its output is another name of its input
 * - a chain of functions of one value, each but the last read by the next alone, is one table
 * - a pad whose only reader is an unpadded convolution becomes that convolution's padding
 * - a slice is a view of its input where its readers can take one, otherwise a copy
 * - what a concatenation brings together is written to its place by those who make it, if they can and nobody
 *   else reads it; otherwise it is copied there (through a table if it has another quantisation)
 * - a channel shuffle is the order in which the convolutions before it write their channels, or a copy
 */
typedef struct hf_lowered {
    hf_lowered_op *ops; /**< owned */
    int32_t op_count;
    hf_lowered_view *views; /**< owned, one per graph tensor */
    int64_t *tensor_bytes;  /**< owned, one per graph tensor; 0 for those whose memory is another's */
    int32_t tensor_count;
    int32_t input, output; /**< tensors that own their memory */
} hf_lowered;

/** Geometry only: needs neither weights nor quantisation. */
hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err);
void hf_lowered_free(hf_lowered *lowered);

#endif
