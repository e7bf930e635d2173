/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_LAYOUT_H
#define HF_ENGINE_LAYOUT_H

#include "engine/format.h"

/**
 * @file layout.h
 * What the kernels need of memory, worked out from an operator record by the same code for the planner that
 * places tensors and for the engine that validates the placing. All sizes are 64 bits wide, so that no
 * record, however broken, overflows them.
 */

/** How an operator's output may lie over its input. */
typedef enum hf_overlap_mode {
    HF_OVERLAP_NONE,     /**< not at all */
    HF_OVERLAP_SAME,     /**< not at all, or both at the same offset */
    HF_OVERLAP_DISTANCE, /**< not at all, or input offset - output offset >= distance */
} hf_overlap_mode;

typedef struct hf_overlap {
    hf_overlap_mode mode;
    int64_t distance_bytes; /**< may be negative */
} hf_overlap;

/** Geometry is usable: every size >= 1, every window touches its input, shapes agree as the operator asks. */
int hf_record_geometry_ok(const hf_op_record *record);
uint64_t hf_record_input_bytes(const hf_op_record *record);
uint64_t hf_record_output_bytes(const hf_op_record *record);
/** Scratch space at extra_offset, HF_IMAGE_ALIGNMENT-aligned; 0 for none. */
uint64_t hf_record_scratch_bytes(const hf_op_record *record);
/** Bytes at data_offset: parameters, weights, tables. */
uint64_t hf_record_data_bytes(const hf_op_record *record);
/** Inputs of an operator: 1, 2, or a concat's. */
uint32_t hf_record_input_count(const hf_op_record *record);
/** Bytes of one input. @param parts a concat's inputs, else unused */
uint64_t hf_record_nth_input_bytes(const hf_op_record *record, uint32_t input, const hf_concat_part *parts);
/**
 * How the output may lie over an input. Requires hf_record_geometry_ok().
 * @param parts a concat's inputs, whose channels sum up to the output's; else unused
 */
hf_overlap hf_record_overlap(const hf_op_record *record, uint32_t input, const hf_concat_part *parts);
/** Whether an input at `input_offset` and the output at `output_offset` are placed as `overlap` allows. */
int hf_overlap_allows(const hf_overlap *overlap, uint64_t input_offset, uint64_t input_bytes,
                      uint64_t output_offset, uint64_t output_bytes);

/**
 * Depthwise convolution, four channels at a time, takes a group through the image in bands of
 * output rows, of this many but for the last one. Before a band's outputs are written, the input rows that it
 * needs and that no band before it had are read, each input row once per group; rows that no window touches
 * are not read.
 */
uint32_t hf_depthwise_band_rows(const hf_op_record *record);

/** Multiply-accumulates per output value of a convolution or dense layer: one group's window. */
uint64_t hf_record_depth(const hf_op_record *record);
/** A convolution's (group's) window is one run of input bytes: 1x1, or as wide as an unpadded input. */
int hf_record_window_is_run(const hf_op_record *record);
/** Bytes of one expanded pair of windows of one group. */
static inline uint64_t hf_expanded_bytes(uint64_t depth)
{
    return (depth + 1) / 2 * 8;
}

/**
 * Where value k of a window of `depth` stands in the expanded window: values go in fours to (0,2) (1,3), so
 * that SXTB16 makes the pairs that SMLAD takes; a rest of one to three stays in order.
 */
static inline uint32_t hf_window_slot(uint32_t k, uint32_t depth)
{
    if (k >= (depth & ~3U))
        return k;
    return (k & ~3U) | ((k & 1U) << 1) | ((k & 2U) >> 1);
}

#endif
