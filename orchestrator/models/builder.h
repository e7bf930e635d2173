/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_BUILDER_H
#define HF_MODELS_BUILDER_H

#include "models/graph.h"

/**
 * @file builder.h
 * What families put networks together with: a chain of layers whose first failure sticks, so that a family
 * reads as its description does and tests for errors once, in hf_builder_finish().
 */
typedef struct hf_builder {
    hf_graph *graph;
    int32_t tensor; /**< the last layer's output */
    hf_status status;
    hf_error *err;
} hf_builder;

/** How a layer is trained: what counts as its parameters, and the activation fused into it. */
typedef struct hf_layer_style {
    bool bias, batch_norm;
    hf_activation activation;
    hf_padding padding;
} hf_layer_style;

void hf_builder_begin(hf_builder *builder, const char *name, int32_t resolution, int32_t channels,
                      hf_error *err);
/** Square kernel and stride. @param name of the layer, at most 47 characters */
void hf_builder_conv(hf_builder *builder, const char *name, int32_t kernel, int32_t stride, int32_t channels,
                     const hf_layer_style *style);
void hf_builder_depthwise(hf_builder *builder, const char *name, int32_t kernel, int32_t stride,
                          const hf_layer_style *style);
void hf_builder_global_average_pool(hf_builder *builder, const char *name);
void hf_builder_dense(hf_builder *builder, const char *name, int32_t channels, bool bias);
void hf_builder_softmax(hf_builder *builder, const char *name);
/** Hands out the finished graph, or releases it and returns the first failure. */
hf_status hf_builder_finish(hf_builder *builder, hf_graph **out);

/**
 * base x factor, truncated toward zero. Factors are decimal: a product within 1e-9 of an integer is that
 * integer, so that 0.29 x 100 is 29 although no binary fraction is 0.29.
 */
int32_t hf_scaled_channels(double base, double factor);

#endif
