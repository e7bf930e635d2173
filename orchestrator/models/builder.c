/* SPDX-License-Identifier: Apache-2.0 */
#include "builder.h"

#include <math.h>
#include <stdio.h>

void hf_builder_begin(hf_builder *builder, const char *name, int32_t resolution, int32_t channels,
                      hf_error *err)
{
    *builder = (hf_builder){.err = err};
    builder->status = hf_graph_new(name, resolution, resolution, channels, &builder->graph, err);
}

static void add(hf_builder *builder, const char *name, hf_node *node, int32_t channels)
{
    if (builder->status)
        return;
    snprintf(node->name, sizeof node->name, "%s", name);
    node->inputs[0] = builder->tensor;
    node->input_count = 1;
    builder->status = hf_graph_add(builder->graph, node, channels, &builder->tensor, builder->err);
}

static hf_node window_node(hf_op op, int32_t kernel, int32_t stride, const hf_layer_style *style)
{
    return (hf_node){.op = op,
                     .kernel_height = kernel,
                     .kernel_width = kernel,
                     .stride_height = stride,
                     .stride_width = stride,
                     .padding = style->padding,
                     .activation = style->activation,
                     .has_bias = style->bias,
                     .has_batch_norm = style->batch_norm};
}

void hf_builder_conv(hf_builder *builder, const char *name, int32_t kernel, int32_t stride, int32_t channels,
                     const hf_layer_style *style)
{
    hf_node node = window_node(HF_OP_CONV2D, kernel, stride, style);
    add(builder, name, &node, channels);
}

void hf_builder_depthwise(hf_builder *builder, const char *name, int32_t kernel, int32_t stride,
                          const hf_layer_style *style)
{
    hf_node node = window_node(HF_OP_DEPTHWISE, kernel, stride, style);
    add(builder, name, &node, 0);
}

void hf_builder_global_average_pool(hf_builder *builder, const char *name)
{
    if (builder->status)
        return;
    const hf_tensor *in = &builder->graph->tensors[builder->tensor];
    hf_node node = {.op = HF_OP_AVERAGE_POOL,
                    .kernel_height = in->height,
                    .kernel_width = in->width,
                    .stride_height = in->height,
                    .stride_width = in->width,
                    .padding = HF_PADDING_VALID};
    add(builder, name, &node, 0);
}

void hf_builder_dense(hf_builder *builder, const char *name, int32_t channels, bool bias)
{
    hf_node node = {.op = HF_OP_DENSE, .has_bias = bias};
    add(builder, name, &node, channels);
}

void hf_builder_softmax(hf_builder *builder, const char *name)
{
    hf_node node = {.op = HF_OP_SOFTMAX, .softmax_beta = 1.0f};
    add(builder, name, &node, 0);
}

hf_status hf_builder_finish(hf_builder *builder, hf_graph **out)
{
    if (!builder->status)
        builder->status = hf_graph_finish(builder->graph, builder->tensor, builder->err);
    if (builder->status) {
        hf_graph_free(builder->graph);
        builder->graph = NULL;
        return builder->status;
    }
    *out = builder->graph;
    return HF_OK;
}

int32_t hf_scaled_channels(double base, double factor)
{
    return (int32_t)floor(base * factor + 1e-9);
}
