/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_OVERLAP_H
#define HF_COMPILE_OVERLAP_H

#include "lower.h"

/**
 * @file overlap.h
 * How far an operator's output may overwrite its inputs.
 */

/**
 * How a step's output may overlap an input that no later step reads. Let d be the input's offset minus the
 * output's, in bytes. Then d must be at least `distance_bytes`, or equal to `exact_bytes`.
 */
typedef struct hf_overlap {
    int64_t distance_bytes; /**< HF_OVERLAP_NEVER: they must not overlap */
    int64_t exact_bytes;    /**< HF_OVERLAP_NEVER: there is no such value */
} hf_overlap;

#define HF_OVERLAP_NEVER  INT64_MAX
#define HF_OVERLAP_ALWAYS (INT64_MIN / 4) /* as distance_bytes: no restriction */

/** Rounds an arena offset up to HF_IMAGE_ALIGNMENT. */
static inline int64_t hf_arena_align(int64_t offset)
{
    return (offset + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
}

/** Last operator of the chain that begins at `first`; `first` itself if it is not in a chain. */
int32_t hf_step_last(const hf_lowered *lowered, int32_t first);
/**
 * The overlap that a step allows between its output and one input.
 * @param first, last the step's operators: a single operator or a chain
 * @param input tensor that at least one of them reads
 */
hf_overlap hf_step_overlap(const hf_lowered *lowered, int32_t first, int32_t last, int32_t input);
/** Whether these places of input and output are allowed: they are disjoint, or overlap as they may. */
bool hf_overlap_allows(const hf_overlap *overlap, int64_t input_offset, int64_t input_bytes,
                       int64_t output_offset, int64_t output_bytes);

/** The smallest number of bytes that input and output can occupy together, starting at an aligned offset. */
int64_t hf_overlap_bytes(const hf_overlap *overlap, int64_t input_bytes, int64_t output_bytes);

#endif
