/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_KERNEL_CHOICE_H
#define HF_ENGINE_KERNEL_CHOICE_H

#include "engine/format.h"

/**
 * @file kernel_choice.h
 * Which special kernel computes an operator, and how it divides the work. The engine asks, and so does whoever
 * estimates what an operator costs. The smaller build of the engine has no special kernels.
 */

/** A 3x3 convolution with stride 2 of three channels has a kernel of its own, unless its output overwrites its input. */
int hf_conv_is_rgb(const hf_op_record *record);
/** Pairs of positions whose rows it expands at a time. @param record one for which hf_conv_is_rgb() holds */
uint32_t hf_conv_rgb_position_pairs(const hf_op_record *record);

/** The record as the kernel for overlapping windows sees it: a whole tensor of one column as one row.
 * @param rows    output rows that a call computes
 * @param in_rows rows that the input buffer holds; in_height for a whole tensor */
hf_op_record hf_conv_rows_shape(const hf_op_record *record, uint32_t rows, uint32_t in_rows);
/** Output rows whose input rows it expands together; 0 if it is not for this layer, or scratch space has too little room.
 * @param shape of hf_conv_rows_shape() */
uint32_t hf_conv_rows_tile(const hf_op_record *record, const hf_op_record *shape);
/** Bytes of an expanded row. */
uint32_t hf_conv_rows_row_bytes(const hf_op_record *shape);

/** Whether a 1x1 convolution of one channel is looked up in a table for each output channel. @param rows of a call */
int hf_conv_is_table(const hf_op_record *record, uint32_t rows);

/** Whether four values can be added at a time: one input has the factor 1/2, and the sum is shifted. */
int hf_add_goes_by_fours(const hf_add_data *data);

/** Kernels of a depthwise convolution whose channels have narrow parameters. */
typedef enum hf_depthwise_kernel {
    HF_DEPTHWISE_BY_SMALL_MAP, /**< 3x3, stride 1, at most six columns, all rows at once */
    HF_DEPTHWISE_BY_3X3_ROW,   /**< 3x3, a row of a chain: columns of four channels */
    HF_DEPTHWISE_BY_3X3_WORDS, /**< 3x3, horizontal stride 2: columns of four channels */
    HF_DEPTHWISE_BY_LINE,      /**< the layer is one row of outputs, stride 1 or 2: six outputs at a time */
    HF_DEPTHWISE_BY_WORDS,     /**< any size: columns of four channels */
    HF_DEPTHWISE_BY_SIX,       /**< any size, stride 1 or 2: six outputs at a time */
    HF_DEPTHWISE_BY_3X3,       /**< 3x3, stride 1: six outputs at a time */
    HF_DEPTHWISE_BY_ANY,       /**< the general kernel */
} hf_depthwise_kernel;

/** @param rows    output rows that a call computes
 * @param in_rows rows that the input buffer holds; in_height for a whole tensor */
hf_depthwise_kernel hf_depthwise_kernel_of(const hf_op_record *record, uint32_t rows, uint32_t in_rows);

/** Whether the layer has one column and is computed, if in one call, as one row: hf_depthwise_lying(). */
int hf_depthwise_is_column(const hf_op_record *record);
hf_op_record hf_depthwise_lying(const hf_op_record *record);
/** Output rows computed from one filling of scratch space. */
uint32_t hf_depthwise_band_rows_of(const hf_op_record *record);
/** Words of two weights that the kernel for six outputs reads of a kernel row, for even outputs. */
uint32_t hf_depthwise_row_words(const hf_op_record *record);

#endif
