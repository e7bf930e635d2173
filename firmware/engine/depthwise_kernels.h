/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DEPTHWISE_KERNELS_H
#define HF_ENGINE_DEPTHWISE_KERNELS_H

#include "kernels.h"

/* Kernels for depthwise convolution in assembly. depthwise_rows.c has the portable kernel. */

/** Channels that depthwise convolution processes together. */
#define HF_DEPTHWISE_GROUP 4U
/** Most words of two weights of a channel, for even outputs, that hf_depthwise_six() accepts: they are on the stack. */
#define HF_DEPTHWISE_WORDS 50U

/** How hf_depthwise_3x3() processes a row. RELU is for zero_half == -255: negative values saturate, so their
 * rounding does not matter. */
typedef enum hf_depthwise_kind {
    HF_DEPTHWISE_SIX, /**< stride 1 */
    HF_DEPTHWISE_RELU_SIX,
    HF_DEPTHWISE_SECOND, /**< stride 2 */
    HF_DEPTHWISE_RELU_SECOND,
} hf_depthwise_kind;

/** Output rows of several channels, whose windows are at fixed distances. Rows are int16, on word boundaries.
 * The kernel advances rows, out, weights and channels for each channel. */
typedef struct hf_depthwise_run {
    const int16_t *rows[3];             /**< the kernel's rows for the first output row */
    int8_t *out;                        /**< first output row; channels are adjacent */
    const int8_t *weights;              /**< kernel by kernel, by rows */
    const hf_channel_compact *channels; /**< one per channel */
    uint32_t channel_count;             /**< >= 1; counted down */
    uint32_t channel_bytes;             /**< from a channel's row to the next channel's row */
    uint32_t out_step;                  /**< bytes from one output to the next */
    uint32_t last_out;                  /**< bytes from a row's first output to its last */
    uint32_t height;                    /**< output rows, >= 1 */
    uint32_t row_advance; /**< bytes from the end of a row's windows to the next row's windows */
    uint32_t out_row;     /**< bytes from one output row to the next */
    uint32_t kind;        /**< hf_depthwise_kind */
    int32_t zero_half;    /**< 2 * output zero point + 1 */
    uint32_t width;       /**< outputs of a row */
    uint32_t rest;        /**< outputs in the last group of six, 1 .. 6 */
} hf_depthwise_run;

/**
 * A row of outputs of one channel, six at a time. depthwise_layout.c allows for the columns read behind a row.
 */
typedef struct hf_depthwise_row {
    const int16_t *row;      /**< columns of the first output in the first kernel row; on a word boundary */
    const int16_t *ring_end; /**< end of the last row, where rows wrap around */
    uint32_t ring_bytes;     /**< bytes of all rows */
    uint32_t slot_bytes;     /**< from row to row */
    const uint32_t
        *weights; /**< doubled, two to a word, kernel row by kernel row; with stride 1 two words for
                     each two, for even outputs (w0,w1) (w2,w3) .., for odd ones (0,w0) (w1,w2) .. */
    const uint32_t *weights_end; /**< end of the last kernel row's weights */
    uint32_t row_weights;        /**< bytes of one kernel row's weights */
    int8_t *out;                 /**< the first output */
    uint32_t out_step;           /**< bytes from one output to the next */
    uint32_t outputs;            /**< >= 1 */
    int32_t multiplier;
    int32_t shift;   /**< right shift - 1 in the low byte; other bits ignored */
    int32_t zero;    /**< 2 * output zero point + 1, shifted left by it */
    int32_t bias;    /**< twice the bias */
    uint32_t stride; /**< 1 or 2 columns */
} hf_depthwise_row;

/** A channel of hf_depthwise_by_words(). */
typedef struct hf_depthwise_words_channel {
    int32_t multiplier;
    int32_t shift; /**< right shift - 1 in the low byte; other bits ignored */
    int32_t zero;  /**< 2 * output zero point + 1, shifted left by it */
    int32_t bias;  /**< twice the bias */
} hf_depthwise_words_channel;

/** Two taps of four channels. */
typedef struct hf_depthwise_words_taps {
    uint32_t column[2];                   /**< bytes from the window's start to each tap's column */
    uint32_t weights[HF_DEPTHWISE_GROUP]; /**< doubled, the first tap's weight in the low half */
} hf_depthwise_words_taps;

/** A row of outputs of four channels; a column is their four bytes. */
typedef struct hf_depthwise_words {
    int8_t *out;              /**< the first output's first channel; advanced */
    uint32_t out_step;        /**< bytes from one output to the next */
    uint32_t advance;         /**< bytes from one window to the next */
    const int8_t *window_end; /**< end of the last window, minus 1 if not all channels are stored */
    const hf_depthwise_words_taps *taps; /**< at least one pair */
    const hf_depthwise_words_taps *taps_end;
    uint32_t skipped;     /**< bits of the channels before the first stored one */
    uint32_t stored;      /**< channels, if fewer than four */
    const int8_t *window; /**< the first, on a word boundary */
    hf_depthwise_words_channel channels[HF_DEPTHWISE_GROUP];
} hf_depthwise_words;

void hf_depthwise_by_words(hf_depthwise_words *run);

/** Output rows of four channels, 3x3 with stride 1 or 2, two outputs at a time. Windows are at fixed distances; a column
 * is one word of four channels. */
typedef struct hf_depthwise_3x3_words {
    const uint32_t *rows[3];            /**< the kernel's rows for the first output row */
    int8_t *out;                        /**< the first output's first stored channel */
    const int8_t *weights;              /**< kernel by kernel, by rows */
    const hf_channel_compact *channels; /**< four */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
    uint32_t out_step;                  /**< bytes from one output to the next */
    int32_t outputs;                    /**< outputs of a row, minus 2^30 if not all channels are stored */
    uint32_t height;                    /**< output rows, >= 1 */
    uint32_t row_advance; /**< bytes from the end of a row's windows to the next row's windows */
    uint32_t out_row;     /**< bytes from one output row to the next */
    uint32_t skipped;     /**< bits of the channels before the first stored one */
    uint32_t stored;      /**< stored channels */
} hf_depthwise_3x3_words;

/** Copies a row of columns. @param step bytes from one input column to the next */
void hf_depthwise_take_words(uint32_t *to, const int8_t *from, size_t step, uint32_t columns);
/** Stride 2. */
void hf_depthwise_by_3x3_words(const hf_depthwise_3x3_words *run);
/** Stride 1. */
void hf_depthwise_by_3x3_near_words(const hf_depthwise_3x3_words *run);

/** Four channels of a whole 3x3 layer with stride 1 and padding 1, at most six columns wide. All input is read
 * before the first output is written. */
typedef struct hf_depthwise_small {
    int16_t *
        planes; /**< scratch: four channels, six columns a row, filled with the zero point beyond the width */
    const int8_t *input;                /**< the first of the four channels */
    uint32_t in_step;                   /**< bytes from column to column */
    uint32_t width;                     /**< 1 .. HF_DEPTHWISE_SMALL_WIDTH */
    uint32_t height;                    /**< >= 2 */
    int8_t *out;                        /**< of the first stored channel */
    uint32_t out_step;                  /**< bytes from one output to the next */
    const int8_t *weights;              /**< of the first stored channel */
    const hf_channel_compact *channels; /**< of the first stored channel */
    uint32_t skipped;                   /**< channels before the first stored one */
    uint32_t stored;                    /**< >= 1; skipped + stored == 4 */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
    int32_t input_zero;
} hf_depthwise_small;

#define HF_DEPTHWISE_SMALL_WIDTH 6U

void hf_depthwise_small_map(const hf_depthwise_small *map);

/** Copies consecutive input rows of four channels to consecutive int16 rows of each channel. */
typedef struct hf_depthwise_intake {
    int16_t *to;            /**< where the first pair of columns that touches the input goes */
    const int8_t *from;     /**< the first row's first value */
    uint32_t rows;          /**< >= 1 */
    uint32_t channel_bytes; /**< from a channel's row to the next channel's row */
    uint32_t pairs;         /**< pairs of columns, without the last */
    uint32_t zeros;         /**< the zero point in all four bytes */
    uint32_t first;         /**< bytes from a row's start to the second column of its first pair */
    int32_t last;           /**< the same for its last pair; -1 if that column is padding */
    uint32_t step;          /**< bytes from column to column */
    uint32_t to_advance;    /**< bytes from the end of a row to the next row */
    uint32_t from_advance;  /**< bytes from row to row */
} hf_depthwise_intake;

/** Most taps of a row for hf_depthwise_by_line(). */
#define HF_DEPTHWISE_LINE_TAPS 15U

/** Groups of four channels, each of one row of outputs with one kernel row. depthwise_layout.c allows for the columns
 * read behind a row. */
typedef struct hf_depthwise_line {
    const int16_t *row;                 /**< the first of four padded rows, to which each group is copied */
    int8_t *out;                        /**< the first stored channel's first output; channels are adjacent */
    const int8_t *weights;              /**< of the first stored channel, channel by channel */
    const hf_channel_compact *channels; /**< of the first stored channel */
    uint32_t groups;                    /**< >= 1 */
    uint32_t channel_bytes;             /**< from a channel's row to the next channel's row */
    uint32_t out_step;                  /**< bytes from one output to the next */
    uint32_t outputs;                   /**< of a row, >= 1 */
    int32_t zero_half;                  /**< 2 * output zero point + 1 */
    uint32_t taps;                      /**< 1 .. HF_DEPTHWISE_LINE_TAPS */
    uint32_t stride;                    /**< 1 or 2 columns */
    int16_t *to;         /**< in the first row, where the first pair of columns that touches the input goes */
    uint32_t in_step;    /**< bytes from column to column */
    uint32_t pairs;      /**< of columns */
    uint32_t zeros;      /**< the input's zero point in all four bytes */
    uint32_t lone;       /**< columns paired with padding, bit 0 a first one, bit 1 a last one */
    uint32_t skipped;    /**< channels of each group before the first stored one */
    uint32_t stored;     /**< >= 1; skipped + stored == 4 */
    const int8_t *input; /**< the first group's first channel */
} hf_depthwise_line;

void hf_depthwise_by_line(const hf_depthwise_line *line);

#if defined(__ARM_FEATURE_DSP)
void hf_depthwise_take(const hf_depthwise_intake *intake);
/** Strides 1 and 2. Rows are read in words; stride 1 computes six outputs at a time. */
void hf_depthwise_3x3(hf_depthwise_run *run);
void hf_depthwise_six(const hf_depthwise_row *row);
#endif

#endif
