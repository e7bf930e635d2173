/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_LAYOUT_H
#define HF_ENGINE_LAYOUT_H

#include "engine/format.h"

/**
 * @file layout.h
 * The memory that kernels need, computed from an operator record. The planner that places tensors and the
 * engine that validates the plan use the same code. All sizes have 64 bits, so that no record, however broken,
 * overflows them.
 */

/** Whether the record's operator has a trait, HF_TRAIT_* of operators.h. @param record its op is one of them */
int hf_record_has(const hf_op_record *record, uint32_t trait);
/** The second input is 1 x 1 x C and used at every position. */
int hf_record_is_gated(const hf_op_record *record);

/** Geometry is usable: every size >= 1, every window touches its input, shapes and steps agree as the
 * operator asks. */
int hf_record_geometry_ok(const hf_op_record *record);
/** Bytes from the first byte of the whole input to the end of its last one, gaps between positions included. */
uint64_t hf_record_input_span(const hf_op_record *record);
/** The same for the output, or for its ring of rows. */
uint64_t hf_record_output_span(const hf_op_record *record);
/** Bytes of the second input, which a pair has; 0 for others. */
uint64_t hf_record_second_bytes(const hf_op_record *record);
/** Bytes of an output position from its first to the end of its last channel: less than a step for a view. */
uint64_t hf_record_position_span(const hf_op_record *record);
/** Scratch space at extra_offset, HF_IMAGE_ALIGNMENT-aligned; 0 for none. Its contents are lost between
 * calls of a kernel. */
uint64_t hf_record_scratch_bytes(const hf_op_record *record);
/** Bytes at data_offset: parameters, weights, tables. */
uint64_t hf_record_data_bytes(const hf_op_record *record);
/** Input rows, from row 0 on, that must exist before output row `row` can be made: 1 .. in_height. */
uint32_t hf_record_rows_needed(const hf_op_record *record, uint32_t row);

/** Bytes of an lstm's values, the height of the record's kernel: 1, or 2. */
static inline uint32_t hf_lstm_value_bytes(const hf_op_record *record)
{
    return record->kernel_height;
}

/** Units of an lstm. Its output is a row of them for each step, then their cell state, 2 bytes each. */
static inline uint32_t hf_lstm_units(const hf_op_record *record)
{
    return record->out_channels / (record->in_width * hf_lstm_value_bytes(record) + 2U);
}

/** Units of an svdf. Its output is its state, then a byte for each. The record's kernel is [memory][rank]. */
static inline uint32_t hf_svdf_units(const hf_op_record *record)
{
    return record->out_channels / (2U * record->kernel_height * record->kernel_width + 1U);
}

/**
 * Depthwise convolution processes each group of four channels in bands of output rows. All bands but the last
 * have this many rows. Before a band's outputs are written, the input rows that it needs and that no earlier
 * band has read are read, each input row once per group. Rows that no window touches are not read.
 */
uint32_t hf_depthwise_band_rows(const hf_op_record *record);

/** A convolution's window is this many runs of neighbouring input bytes ... */
uint32_t hf_record_runs(const hf_op_record *record);
/** ... of this many each: a kernel row, or, of a grouped convolution, one tap's channels of the group. */
uint32_t hf_record_run_values(const hf_op_record *record);
/** Pairs of values in one group's expanded window: every run begins a new pair. */
static inline uint64_t hf_window_pairs(uint64_t runs, uint64_t run_values)
{
    return runs * ((run_values + 1) / 2);
}

/**
 * The slot of value k in an expanded run of `run_values`. Each four values are stored as (0,2) (1,3), the pairs
 * that SXTB16 produces and SMLAD consumes; a rest of one to three stays in order.
 */
static inline uint32_t hf_run_slot(uint32_t k, uint32_t run_values)
{
    if (k >= (run_values & ~3U))
        return k;
    return (k & ~3U) | ((k & 1U) << 1) | ((k & 2U) >> 1);
}

/** Largest block of weights that is not copied: the 256 bytes of an STM32L4's data cache hold it while it is
 * used. */
#define HF_CONV_CACHED_BYTES 128U
/** Smallest tile for which a copy pays. */
#define HF_CONV_STAGE_TILE 4U
/** The same for a block that a data cache holds. It is copied to the stack. */
#define HF_CONV_SMALL_STAGE_TILE 8U
/** Scratch bytes of a convolution for a block of weights, built from left-over channels or copied from flash;
 * or 0. */
uint64_t hf_conv_stage_bytes(const hf_op_record *record);

#endif
