/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_BUILDER_H
#define HF_GRAPH_BUILDER_H

#include "graph/graph.h"

/**
 * @file builder.h
 * What families put networks together with: a chain of layers whose first failure sticks, so that a family
 * reads as its description does and tests for errors once, in hf_builder_finish(). Branches: keep `tensor`
 * and set it back to go on from there.
 */
typedef struct hf_builder {
    hf_graph *graph;
    int32_t tensor;     /**< the last layer's output: what the next one reads */
    int32_t resolution; /**< of the input, for messages */
    hf_status status;
    hf_error *err;
} hf_builder;

/** How a layer is trained: what counts as its parameters, and the activation fused into it. */
typedef struct hf_layer_style {
    bool bias, batch_norm;
    hf_activation activation;
    hf_padding padding;
    int32_t groups; /**< conv only; 0 = 1 */
} hf_layer_style;

void hf_builder_begin(hf_builder *builder, const char *name, int32_t resolution, int32_t channels,
                      hf_error *err);
/** Square kernel and stride. @param name of the layer, at most 47 characters */
void hf_builder_conv(hf_builder *builder, const char *name, int32_t kernel, int32_t stride, int32_t channels,
                     const hf_layer_style *style);
void hf_builder_depthwise(hf_builder *builder, const char *name, int32_t kernel, int32_t stride,
                          const hf_layer_style *style);
/** Max or average pool, square, "same". */
void hf_builder_pool(hf_builder *builder, const char *name, hf_op op, int32_t kernel, int32_t stride);
void hf_builder_global_average_pool(hf_builder *builder, const char *name);
void hf_builder_dense(hf_builder *builder, const char *name, int32_t channels, bool bias,
                      hf_activation activation);
void hf_builder_softmax(hf_builder *builder, const char *name);
void hf_builder_hard_swish(hf_builder *builder, const char *name);
/** ReLU6(x + 3) / 6, as two operators. @param prefix of their names */
void hf_builder_hard_sigmoid(hf_builder *builder, const char *prefix);
/** The last layer's output and another tensor, in this order: add, multiply, concatenate. */
void hf_builder_add(hf_builder *builder, const char *name, int32_t other, hf_activation activation);
void hf_builder_mul(hf_builder *builder, const char *name, int32_t other);
void hf_builder_concat(hf_builder *builder, const char *name, int32_t other);
void hf_builder_slice(hf_builder *builder, const char *name, int32_t begin, int32_t count);
void hf_builder_channel_shuffle(hf_builder *builder, const char *name, int32_t groups);
/** Channels of the last layer's output; 1 after a failure. */
int32_t hf_builder_channels(const hf_builder *builder);
/** Whether a tensor and the last layer's output have one shape (false after a failure). */
bool hf_builder_same_shape(const hf_builder *builder, int32_t other);
/** "block3/expand" into a node's name; prefixes are short enough. @param text 48 bytes */
const char *hf_layer_name(char *text, const char *block, int32_t number, const char *layer);

/** Hands out the finished graph, or releases it and returns the first failure. */
hf_status hf_builder_finish(hf_builder *builder, hf_graph **out);

/**
 * base x factor, truncated toward zero. Factors are decimal: a product within 1e-9 of an integer is that
 * integer, so that 0.29 x 100 is 29 although no binary fraction is 0.29.
 */
int32_t hf_scaled_channels(double base, double factor);
/** The same for a layer scaled by alpha; none left fails the builder, naming layer and factor. */
int32_t hf_builder_scaled(hf_builder *builder, const char *layer, int32_t base, double alpha);
/**
 * The nearest multiple of `divisor` (a half rounds up), at least `divisor`; one more `divisor` where that is
 * below nine tenths of the value.
 */
int32_t hf_divisible_channels(double value, int32_t divisor);

#endif
