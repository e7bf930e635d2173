/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_BUILDER_H
#define HF_GRAPH_BUILDER_H

#include "graph/graph.h"

/**
 * @file builder.h
 * Builds networks layer by layer. Each call appends a layer to the last one. After the first
 * error all calls do nothing, so that families check for errors only once, in hf_builder_finish(). For a
 * branch, save `tensor` and restore it to continue from there.
 */
typedef struct hf_builder {
    hf_graph *graph;    /**< owned until hf_builder_finish() */
    int32_t tensor;     /**< output of the last layer, input of the next */
    int32_t resolution; /**< of the graph's input, for messages */
    hf_status status;   /**< of the first error */
    hf_error *err;      /**< borrowed */
} hf_builder;

/** Attributes of a layer: which parameters it is trained with, and its fused activation. */
typedef struct hf_layer_style {
    bool bias, batch_norm;
    hf_activation activation;
    hf_padding padding;
    int32_t groups; /**< conv only; 0 = 1 */
} hf_layer_style;

/** Begins a graph with a square input. @param name of the graph @param err receives the first error */
void hf_builder_begin(hf_builder *builder, const char *name, int32_t resolution, int32_t channels,
                      hf_error *err);
/** A convolution with square kernel and stride. @param name of the layer, at most 47 characters */
void hf_builder_conv(hf_builder *builder, const char *name, int32_t kernel, int32_t stride, int32_t channels,
                     const hf_layer_style *style);
void hf_builder_depthwise(hf_builder *builder, const char *name, int32_t kernel, int32_t stride,
                          const hf_layer_style *style);
/** A pool with square kernel and stride and "same" padding. @param op HF_OP_MAX_POOL or HF_OP_AVERAGE_POOL */
void hf_builder_pool(hf_builder *builder, const char *name, hf_op op, int32_t kernel, int32_t stride);
void hf_builder_global_average_pool(hf_builder *builder, const char *name);
void hf_builder_dense(hf_builder *builder, const char *name, int32_t channels, bool bias,
                      hf_activation activation);
void hf_builder_softmax(hf_builder *builder, const char *name);
void hf_builder_hard_swish(hf_builder *builder, const char *name);
/** ReLU6(x + 3) / 6 as two operators. @param prefix of their names */
void hf_builder_hard_sigmoid(hf_builder *builder, const char *prefix);
/** Adds, multiplies or concatenates two tensors: the last layer's output, then `other`. */
void hf_builder_add(hf_builder *builder, const char *name, int32_t other, hf_activation activation);
void hf_builder_mul(hf_builder *builder, const char *name, int32_t other);
void hf_builder_concat(hf_builder *builder, const char *name, int32_t other);
void hf_builder_slice(hf_builder *builder, const char *name, int32_t begin, int32_t count);
void hf_builder_channel_shuffle(hf_builder *builder, const char *name, int32_t groups);
/** Channels of the last layer's output; 1 after an error. */
int32_t hf_builder_channels(const hf_builder *builder);
/** Whether a tensor has the shape of the last layer's output; false after an error. */
bool hf_builder_same_shape(const hf_builder *builder, int32_t other);
/** Formats a node's name, such as "block3/expand". @param text receives it, 48 bytes @return text */
const char *hf_layer_name(char *text, const char *block, int32_t number, const char *layer);

/** Returns the finished graph, owned by the caller, or frees it and returns the first error. */
hf_status hf_builder_finish(hf_builder *builder, hf_graph **out);

/**
 * base x factor, truncated towards zero. Because factors are decimal, a product within 1e-9 of an integer
 * counts as that integer: 0.29 x 100 is 29, although 0.29 has no exact binary representation.
 */
int32_t hf_scaled_channels(double base, double factor);
/** The same for a layer scaled by alpha. If no channel is left, the builder fails with layer and factor. */
int32_t hf_builder_scaled(hf_builder *builder, const char *layer, int32_t base, double alpha);
/**
 * The nearest multiple of `divisor` (ties round up), at least `divisor`. If that is below nine tenths of the
 * value, the next multiple.
 */
int32_t hf_divisible_channels(double value, int32_t divisor);

#endif
