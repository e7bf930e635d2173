/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_SCHEMA_H
#define HF_TFLITE_SCHEMA_H

/**
 * @file schema.h
 * Field numbers and enumerations of the public TensorFlow Lite schema, version 3
 * (tensorflow/lite/schema/schema.fbs), for reader and writer. Fields of a table are numbered in order; a
 * union has two numbers, for its type and its value.
 */

#define TFLITE_SCHEMA_VERSION 3

/* Model, OperatorCode, SubGraph, Operator, Tensor, QuantizationParameters, Buffer */
enum { MODEL_VERSION, MODEL_OPERATOR_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS, MODEL_FIELDS };
enum {
    OPERATOR_CODE_DEPRECATED, /* one byte, never above 127 */
    OPERATOR_CODE_CUSTOM,
    OPERATOR_CODE_VERSION,
    OPERATOR_CODE_BUILTIN,
    OPERATOR_CODE_FIELDS
};
enum {
    SUBGRAPH_TENSORS,
    SUBGRAPH_INPUTS,
    SUBGRAPH_OUTPUTS,
    SUBGRAPH_OPERATORS,
    SUBGRAPH_NAME,
    SUBGRAPH_FIELDS
};
enum {
    OPERATOR_CODE_INDEX,
    OPERATOR_INPUTS,
    OPERATOR_OUTPUTS,
    OPERATOR_OPTIONS_TYPE,
    OPERATOR_OPTIONS,
    OPERATOR_FIELDS
};
enum {
    TENSOR_SHAPE,
    TENSOR_TYPE,
    TENSOR_BUFFER,
    TENSOR_NAME,
    TENSOR_QUANTIZATION,
    TENSOR_IS_VARIABLE,
    TENSOR_SPARSITY
};
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT, QUANT_DETAILS_TYPE, QUANT_DETAILS, QUANT_DIMENSION };
enum { BUFFER_DATA, BUFFER_OFFSET };
enum {
    TYPE_FLOAT32 = 0,
    TYPE_INT32 = 2,
    TYPE_UINT8 = 3,
    TYPE_INT64 = 4,
    TYPE_INT16 = 7,
    TYPE_INT8 = 9,
    TYPE_RESOURCE = 13
};

/* Codes of BuiltinOperator that several files need. Other codes and the fields of their options are in
 * operators/. */
enum {
    BUILTIN_RESHAPE = 22,
    BUILTIN_SVDF = 27,
    BUILTIN_CUSTOM = 32,
    BUILTIN_TRANSPOSE = 39,
    BUILTIN_LSTM = 44,
    BUILTIN_QUANTIZE = 114,
    BUILTIN_CALL_ONCE = 129,
    BUILTIN_VAR_HANDLE = 142,
    BUILTIN_READ_VARIABLE = 143,
    BUILTIN_ASSIGN_VARIABLE = 144
};
enum { OPTIONS_NONE = 0, OPTIONS_RESHAPE = 17 }; /* BuiltinOptions: types of the union */
enum { RESHAPE_NEW_SHAPE };
enum { WINDOW_PADDING, WINDOW_STRIDE_W, WINDOW_STRIDE_H }; /* of convolutions and pools */

/* Padding, ActivationFunctionType */
enum { TFLITE_PADDING_SAME, TFLITE_PADDING_VALID };
enum {
    TFLITE_ACTIVATION_NONE = 0,
    TFLITE_ACTIVATION_RELU = 1,
    TFLITE_ACTIVATION_RELU_N1_TO_1 = 2,
    TFLITE_ACTIVATION_RELU6 = 3
};

#endif
