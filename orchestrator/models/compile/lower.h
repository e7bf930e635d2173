/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_LOWER_H
#define HF_COMPILE_LOWER_H

#include "engine/format.h"
#include "models/graph.h"

/** An image operator before memory is planned: all offsets in its record are 0. */
typedef struct hf_lowered_op {
    hf_op_record record;
    int32_t node;                       /**< whose output it leaves behind */
    int32_t chain;                      /**< table: nodes it stands for, `node` and those before it; else 0 */
    int32_t inputs[HF_NODE_MAX_INPUTS]; /**< tensors, aliases resolved */
    int32_t input_count;
    int32_t output;                            /**< tensor */
    hf_concat_part parts[HF_CONCAT_MAX_PARTS]; /**< concat */
} hf_lowered_op;

/**
 * The graph as image operators. Fewer than nodes:
 * - a reshape is no operator: its output is another name of its input
 * - a chain of functions of one value, each but the last read by the next alone, is one table
 * - a pad whose only reader is an unpadded convolution becomes that convolution's padding
 */
typedef struct hf_lowered {
    hf_lowered_op *ops; /**< owned */
    int32_t op_count;
    int64_t *tensor_bytes; /**< owned, one per graph tensor; 0 for aliases */
    int32_t tensor_count;
    int32_t input, output; /**< tensors, aliases resolved */
} hf_lowered;

/** Geometry only: needs neither weights nor quantisation. */
hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err);
void hf_lowered_free(hf_lowered *lowered);

#endif
