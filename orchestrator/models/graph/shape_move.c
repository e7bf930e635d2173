/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators with broadcasting, and of those that rearrange or resize a tensor. */
#include "shape_rules.h"

static hf_status check_repeated(const hf_shape_case *c, const int32_t other[3], hf_error *err)
{
    const int32_t in[3] = {c->in->height, c->in->width, c->in->channels};
    for (int d = 0; d < 3; d++)
        if (other[d] != in[d] && other[d] != 1)
            return HF_FAIL(err, HF_EINVALID,
                           "%s: operands of %dx%dx%d and %dx%dx%d, expected equal sizes, or 1 in the second",
                           c->node->name, in[0], in[1], in[2], other[0], other[1], other[2]);
    return HF_OK;
}

hf_status hf_shape_broadcast(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_tensor *other = &c->graph->tensors[c->node->inputs[1]];
    (void)out;
    return check_repeated(c, (int32_t[]){other->height, other->width, other->channels}, err);
}

hf_status hf_shape_operand(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)out;
    return check_repeated(c, c->node->operand_shape, err);
}

/* Height and width are the node's "kernel"; channels are what remains of `bytes`. */
static hf_status remaining_shape(const hf_shape_case *c, int64_t bytes, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const int64_t area = (int64_t)node->kernel_height * node->kernel_width;
    if (node->kernel_height < 1 || node->kernel_width < 1 || bytes < 1 || bytes % area != 0 ||
        node->kernel_height > HF_GRAPH_MAX_DIMENSION || node->kernel_width > HF_GRAPH_MAX_DIMENSION ||
        bytes / area > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EINVALID, "%s: %lld values do not make %dx%d positions", node->name,
                       (long long)bytes, node->kernel_height, node->kernel_width);
    *out = (hf_tensor){
        .height = node->kernel_height, .width = node->kernel_width, .channels = (int32_t)(bytes / area)};
    return HF_OK;
}

hf_status hf_shape_transpose(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    int64_t values = 1;
    uint32_t seen = 0;
    for (int d = 0; d < HF_NODE_MAX_DIMENSIONS; d++) {
        if (node->dimensions[d] < 1 || node->dimensions[d] > HF_GRAPH_MAX_TENSOR_BYTES ||
            node->order[d] < 0 || node->order[d] >= HF_NODE_MAX_DIMENSIONS)
            return HF_FAIL(err, HF_EINVALID, "%s: dimension %d has size %d and becomes dimension %d",
                           node->name, d, node->dimensions[d], node->order[d]);
        values = values > HF_GRAPH_MAX_TENSOR_BYTES ? values : values * node->dimensions[d];
        seen |= 1U << node->order[d];
    }
    if (values != hf_tensor_bytes(c->in) || seen != (1U << HF_NODE_MAX_DIMENSIONS) - 1)
        return HF_FAIL(err, HF_EINVALID, "%s: its order is not a permutation of its input's dimensions",
                       node->name);
    return remaining_shape(c, values, out, err);
}

hf_status hf_shape_take(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    return remaining_shape(c, (int64_t)node->kernel_height * node->kernel_width * c->in->channels, out, err);
}

hf_status hf_shape_resize(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    return hf_shape_take(c, out, err);
}

hf_status hf_shape_reduce(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    (void)c;
    (void)err;
    out->width = 1;
    return HF_OK;
}

hf_status hf_shape_part(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    const int64_t bytes = (int64_t)node->kernel_height * node->kernel_width * c->out_channels;
    const int64_t all = hf_tensor_bytes(c->in);
    if (node->part_offset < 0 || bytes > all || node->part_offset > all - bytes)
        return HF_FAIL(err, HF_EINVALID, "%s: bytes %d .. %lld, but its input has %lld", node->name,
                       node->part_offset, (long long)node->part_offset + bytes - 1, (long long)all);
    return remaining_shape(c, bytes, out, err);
}

hf_status hf_shape_lstm(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_tensor *in = c->in;
    const int64_t units = c->node->units;
    const int64_t value_bytes = c->node->in_bytes == 2 ? 2 : 1;
    const int64_t bytes = (in->width * value_bytes + 2) * units;
    const int64_t state = hf_tensor_bytes(&c->graph->tensors[c->node->inputs[1]]);
    if (units < 1 || in->height != 1 || bytes > HF_GRAPH_MAX_DIMENSION ||
        state != (value_bytes + 2) * units || in->channels % value_bytes != 0)
        return HF_FAIL(err, HF_EINVALID, "%s: %lld units, an input of %dx%dx%d and a state of %lld bytes",
                       c->node->name, (long long)units, in->height, in->width, in->channels,
                       (long long)state);
    *out = (hf_tensor){.height = 1, .width = 1, .channels = (int32_t)bytes};
    return HF_OK;
}

hf_status hf_shape_join(const hf_shape_case *c, hf_tensor *out, hf_error *err)
{
    const hf_node *node = c->node;
    int64_t bytes = 0;
    for (int32_t i = 0; i < node->input_count; i++)
        bytes += hf_tensor_bytes(&c->graph->tensors[node->inputs[i]]);
    if (bytes > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_ELIMIT, "%s: %lld bytes in total, at most %d are supported", node->name,
                       (long long)bytes, HF_GRAPH_MAX_DIMENSION);
    *out = (hf_tensor){.height = 1, .width = 1, .channels = (int32_t)bytes};
    return HF_OK;
}
