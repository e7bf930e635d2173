/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_TFLITE_FILE_H
#define HF_MODELS_TFLITE_FILE_H

#include "flatbuffer.h"
#include "models/models.h"

/**
 * @file tflite_file.h
 * What the parts of the .tflite reader share. Field numbers and enumerations are those of the public
 * TensorFlow Lite schema, version 3 (tensorflow/lite/schema/schema.fbs): a field's number is its place in its
 * table, and a union takes two, its type and its value.
 */
enum { MODEL_VERSION = 0, MODEL_OPERATOR_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_BUFFERS = 4 };
enum { OPERATOR_CODE_DEPRECATED = 0, OPERATOR_CODE_CUSTOM = 1, OPERATOR_CODE_BUILTIN = 3 };
enum { SUBGRAPH_TENSORS = 0, SUBGRAPH_INPUTS = 1, SUBGRAPH_OUTPUTS = 2, SUBGRAPH_OPERATORS = 3 };
enum {
    OPERATOR_CODE_INDEX = 0,
    OPERATOR_INPUTS = 1,
    OPERATOR_OUTPUTS = 2,
    OPERATOR_OPTIONS_TYPE = 3,
    OPERATOR_OPTIONS = 4
};
enum {
    TENSOR_SHAPE = 0,
    TENSOR_TYPE = 1,
    TENSOR_BUFFER = 2,
    TENSOR_QUANTIZATION = 4,
    TENSOR_IS_VARIABLE = 5,
    TENSOR_SPARSITY = 6
};
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS_TYPE = 4, QUANT_DIMENSION = 6 };
enum { BUFFER_DATA = 0, BUFFER_OFFSET = 1 };
enum { TYPE_FLOAT32 = 0, TYPE_INT32 = 2, TYPE_INT8 = 9 };

/** One file being read. */
typedef struct hf_tflite {
    const char *name; /**< for messages */
    hf_flat_file file;
    hf_flat_vector operator_codes, buffers, tensors;
    hf_graph *graph;
    int32_t *tensor_map;    /**< owned; per file tensor the graph's tensor, -1 while it has none */
    size_t parameter_bytes; /**< copied so far */
    int32_t operator_index; /**< of the operator being read, -1 before the first */
    char operator_name[48]; /**< its name, for messages */
    hf_error *err;
} hf_tflite;

/** A tensor as the file states it. */
typedef struct hf_tflite_tensor {
    int32_t index;
    uint8_t type;
    uint32_t rank;
    int32_t shape[4];    /**< the first `rank` are meaningful */
    hf_flat_vector data; /**< constant data as bytes; count 0 for activations */
    hf_flat_vector scales, zero_points;
    int32_t quantized_dimension;
} hf_tflite_tensor;

/** Copying more parameter bytes than this (many operators may share one buffer) is refused. */
#define HF_TFLITE_MAX_PARAMETER_BYTES ((size_t)128 << 20)

/** A failure whose message starts with the file's name and the operator being read; the value is the status.
 */
#define TFLITE_FAIL(tflite, status, ...)                                                                     \
    (hf_tflite_fail((tflite), (status), __FILE__, __LINE__, __VA_ARGS__), (status))
void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/** HF_OK, or HF_EFORMAT if anything read so far was malformed. */
hf_status hf_tflite_check(hf_tflite *tflite);

/** Reads a tensor of at most four dimensions; every dimension is 1 .. HF_GRAPH_MAX_DIMENSION. */
hf_status hf_tflite_tensor_read(hf_tflite *tflite, int32_t index, hf_tflite_tensor *out);
/** An int8 activation's shape as height, width, channels (batch 1; rank 2 is 1 x 1 x C) and quantisation. */
hf_status hf_tflite_activation(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_tensor *out);
/**
 * Copies int8 weights of the given shape with one scale per output channel.
 * @param channel_dimension the dimension of output channels, which a per-channel quantisation must name
 */
hf_status hf_tflite_weights(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                            int32_t channel_dimension, hf_node *node);
/** Copies `channels` int32 biases, whose scale must be input scale x weight scale. */
hf_status hf_tflite_bias(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels, hf_quant input,
                         hf_quant output, hf_node *node);

/** Appends one operator to the graph. */
hf_status hf_tflite_operator(hf_tflite *tflite, hf_flat_table table);

#endif
