/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REFERENCE_NODE_H
#define HF_REFERENCE_NODE_H

#include "graph/graph.h"

/**
 * @file node.h
 * The reference interpreter, one node at a time, for callers that run a graph step by step, as calibration does.
 */

/** One node about to run: where its inputs are and where its output goes. */
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

static inline hf_window hf_window_at(int32_t out, int32_t stride, int32_t padding, int32_t kernel, int32_t in)
{
    hf_window window = {.origin = (int32_t)((int64_t)out * stride - padding), .begin = 0, .end = kernel};
    if (window.origin < 0)
        window.begin = -window.origin;
    if (window.end > in - window.origin)
        window.end = in - window.origin;
    return window;
}

/** What turns an accumulator of one output channel into its int8 value. */
typedef struct hf_output_channel {
    int32_t bias, multiplier, shift;
} hf_output_channel;

typedef struct hf_output_stage {
    hf_output_channel *channels; /**< owned */
    int32_t zero_point, min, max;
} hf_output_stage;

hf_status hf_output_stage_init(const hf_reference_call *call, hf_output_stage *stage, hf_error *err);
void hf_output_stage_free(hf_output_stage *stage);
int8_t hf_output_stage_value(const hf_output_stage *stage, int32_t channel, uint32_t sum);

/**
 * Sums of weight x (value - zero point) at one output position of a convolution or dense layer, without bias.
 * They wrap at 32 bits, as they do on the target.
 * @param sums one per output channel
 */
void hf_reference_sums(const hf_reference_call *call, int32_t y, int32_t x, uint32_t *sums);

/* hf_reference_<reference>() of each row of graph/operators.h computes call->output from call->inputs. The
 * node has weights and quantisation; shapes are the graph's. */
#define HF_REFERENCE_FUNCTION(name, text, least, most, shape, calibration, reference, ...)                   \
    hf_status hf_reference_##reference(const hf_reference_call *call, hf_error *err);
HF_OP_MAP(HF_REFERENCE_FUNCTION)
#undef HF_REFERENCE_FUNCTION

/** Where a node's inputs and output are. @param tensors one pointer per graph tensor */
hf_reference_call hf_reference_call_of(const hf_graph *graph, const hf_node *node,
                                       const int8_t *const *tensors, int8_t *output);

/**
 * Runs one node.
 * @param tensors one pointer per graph tensor; those of the node's inputs are read
 * @param output hf_tensor_bytes() of the node's output tensor
 */
hf_status hf_reference_node(const hf_graph *graph, const hf_node *node, const int8_t *const *tensors,
                            int8_t *output, hf_error *err);

#endif
