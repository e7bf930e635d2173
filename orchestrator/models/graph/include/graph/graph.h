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
 * The graph form of a quantised CNN: int8 activation tensors [H,W,C] (batch 1, C fastest) and operators in
 * execution order. Families build it without weights (enough for analysis); weights.h or tflite.h fill them
 * in. Semantics of every operator are TensorFlow Lite's int8 ones.
 */

/** Operators: the rows of operators.h. */
typedef enum hf_op {
#define HF_OP_ENUM(name, ...) HF_OP_##name,
    HF_OP_MAP(HF_OP_ENUM)
#undef HF_OP_ENUM
        HF_OP_COUNT
} hf_op;

/** "conv2d"; static. */
const char *hf_op_name(hf_op op);
/** Whether an operator has a trait, HF_NODE_* of operators.h. */
bool hf_op_has(hf_op op, uint32_t trait);
int32_t hf_op_least_inputs(hf_op op);
int32_t hf_op_most_inputs(hf_op op);
/** Two tensors in, as ADD and MUL. */
bool hf_op_is_pair(hf_op op);

typedef enum hf_padding { HF_PADDING_SAME, HF_PADDING_VALID } hf_padding;
typedef enum hf_activation { HF_ACTIVATION_NONE, HF_ACTIVATION_RELU, HF_ACTIVATION_RELU6 } hf_activation;

/** real = scale * (q - zero_point); zero_point in -128 .. 127; scale > 0, or 0 while not yet quantised. */
typedef struct hf_quant {
    float scale;
    int32_t zero_point;
} hf_quant;

typedef struct hf_tensor {
    int32_t height, width, channels; /**< all >= 1; a vector is 1 x 1 x C */
    hf_quant quant;
    int32_t producer;      /**< node index, or -1 for the graph's input */
    int32_t last_consumer; /**< node index, -1 if it is never read; the graph's output is live to the end,
                                the last node's */
} hf_tensor;

#define HF_NODE_MAX_INPUTS 4

typedef struct hf_node {
    hf_op op;
    char name[48];                      /**< for people: "block3/pointwise" */
    int32_t inputs[HF_NODE_MAX_INPUTS]; /**< activation tensors */
    int32_t input_count;
    int32_t output;                                                   /**< activation tensor */
    int32_t kernel_height, kernel_width, stride_height, stride_width; /**< conv, depthwise, pools; a reshape's
                                                                         kernel is its output's height and
                                                                         width, 0 = flatten to 1 x 1 x C */
    hf_padding padding;
    hf_activation activation;
    float softmax_beta;
    int32_t groups; /**< conv, channel shuffle: >= 1, divides the channels; hf_graph_add() takes 0 as 1 */
    int32_t slice_begin, slice_count;                 /**< slice: channels of the input */
    int32_t pad_top, pad_bottom, pad_left, pad_right; /**< pad: >= 0 */
    int8_t constant;                                  /**< add_const, mul_const: the operand */
    hf_quant constant_quant;                          /**< and its quantisation */

    /* Training-graph facts, for counting in the paper's convention; false for imported models' batch norm. */
    bool has_bias;
    bool has_batch_norm;

    /* Deployed int8 parameters, owned by the graph; NULL until weights are filled in. */
    int8_t *weights;      /**< hf_node_weight_count() values */
    int32_t *bias;        /**< one per output channel, or NULL for none */
    float *weight_scales; /**< one per output channel (a per-tensor scale is repeated) */
} hf_node;

typedef struct hf_graph {
    char name[96];
    hf_tensor *tensors;
    int32_t tensor_count;
    hf_node *nodes;
    int32_t node_count;
    int32_t input;                          /**< tensor */
    int32_t output;                         /**< tensor */
    int32_t tensor_capacity, node_capacity; /**< allocation, private to graph.c */
} hf_graph;

#define HF_GRAPH_MAX_NODES        4096
#define HF_GRAPH_MAX_DIMENSION    65535
#define HF_GRAPH_MAX_TENSOR_BYTES (64 << 20)

/** An empty graph with its input tensor. @param out owned by the caller; hf_graph_free() */
hf_status hf_graph_new(const char *name, int32_t height, int32_t width, int32_t channels, hf_graph **out,
                       hf_error *err);
void hf_graph_free(hf_graph *graph);

/**
 * Appends a node and its output tensor, whose shape is worked out from the node.
 * @param node copied; inputs, op and attributes set by the caller; `output` is set by this call; parameter
 * arrays NULL
 * @param out_channels conv and dense only; ignored elsewhere
 * @param output_tensor receives the output tensor's index
 * Errors name the node and the offending factor ("block5/depthwise: kernel 3x3 larger than its 2x2 input").
 */
hf_status hf_graph_add(hf_graph *graph, const hf_node *node, int32_t out_channels, int32_t *output_tensor,
                       hf_error *err);
/** Names the output and works out every tensor's last_consumer. */
hf_status hf_graph_finish(hf_graph *graph, int32_t output_tensor, hf_error *err);

int64_t hf_tensor_bytes(const hf_tensor *tensor);
/** Weights of a node (0 for operators without), without biases; a grouped convolution has O x KH x KW x
 * I/groups. */
int64_t hf_node_weight_count(const hf_graph *graph, const hf_node *node);
/** Output channels of a node with weights, else 0. */
int32_t hf_node_output_channels(const hf_graph *graph, const hf_node *node);
/** Multiply-accumulates by the paper's rule (convolutions and dense layers only). */
int64_t hf_node_macs(const hf_graph *graph, const hf_node *node);
/** Rows above and columns to the left that "same" padding adds (TensorFlow's rule); 0 for "valid". */
void hf_node_padding(const hf_graph *graph, const hf_node *node, int32_t *top, int32_t *left);
/** Range of the fused activation in the output's quantisation. */
void hf_activation_range(hf_activation activation, hf_quant output, int32_t *min, int32_t *max);
/**
 * Real factor from accumulator to output of a node with weights and quantisation: input scale x weight scale
 * / output scale, in the precision TensorFlow Lite uses (double; a dense layer whose channels share one scale
 * multiplies the two input scales in single precision). Feed it to hf_quantize_multiplier().
 * @param channel output channel
 */
double hf_node_effective_scale(const hf_graph *graph, const hf_node *node, int32_t channel);

#endif
