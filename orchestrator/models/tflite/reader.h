/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_READER_H
#define HF_TFLITE_READER_H

#include "flatbuffer.h"
#include "graph/graph.h"
#include "schema.h"

/**
 * @file reader.h
 * What the parts of the .tflite reader share.
 */

#define HF_TFLITE_MAX_RANK 5 /* a channel shuffle's intermediate tensors; activations have at most 4 */

/* Entries of tensor_map for tensors that are not in the graph. */
#define HF_TFLITE_UNKNOWN     (-1)
#define HF_TFLITE_SHAPE_VALUE (-2) /* a shape that the file computes at run time for a RESHAPE */
#define HF_TFLITE_DROPPED     (-3) /* computed, but never read */

/* Entries of `consumers` for tensors that no operator or several operators read. */
#define HF_TFLITE_UNREAD  (-1)
#define HF_TFLITE_SEVERAL (-2)

/** A graph tensor seen as [..., groups, channels / groups], on its way through a channel shuffle. */
typedef struct hf_tflite_view {
    int32_t source; /**< graph tensor */
    int32_t groups; /**< 0 = the file's tensor is not a view */
    bool swapped;   /**< already transposed to [..., channels / groups, groups] */
} hf_tflite_view;

/** One file being read. */
typedef struct hf_tflite {
    const char *name; /**< for messages */
    hf_flat_file file;
    hf_flat_vector operator_codes, buffers, tensors, operators;
    hf_graph *graph;
    int32_t *tensor_map;    /**< owned; per file tensor the graph's tensor, or one of the marks above */
    int32_t *consumers;     /**< owned; per file tensor the operator that reads it, or one of the marks above;
                                 the model's output counts as read */
    hf_tflite_view *views;  /**< owned; per file tensor */
    int32_t edge_quantize;  /**< operator that quantises the model's float input, or -1 */
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
    int32_t shape[HF_TFLITE_MAX_RANK]; /**< the first `rank` are meaningful */
    hf_flat_vector data;               /**< constant data as bytes; count 0 for activations */
    hf_flat_vector scales, zero_points;
    int32_t quantized_dimension;
} hf_tflite_tensor;

/** Copying more parameter bytes than this (many operators may share one buffer) is refused. */
#define HF_TFLITE_MAX_PARAMETER_BYTES ((size_t)128 << 20)

/** A failure whose message starts with the file's name and the operator being read; the value
 * is the status. */
#define TFLITE_FAIL(tflite, status, ...)                                                                     \
    (hf_tflite_fail((tflite), (status), __FILE__, __LINE__, __VA_ARGS__), (status))
void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/** HF_OK, or HF_EFORMAT if anything read so far was malformed. */
hf_status hf_tflite_check(hf_tflite *tflite);

/** Reads a tensor of at most HF_TFLITE_MAX_RANK dimensions; every dimension is
 * 1 .. HF_GRAPH_MAX_DIMENSION. */
hf_status hf_tflite_tensor_read(hf_tflite *tflite, int32_t index, hf_tflite_tensor *out);
/** The one scale and zero point of an int8 tensor. */
hf_status hf_tflite_quant(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_quant *out);
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

/** The entry of the file's list of operator codes that an operator refers to. */
hf_status hf_tflite_operator_code(hf_tflite *tflite, hf_flat_table table, hf_flat_table *code);
/** Which BuiltinOperator an operator is. */
hf_status hf_tflite_builtin_code(hf_tflite *tflite, hf_flat_table table, int32_t *builtin);
/** Notes for every tensor which operator reads it. */
hf_status hf_tflite_find_consumers(hf_tflite *tflite);
/** Appends one operator to the graph. */
hf_status hf_tflite_read_operator(hf_tflite *tflite, hf_flat_table table);

#endif
