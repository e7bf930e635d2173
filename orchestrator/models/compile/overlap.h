/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_OVERLAP_H
#define HF_COMPILE_OVERLAP_H

#include "lower.h"

/**
 * @file overlap.h
 * How far an operator's output may overwrite its inputs.
 */

/**
 * How a step's output may overlap an input that is not needed afterwards. With d = the input's offset - the
 * output's offset, in bytes: d may be `distance_bytes` or more, or exactly `exact_bytes`.
 */
typedef struct hf_overlap {
    int64_t distance_bytes; /**< HF_OVERLAP_NEVER: they must not overlap */
    int64_t exact_bytes;    /**< HF_OVERLAP_NEVER: no such value */
} hf_overlap;

#define HF_OVERLAP_NEVER  INT64_MAX
#define HF_OVERLAP_ALWAYS (INT64_MIN / 4) /* as a distance */

static inline int64_t hf_arena_align(int64_t offset)
{
    return (offset + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
}

/** Last operator of the chain that begins at `first`; `first` itself if it is not in a chain. */
int32_t hf_step_last(const hf_lowered *lowered, int32_t first);
/** For the operators first .. last, an operator alone or a chain, and a tensor that some of them read. */
hf_overlap hf_step_overlap(const hf_lowered *lowered, int32_t first, int32_t last, int32_t input);
bool hf_overlap_allows(const hf_overlap *overlap, int64_t input_offset, int64_t input_bytes,
                       int64_t output_offset, int64_t output_bytes);

/** Smallest number of bytes that both can occupy together, from an aligned offset on. */
int64_t hf_overlap_bytes(const hf_overlap *overlap, int64_t input_bytes, int64_t output_bytes);

#endif
