/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REFERENCE_NODE_H
#define HF_REFERENCE_NODE_H

#include "graph/graph.h"

/**
 * @file node.h
 * The reference interpreter node by node, for callers that run a graph step by step, such as calibration.
 */

/** A node to be executed, with its input data and the buffer for its output. All members are borrowed. */
typedef struct hf_reference_call {
    const hf_graph *graph;
    const hf_node *node;
    const hf_tensor *in;  /**< the first input's shape */
    const hf_tensor *out; /**< the output's shape */
    const int8_t *inputs[HF_NODE_MAX_INPUTS];
    int8_t *output;
} hf_reference_call;

/** The part of a sliding window that lies inside the input: kernel rows or columns begin .. end - 1. */
typedef struct hf_window {
    int32_t origin; /**< input coordinate of kernel coordinate 0; may be negative */
    int32_t begin, end;
} hf_window;

/**
 * The window at one output row or column.
 * @param out index of the output row or column
 * @param padding rows or columns before the first
 * @param in rows or columns of the input
 */
static inline hf_window hf_window_at(int32_t out, int32_t stride, int32_t padding, int32_t kernel, int32_t in)
{
    hf_window window = {.origin = (int32_t)((int64_t)out * stride - padding), .begin = 0, .end = kernel};
    if (window.origin < 0)
        window.begin = -window.origin;
    if (window.end > in - window.origin)
        window.end = in - window.origin;
    return window;
}

/**
 * The accumulators of a node with weights: sums of weight x (value - zero point), without bias. They wrap at
 * 32 bits, as on the target.
 */
typedef struct hf_accumulation {
    const hf_node *node;  /**< borrowed, like the tensors */
    const hf_tensor *in;  /**< the input's shape and zero point */
    const hf_tensor *out; /**< the output's shape */
    int16_t *weights;     /**< owned: the node's weights; a padded row for each output channel */
    int16_t *columns;     /**< owned: the values to multiply a row with, for each group */
    int64_t row_values;   /**< weights in a row; all of a depthwise convolution are one row */
    int64_t row_stride;   /**< values from one row to the next */
    int32_t groups;       /**< of a convolution, otherwise 1 */
    int32_t top, left;    /**< padding of the input */
} hf_accumulation;

/**
 * Prepares to accumulate.
 * @param node with weights; its input is quantised
 * @param out to be freed with hf_accumulation_free()
 * Errors: HF_ENOMEM.
 */
hf_status hf_accumulation_init(const hf_graph *graph, const hf_node *node, hf_accumulation *out,
                               hf_error *err);
void hf_accumulation_free(hf_accumulation *accumulation);
/**
 * The accumulators at one output position.
 * @param input the whole input tensor
 * @param sums one per output channel
 */
void hf_accumulation_sums(const hf_accumulation *accumulation, const int8_t *input, int32_t y, int32_t x,
                          uint32_t *sums);
/**
 * The node's outputs for some inputs.
 * @param inputs whole input tensors
 * @param outputs receive the output tensors
 * @param count of inputs and of outputs
 * Errors: HF_ENOMEM, HF_EUNSUPPORTED if a channel's scale is too large.
 */
hf_status hf_accumulation_outputs(const hf_graph *graph, const hf_accumulation *accumulation,
                                  const int8_t *const *inputs, int8_t *const *outputs, int32_t count,
                                  hf_error *err);
/**
 * The same from accumulators that are known already.
 * @param sums one per output channel for each position of each output tensor, one tensor after the other
 */
hf_status hf_accumulation_requantize(const hf_graph *graph, const hf_accumulation *accumulation,
                                     const uint32_t *sums, int8_t *const *outputs, int32_t count,
                                     hf_error *err);

/* hf_reference_<reference>() of each row of graph/operators.h computes call->output from call->inputs. The
 * node has weights and quantisation; shapes are the graph's. */
#define HF_REFERENCE_FUNCTION(name, text, min_inputs, max_inputs, shape, calibration, reference, ...)        \
    hf_status hf_reference_##reference(const hf_reference_call *call, hf_error *err);
HF_OP_MAP(HF_REFERENCE_FUNCTION)
#undef HF_REFERENCE_FUNCTION

/** Collects the arguments of a call. Parameters as hf_reference_node(). */
hf_reference_call hf_reference_call_of(const hf_graph *graph, const hf_node *node,
                                       const int8_t *const *tensors, int8_t *output);

/**
 * Runs one node.
 * @param tensors one pointer per graph tensor; only the node's inputs are read
 * @param output receives hf_tensor_bytes() bytes, the node's output tensor
 * Errors: HF_EINVALID for missing inputs, weights or quantisation, HF_EUNSUPPORTED, HF_ENOMEM.
 */
hf_status hf_reference_node(const hf_graph *graph, const hf_node *node, const int8_t *const *tensors,
                            int8_t *output, hf_error *err);

#endif
