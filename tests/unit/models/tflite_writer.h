/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_TFLITE_WRITER_H
#define HF_TEST_TFLITE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file tflite_writer.h
 * Writes a tiny int8 .tflite file: 6x6x2 input; convolution 3x3 with stride 2 to 4 channels; depthwise 3x3;
 * add of both; max pool 2x2 with stride 1; average pool to 1x1; reshape; dense to 3; softmax. Each option
 * changes one property to a value that the reader must reject, or must accept as an alternative.
 */
typedef struct tiny_options {
    int32_t schema_version;          /**< 3 */
    int32_t subgraphs;               /**< 1 */
    int32_t conv_dilation;           /**< 1 */
    int32_t conv_stride;             /**< 2 */
    int32_t conv_kernel_inputs;      /**< input channels of the conv's weights: 2 */
    int32_t conv_output_height;      /**< declared by the output tensor: 3 */
    uint8_t conv_activation;         /**< 1 = RELU */
    uint8_t conv_padding;            /**< 0 = SAME */
    uint8_t conv_options_type;       /**< 1 = Conv2DOptions */
    int64_t weight_zero_point;       /**< 0 */
    int32_t weight_dimension;        /**< of the conv's per-channel quantisation: 0 */
    uint32_t conv_scales;            /**< scales of the conv's weights: 4 (per channel) or 1 (per tensor) */
    uint32_t weight_zero_points;     /**< number of zero points; 0 = as many as scales */
    float weight_scale;              /**< 0.01 */
    uint8_t weight_type;             /**< 9 = int8 */
    uint8_t activation_type;         /**< 9 = int8 */
    int64_t activation_zero_point;   /**< -128 */
    int32_t bias_count;              /**< 4 */
    float bias_scale;                /**< 0 = input scale x weight scale */
    bool bias_absent;                /**< the conv's third input is -1 */
    bool sparse_weights;             /**< the conv's weights have a sparsity table */
    float softmax_output_scale;      /**< 1/256 */
    float softmax_beta;              /**< 1 */
    float pool_output_scale;         /**< 0.05, equal to its input's */
    int32_t replace_reshape_builtin; /**< 22 = RESHAPE */
    bool codes_deprecated_only;      /**< operator codes only in the old one-byte field */
    bool codes_new_only;             /**< only in the new field */
    int32_t batch;                   /**< 1 */
    int32_t add_second_input;        /**< file tensor, -2 = the conv's output */
    int32_t graph_output;            /**< file tensor, -2 = the softmax's output */
} tiny_options;

tiny_options tiny_defaults(void);
/** @return malloc()ed bytes of the file */
uint8_t *tiny_write(const tiny_options *options, size_t *size);

/* Indices of the file's tensors. */
enum {
    TINY_INPUT,
    TINY_CONV_WEIGHTS,
    TINY_CONV_BIAS,
    TINY_CONV,
    TINY_DEPTHWISE_WEIGHTS,
    TINY_DEPTHWISE_BIAS,
    TINY_DEPTHWISE,
    TINY_ADD,
    TINY_MAX_POOL,
    TINY_AVERAGE_POOL,
    TINY_RESHAPE,
    TINY_DENSE_WEIGHTS,
    TINY_DENSE_BIAS,
    TINY_DENSE,
    TINY_SOFTMAX,
    TINY_TENSORS
};

/** The value of weight i of any layer, and of bias i. */
int8_t tiny_weight(size_t i);
int32_t tiny_bias(size_t i);

#endif
