/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_CONVERTER_MODEL_H
#define HF_TEST_CONVERTER_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "schema.h"

/**
 * @file converter_model.h
 * Descriptions of small .tflite files with operators that converters write and hf_tflite_write() does not.
 */

/* BuiltinOperator and BuiltinOptions of the public schema; tests have their own copy. */
enum {
    BUILTIN_ABS = 101,
    BUILTIN_ADD = 0,
    BUILTIN_AVERAGE_POOL_2D = 1,
    BUILTIN_BATCH_TO_SPACE = 37,
    BUILTIN_CONCATENATION = 2,
    BUILTIN_CONV_2D = 3,
    BUILTIN_DEPTHWISE_CONV_2D = 4,
    BUILTIN_DEQUANTIZE = 6,
    BUILTIN_ELU = 111,
    BUILTIN_FULLY_CONNECTED = 9,
    BUILTIN_MAX_POOL_2D = 17,
    BUILTIN_MEAN = 40,
    BUILTIN_MUL = 18,
    BUILTIN_PACK = 83,
    BUILTIN_PAD = 34,
    BUILTIN_PADV2 = 60,
    BUILTIN_RELU = 19,
    BUILTIN_RELU6 = 21,
    BUILTIN_RESIZE_BILINEAR = 23,
    BUILTIN_SHAPE = 77,
    BUILTIN_SOFTMAX = 25,
    BUILTIN_SPACE_TO_BATCH = 38,
    BUILTIN_SLICE = 65,
    BUILTIN_SPLIT = 49,
    BUILTIN_SPLIT_V = 102,
    BUILTIN_STRIDED_SLICE = 45,
};
enum {
    OPTIONS_ADD = 11,
    OPTIONS_CONV_2D = 1,
    OPTIONS_FULLY_CONNECTED = 8,
    OPTIONS_POOL_2D = 5,
    OPTIONS_SOFTMAX = 9,
    OPTIONS_CONCATENATION = 10,
    OPTIONS_DEPTHWISE_CONV_2D = 2,
    OPTIONS_DEQUANTIZE = 38,
    OPTIONS_MUL = 21,
    OPTIONS_PACK = 59,
    OPTIONS_PAD = 22,
    OPTIONS_QUANTIZE = 89,
    OPTIONS_REDUCER = 27,
    OPTIONS_RESIZE_BILINEAR = 15,
    OPTIONS_SHAPE = 55,
    OPTIONS_SPLIT = 35,
    OPTIONS_SPLIT_V = 79,
    OPTIONS_STRIDED_SLICE = 32,
};
enum { CONCAT_AXIS, CONCAT_ACTIVATION };
enum { STRIDED_BEGIN_MASK, STRIDED_END_MASK, STRIDED_NEW_AXIS_MASK = 3, STRIDED_SHRINK_AXIS_MASK };

typedef struct model_tensor {
    int32_t shape[5];
    uint32_t rank;
    uint8_t type;
    float scale; /**< 0 = no quantisation */
    int32_t zero_point;
    int32_t ints[8]; /**< constant int32 values */
    uint32_t int_count;
    int8_t bytes[64]; /**< constant int8 values */
    uint32_t byte_count;
    int32_t quantized_dimension;
} model_tensor;

typedef struct model_operator {
    int32_t builtin;
    uint8_t options_type;
    const char *layout; /**< layout of the options for hf_flat_put_table(); NULL = none */
    int32_t options[8]; /**< values by field */
    int32_t inputs[4];
    uint32_t input_count;
    int32_t outputs[3];
    uint32_t output_count;
} model_operator;

#define MODEL_MAX 16

typedef struct converter_model {
    model_tensor tensors[MODEL_MAX];
    uint32_t tensor_count;
    model_operator operators[MODEL_MAX];
    uint32_t operator_count;
    int32_t input, output;
} converter_model;

/* Appending to a model. @return the tensor's index */
/** Scale 1/16, zero point 3. */
int32_t model_add_activation(converter_model *m, int32_t height, int32_t width, int32_t channels);
/** The same with shape [1,C]. */
int32_t model_add_vector(converter_model *m, int32_t channels);
int32_t model_add_tensor(converter_model *m, model_tensor tensor);
int32_t model_add_ints(converter_model *m, uint32_t count, const int32_t *values);
void model_add_operator(converter_model *m, model_operator op);

/** @return malloc()ed bytes of the file */
uint8_t *model_write(const converter_model *m, size_t *size);

#endif
