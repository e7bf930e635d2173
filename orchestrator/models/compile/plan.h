/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_PLAN_H
#define HF_COMPILE_PLAN_H

#include <stdbool.h>

#include "compile/compile.h"
#include "lower.h"
#include "overlap.h"

/**
 * @file plan.h
 * The memory planner: where tensors and scratch space lie in the arena.
 */

/** Something that occupies a range of the arena during consecutive steps. A step is an operator or a chain,
 * and known by its first operator. */
typedef struct hf_plan_buffer {
    int64_t bytes;
    int32_t first, last; /**< steps during which it is alive; the graph's input is from -1 on */
    int64_t peak_bytes;  /**< the most that is needed in one of these steps */
    int64_t offset;      /**< in the arena, a multiple of HF_IMAGE_ALIGNMENT */
} hf_plan_buffer;

/** Where everything lies. Buffers 0 .. tensor_count - 1 are tensors, then one scratch space per operator,
 * that of a chain at its first; buffers of 0 bytes (aliases, operators without scratch) are nowhere. */
typedef struct hf_plan {
    hf_plan_buffer *buffers; /**< owned */
    int32_t buffer_count;
    int32_t tensor_count;
    uint32_t arena_bytes;
    int64_t limit_bytes; /**< how far the arena may grow for speed; 0: not at all */
    int64_t least_bytes; /**< no plan is smaller than this; a plan of this size is as good as can be */
} hf_plan;

/**
 * Places all tensors and scratch spaces. An operator's output may lie over its input as far as
 * hf_step_overlap() allows. Deterministic.
 * @param quick skip the search for a better plan, for a first look at thousands of graphs
 */
hf_status hf_plan_make(const hf_lowered *lowered, bool quick, hf_plan *out, hf_error *err);
/** Chooses chains and places everything: the smallest arena that is found, or, with fewer chains, one within
 * what the options allow beyond it: the plan's limit_bytes. */
hf_status hf_plan_best(hf_lowered *lowered, const hf_compile_options *options, hf_plan *out, hf_error *err);
/** How far an arena may grow for time under these options, if the smallest plan takes `arena_bytes`. */
int64_t hf_plan_limit(const hf_compile_options *options, uint32_t arena_bytes);
/** Takes a plan with scratch spaces for large tiles instead, if one is found within `limit` bytes. */
hf_status hf_plan_make_room(hf_lowered *lowered, hf_plan *plan, int64_t limit, hf_error *err);
void hf_plan_free(hf_plan *plan);

/**
 * Replays a plan byte by byte with a tag for each byte of the arena that says what it holds: everything that
 * the kernels read must still be what they expect. Does not use hf_step_overlap().
 */
hf_status hf_plan_check(const hf_lowered *lowered, const hf_plan *plan, hf_error *err);

#endif
