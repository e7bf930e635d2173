/* SPDX-License-Identifier: Apache-2.0 */
#include "shape.h"
#include "shape_rules.h"

/* A reshape flattens, or its "kernel" is the new height and width. */
hf_status hf_shape_reshape(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const hf_tensor *in = c->in;
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

static hf_status check_out_channels(const hf_shape_case *c, hf_error *err)
{
    if (c->out_channels >= 1 && c->out_channels <= HF_GRAPH_MAX_DIMENSION)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: %d output channels, expected 1 .. %d", c->node->name,
                   c->out_channels, HF_GRAPH_MAX_DIMENSION);
}

hf_status hf_shape_conv(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    hf_status status = check_out_channels(c, err);
    if (status)
        return status;
    if (node->groups < 1 || c->in->channels % node->groups != 0 || c->out_channels % node->groups != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %d groups do not divide %d input and %d output channels",
                       node->name, node->groups, c->in->channels, c->out_channels);
    out->channels = c->out_channels;
    return hf_shape_window(c, out, err);
}

hf_status hf_shape_dense(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    *out = (hf_tensor){.height = 1, .width = 1, .channels = c->out_channels};
    return check_out_channels(c, err);
}

static bool same_shape(const hf_tensor *a, const hf_tensor *b)
{
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

/* @param gate whether a second input of 1 x 1 x C is allowed */
static hf_status check_pair(const hf_shape_case *c, bool gate, hf_error *err)
{
    const hf_tensor *in = c->in;
    const hf_tensor *other = &c->graph->tensors[c->node->inputs[1]];
    const bool is_gate = other->height == 1 && other->width == 1 && other->channels == in->channels;
    if (same_shape(in, other) || (gate && is_gate))
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: %s of %dx%dx%d and %dx%dx%d, expected equal shapes%s",
                   c->node->name, hf_op_name(c->node->op), in->height, in->width, in->channels, other->height,
                   other->width, other->channels, gate ? " or a second input of 1x1xC" : "");
}

hf_status hf_shape_pair(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)out;
    return check_pair(c, false, err);
}

hf_status hf_shape_gate(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)out;
    return check_pair(c, true, err);
}

hf_status hf_shape_same(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)c;
    (void)out;
    (void)err;
    return HF_OK;
}

hf_status hf_shape_relu(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)out;
    if (c->node->activation != HF_ACTIVATION_NONE)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: relu has no activation, expected RELU or RELU6", c->node->name);
}

hf_status hf_shape_mean(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)c;
    (void)err;
    out->height = 1;
    out->width = 1;
    return HF_OK;
}

hf_status hf_shape_concat(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    int64_t channels = out->channels;
    for (int32_t i = 1; i < node->input_count; i++) {
        const hf_tensor *other = &c->graph->tensors[node->inputs[i]];
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

hf_status hf_shape_slice(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    if (node->slice_begin < 0 || node->slice_count < 1 ||
        (int64_t)node->slice_begin + node->slice_count > out->channels)
        return HF_FAIL(err, HF_EINVALID, "%s: %d channels from channel %d on, but the input has %d",
                       node->name, node->slice_count, node->slice_begin, out->channels);
    out->channels = node->slice_count;
    return HF_OK;
}

hf_status hf_shape_shuffle(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const hf_tensor *in = c->in;
    (void)out;
    if (node->groups < 1 || in->channels % node->groups != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %d groups do not divide %d channels", node->name, node->groups,
                       in->channels);
    return HF_OK;
}

hf_status hf_shape_pad(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const int32_t limit = HF_GRAPH_MAX_DIMENSION;
    const int32_t sides[] = {node->pad_top, node->pad_bottom, node->pad_left, node->pad_right};
    for (int side = 0; side < 4; side++)
        if (sides[side] < 0 || sides[side] > limit)
            return HF_FAIL(err, HF_EINVALID, "%s: padding of %d, expected 0 .. %d", node->name, sides[side],
                           limit);
    int64_t height = (int64_t)out->height + node->pad_top + node->pad_bottom;
    int64_t width = (int64_t)out->width + node->pad_left + node->pad_right;
    if (height > limit || width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: %lldx%lld after padding, expected at most %d each way",
                       node->name, (long long)height, (long long)width, limit);
    out->height = (int32_t)height;
    out->width = (int32_t)width;
    return HF_OK;
}

hf_status hf_node_output_shape(const hf_graph *graph, const hf_node *node, int32_t out_channels,
                               hf_tensor *out, hf_error *err)
{
    const hf_shape_case c = {graph, node, &graph->tensors[node->inputs[0]], out_channels};
    *out = (hf_tensor){.height = c.in->height, .width = c.in->width, .channels = c.in->channels};
    switch (node->op) {
#define SHAPE_CASE(name, text, min_inputs, max_inputs, shape, ...)                                           \
    case HF_OP_##name:                                                                                       \
        return hf_shape_##shape(&c, out, err);
        HF_OP_MAP(SHAPE_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef SHAPE_CASE
    case HF_OP_COUNT:
        break;
    }
    return HF_FAIL(err, HF_EINVALID, "%s: operator %d does not exist", node->name, (int)node->op);
}
