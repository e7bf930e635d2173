/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/builder.h"

#include <math.h>
#include <stdio.h>

void hf_builder_begin(hf_builder *builder, const char *name, int32_t resolution, int32_t channels,
                      hf_error *err)
{
    *builder = (hf_builder){.err = err, .resolution = resolution};
    builder->status = hf_graph_new(name, resolution, resolution, channels, &builder->graph, err);
}

static void add(hf_builder *builder, const char *name, hf_node *node, int32_t channels)
{
    if (builder->status)
        return;
    snprintf(node->name, sizeof node->name, "%s", name);
    node->inputs[0] = builder->tensor;
    if (node->input_count == 0)
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
                     .has_batch_norm = style->batch_norm,
                     .groups = style->groups};
}

/* Without padding a kernel may not fit. The graph's message could not name the factor to blame. */
static void check_fits(hf_builder *builder, const char *name, int32_t kernel, hf_padding padding)
{
    if (builder->status || padding == HF_PADDING_SAME)
        return;
    const hf_tensor *in = &builder->graph->tensors[builder->tensor];
    if (in->height < kernel || in->width < kernel)
        builder->status = HF_FAIL(builder->err, HF_EINVALID,
                                  "%s: resolution %d leaves an input of %dx%d, smaller than the kernel %dx%d",
                                  name, builder->resolution, in->height, in->width, kernel, kernel);
}

void hf_builder_conv(hf_builder *builder, const char *name, int32_t kernel, int32_t stride, int32_t channels,
                     const hf_layer_style *style)
{
    hf_node node = window_node(HF_OP_CONV2D, kernel, stride, style);
    check_fits(builder, name, kernel, style->padding);
    add(builder, name, &node, channels);
}

void hf_builder_depthwise(hf_builder *builder, const char *name, int32_t kernel, int32_t stride,
                          const hf_layer_style *style)
{
    hf_node node = window_node(HF_OP_DEPTHWISE, kernel, stride, style);
    node.groups = 0;
    check_fits(builder, name, kernel, style->padding);
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

void hf_builder_pool(hf_builder *builder, const char *name, hf_op op, int32_t kernel, int32_t stride)
{
    static const hf_layer_style style = {.padding = HF_PADDING_SAME};
    hf_node node = window_node(op, kernel, stride, &style);
    add(builder, name, &node, 0);
}

void hf_builder_dense(hf_builder *builder, const char *name, int32_t channels, bool bias,
                      hf_activation activation)
{
    hf_node node = {.op = HF_OP_DENSE, .has_bias = bias, .activation = activation};
    add(builder, name, &node, channels);
}

void hf_builder_softmax(hf_builder *builder, const char *name)
{
    hf_node node = {.op = HF_OP_SOFTMAX, .softmax_beta = 1.0f};
    add(builder, name, &node, 0);
}

void hf_builder_hard_swish(hf_builder *builder, const char *name)
{
    hf_node node = {.op = HF_OP_HARD_SWISH};
    add(builder, name, &node, 0);
}

void hf_builder_hard_sigmoid(hf_builder *builder, const char *prefix)
{
    char name[48];
    hf_node shift = {.op = HF_OP_ADD_CONST,
                     .activation = HF_ACTIVATION_RELU6,
                     .constant = 127,
                     .constant_quant = {.scale = 3.0f / 127, .zero_point = 0}};
    snprintf(name, sizeof name, "%s_add3", prefix);
    add(builder, name, &shift, 0);
    hf_node scale = {.op = HF_OP_MUL_CONST,
                     .constant = 127,
                     .constant_quant = {.scale = 1.0f / (6 * 127), .zero_point = 0}};
    snprintf(name, sizeof name, "%s_div6", prefix);
    add(builder, name, &scale, 0);
}

static void add_pair(hf_builder *builder, const char *name, hf_node *node, int32_t other)
{
    node->inputs[1] = other;
    node->input_count = 2;
    add(builder, name, node, 0);
}

void hf_builder_add(hf_builder *builder, const char *name, int32_t other, hf_activation activation)
{
    hf_node node = {.op = HF_OP_ADD, .activation = activation};
    add_pair(builder, name, &node, other);
}

void hf_builder_mul(hf_builder *builder, const char *name, int32_t other)
{
    hf_node node = {.op = HF_OP_MUL};
    add_pair(builder, name, &node, other);
}

void hf_builder_concat(hf_builder *builder, const char *name, int32_t other)
{
    hf_node node = {.op = HF_OP_CONCAT};
    add_pair(builder, name, &node, other);
}

void hf_builder_slice(hf_builder *builder, const char *name, int32_t begin, int32_t count)
{
    hf_node node = {.op = HF_OP_SLICE, .slice_begin = begin, .slice_count = count};
    add(builder, name, &node, 0);
}

void hf_builder_channel_shuffle(hf_builder *builder, const char *name, int32_t groups)
{
    hf_node node = {.op = HF_OP_CHANNEL_SHUFFLE, .groups = groups};
    add(builder, name, &node, 0);
}

int32_t hf_builder_channels(const hf_builder *builder)
{
    return builder->status ? 1 : builder->graph->tensors[builder->tensor].channels;
}

bool hf_builder_same_shape(const hf_builder *builder, int32_t other)
{
    if (builder->status)
        return false;
    const hf_tensor *a = &builder->graph->tensors[builder->tensor];
    const hf_tensor *b = &builder->graph->tensors[other];
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

const char *hf_layer_name(char *text, const char *block, int32_t number, const char *layer)
{
    snprintf(text, 48, "%.20s%d/%.15s", block, number, layer);
    return text;
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

int32_t hf_builder_scaled(hf_builder *builder, const char *layer, int32_t base, double alpha)
{
    int32_t count = hf_scaled_channels(base, alpha);
    if (count < 1 && !builder->status)
        builder->status =
            HF_FAIL(builder->err, HF_EINVALID, "%s: %d x alpha %g leaves no channels", layer, base, alpha);
    return count;
}

int32_t hf_divisible_channels(double value, int32_t divisor)
{
    int32_t nearest = (int32_t)floor(value / divisor + 0.5 + 1e-9) * divisor;
    if (nearest < divisor)
        nearest = divisor;
    /* Factors are decimal: exactly nine tenths is not below. */
    return nearest < 0.9 * value - 1e-9 ? nearest + divisor : nearest;
}
