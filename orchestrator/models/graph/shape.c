/* SPDX-License-Identifier: Apache-2.0 */
#include "shape.h"

/* Rows or columns of a sliding window's output; 0 where the kernel does not fit. */
static int32_t window_output(int32_t in, int32_t kernel, int32_t stride, hf_padding padding)
{
    if (padding == HF_PADDING_SAME)
        return (int32_t)(((int64_t)in + stride - 1) / stride);
    return in < kernel ? 0 : (in - kernel) / stride + 1;
}

static hf_status window_shape(const hf_node *node, const hf_tensor *in, hf_tensor *out, hf_error *err)
{
    const int32_t limit = HF_GRAPH_MAX_DIMENSION;
    if (node->kernel_height < 1 || node->kernel_width < 1 || node->kernel_height > limit ||
        node->kernel_width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: kernel %dx%d, expected 1 .. %d each way", node->name,
                       node->kernel_height, node->kernel_width, limit);
    if (node->stride_height < 1 || node->stride_width < 1 || node->stride_height > limit ||
        node->stride_width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: stride %dx%d, expected 1 .. %d each way", node->name,
                       node->stride_height, node->stride_width, limit);
    out->height = window_output(in->height, node->kernel_height, node->stride_height, node->padding);
    out->width = window_output(in->width, node->kernel_width, node->stride_width, node->padding);
    if (out->height < 1 || out->width < 1)
        return HF_FAIL(err, HF_EINVALID, "%s: kernel %dx%d larger than its %dx%d input (padding \"valid\")",
                       node->name, node->kernel_height, node->kernel_width, in->height, in->width);
    return HF_OK;
}

/* A reshape flattens, or takes the height and width given as its "kernel". */
static hf_status reshape_shape(const hf_node *node, const hf_tensor *in, hf_tensor *out, hf_error *err)
{
    int64_t bytes = hf_tensor_bytes(in);
    int64_t area = 1;
    if (node->kernel_height > 0 && node->kernel_width > 0)
        area = (int64_t)node->kernel_height * node->kernel_width;
    if (bytes % area != 0 || bytes / area > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EINVALID, "%s: cannot reshape %dx%dx%d to height %d and width %d", node->name,
                       in->height, in->width, in->channels, node->kernel_height, node->kernel_width);
    out->height = area == 1 ? 1 : node->kernel_height;
    out->width = area == 1 ? 1 : node->kernel_width;
    out->channels = (int32_t)(bytes / area);
    return HF_OK;
}

static hf_status conv_shape(const hf_node *node, const hf_tensor *in, int32_t out_channels, hf_tensor *out,
                            hf_error *err)
{
    if (node->groups < 1 || in->channels % node->groups != 0 || out_channels % node->groups != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %d groups do not divide %d input and %d output channels",
                       node->name, node->groups, in->channels, out_channels);
    out->channels = out_channels;
    return window_shape(node, in, out, err);
}

static bool same_shape(const hf_tensor *a, const hf_tensor *b)
{
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

static hf_status pair_shape(const hf_node *node, const hf_tensor *in, const hf_tensor *other, hf_error *err)
{
    const bool gate = other->height == 1 && other->width == 1 && other->channels == in->channels;
    if (same_shape(in, other) || (node->op == HF_OP_MUL && gate))
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: %s of %dx%dx%d and %dx%dx%d, expected equal shapes%s", node->name,
                   hf_op_name(node->op), in->height, in->width, in->channels, other->height, other->width,
                   other->channels, node->op == HF_OP_MUL ? " or a second input of 1x1xC" : "");
}

static hf_status concat_shape(const hf_graph *graph, const hf_node *node, hf_tensor *out, hf_error *err)
{
    int64_t channels = out->channels;
    for (int32_t i = 1; i < node->input_count; i++) {
        const hf_tensor *other = &graph->tensors[node->inputs[i]];
        if (other->height != out->height || other->width != out->width)
            return HF_FAIL(err, HF_EINVALID,
                           "%s: concat of %dx%d and %dx%d, expected equal heights and widths", node->name,
                           out->height, out->width, other->height, other->width);
        channels += other->channels;
    }
    if (channels > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EINVALID, "%s: %lld channels, expected at most %d", node->name,
                       (long long)channels, HF_GRAPH_MAX_DIMENSION);
    out->channels = (int32_t)channels;
    return HF_OK;
}

static hf_status slice_shape(const hf_node *node, hf_tensor *out, hf_error *err)
{
    if (node->slice_begin < 0 || node->slice_count < 1 ||
        (int64_t)node->slice_begin + node->slice_count > out->channels)
        return HF_FAIL(err, HF_EINVALID, "%s: %d channels from channel %d on, its input has %d", node->name,
                       node->slice_count, node->slice_begin, out->channels);
    out->channels = node->slice_count;
    return HF_OK;
}

static hf_status shuffle_shape(const hf_node *node, const hf_tensor *in, hf_error *err)
{
    if (node->groups < 1 || in->channels % node->groups != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %d groups do not divide %d channels", node->name, node->groups,
                       in->channels);
    return HF_OK;
}

static hf_status pad_shape(const hf_node *node, hf_tensor *out, hf_error *err)
{
    const int32_t limit = HF_GRAPH_MAX_DIMENSION;
    const int32_t sides[] = {node->pad_top, node->pad_bottom, node->pad_left, node->pad_right};
    for (int side = 0; side < 4; side++)
        if (sides[side] < 0 || sides[side] > limit)
            return HF_FAIL(err, HF_EINVALID, "%s: pads by %d, expected 0 .. %d", node->name, sides[side],
                           limit);
    int64_t height = (int64_t)out->height + node->pad_top + node->pad_bottom;
    int64_t width = (int64_t)out->width + node->pad_left + node->pad_right;
    if (height > limit || width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: pads to %lldx%lld, expected at most %d each way", node->name,
                       (long long)height, (long long)width, limit);
    out->height = (int32_t)height;
    out->width = (int32_t)width;
    return HF_OK;
}

static hf_status weighted_shape(const hf_node *node, const hf_tensor *in, int32_t out_channels,
                                hf_tensor *out, hf_error *err)
{
    if (out_channels < 1 || out_channels > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EINVALID, "%s: %d output channels, expected 1 .. %d", node->name, out_channels,
                       HF_GRAPH_MAX_DIMENSION);
    if (node->op == HF_OP_CONV2D)
        return conv_shape(node, in, out_channels, out, err);
    *out = (hf_tensor){.height = 1, .width = 1, .channels = out_channels};
    return HF_OK;
}

hf_status hf_node_output_shape(const hf_graph *graph, const hf_node *node, int32_t out_channels,
                               hf_tensor *out, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    *out = (hf_tensor){.height = in->height, .width = in->width, .channels = in->channels};
    switch (node->op) {
    case HF_OP_CONV2D:
    case HF_OP_DENSE:
        return weighted_shape(node, in, out_channels, out, err);
    case HF_OP_DEPTHWISE:
    case HF_OP_AVERAGE_POOL:
    case HF_OP_MAX_POOL:
        return window_shape(node, in, out, err);
    case HF_OP_ADD:
    case HF_OP_MUL:
        return pair_shape(node, in, &graph->tensors[node->inputs[1]], err);
    case HF_OP_CONCAT:
        return concat_shape(graph, node, out, err);
    case HF_OP_SLICE:
        return slice_shape(node, out, err);
    case HF_OP_CHANNEL_SHUFFLE:
        return shuffle_shape(node, in, err);
    case HF_OP_PAD:
        return pad_shape(node, out, err);
    case HF_OP_RELU:
        if (node->activation == HF_ACTIVATION_NONE)
            return HF_FAIL(err, HF_EINVALID, "%s: relu without an activation, expected RELU or RELU6",
                           node->name);
        return HF_OK;
    case HF_OP_MEAN:
        out->height = 1;
        out->width = 1;
        return HF_OK;
    case HF_OP_RESHAPE:
        return reshape_shape(node, in, out, err);
    case HF_OP_HARD_SWISH:
    case HF_OP_ADD_CONST:
    case HF_OP_MUL_CONST:
    case HF_OP_SOFTMAX:
        return HF_OK;
    case HF_OP_COUNT:
        break;
    }
    return HF_FAIL(err, HF_EINVALID, "%s: operator %d does not exist", node->name, (int)node->op);
}
