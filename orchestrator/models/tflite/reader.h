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

#define HF_TFLITE_MAX_RANK 5

/* Entries of tensor_map for tensors that are not in the graph. */
#define HF_TFLITE_UNKNOWN        (-1)
#define HF_TFLITE_COMPUTED_SHAPE (-2) /* a shape that the model computes at run time for a RESHAPE */
#define HF_TFLITE_UNUSED         (-3) /* computed, but never read */
#define HF_TFLITE_REFUSED        (-4) /* the output of an operator that cannot be read, or that depends on one */

/* Entries of `consumers` for tensors that are read by no operator or by several. */
#define HF_TFLITE_NO_CONSUMER    (-1)
#define HF_TFLITE_MANY_CONSUMERS (-2)

/** A graph tensor seen as [..., groups, channels / groups]: an intermediate tensor of a channel shuffle. */
typedef struct hf_tflite_view {
    int32_t source;  /**< graph tensor */
    int32_t groups;  /**< 0 = the file's tensor is not a view */
    bool transposed; /**< to [..., channels / groups, groups] */
} hf_tflite_view;

/** How far apart a convolution must take the values of a tensor that a SPACE_TO_BATCH_ND would have divided. */
typedef struct hf_tflite_spread {
    int32_t height, width; /**< 0 = the file's tensor is not such a one */
} hf_tflite_spread;

#define HF_TFLITE_MAX_PORTS 48 /* inputs, outputs and states */

/** An input, output or state of the model while it is read. */
typedef struct hf_tflite_port {
    hf_model_port port;
    int32_t index; /**< file tensor: of an input, the one that the graph begins with; -1 for a state */
} hf_tflite_port;

/** A variable of the model, which keeps its value between inferences. */
typedef struct hf_tflite_variable {
    hf_flat_vector container, shared_name; /**< identify it */
    int32_t read;           /**< file tensor of the first READ_VARIABLE; -1: it is never read */
    int32_t current;        /**< graph tensor with its value at this point of the inference */
    hf_flat_vector initial; /**< data; absent: zeros */
    int32_t state_tensor;   /**< the file's tensor of a state that an LSTM or SVDF keeps; or -1 */
    int32_t state_bytes;    /**< of it in the graph */
    int32_t state_zeros;    /**< bytes that begin as the zero point; the others are 0 */
} hf_tflite_variable;

#define HF_TFLITE_MAX_OBSTACLES 6

/** Why a model cannot be read; operators with the same name and reason count as one. */
typedef struct hf_tflite_obstacle {
    char name[48]; /**< of the operator; empty for others */
    char reason[320];
    int32_t operator_index; /**< of the first */
    uint32_t count;
} hf_tflite_obstacle;

/** State of the reader for one file. */
typedef struct hf_tflite {
    const char *name; /**< for messages */
    hf_flat_file file;
    hf_flat_vector operator_codes, buffers, tensors, operators, subgraphs;
    uint32_t subgraph; /**< being read */
    hf_graph *graph;
    int32_t *tensor_map;   /**< owned; per file tensor the graph's tensor, or an entry defined above */
    int32_t *consumers;    /**< owned; per file tensor the operator that reads it, or an entry defined above;
                                 the model's output counts as having many consumers */
    hf_tflite_view *views; /**< owned; per file tensor */
    hf_tflite_spread *spreads; /**< owned; per file tensor */
    int32_t *float_tail; /**< owned; per file tensor, builtin that computes it from floats after the last
                                 DEQUANTIZE and that the graph leaves out; or -1 */
    hf_tflite_port ports[HF_TFLITE_MAX_PORTS];
    uint32_t port_count;
    hf_tflite_variable *variables; /**< owned */
    uint32_t variable_count;
    uint8_t
        *value_type;  /**< owned; per file tensor of floats, the type of the values behind the DEQUANTIZE */
    int32_t *handles; /**< owned; per file tensor, the variable that it is a handle of, or -1 */
    size_t parameter_bytes; /**< weights, scales and biases copied so far */
    int32_t operator_index; /**< of the operator being read, -1 before the first */
    char operator_name[48]; /**< its name, for messages */
    char reason[320];       /**< of the last error, without the file's name and the operator */
    hf_tflite_obstacle obstacles[HF_TFLITE_MAX_OBSTACLES];
    uint32_t obstacle_count; /**< more than fit are counted, but not kept */
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
    bool variable; /**< keeps its value between inferences */
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
/** Bytes of a value: 1, 2 for int16, 4 for int32. */
int32_t hf_tflite_value_bytes(uint8_t type);
/** The scale and zero point of a tensor that is quantised per tensor: int8, uint8 as hf_tflite_activation(), or int16, whose
 * zero point is 0. */
hf_status hf_tflite_quant(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_quant *out);
/** An activation's shape as height, width, channels, and quantisation. Channels are the last dimension, width the
 * one before, height the product of all others. A uint8 tensor counts as int8 with both values and zero point less
 * 128. The channels of an int16 tensor are its bytes. */
hf_status hf_tflite_activation(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_tensor *out);
/**
 * Copies weights into a node, with one scale per output channel: int8, or uint8 less 128, whose zero point the caller has to
 * regard.
 * @param channel_dimension the weights' dimension of output channels, along which they must be quantised if
 * they have a scale per channel
 */
hf_status hf_tflite_weights(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels,
                            int32_t channel_dimension, hf_node *node);
/** Counts bytes that will be copied from the file. Errors: HF_ELIMIT. */
hf_status hf_tflite_count_parameters(hf_tflite *tflite, size_t bytes);
/** Copies `channels` int32 biases, or int64 ones if the node has long sums, whose scale must be input scale x weight scale. */
hf_status hf_tflite_bias(hf_tflite *tflite, const hf_tflite_tensor *tensor, int32_t channels, hf_quant input,
                         hf_quant output, hf_node *node);

/** The entry of the file's list of operator codes that an operator refers to. */
hf_status hf_tflite_operator_code(hf_tflite *tflite, hf_flat_table table, hf_flat_table *code);
/** The BuiltinOperator of an operator. */
hf_status hf_tflite_builtin_code(hf_tflite *tflite, hf_flat_table table, int32_t *builtin);
/** "CONV_2D"; static; NULL for a number that the schema does not have. */
const char *hf_tflite_builtin_name(int32_t builtin);
/** "float32"; static. */
const char *hf_tflite_type_name(uint8_t type);
/** Finds the model's inputs and variables, creates the graph and its input tensor. @param subgraph the main one */
hf_status hf_tflite_read_inputs(hf_tflite *tflite, hf_flat_table subgraph);
/** Gives the graph its output tensor and its ports. */
hf_status hf_tflite_read_outputs(hf_tflite *tflite, hf_flat_table subgraph);
/** Finds the variables, before any operator is read. */
hf_status hf_tflite_find_variables(hf_tflite *tflite);
/** The graph's tensor with the state of an LSTM or SVDF before an inference. @param state file tensor @param bytes of it in
 * the graph */
hf_status hf_tflite_state(hf_tflite *tflite, int32_t state, int64_t bytes, int32_t *tensor);
/** Sets the state after the inference. @param state file tensor of a state that was found */
void hf_tflite_state_next(hf_tflite *tflite, int32_t state, int32_t tensor);
/** Appends a node without a counterpart in the file; its output keeps the first input's quantisation.
 * @param out_channels as hf_graph_add() @param tensor receives its output */
hf_status hf_tflite_append(hf_tflite *tflite, hf_node *node, hf_op kind, int32_t out_channels,
                           int32_t *tensor);
/** Fills in `consumers`: for every tensor the operator that reads it. */
hf_status hf_tflite_find_consumers(hf_tflite *tflite);
/** Whether an operator is one that can be read at all. Errors: HF_EUNSUPPORTED. */
hf_status hf_tflite_check_operator(hf_tflite *tflite, hf_flat_table table);
/** Keeps the reason of the last error, HF_EUNSUPPORTED, and clears the error, so that reading can continue. */
void hf_tflite_note_obstacle(hf_tflite *tflite);
/** Fails with all obstacles, if there are any. Errors: HF_EUNSUPPORTED. */
hf_status hf_tflite_fail_obstacles(hf_tflite *tflite);
/** Reads an operator and appends it to the graph. */
hf_status hf_tflite_read_operator(hf_tflite *tflite, hf_flat_table table);

#endif
