/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_PLAN_H
#define HF_COMPILE_PLAN_H

#include <stdbool.h>

#include "compile/compile.h"
#include "lower.h"
#include "overlap.h"

/**
 * @file plan.h
 * The memory planner: places tensors and scratch space in the arena.
 */

/** A tensor or scratch space, which occupies a range of the arena during consecutive steps. A step is an
 * operator or a chain, identified by its first operator. */
typedef struct hf_plan_buffer {
    int64_t bytes;
    int32_t first, last; /**< steps during which it is live; the graph's input is live from -1 */
    int64_t peak_bytes;  /**< the most memory that one of these steps needs */
    int64_t offset;      /**< in the arena, a multiple of HF_IMAGE_ALIGNMENT */
} hf_plan_buffer;

/** A memory plan. Buffers 0 .. tensor_count - 1 are the tensors; then comes one scratch space per operator (a
 * chain uses that of its first operator). Buffers of 0 bytes (views, unused scratch spaces) have no place. */
typedef struct hf_plan {
    hf_plan_buffer *buffers; /**< owned */
    int32_t buffer_count;
    int32_t tensor_count;
    uint32_t arena_bytes;
    int64_t limit_bytes; /**< up to which the arena may grow for speed; 0: not at all */
    int64_t min_bytes;   /**< lower bound of the arena: a plan of this size is optimal */
} hf_plan;

/**
 * Places all tensors and scratch spaces. An output may overlap an input as far as hf_step_overlap() allows.
 * Deterministic.
 * @param quick skip the search for a better plan, to screen thousands of graphs
 * @param out owned by the caller; hf_plan_free()
 * Errors: HF_ELIMIT if the arena exceeds INT32_MAX bytes, HF_ENOMEM.
 */
hf_status hf_plan_make(const hf_lowered *lowered, bool quick, hf_plan *out, hf_error *err);
/** Chooses chains and makes a plan: the smallest that is found, or one with fewer chains that stays within
 * the growth that the options allow (the plan's limit_bytes). Parameters and errors as hf_plan_make(). */
hf_status hf_plan_best(hf_lowered *lowered, const hf_compile_options *options, hf_plan *out, hf_error *err);
/**
 * The size in bytes up to which the arena may grow for speed under these options.
 * @param arena_bytes size of the smallest plan
 */
int64_t hf_plan_arena_limit(const hf_compile_options *options, uint32_t arena_bytes);
/** Replaces the plan by one with scratch space for larger convolution tiles, if one is found within `limit`
 * bytes. Errors as hf_plan_make(). */
hf_status hf_plan_for_tiles(hf_lowered *lowered, hf_plan *plan, int64_t limit, hf_error *err);
void hf_plan_free(hf_plan *plan);

/**
 * Checks a plan by replaying every read and write of the kernels. Each byte of a shadow arena is tagged with
 * the tensor byte that it holds; every read must find the tag that it expects. Does not use
 * hf_step_overlap().
 * Errors: HF_EMISMATCH with operator and byte, HF_ENOMEM.
 */
hf_status hf_plan_check(const hf_lowered *lowered, const hf_plan *plan, hf_error *err);

#endif
