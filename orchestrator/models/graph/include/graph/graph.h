/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_GRAPH_H
#define HF_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "graph/operators.h"

/**
 * @file graph.h
 * The graph of a quantised CNN: int8 activation tensors [H,W,C] (batch 1, C varies fastest) and operators in
 * execution order. Families build graphs without weights, which suffices for analysis; weights.h generates
 * weights, and tflite.h reads them. All operators have the semantics of TensorFlow Lite's int8 kernels.
 */

/** Operators: the rows of operators.h. */
typedef enum hf_op {
#define HF_OP_ENUM(name, ...) HF_OP_##name,
    HF_OP_MAP(HF_OP_ENUM)
#undef HF_OP_ENUM
        HF_OP_COUNT
} hf_op;

/** The operator's name in reports and messages, such as "conv2d"; static. */
const char *hf_op_name(hf_op op);
/** Whether an operator has a trait. @param trait HF_NODE_* of operators.h */
bool hf_op_has(hf_op op, uint32_t trait);
/** The smallest and largest number of input tensors of an operator. */
int32_t hf_op_min_inputs(hf_op op);
int32_t hf_op_max_inputs(hf_op op);
/** Whether it is a binary operator, one with exactly two input tensors: ADD, MUL. */
bool hf_op_is_pair(hf_op op);

typedef enum hf_padding { HF_PADDING_SAME, HF_PADDING_VALID } hf_padding;
typedef enum hf_activation {
    HF_ACTIVATION_NONE,
    HF_ACTIVATION_RELU,
    HF_ACTIVATION_RELU6,
    HF_ACTIVATION_RELU_N1_TO_1
} hf_activation;

/** real = scale * (q - zero_point); zero_point -128 .. 127; scale > 0, or 0 while not chosen. */
typedef struct hf_quant {
    float scale;
    int32_t zero_point;
} hf_quant;

/** Whether equal bytes stand for equal values. */
static inline bool hf_quant_same(hf_quant a, hf_quant b)
{
    return a.scale == b.scale && a.zero_point == b.zero_point;
}

/** An activation tensor. */
typedef struct hf_tensor {
    int32_t height, width, channels; /**< all >= 1; a vector is 1 x 1 x C */
    hf_quant quant;
    int32_t producer; /**< node index; -1 for the graph's input */
    /** Index of the last node that reads it, -1 if none does. The graph's output is live to the last node. */
    int32_t last_consumer;
} hf_tensor;

#define HF_NODE_MAX_INPUTS     16
#define HF_NODE_MAX_DIMENSIONS 4

/** Functions of two values, in the order of HF_BINARY_* of engine/operators.h. PRELU: the second operand is the
 * slope below zero. */
typedef enum hf_binary {
    HF_BINARY_ADD,
    HF_BINARY_SUB,
    HF_BINARY_MUL,
    HF_BINARY_MAXIMUM,
    HF_BINARY_MINIMUM,
    HF_BINARY_DIV,
    HF_BINARY_SQUARED_DIFFERENCE,
    HF_BINARY_PRELU,
    HF_BINARY_COUNT
} hf_binary;

/** "sub"; static. */
const char *hf_binary_name(hf_binary function);

/** Functions of a row of values, in the order of HF_REDUCE_* of engine/operators.h. */
typedef enum hf_reduction {
    HF_REDUCTION_MEAN,
    HF_REDUCTION_SUM,
    HF_REDUCTION_MAXIMUM,
    HF_REDUCTION_MINIMUM
} hf_reduction;

/** Functions of one 16-bit value, in the order of HF_FUNCTION16_KIND_* of engine/operators.h. */
typedef enum hf_function16 {
    HF_FUNCTION16_RESCALE, /**< a change of quantisation, with the node's activation */
    HF_FUNCTION16_LEAKY_RELU,
    HF_FUNCTION16_LOGISTIC,
    HF_FUNCTION16_TANH,
    HF_FUNCTION16_COUNT
} hf_function16;

/** A node: an operator with its tensors and attributes. */
typedef struct hf_node {
    hf_op op;
    char name[48];                      /**< shown to users, such as "block3/pointwise" */
    int32_t inputs[HF_NODE_MAX_INPUTS]; /**< activation tensors */
    int32_t input_count;
    int32_t output; /**< activation tensor */
    /** Convolutions, pools. The kernel of reshape, transpose, take, resize and part is their output's height and
     * width; 0 flattens in a reshape. */
    int32_t kernel_height, kernel_width, stride_height, stride_width;
    hf_padding padding;
    hf_activation activation;
    float softmax_beta;
    bool dense_scale; /**< conv: its weights are a dense layer's; see hf_node_effective_scale() */
    int32_t groups;   /**< conv, channel shuffle: >= 1, divides the channels; hf_graph_add() changes 0 to 1 */
    int32_t slice_begin, slice_count;                 /**< slice: channels of the input */
    int32_t pad_top, pad_bottom, pad_left, pad_right; /**< pad: >= 0 */
    int8_t constant;                                  /**< add_const, mul_const, binary_scalar: the operand */
    hf_quant constant_quant;                          /**< its quantisation; also that of `operand` */
    float alpha;                                      /**< leaky relu: the slope below zero, at least 0 */
    hf_binary function;                               /**< binary operators */
    bool reversed;          /**< binary operators: the second operand is on the function's left */
    hf_reduction reduction; /**< reduce */
    bool align_corners, half_pixel_centers; /**< resize_bilinear */
    /** binary_const: height, width and channels of `operand`; each is the input's or 1. */
    int32_t operand_shape[3];
    /** transpose: the input's dimensions, whose product is its size, and which of them the output's are. */
    int32_t dimensions[HF_NODE_MAX_DIMENSIONS], order[HF_NODE_MAX_DIMENSIONS];
    int32_t part_offset;      /**< part: its first byte in the input */
    int32_t units;            /**< lstm, svdf */
    float cell_scale;         /**< lstm: of the cell state, a power of two; svdf: of the state */
    float cell_clip;          /**< lstm: limit of the cell state's magnitude; 0: none */
    int32_t rank, memory;     /**< svdf: filters per unit; inputs that a filter remembers */
    bool narrow_state;        /**< svdf: its state has the range of int8 */
    int32_t state_zero_point; /**< svdf with a narrow state */
    bool smallest;            /**< arg: of the smallest value, not the largest */
    int32_t in_bytes,
        out_bytes; /**< conv_general, function16, lstm: of a value, 1 or 2; pool16: in_bytes 1, else of 2 */
    int32_t weight_zero_point; /**< conv_general: -128 .. 127 */
    bool transposed;           /**< conv_general; `operand_shape` has the output's height and width */
    bool long_sums;            /**< conv_general: accumulators and biases have 64 bits */
    hf_function16 function16;  /**< function16 */

    /* Attributes of the training graph, to count parameters as the paper does. Imported models have no batch
     * norm. */
    bool has_bias;
    bool has_batch_norm;

    /* Deployed int8 parameters, owned by the graph; NULL until weights are set. */
    int8_t *weights;       /**< hf_node_weight_count() values */
    int32_t *bias;         /**< one per output channel, or NULL for none */
    float *weight_scales;  /**< one per output channel (a per-tensor scale is repeated) */
    int8_t *operand;       /**< binary_const: the constant operand, of shape `operand_shape` */
    int16_t *time_weights; /**< svdf: [filters][memory] */
    int64_t *
        long_bias; /**< conv_general with long sums: one per output channel; lstm of 16 bits: as `bias`; NULL: none */
    int32_t *positions; /**< take: the input's row of each output row, then the column of each column */
} hf_node;

/** What a port of a model is. */
typedef enum hf_model_port_kind {
    HF_MODEL_INPUT,
    HF_MODEL_OUTPUT,
    HF_MODEL_STATE /**< an inference takes it from the input tensor and puts the next one's into the output tensor */
} hf_model_port_kind;

/** A model's input, output or state: a range of bytes of the graph's input or output tensor. */
typedef struct hf_model_port {
    hf_model_port_kind kind;
    char type[12]; /**< of the file's tensor: "int8", "uint8", "float32", "int16", "int32" */
    int32_t height, width, channels; /**< of values */
    hf_quant quant;                  /**< of the values */
    int32_t offset;                  /**< in the input tensor; of an output, in the output tensor */
    int32_t bytes;                   /**< 1 for each value, 2 for int16, 4 for int32 */
    int32_t state_offset;            /**< state: in the output tensor */
    int8_t *initial;                 /**< owned; state: its bytes at the first inference */
    const char
        *float_tail; /**< static; output: the model's float operator behind these bytes, which the graph does
                               not have, such as "LOG_SOFTMAX"; or NULL */
} hf_model_port;

/** A graph. It owns its tensors and nodes. */
typedef struct hf_graph {
    char name[96];
    hf_tensor *tensors;
    int32_t tensor_count;
    hf_node *nodes;
    int32_t node_count;
    int32_t input;        /**< tensor */
    int32_t output;       /**< tensor */
    hf_model_port *ports; /**< owned; NULL: the input and the output tensor are the only ones */
    int32_t port_count;
    int32_t tensor_capacity, node_capacity; /**< allocation, private to graph.c */
} hf_graph;

#define HF_GRAPH_MAX_NODES        4096
#define HF_GRAPH_MAX_DIMENSION    65535
#define HF_GRAPH_MAX_TENSOR_BYTES (64 << 20)

/**
 * Creates a graph that consists of its input tensor.
 * @param out owned by the caller; hf_graph_free()
 * Errors: HF_EINVALID and HF_ELIMIT for an impossible shape, HF_ENOMEM.
 */
hf_status hf_graph_new(const char *name, int32_t height, int32_t width, int32_t channels, hf_graph **out,
                       hf_error *err);
void hf_graph_free(hf_graph *graph);

/** Frees what a training or a seed gave the nodes: weights, scales and biases. The structure stays. */
void hf_graph_clear_weights(hf_graph *graph);

/**
 * Appends a node and its output tensor, whose shape follows from the node.
 * @param node copied; the caller sets inputs, operator and attributes, this call sets `output`; parameter
 * arrays are ignored
 * @param out_channels conv, dense and part only
 * @param output_tensor receives the output tensor's index
 * Errors: HF_EINVALID, HF_ELIMIT, HF_ENOMEM. Messages name the node and the offending attribute
 * ("block5/depthwise: kernel 3x3 is larger than its input of 2x2").
 */
hf_status hf_graph_add(hf_graph *graph, const hf_node *node, int32_t out_channels, int32_t *output_tensor,
                       hf_error *err);
/** Sets the graph's output and every tensor's last_consumer. Errors: HF_EINVALID. */
hf_status hf_graph_finish(hf_graph *graph, int32_t output_tensor, hf_error *err);

/** Size in bytes: height x width x channels. */
int64_t hf_tensor_bytes(const hf_tensor *tensor);
/** Number of weights of a node, without biases; 0 for operators without weights. A grouped convolution has
 * O x KH x KW x I/groups. */
int64_t hf_node_weight_count(const hf_graph *graph, const hf_node *node);
/** Output channels of a node with weights; 0 for others. */
int32_t hf_node_output_channels(const hf_graph *graph, const hf_node *node);
/** Multiply-accumulates, counted as in the paper: convolutions and dense layers only. */
int64_t hf_node_macs(const hf_graph *graph, const hf_node *node);
/** Rows above and columns to the left that "same" padding adds (TensorFlow's rule); 0 for "valid". */
void hf_node_padding(const hf_graph *graph, const hf_node *node, int32_t *top, int32_t *left);
/** Output range of a fused activation. @param output the output's quantisation */
void hf_activation_range(hf_activation activation, hf_quant output, int32_t *min, int32_t *max);
/**
 * The real factor from accumulator to output: input scale x weight scale / output scale, in the precision
 * that TensorFlow Lite uses (double, except that a dense layer whose channels share one scale multiplies
 * input and weight scale in single precision). To be converted with hf_quantize_multiplier().
 * @param node with weights and quantisation
 * @param channel output channel
 */
double hf_node_effective_scale(const hf_graph *graph, const hf_node *node, int32_t channel);

#endif
