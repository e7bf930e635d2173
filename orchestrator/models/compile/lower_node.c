/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"
#include "lower.h"

#define HF_IMAGE_OP_NONE HF_IMAGE_OP_COUNT

static hf_image_op image_op(hf_op op)
{
    static const hf_image_op image_ops[HF_OP_COUNT] = {
#define IMAGE_OP(name, text, min_inputs, max_inputs, shape, calibration, reference, lowering, image, ...)    \
    HF_IMAGE_OP_##image,
        HF_OP_MAP(IMAGE_OP)
#undef IMAGE_OP
    };
    return (unsigned)op < HF_OP_COUNT ? image_ops[op] : HF_IMAGE_OP_NONE;
}

static hf_status in_range(const hf_node *node, const char *what, int64_t value, int64_t min, int64_t max,
                          hf_error *err)
{
    if (value < min || value > max)
        return HF_FAIL(err, HF_ELIMIT, "%s: %s is %lld, expected %lld .. %lld", node->name, what,
                       (long long)value, (long long)min, (long long)max);
    return HF_OK;
}

static hf_status size(const hf_node *node, const char *what, int64_t value, uint16_t *out, hf_error *err)
{
    hf_status status = in_range(node, what, value, 1, UINT16_MAX, err);
    *out = (uint16_t)value;
    return status;
}

static hf_status small(const hf_node *node, const char *what, int64_t value, int64_t min, uint8_t *out,
                       hf_error *err)
{
    hf_status status = in_range(node, what, value, min, UINT8_MAX, err);
    *out = (uint8_t)value;
    return status;
}

static hf_status shape(const hf_node *node, const hf_tensor *tensor, uint16_t *height, uint16_t *width,
                       uint16_t *channels, hf_error *err)
{
    hf_status status = size(node, "height", tensor->height, height, err);
    if (!status)
        status = size(node, "width", tensor->width, width, err);
    return status ? status : size(node, "channels", tensor->channels, channels, err);
}

static hf_status padding(const hf_node *node, int32_t top, int32_t left, hf_op_record *r, hf_error *err)
{
    hf_status status = small(node, "padding above", top, 0, &r->pad_top, err);
    return status ? status : small(node, "padding to the left", left, 0, &r->pad_left, err);
}

static hf_status groups(const hf_node *node, hf_op_record *r, hf_error *err)
{
    if (node->groups < 1 || node->groups > UINT8_MAX)
        return HF_FAIL(err, HF_ELIMIT, "%s: %d groups, expected 1 .. %d", node->name, node->groups,
                       UINT8_MAX);
    r->parts = (uint8_t)node->groups;
    return HF_OK;
}

/* ---- The rules listed in graph/operators.h: fields that only some operators' records have ---- */

static hf_status lower_plain(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    (void)graph;
    (void)node;
    (void)r;
    (void)err;
    return HF_OK;
}

static hf_status lower_window(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    int32_t top = 0, left = 0;
    hf_node_padding(graph, node, &top, &left);
    hf_status status = small(node, "kernel height", node->kernel_height, 1, &r->kernel_height, err);
    if (!status)
        status = small(node, "kernel width", node->kernel_width, 1, &r->kernel_width, err);
    if (!status)
        status = small(node, "vertical stride", node->stride_height, 1, &r->stride_height, err);
    if (!status)
        status = small(node, "horizontal stride", node->stride_width, 1, &r->stride_width, err);
    return status ? status : padding(node, top, left, r, err);
}

static hf_status lower_conv(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    hf_status status = groups(node, r, err);
    return status ? status : lower_window(graph, node, r, err);
}

/* Groups that have one input channel each need no number, which might exceed the record's. */
static hf_status lower_general(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const int32_t inputs = graph->tensors[node->inputs[0]].channels / node->in_bytes;
    const bool depthwise = node->groups > 1 && node->groups == inputs;
    hf_status status = depthwise ? HF_OK : groups(node, r, err);
    r->tile =
        (uint8_t)((node->in_bytes == 2 ? HF_GENERAL_16_BITS : 0) | (depthwise ? HF_GENERAL_DEPTHWISE : 0) |
                  (node->transposed ? HF_GENERAL_TRANSPOSED : 0) | (node->long_sums ? HF_GENERAL_LONG : 0));
    return status ? status : lower_window(graph, node, r, err);
}

static hf_status lower_lstm(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    (void)graph;
    (void)err;
    r->kernel_height = node->in_bytes == 2 ? 2 : 1;
    return HF_OK;
}

/* The kernel is [memory][rank]. */
static hf_status lower_svdf(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    hf_status status = in_range(node, "number of inputs", hf_tensor_bytes(&graph->tensors[node->inputs[0]]),
                                1, UINT16_MAX, err);
    r->in_height = r->in_width = 1;
    r->in_channels = r->in_step = (uint16_t)hf_tensor_bytes(&graph->tensors[node->inputs[0]]);
    if (!status)
        status = small(node, "memory", node->memory, 1, &r->kernel_height, err);
    return status ? status : small(node, "rank", node->rank, 1, &r->kernel_width, err);
}

/* A dense layer is a convolution with a single position. */
static hf_status lower_dense(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    hf_status status = in_range(node, "number of inputs", hf_tensor_bytes(in), 1, UINT16_MAX, err);
    r->in_channels = (uint16_t)hf_tensor_bytes(in);
    r->in_height = 1;
    r->in_width = 1;
    r->in_step = r->in_channels;
    return status;
}

static hf_status lower_gate(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_tensor *second = &graph->tensors[node->inputs[1]];
    (void)err;
    r->parts = second->height != in->height || second->width != in->width ? 2 : 1;
    return HF_OK;
}

/* The dimensions along which a second operand is repeated. */
static hf_status lower_binary(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    int32_t second[3];
    (void)err;
    if (node->op == HF_OP_BINARY_CONST || node->op == HF_OP_BINARY16_CONST) {
        second[0] = node->operand_shape[0];
        second[1] = node->operand_shape[1];
        second[2] = node->operand_shape[2];
    } else {
        const hf_tensor *other = &graph->tensors[node->inputs[1]];
        second[0] = other->height;
        second[1] = other->width;
        second[2] = other->channels;
    }
    const uint32_t repeat = (second[0] != in->height ? HF_REPEAT_HEIGHT : 0) |
                            (second[1] != in->width ? HF_REPEAT_WIDTH : 0) |
                            (second[2] != in->channels ? HF_REPEAT_CHANNELS : 0);
    r->parts = (uint8_t)(repeat + 1);
    return HF_OK;
}

/* A copy of one input, as a single position. */
static hf_status lower_join(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    int64_t most = 0;
    for (int32_t i = 0; i < node->input_count; i++) {
        const int64_t bytes = hf_tensor_bytes(&graph->tensors[node->inputs[i]]);
        most = bytes > most ? bytes : most;
    }
    hf_status status = in_range(node, "number of bytes", most, 1, UINT16_MAX, err);
    r->in_height = 1;
    r->in_width = 1;
    r->in_channels = r->out_channels = (uint16_t)most;
    r->in_step = r->in_channels;
    return status;
}

static hf_status lower_slice(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    r->in_channels = r->out_channels;
    return in_range(node, "first channel", node->slice_begin, 0, in->channels - r->out_channels, err);
}

static hf_status lower_concat(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    r->out_channels = r->in_channels;
    return lower_plain(graph, node, r, err);
}

static hf_status lower_shuffle(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    hf_status status = groups(node, r, err);
    (void)graph;
    r->channel_step = r->parts;
    return status;
}

static hf_status lower_pad(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    (void)graph;
    return padding(node, node->pad_top, node->pad_left, r, err);
}

static hf_status details(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    switch (node->op) {
#define LOWERING_CASE(name, text, min_inputs, max_inputs, shape, calibration, reference, lowering, ...)      \
    case HF_OP_##name:                                                                                       \
        return lower_##lowering(graph, node, r, err);
        HF_OP_MAP(LOWERING_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef LOWERING_CASE
    case HF_OP_COUNT:
        break;
    }
    return HF_OK;
}

hf_status hf_lower_node(const hf_graph *graph, const hf_node *node, hf_op_record *out, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_tensor *tensor = &graph->tensors[node->output];
    const hf_image_op image = image_op(node->op);
    if (image == HF_IMAGE_OP_NONE)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: no image operator for \"%s\"", node->name,
                       hf_op_name(node->op));
    hf_op_record r = {.op = (uint8_t)image,
                      .parts = 1,
                      .channel_step = 1,
                      .kernel_height = 1,
                      .kernel_width = 1,
                      .stride_height = 1,
                      .stride_width = 1};
    hf_status status = shape(node, in, &r.in_height, &r.in_width, &r.in_channels, err);
    if (!status)
        status = shape(node, tensor, &r.out_height, &r.out_width, &r.out_channels, err);
    r.in_step = r.in_channels;
    r.out_step = r.out_channels;
    if (!status)
        status = details(graph, node, &r, err);
    if (!status && !hf_record_geometry_ok(&r))
        status = HF_FAIL(err, HF_EINVALID, "%s: %dx%dx%d -> %dx%dx%d does not fit its kernel and strides",
                         node->name, in->height, in->width, in->channels, tensor->height, tensor->width,
                         tensor->channels);
    if (!status)
        *out = r;
    return status;
}
