/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_LOWER_H
#define HF_COMPILE_LOWER_H

#include "engine/format.h"
#include "models/graph.h"

/** An image operator before memory is planned: all offsets in its record are 0. */
typedef struct hf_lowered_op {
    hf_op_record record;
    int32_t node;
    int32_t inputs[2]; /**< tensors, aliases resolved */
    int32_t input_count;
    int32_t output; /**< tensor */
} hf_lowered_op;

/** The graph as image operators. A reshape is no operator: its output is another name of its input. */
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
