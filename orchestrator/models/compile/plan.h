/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_PLAN_H
#define HF_COMPILE_PLAN_H

#include <stdbool.h>

#include "lower.h"

/** Something that occupies a range of the arena during consecutive operators. */
typedef struct hf_plan_buffer {
    int64_t bytes;
    int32_t first, last; /**< operators during which it is alive; the graph's input is alive from -1 on */
    int64_t offset;      /**< in the arena, a multiple of HF_IMAGE_ALIGNMENT */
} hf_plan_buffer;

/** Where everything lies. Buffers 0 .. tensor_count - 1 are tensors, then one scratch space per operator;
 * buffers of 0 bytes (aliases, operators without scratch) are nowhere. */
typedef struct hf_plan {
    hf_plan_buffer *buffers; /**< owned */
    int32_t buffer_count;
    int32_t tensor_count;
    uint32_t arena_bytes;
    int64_t least_bytes; /**< no plan is smaller than this; a plan of this size is as good as can be */
} hf_plan;

/**
 * Places all tensors and scratch spaces. An operator's output may lie over its input as far as
 * hf_record_overlap() allows. Deterministic.
 * @param quick skip the search for a better plan, for a first look at thousands of graphs
 */
hf_status hf_plan_make(const hf_lowered *lowered, bool quick, hf_plan *out, hf_error *err);
void hf_plan_free(hf_plan *plan);

/**
 * Replays a plan: no two live buffers share a byte, except an operator's input and output, for which every
 * step of the kernel is replayed: no byte may be read after it was overwritten. Knows nothing of
 * hf_record_overlap().
 */
hf_status hf_plan_check(const hf_lowered *lowered, const hf_plan *plan, hf_error *err);

#endif
