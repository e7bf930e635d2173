/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_READER_H
#define HF_TFLITE_READER_H

#include "flatbuffer.h"
#include "graph/graph.h"
#include "schema.h"

/**
 * @file reader.h
 * Types and functions shared by the files of the .tflite reader.
 */

#define HF_TFLITE_MAX_RANK 5 /* intermediate tensors of a channel shuffle; activations have at most 4 */

/* Entries of tensor_map for tensors that are not in the graph. */
#define HF_TFLITE_UNKNOWN        (-1)
#define HF_TFLITE_COMPUTED_SHAPE (-2) /* a shape that the model computes at run time for a RESHAPE */
#define HF_TFLITE_UNUSED         (-3) /* computed, but never read */

/* Entries of `consumers` for tensors that are read by no operator or by several. */
#define HF_TFLITE_NO_CONSUMER    (-1)
#define HF_TFLITE_MANY_CONSUMERS (-2)

/** A graph tensor seen as [..., groups, channels / groups]: an intermediate tensor of a channel shuffle. */
typedef struct hf_tflite_view {
    int32_t source;  /**< graph tensor */
    int32_t groups;  /**< 0 = the file's tensor is not a view */
    bool transposed; /**< to [..., channels / groups, groups] */
} hf_tflite_view;

/** State of the reader for one file. */
typedef struct hf_tflite {
    const char *name; /**< for messages */
    hf_flat_file file;
    hf_flat_vector operator_codes, buffers, tensors, operators;
    hf_graph *graph;
    int32_t *tensor_map;    /**< owned; per file tensor the graph's tensor, or an entry defined above */
    int32_t *consumers;     /**< owned; per file tensor the operator that reads it, or an entry defined above;
                                 the model's output counts as having many consumers */
    hf_tflite_view *views;  /**< owned; per file tensor */
    int32_t input_quantize; /**< operator that quantises the model's float input, or -1 */
    size_t parameter_bytes; /**< weights, scales and biases copied so far */
    int32_t operator_index; /**< of the operator being read, -1 before the first */
    char operator_name[48]; /**< its name, for messages */
    hf_error *err;
} hf_tflite;

/** A tensor as the file declares it. */
typedef struct hf_tflite_tensor {
    const char *role; /**< for messages, static: "input 0", "weights", ... */
    int32_t index;
    uint8_t type;
    uint32_t rank;
    int32_t shape[HF_TFLITE_MAX_RANK]; /**< the first `rank` are meaningful */
    hf_flat_vector data;               /**< constant data as bytes; count 0 for activations */
    hf_flat_vector scales, zero_points;
    int32_t quantized_dimension;
} hf_tflite_tensor;

/** Limit on the weights, scales and biases copied from a file, in which many operators may share a buffer. */
#define HF_TFLITE_MAX_PARAMETER_BYTES ((size_t)128 << 20)

/** Records an error whose message starts with the file's name and the operator being read. The value is the
 * status. */
#define TFLITE_FAIL(tflite, status, ...)                                                                     \
    (hf_tflite_fail((tflite), (status), __FILE__, __LINE__, __VA_ARGS__), (status))
void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/** The same for an error in a tensor, which the message names by role and index. */
#define TENSOR_FAIL(tflite, tensor, status, ...)                                                             \
    (hf_tflite_tensor_fail((tflite), (tensor), (status), __FILE__, __LINE__, __VA_ARGS__), (status))
void hf_tflite_tensor_fail(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_status status,
                           const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/** HF_OK, or HF_EFORMAT if anything read so far was malformed. */
hf_status hf_tflite_check(hf_tflite *tflite);

/**
 * Reads a tensor of at most HF_TFLITE_MAX_RANK dimensions; every dimension is 1 .. HF_GRAPH_MAX_DIMENSION.
 * @param role static string, for messages
 */
hf_status hf_tflite_tensor_read(hf_tflite *tflite, int32_t index, const char *role, hf_tflite_tensor *out);
/** The scale and zero point of an int8 tensor that is quantised per tensor. */
hf_status hf_tflite_quant(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_quant *out);
/** An int8 activation's shape as height, width, channels (batch 1; rank 2 is 1 x 1 x C) and quantisation. */
hf_status hf_tflite_activation(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_tensor *out);
/**
 * Copies int8 weights into a node, with one scale per output channel.
 * @param channel_dimension the weights' dimension of output channels, along which they must be quantised if
 * they have a scale per channel
 */
hf_status hf_tflite_weights(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                            int32_t channel_dimension, hf_node *node);
/** Copies `channels` int32 biases, whose scale must be input scale x weight scale. */
hf_status hf_tflite_bias(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels, hf_quant input,
                         hf_quant output, hf_node *node);

/** The entry of the file's list of operator codes that an operator refers to. */
hf_status hf_tflite_operator_code(hf_tflite *tflite, hf_flat_table table, hf_flat_table *code);
/** The BuiltinOperator of an operator. */
hf_status hf_tflite_builtin_code(hf_tflite *tflite, hf_flat_table table, int32_t *builtin);
/** Fills in `consumers`: for every tensor the operator that reads it. */
hf_status hf_tflite_find_consumers(hf_tflite *tflite);
/** Reads an operator and appends it to the graph. */
hf_status hf_tflite_read_operator(hf_tflite *tflite, hf_flat_table table);

#endif
