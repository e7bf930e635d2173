/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_KERNELS_H
#define HF_ENGINE_KERNELS_H

#include <stddef.h>

#include "engine/format.h"

/* The kernels. A validated record is assumed everywhere: nothing is checked again. */

/** Channels that the depthwise kernel takes through an image together. */
#define HF_DEPTHWISE_GROUP 4U

/** Where an operator finds its bytes, and what of it is to be done. */
typedef struct hf_op_context {
    const hf_op_record *record;
    const uint8_t *data;         /**< in the image, at data_offset */
    const int8_t *input;         /**< row y is at slot y % in_rows */
    int8_t *output;              /**< row y is at slot y % ring_rows, or at y without a ring */
    void *extra;                 /**< scratch, whose contents do not last; add, mul: the second input */
    uint32_t in_rows;            /**< rows that the input's place holds; in_height if it is whole */
    uint32_t first_row, end_row; /**< output rows to make; one row, or all of them */
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

void hf_run_conv(const hf_op_context *context); /* conv2d and dense */
void hf_run_depthwise(const hf_op_context *context);
void hf_run_average_pool(const hf_op_context *context);
void hf_run_max_pool(const hf_op_context *context);
void hf_run_add(const hf_op_context *context);
void hf_run_softmax(const hf_op_context *context);
void hf_run_mul(const hf_op_context *context);
void hf_run_copy(const hf_op_context *context);
void hf_run_table(const hf_op_context *context);
void hf_run_pad(const hf_op_context *context);
void hf_run_mean(const hf_op_context *context);

/** Bytes of one channel's row with its padding, as the depthwise kernel keeps it in scratch. */
uint32_t hf_depthwise_row_bytes(const hf_op_record *record);

/**
 * Runs of two windows, expanded to 16 bits: pair by pair a's and b's, in hf_run_slot() order. An odd last
 * value is paired with a 0.
 * @return behind what was written
 */
int16_t *hf_expand(const int8_t *a, const int8_t *b, uint32_t values, int16_t *to);

/** Two expanded windows against blocks of four output channels. */
typedef struct hf_gemm {
    const int16_t *windows; /**< per pair of values: window 0's pair, window 1's pair */
    const int8_t *weights;  /**< HF_IMAGE_ALIGNMENT-aligned */
    const hf_channel_compact *channels;
    int32_t zero_half; /**< 2 * output zero point + 1 */
    int8_t *out[2];    /**< four values per block each; may be the same place */
    uint32_t blocks;   /**< >= 1 */
    uint32_t pairs;    /**< of values, >= 1 */
} hf_gemm;

void hf_gemm_blocks(const hf_gemm *gemm);

/** Sums of one channel's products with two expanded windows. @param weights 2 * pairs, in slot order */
void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2]);

/** One output row of several channels. The pointers move on channel by channel. */
typedef struct hf_depthwise_rows {
    const int8_t *rows[3];              /**< padded input rows; kernels of 3 rows */
    uint32_t row_steps[3];              /**< from a channel's row to the next channel's; 0 for blank rows */
    const int8_t *weights;              /**< 9 per channel, by rows */
    const hf_channel_compact *channels; /**< one per channel */
    int8_t *out;                        /**< channels are neighbours */
    uint32_t channel_count;             /**< >= 1 */
    uint32_t out_step;                  /**< bytes from one output of a channel to the next */
    uint32_t width;                     /**< outputs, >= 1 */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
} hf_depthwise_rows;

/** 3x3 kernel, stride 1 and 2. Row bytes up to the next multiple of 4 are read and ignored. */
void hf_depthwise_rows_3x3_s1(hf_depthwise_rows *rows);
void hf_depthwise_rows_3x3_s2(hf_depthwise_rows *rows);

/** One output row of one channel, kernel 5x5. */
typedef struct hf_depthwise_row_5x5 {
    const int8_t *rows[5]; /**< padded input rows */
    const int8_t *weights; /**< 25, by rows */
    hf_channel_compact channel;
    int8_t *out;
    uint32_t out_step; /**< bytes from one output to the next */
    uint32_t stride;   /**< columns */
    uint32_t width;    /**< outputs, >= 1 */
    int32_t zero_half; /**< 2 * output zero point + 1 */
} hf_depthwise_row_5x5;

void hf_run_depthwise_row_5x5(const hf_depthwise_row_5x5 *row);

#endif
