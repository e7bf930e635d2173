/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_KERNELS_H
#define HF_ENGINE_KERNELS_H

#include <stddef.h>

#include "engine/format.h"

/* The kernels. A validated record is assumed everywhere: nothing is checked again. */

/** Channels that the depthwise kernel takes through an image together. */
#define HF_DEPTHWISE_GROUP 4U
/** Words of two weights of a channel, for even outputs, that hf_depthwise_six() may be given: on the stack.
 */
#define HF_DEPTHWISE_WORDS 50U

/* Kernels that only some models need and whose work others do too, if slowly. HF_ENGINE_SMALL leaves them
 * out: for models that flash has hardly room for, beside a firmware of which they would pay for every byte.
 */
#if defined(__ARM_FEATURE_DSP) && !defined(HF_ENGINE_SMALL)
#define HF_ENGINE_SPECIAL_KERNELS 1
#define HF_SPECIAL_LOOP           __attribute__((optimize("O2"))) /* for speed, where it is for special cases */
#else
#define HF_ENGINE_SPECIAL_KERNELS 0
#define HF_SPECIAL_LOOP
#endif

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

/** An output channel's parameters, however the operator's are stored. */
static inline hf_channel_wide hf_channel_at(const hf_op_context *c, uint32_t channel)
{
    if (c->record->params == HF_PARAMS_WIDE)
        return ((const hf_channel_wide *)(const void *)c->data)[channel];
    const hf_channel_compact compact = ((const hf_channel_compact *)(const void *)c->data)[channel];
    return (hf_channel_wide){compact.bias_shift >> 8, compact.multiplier, -1 - (compact.bias_shift & 0xFF)};
}

/* Data that any bytes are: none, outputs of a table. */
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

/* Of each row of operators.h the kernel and what validates its data. Kernels are given validated records;
 * hf_<data>_data_ok() a record whose geometry is, and whose data block is within the image. */
#define HF_IMAGE_OP_FUNCTIONS(name, number, text, kernel, shape, kind, ...)                                  \
    void hf_run_##kernel(const hf_op_context *context);                                                      \
    int hf_##kind##_data_ok(const hf_op_record *record, const uint8_t *data);
HF_IMAGE_OP_MAP(HF_IMAGE_OP_FUNCTIONS)
#undef HF_IMAGE_OP_FUNCTIONS

/** What channel parameters must be: of a record's `count` channels. */
int hf_parameters_ok(const hf_op_record *record, const uint8_t *data, uint32_t count);
/** A multiplier of the data block, and its shift, -31 .. `max`: no shift is undefined. */
static inline int hf_scale_ok(int32_t multiplier, int32_t shift, int32_t max)
{
    return multiplier >= 0 && shift >= -31 && shift <= max;
}

/** See layout.h for what it takes and makes when. */
uint64_t hf_depthwise_scratch_bytes(const hf_op_record *record);

/** Windows of pairs of positions, run by run, expanded to 16 bits one behind the other: pair by pair of
 * values the first window's and the second's, in hf_run_slot() order. A run's odd last value is paired with a
 * 0. */
typedef struct hf_window_intake {
    const int8_t *from;   /**< the next position's window; moves on */
    ptrdiff_t step;       /**< bytes to the second position's */
    uint32_t run_values;  /**< of a run */
    int16_t *to;          /**< where the next two windows go: 4 values per pair of values; moves on */
    uint32_t runs;        /**< of a window, >= 1 */
    uint32_t couples;     /**< pairs of positions, >= 1 */
    uint32_t run_advance; /**< bytes from behind a run to the next */
} hf_window_intake;

void hf_expand_windows(hf_window_intake *intake);

/**
 * The windows of positions against blocks of four output channels. Positions stand two by two: per pair of
 * values window 0's pair, window 1's pair; an odd last one has any second. A block is worked through for all
 * positions before the next.
 */
typedef struct hf_gemm {
    const int16_t *windows;
    uint32_t pairs;        /**< of values of a window, >= 1 */
    uint32_t positions;    /**< >= 1 */
    uint32_t out_step;     /**< bytes from one position's outputs to the next one's */
    int32_t zero_half;     /**< 2 * output zero point + 1 */
    uint32_t stored;       /**< channels of a block whose outputs are stored, 1 .. 4 */
    uint32_t channel_step; /**< bytes from one channel's output to the next one's, >= 1 */
    int8_t *stage; /**< NULL, or room for a block: where its weights are copied before it is worked through */
    const hf_channel_compact *channels; /**< four per block */
    const int8_t *weights;              /**< HF_IMAGE_ALIGNMENT-aligned, 8 * pairs bytes per block */
    int8_t *out;                        /**< the first position's, first block */
    uint32_t blocks;                    /**< >= 1 */
    uint32_t row_bytes;                 /**< hf_gemm_rgb(): from one row of values to the next */
} hf_gemm;

void hf_gemm_blocks(const hf_gemm *gemm);

/** The same for windows of three rows, nine values each, that lie in rows of values: `windows` points to the
 * first one's first value, the next position's is six values further. 15 pairs, each of two neighbours. */
void hf_gemm_rgb(const hf_gemm *gemm);
/** Values to int16, in order. @param to on a word boundary */
void hf_expand_row(int16_t *to, const int8_t *from, uint32_t values);

/**
 * A block of 1 .. 3 channels whose weights are stored one by one; the others' are 0.
 * @param weights 2 * pairs of each channel
 * @param block   2 * pairs words
 */
void hf_gemm_join(const int8_t *weights, uint32_t channels, uint32_t pairs, uint32_t *block);

/** One window, not expanded, against blocks of four output channels. */
typedef struct hf_dense {
    const int8_t *input;
    const int8_t *weights; /**< HF_IMAGE_ALIGNMENT-aligned */
    const hf_channel_compact *channels;
    int8_t *out;       /**< four per block; not over the input */
    uint32_t blocks;   /**< >= 1 */
    uint32_t values;   /**< >= 1 */
    int32_t zero_half; /**< 2 * output zero point + 1 */
} hf_dense;

void hf_dense_blocks(const hf_dense *dense);

/** Sums of one channel's products with two expanded windows. @param weights 2 * pairs, slots by
 * hf_run_slot(slot, 2 * pairs) */
void hf_gemm_sums(const int16_t *windows, const int8_t *weights, uint32_t pairs, int32_t sums[2]);

/** How hf_depthwise_3x3() goes along a row. RELU is for zero_half == -255: whatever is negative saturates, so
 * how it is rounded does not matter. */
typedef enum hf_depthwise_kind {
    HF_DEPTHWISE_SIX, /**< stride 1 */
    HF_DEPTHWISE_RELU_SIX,
    HF_DEPTHWISE_SECOND, /**< stride 2 */
    HF_DEPTHWISE_RELU_SECOND,
} hf_depthwise_kind;

/** Output rows of several channels, whose windows lie at fixed distances. Rows are int16, on word boundaries.
 * The kernels move rows, out, weights and channels on channel by channel. */
typedef struct hf_depthwise_run {
    const int16_t *rows[3];             /**< the kernel's rows for the first output row */
    int8_t *out;                        /**< first output row; channels are neighbours */
    const int8_t *weights;              /**< kernel by kernel, by rows */
    const hf_channel_compact *channels; /**< one per channel */
    uint32_t channel_count;             /**< >= 1; counted down */
    uint32_t channel_bytes;             /**< from a channel's row to the next channel's */
    uint32_t out_step;                  /**< bytes from one output to the next */
    uint32_t last_out;                  /**< bytes from a row's first output to its last */
    uint32_t height;                    /**< output rows, >= 1 */
    uint32_t row_advance; /**< bytes from where a row's windows end to where the next row's begin */
    uint32_t out_row;     /**< bytes from one output row to the next */
    uint32_t kind;        /**< hf_depthwise_kind */
    int32_t zero_half;    /**< 2 * output zero point + 1 */
    uint32_t width;       /**< outputs of a row */
    uint32_t rest;        /**< those of them that the last six are, 1 .. 6 */
} hf_depthwise_run;

/**
 * A row of outputs of one channel. Columns are read for outputs in sixes, depthwise.c says how far.
 */
typedef struct hf_depthwise_row {
    const int16_t *row;      /**< the first kernel row's, of the first output; on a word boundary */
    const int16_t *ring_end; /**< behind the last row; there they go on */
    uint32_t ring_bytes;     /**< before that */
    uint32_t slot_bytes;     /**< from row to row */
    const uint32_t
        *weights; /**< doubled, two to a word, kernel row by kernel row; with stride 1 two words for
                     each two, for even outputs (w0,w1) (w2,w3) .., for odd ones (0,w0) (w1,w2) .. */
    const uint32_t *weights_end; /**< behind the last kernel row's */
    uint32_t row_weights;        /**< bytes of a kernel row's */
    int8_t *out;                 /**< the first output's */
    uint32_t out_step;           /**< bytes from one output to the next */
    uint32_t outputs;            /**< >= 1 */
    int32_t multiplier;
    int32_t shift;   /**< right shift - 1; the low byte counts */
    int32_t zero;    /**< 2 * output zero point + 1, shifted left by it */
    int32_t bias;    /**< twice the bias */
    uint32_t stride; /**< 1 or 2 columns */
} hf_depthwise_row;

/** A channel of hf_depthwise_by_words(). */
typedef struct hf_depthwise_words_channel {
    int32_t multiplier;
    int32_t shift; /**< right shift - 1; the low byte counts */
    int32_t zero;  /**< 2 * output zero point + 1, shifted left by it */
    int32_t bias;  /**< twice the bias */
} hf_depthwise_words_channel;

/** Two taps of four channels. */
typedef struct hf_depthwise_words_taps {
    uint32_t column[2];                   /**< bytes from the window to their columns */
    uint32_t weights[HF_DEPTHWISE_GROUP]; /**< doubled, the first tap's in the low half */
} hf_depthwise_words_taps;

/** A row of outputs of four channels; a column is their four bytes. */
typedef struct hf_depthwise_words {
    int8_t *out;                         /**< the first output's first channel; moved on */
    uint32_t out_step;                   /**< bytes from one output to the next */
    uint32_t advance;                    /**< bytes from one window to the next */
    const int8_t *window_end;            /**< behind the last window; less 1 if not all channels are stored */
    const hf_depthwise_words_taps *taps; /**< at least one pair */
    const hf_depthwise_words_taps *taps_end;
    uint32_t skipped;     /**< bits of the channels before the first that is stored */
    uint32_t stored;      /**< channels, if not all are */
    const int8_t *window; /**< the first, on a word boundary */
    hf_depthwise_words_channel channels[HF_DEPTHWISE_GROUP];
} hf_depthwise_words;

void hf_depthwise_by_words(hf_depthwise_words *run);

/** Output rows of four channels, 3x3 with stride 2, whose windows lie at fixed distances; a column is their four bytes.
 * Columns are read for outputs in twos. */
typedef struct hf_depthwise_3x3_words {
    const uint32_t *rows[3];            /**< the kernel's rows for the first output row */
    int8_t *out;                        /**< the first output's first channel that is stored */
    const int8_t *weights;              /**< kernel by kernel, by rows */
    const hf_channel_compact *channels; /**< four */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
    uint32_t out_step;                  /**< bytes from one output to the next */
    int32_t outputs;                    /**< of a row; less 2^30 if not all channels are stored */
    uint32_t height;                    /**< output rows, >= 1 */
    uint32_t row_advance; /**< bytes from where a row's windows end to where the next row's begin */
    uint32_t out_row;     /**< bytes from one output row to the next */
    uint32_t skipped;     /**< bits of the channels before the first that is stored */
    uint32_t stored;      /**< channels */
} hf_depthwise_3x3_words;

/** A row of columns. @param step bytes from column to column */
void hf_depthwise_take_words(uint32_t *to, const int8_t *from, size_t step, uint32_t columns);
void hf_depthwise_by_3x3_words(const hf_depthwise_3x3_words *run);

/** A whole 3x3 layer of four channels with stride 1 and a row and column of padding around a map of at most six
 * columns. All of the input is read before an output is written. */
typedef struct hf_depthwise_small {
    int16_t *planes;       /**< scratch: four channels, 6 columns a row; blank beyond the width */
    const int8_t *input;   /**< the first of four channels */
    uint32_t in_step;      /**< bytes from column to column */
    uint32_t width;        /**< 1 .. HF_DEPTHWISE_SMALL_WIDTH */
    uint32_t height;       /**< >= 2 */
    int8_t *out;           /**< the first stored channel's */
    uint32_t out_step;     /**< bytes from one output to the next */
    const int8_t *weights; /**< the first stored channel's */
    const hf_channel_compact *channels; /**< the first stored one's */
    uint32_t skipped;                   /**< channels before those that are stored */
    uint32_t stored;                    /**< >= 1; with those skipped 4 */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
    int32_t input_zero;
} hf_depthwise_small;

#define HF_DEPTHWISE_SMALL_WIDTH 6U

void hf_depthwise_small_map(const hf_depthwise_small *map);

/** Consecutive input rows of four channels, to consecutive places. */
typedef struct hf_depthwise_intake {
    int16_t *to;            /**< where the first pair of columns goes that has one of the input */
    const int8_t *from;     /**< first row's first value */
    uint32_t rows;          /**< >= 1 */
    uint32_t channel_bytes; /**< from a channel's row to the next channel's */
    uint32_t pairs;         /**< of columns, without the last */
    uint32_t zeros;         /**< zero point, four times */
    uint32_t first;         /**< bytes from a row's start to the second column of its first pair */
    int32_t last;           /**< the same to the second column of its last pair; -1: that is padding */
    uint32_t step;          /**< bytes from column to column */
    uint32_t to_advance;    /**< bytes from where a row ends to where the next begins */
    uint32_t from_advance;  /**< bytes from row to row */
} hf_depthwise_intake;

#if defined(__ARM_FEATURE_DSP)
void hf_depthwise_take(const hf_depthwise_intake *intake);
/** Strides 1 and 2. Rows are read in words, and with stride 1 as for outputs in sixes. */
void hf_depthwise_3x3(hf_depthwise_run *run);
void hf_depthwise_six(const hf_depthwise_row *row);
#endif

#endif
