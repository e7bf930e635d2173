/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_FORMS_H
#define HF_TEST_FORMS_H

#include <stddef.h>
#include <stdint.h>

#include "schema.h"

/**
 * @file forms.h
 * Small .tflite files in the forms that converters write and our own writer does not.
 */

/* BuiltinOperator and BuiltinOptions of the public schema; tests have their own copy. */
enum {
    BUILTIN_ADD = 0,
    BUILTIN_CONCATENATION = 2,
    BUILTIN_DEPTHWISE_CONV_2D = 4,
    BUILTIN_DEQUANTIZE = 6,
    BUILTIN_MEAN = 40,
    BUILTIN_MUL = 18,
    BUILTIN_PACK = 83,
    BUILTIN_PAD = 34,
    BUILTIN_RELU = 19,
    BUILTIN_RELU6 = 21,
    BUILTIN_SHAPE = 77,
    BUILTIN_SLICE = 65,
    BUILTIN_SPLIT = 49,
    BUILTIN_SPLIT_V = 102,
    BUILTIN_STRIDED_SLICE = 45,
};
enum {
    OPTIONS_ADD = 11,
    OPTIONS_CONCATENATION = 10,
    OPTIONS_DEPTHWISE_CONV_2D = 2,
    OPTIONS_DEQUANTIZE = 38,
    OPTIONS_MUL = 21,
    OPTIONS_PACK = 59,
    OPTIONS_PAD = 22,
    OPTIONS_QUANTIZE = 89,
    OPTIONS_REDUCER = 27,
    OPTIONS_SHAPE = 55,
    OPTIONS_SPLIT = 35,
    OPTIONS_SPLIT_V = 79,
    OPTIONS_STRIDED_SLICE = 32,
};
enum { CONCAT_AXIS, CONCAT_ACTIVATION };
enum { STRIDED_END_MASK = 1, STRIDED_SHRINK_AXIS_MASK = 4 };

typedef struct form_tensor {
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
} form_tensor;

typedef struct form_operator {
    int32_t builtin;
    uint8_t options_type;
    const char *layout; /**< of the options: see hf_flat_put_table(); NULL = none */
    int32_t options[8]; /**< by field */
    int32_t inputs[4];
    uint32_t input_count;
    int32_t outputs[3];
    uint32_t output_count;
} form_operator;

#define FORM_MAX 16

typedef struct form {
    form_tensor tensors[FORM_MAX];
    uint32_t tensor_count;
    form_operator operators[FORM_MAX];
    uint32_t operator_count;
    int32_t input, output;
} form;

/* Appending to a form. @return the tensor's index */
int32_t form_activation(form *f, int32_t height, int32_t width, int32_t channels); /**< scale 1/16, zero 3 */
int32_t form_vector(form *f, int32_t channels);                                    /**< the same, [1,C] */
int32_t form_tensor_of(form *f, form_tensor tensor);
int32_t form_ints(form *f, uint32_t count, const int32_t *values);
void form_add(form *f, form_operator op);

/** @return malloc()ed bytes of the file */
uint8_t *form_write(const form *f, size_t *size);

#endif
