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

/** Whether the record's operator has a trait, HF_TRAIT_* of operators.h. @param record its op is one of them */
int hf_record_has(const hf_op_record *record, uint32_t trait);
/** The second input is 1 x 1 x C and used at every position. */
int hf_record_is_gated(const hf_op_record *record);

/** Geometry is usable: every size >= 1, every window touches its input, shapes and steps agree as the
 * operator asks. */
int hf_record_geometry_ok(const hf_op_record *record);
/** Bytes from the first to behind the last byte of the input, whole, with what lies between its positions. */
uint64_t hf_record_input_span(const hf_op_record *record);
/** The same of the output, or of its ring of rows. */
uint64_t hf_record_output_span(const hf_op_record *record);
/** Bytes of the second input, which a pair has; 0 for others. */
uint64_t hf_record_second_bytes(const hf_op_record *record);
/** Bytes of an output position from its first to behind its last channel: less than a step for a view. */
uint64_t hf_record_position_span(const hf_op_record *record);
/** Scratch space at extra_offset, HF_IMAGE_ALIGNMENT-aligned; 0 for none. Nothing in it lasts from one call
 * of a kernel to the next. */
uint64_t hf_record_scratch_bytes(const hf_op_record *record);
/** Bytes at data_offset: parameters, weights, tables. */
uint64_t hf_record_data_bytes(const hf_op_record *record);
/** Input rows, from row 0 on, that must exist before output row `row` can be made: 1 .. in_height. */
uint32_t hf_record_rows_needed(const hf_op_record *record, uint32_t row);

/**
 * Depthwise convolution, four channels at a time, takes a group through the image in bands of
 * output rows, of this many but for the last one. Before a band's outputs are written, the input rows that it
 * needs and that no band before it had are read, each input row once per group; rows that no window touches
 * are not read.
 */
uint32_t hf_depthwise_band_rows(const hf_op_record *record);

/** A convolution's window is this many runs of neighbouring input bytes ... */
uint32_t hf_record_runs(const hf_op_record *record);
/** ... of this many each: a kernel row, or, of a grouped convolution, one tap's channels of the group. */
uint32_t hf_record_run_values(const hf_op_record *record);
/** Pairs of values that one group's expanded window has: every run begins a new pair. */
static inline uint64_t hf_window_pairs(uint64_t runs, uint64_t run_values)
{
    return runs * ((run_values + 1) / 2);
}

/**
 * Where value k of a run of `run_values` stands in the expanded run: values go in fours to (0,2) (1,3), so
 * that SXTB16 makes the pairs that SMLAD takes; a rest of one to three stays in order.
 */
static inline uint32_t hf_run_slot(uint32_t k, uint32_t run_values)
{
    if (k >= (run_values & ~3U))
        return k;
    return (k & ~3U) | ((k & 1U) << 1) | ((k & 2U) >> 1);
}

/** A block of weights that is not copied: the data cache of an STM32L4, 256 bytes, holds it while it is
 * worked through. */
#define HF_CONV_CACHED_BYTES 128U
/** Tiles for which a copy is worth its while. */
#define HF_CONV_STAGE_TILE 4U
/** Scratch bytes of a convolution for a block of weights: one that is made of the channels left over, one
 * that is copied from flash, or 0. */
uint64_t hf_conv_stage_bytes(const hf_op_record *record);

#endif
