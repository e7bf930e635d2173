/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_KERNELS_H
#define HF_ENGINE_KERNELS_H

#include <stddef.h>

#include "engine/format.h"

/* The kernels. All of them assume a validated record and check nothing again. */

/* Fast kernels for special cases, which slower general kernels can also compute. HF_ENGINE_SMALL leaves them
 * out, for models that hardly fit into flash next to the firmware. */
#if defined(__ARM_FEATURE_DSP) && !defined(HF_ENGINE_SMALL)
#define HF_ENGINE_SPECIAL_KERNELS 1
#define HF_SPECIAL_LOOP           __attribute__((optimize("O2"))) /* for speed, in special kernels only */
#define HF_KERNEL_ALIGNMENT                                                                                  \
    32 /* a line of the instruction cache, so that loops take no more lines than needed */
#else
#define HF_ENGINE_SPECIAL_KERNELS 0
#define HF_SPECIAL_LOOP
#define HF_KERNEL_ALIGNMENT 4 /* computed jumps count from words */
#endif

/* Whether convolutions copy blocks of weights before they are used. A Cortex-M7's data cache holds them. */
#if defined(HF_ENGINE_DUAL_ISSUE)
#define HF_CONV_STAGES 0
#else
#define HF_CONV_STAGES 1
#endif

/** Where an operator's bytes are, and which output rows to compute. */
typedef struct hf_op_context {
    const hf_op_record *record;
    const uint8_t *data;         /**< in the image, at data_offset */
    const int8_t *input;         /**< row y is in slot y % in_rows */
    int8_t *output;              /**< row y is in slot y % ring_rows, or in slot y without a ring */
    void *extra;                 /**< scratch, lost between calls; add, mul: the second input */
    uint32_t in_rows;            /**< rows that the input buffer holds; in_height for a whole tensor */
    uint32_t first_row, end_row; /**< output rows to compute: one, or all of them */
} hf_op_context;

static inline const int8_t *hf_input_row(const hf_op_context *c, uint32_t y)
{
    return c->input + (size_t)(y % c->in_rows) * c->record->in_width * c->record->in_step;
}

static inline int8_t *hf_output_row(const hf_op_context *c, uint32_t y)
{
    const hf_op_record *r = c->record;
    return c->output + (size_t)(r->ring_rows ? y % r->ring_rows : y) * r->out_width * r->out_step;
}

/** An output channel's parameters, whether stored compact or wide. */
static inline hf_channel_wide hf_channel_at(const hf_op_context *c, uint32_t channel)
{
    if (c->record->params == HF_PARAMS_WIDE)
        return ((const hf_channel_wide *)(const void *)c->data)[channel];
    const hf_channel_compact compact = ((const hf_channel_compact *)(const void *)c->data)[channel];
    return (hf_channel_wide){compact.bias_shift >> 8, compact.multiplier, -1 - (compact.bias_shift & 0xFF)};
}

/* For operators without data, and for tables, whose bytes may be anything. */
static inline int hf_no_data_ok(const hf_op_record *record, const uint8_t *data)
{
    (void)record;
    (void)data;
    return 1;
}

static inline int hf_table_data_ok(const hf_op_record *record, const uint8_t *data)
{
    return hf_no_data_ok(record, data);
}

/* For each row of operators.h the kernel, which gets a validated record, and the function that validates its data,
 * which gets a record with valid geometry and a data block inside the image. */
#define HF_IMAGE_OP_FUNCTIONS(name, number, text, kernel, shape, kind, ...)                                  \
    void hf_run_##kernel(const hf_op_context *context);                                                      \
    int hf_##kind##_data_ok(const hf_op_record *record, const uint8_t *data);
HF_IMAGE_OP_MAP(HF_IMAGE_OP_FUNCTIONS)
#undef HF_IMAGE_OP_FUNCTIONS

/** Whether the parameters of a record's first `count` channels are valid. */
int hf_parameters_ok(const hf_op_record *record, const uint8_t *data, uint32_t count);
/** Whether a multiplier and its shift are valid: -31 .. `max`, so that no shift is undefined. */
static inline int hf_scale_ok(int32_t multiplier, int32_t shift, int32_t max)
{
    return multiplier >= 0 && shift >= -31 && shift <= max;
}

/** layout.h describes the order in which it reads and writes. */
uint64_t hf_depthwise_scratch_bytes(const hf_op_record *record);

/** Expands the windows of pairs of positions to 16 bits, run by run. For each pair of values it stores the
 * first window's pair, then the second window's, in hf_run_slot() order. A run's odd last value is paired
 * with 0. */
typedef struct hf_window_intake {
    const int8_t *from;      /**< the next position's window; advanced */
    ptrdiff_t step;          /**< bytes to the second position's window */
    uint32_t run_values;     /**< of a run */
    int16_t *to;             /**< where the next two windows go, 4 values per pair of values; advanced */
    uint32_t runs;           /**< of a window, >= 1 */
    uint32_t position_pairs; /**< pairs of positions, >= 1 */
    uint32_t run_advance;    /**< bytes from the end of a run to the next run */
} hf_window_intake;

void hf_expand_windows(hf_window_intake *intake);

/**
 * Multiplies the windows of positions by blocks of four output channels. Windows are stored two by two: for
 * each pair of values window 0's pair, then window 1's. The second window of an odd last position may hold
 * anything. Each block is applied to all positions before the next block.
 */
typedef struct hf_gemm {
    const int16_t *windows;
    uint32_t pairs;        /**< of values of a window, >= 1 */
    uint32_t positions;    /**< >= 1 */
    uint32_t out_step;     /**< bytes from one position's outputs to the next position's */
    int32_t zero_half;     /**< 2 * output zero point + 1 */
    uint32_t stored;       /**< channels of a block whose outputs are stored, 1 .. 4 */
    uint32_t channel_step; /**< bytes from one channel's output to the next channel's, >= 1 */
    int8_t *stage; /**< NULL, or a buffer to which each block's weights are copied before they are used */
    const hf_channel_compact *channels; /**< four per block */
    const int8_t *weights;              /**< HF_IMAGE_ALIGNMENT-aligned, 8 * pairs bytes per block */
    int8_t *out;                        /**< the first block's, for the first position */
    uint32_t blocks;                    /**< >= 1 */
    uint32_t row_bytes; /**< hf_gemm_rgb(), hf_gemm_rows(): from one row of values to the next */
} hf_gemm;

void hf_gemm_blocks(const hf_gemm *gemm);

/** The same for windows of three rows with nine values each, which lie in rows of values: `windows` points to
 * the first window's first value, and the next position's window begins six values further on. 15 pairs, each
 * of two adjacent values. */
void hf_gemm_rgb(const hf_gemm *gemm);
/** Windows whose rows lie in rows of values, two windows interleaved as above; conv_rows.c says where. */
typedef struct hf_gemm_by_rows {
    hf_gemm gemm;           /**< positions are windows of half an output row; words are stored */
    uint32_t row_pairs;     /**< of values of a window's row, >= 1, a divisor of gemm.pairs */
    uint32_t window_bytes;  /**< from a window's values to the next window's */
    uint32_t second_out;    /**< bytes from a window's outputs to those of the second window stored with it */
    uint32_t rows;          /**< of outputs, one behind the other, >= 1 */
    uint32_t advance_bytes; /**< from the values of an output row's first window to the next row's */
} hf_gemm_by_rows;

/** The same for such windows. */
void hf_gemm_rows(const hf_gemm_by_rows *gemm);
/** Expands values to int16, in order. @param to on a word boundary */
void hf_expand_row(int16_t *to, const int8_t *from, uint32_t values);

/**
 * Builds a block from 1 .. 3 channels whose weights are stored one by one; the missing channels' weights are 0.
 * @param weights 2 * pairs for each channel
 * @param block   2 * pairs words
 */
void hf_gemm_join(const int8_t *weights, uint32_t channels, uint32_t pairs, uint32_t *block);

/** Multiplies one window, not expanded, by blocks of four output channels. */
typedef struct hf_dense {
    const int8_t *input;
    const int8_t *weights; /**< HF_IMAGE_ALIGNMENT-aligned */
    const hf_channel_compact *channels;
    int8_t *out;       /**< four per block; must not overlap the input */
    uint32_t blocks;   /**< >= 1 */
    uint32_t values;   /**< >= 1 */
    int32_t zero_half; /**< 2 * output zero point + 1 */
} hf_dense;

void hf_dense_blocks(const hf_dense *dense);

/** Sums one channel's products with two expanded windows. @param weights 2 * pairs, in the order of
 * hf_run_slot(slot, 2 * pairs) */
void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2]);

#endif
