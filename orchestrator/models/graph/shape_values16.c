/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators of 16-bit values, whose tensors count bytes as channels, and of others whose values and channels differ. */
#include "shape_rules.h"

static bool is_width(int32_t bytes)
{
    return bytes == 1 || bytes == 2;
}

static hf_status check_values(const hf_shape_case *c, int32_t channels, int32_t value_bytes, hf_error *err)
{
    if (is_width(value_bytes) && channels % value_bytes == 0)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: %d bytes of channels do not hold values of %d bytes", c->node->name,
                   channels, value_bytes);
}

/* A second operand has the first one's sizes, or 1. */
static hf_status check_operand(const hf_shape_case *c, const int32_t other[3], hf_error *err)
{
    const int32_t in[3] = {c->in->height, c->in->width, c->in->channels};
    const int32_t one[3] = {1, 1, 2};
    hf_status status = check_values(c, in[2], 2, err);
    for (int d = 0; d < 3 && !status; d++)
        if (other[d] != in[d] && other[d] != one[d])
            status = HF_FAIL(
                err, HF_EINVALID,
                "%s: operands of %dx%dx%d and %dx%dx%d bytes, expected equal sizes, or 1 in the second",
                c->node->name, in[0], in[1], in[2], other[0], other[1], other[2]);
    return status;
}

hf_status hf_shape_binary16(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_tensor *other = &c->graph->tensors[c->node->inputs[1]];
    (void)out;
    return check_operand(c, (int32_t[]){other->height, other->width, other->channels}, err);
}

hf_status hf_shape_operand16(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)out;
    return check_operand(c, c->node->operand_shape, err);
}

hf_status hf_shape_function16(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    hf_status status = check_values(c, c->in->channels, node->in_bytes, err);
    if (!status && (!is_width(node->out_bytes) || node->in_bytes + node->out_bytes < 3))
        status = HF_FAIL(err, HF_EINVALID, "%s: values of %d and %d bytes", node->name, node->in_bytes,
                         node->out_bytes);
    if (!status && (int64_t)c->in->channels / node->in_bytes * node->out_bytes > HF_GRAPH_MAX_DIMENSION)
        status =
            HF_FAIL(err, HF_ELIMIT, "%s: more than %d bytes of channels", node->name, HF_GRAPH_MAX_DIMENSION);
    if (!status)
        out->channels = c->in->channels / node->in_bytes * node->out_bytes;
    return status;
}

hf_status hf_shape_pool16(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    hf_status status = check_values(c, c->in->channels, c->node->in_bytes == 1 ? 1 : 2, err);
    return status ? status : hf_shape_window(c, out, err);
}

static hf_status transposed_size(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const int32_t limit = HF_GRAPH_MAX_DIMENSION;
    out->height = node->operand_shape[0];
    out->width = node->operand_shape[1];
    if (out->height < 1 || out->width < 1 || out->height > limit || out->width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: output of %dx%d, expected 1 .. %d each way", node->name,
                       out->height, out->width, limit);
    if (node->kernel_height < 1 || node->kernel_width < 1 || node->stride_height < 1 ||
        node->stride_width < 1 || node->kernel_height > limit || node->kernel_width > limit ||
        node->stride_height > limit || node->stride_width > limit)
        return HF_FAIL(err, HF_EINVALID, "%s: kernel %dx%d and stride %dx%d, expected 1 .. %d each way",
                       node->name, node->kernel_height, node->kernel_width, node->stride_height,
                       node->stride_width, limit);
    return HF_OK;
}

hf_status hf_shape_general(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    hf_status status = check_values(c, c->in->channels, node->in_bytes, err);
    if (!status)
        status = check_values(c, c->out_channels, node->out_bytes, err);
    if (status)
        return status;
    if (c->out_channels < 1 || c->out_channels > HF_GRAPH_MAX_DIMENSION || node->in_bytes != node->out_bytes)
        return HF_FAIL(err, HF_EINVALID, "%s: %d bytes of output channels, expected 1 .. %d", node->name,
                       c->out_channels, HF_GRAPH_MAX_DIMENSION);
    if (node->groups < 1 || c->in->channels / node->in_bytes % node->groups != 0 ||
        c->out_channels / node->out_bytes % node->groups != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %d groups do not divide its channels", node->name,
                       node->groups);
    out->channels = c->out_channels;
    return node->transposed ? transposed_size(c, out, err) : hf_shape_window(c, out, err);
}

hf_status hf_shape_arg(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const int64_t bytes = INT64_C(4) * c->in->channels;
    if (bytes > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_ELIMIT, "%s: %lld bytes of channels, at most %d are supported", c->node->name,
                       (long long)bytes, HF_GRAPH_MAX_DIMENSION);
    out->width = 1;
    out->channels = (int32_t)bytes;
    return HF_OK;
}

/* The next state, then the outputs. */
hf_status hf_shape_svdf(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const int64_t limit = HF_GRAPH_MAX_DIMENSION;
    const int64_t state = hf_tensor_bytes(&c->graph->tensors[node->inputs[1]]);
    const bool sane = node->units >= 1 && node->rank >= 1 && node->memory >= 1 && node->units <= limit &&
                      node->rank <= limit && node->memory <= limit;
    const int64_t values = sane ? (int64_t)node->units * node->rank : 0;
    if (!sane || values > limit || 2 * values * node->memory + node->units > limit ||
        state != 2 * values * node->memory)
        return HF_FAIL(err, HF_EINVALID, "%s: %d units of rank %d and memory %d, and a state of %lld bytes",
                       node->name, node->units, node->rank, node->memory, (long long)state);
    *out =
        (hf_tensor){.height = 1, .width = 1, .channels = (int32_t)(2 * values * node->memory + node->units)};
    return HF_OK;
}
