/* SPDX-License-Identifier: Apache-2.0 */
#include "lower.h"

#include <stdlib.h>

#include "engine/layout.h"

static hf_image_op image_op(hf_op op)
{
    switch (op) {
    case HF_OP_CONV2D:
        return HF_IMAGE_OP_CONV2D;
    case HF_OP_DEPTHWISE:
        return HF_IMAGE_OP_DEPTHWISE;
    case HF_OP_DENSE:
        return HF_IMAGE_OP_DENSE;
    case HF_OP_AVERAGE_POOL:
        return HF_IMAGE_OP_AVERAGE_POOL;
    case HF_OP_MAX_POOL:
        return HF_IMAGE_OP_MAX_POOL;
    case HF_OP_ADD:
        return HF_IMAGE_OP_ADD;
    case HF_OP_SOFTMAX:
        return HF_IMAGE_OP_SOFTMAX;
    default: /* a reshape is no operator on the target */
        break;
    }
    return HF_IMAGE_OP_COUNT;
}

static hf_status field(const hf_node *node, const char *what, int64_t value, int64_t min, uint16_t *out,
                       hf_error *err)
{
    if (value < min || value > UINT16_MAX)
        return HF_FAIL(err, HF_ELIMIT, "%s: %s is %lld, an image holds %lld .. %d", node->name, what,
                       (long long)value, (long long)min, UINT16_MAX);
    *out = (uint16_t)value;
    return HF_OK;
}

static hf_status shape(const hf_node *node, const hf_tensor *tensor, uint16_t *height, uint16_t *width,
                       uint16_t *channels, hf_error *err)
{
    hf_status status = field(node, "height", tensor->height, 1, height, err);
    if (!status)
        status = field(node, "width", tensor->width, 1, width, err);
    return status ? status : field(node, "channels", tensor->channels, 1, channels, err);
}

static hf_status window(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    int32_t top = 0, left = 0;
    hf_node_padding(graph, node, &top, &left);
    hf_status status = field(node, "kernel height", node->kernel_height, 1, &r->kernel_height, err);
    if (!status)
        status = field(node, "kernel width", node->kernel_width, 1, &r->kernel_width, err);
    if (!status)
        status = field(node, "vertical stride", node->stride_height, 1, &r->stride_height, err);
    if (!status)
        status = field(node, "horizontal stride", node->stride_width, 1, &r->stride_width, err);
    if (!status)
        status = field(node, "padding above", top, 0, &r->pad_top, err);
    return status ? status : field(node, "padding to the left", left, 0, &r->pad_left, err);
}

static hf_status lower_node(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_tensor *out = &graph->tensors[node->output];
    hf_image_op op = image_op(node->op);
    if (op == HF_IMAGE_OP_COUNT)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: no image operator for \"%s\"", node->name,
                       hf_op_name(node->op));
    *r = (hf_op_record){
        .op = (uint8_t)op, .kernel_height = 1, .kernel_width = 1, .stride_height = 1, .stride_width = 1};
    hf_status status = shape(node, in, &r->in_height, &r->in_width, &r->in_channels, err);
    if (!status)
        status = shape(node, out, &r->out_height, &r->out_width, &r->out_channels, err);
    if (status)
        return status;
    if (op == HF_IMAGE_OP_DENSE) {
        r->kernel_height = r->in_height;
        r->kernel_width = r->in_width;
    } else if (op != HF_IMAGE_OP_ADD && op != HF_IMAGE_OP_SOFTMAX) {
        status = window(graph, node, r, err);
    }
    if (!status && !hf_record_geometry_ok(r))
        status =
            HF_FAIL(err, HF_EINVALID, "%s: %dx%dx%d -> %dx%dx%d does not fit its kernel and strides",
                    node->name, in->height, in->width, in->channels, out->height, out->width, out->channels);
    return status;
}

static hf_status lower_all(const hf_graph *graph, hf_lowered *l, int32_t *alias, hf_error *err)
{
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        alias[t] = t;
        l->tensor_bytes[t] = hf_tensor_bytes(&graph->tensors[t]);
    }
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        int32_t wanted = node->op == HF_OP_ADD ? 2 : 1;
        if (node->input_count != wanted)
            return HF_FAIL(err, HF_EINVALID, "%s: %d inputs, %s takes %d", node->name, node->input_count,
                           hf_op_name(node->op), wanted);
        if (node->op == HF_OP_RESHAPE) {
            alias[node->output] = alias[node->inputs[0]];
            l->tensor_bytes[node->output] = 0;
            continue;
        }
        hf_lowered_op *op = &l->ops[l->op_count];
        hf_status status = lower_node(graph, node, &op->record, err);
        if (status)
            return status;
        op->node = n;
        op->input_count = node->input_count;
        for (int32_t i = 0; i < node->input_count; i++)
            op->inputs[i] = alias[node->inputs[i]];
        op->output = node->output;
        l->op_count++;
    }
    l->input = alias[graph->input];
    l->output = alias[graph->output];
    return HF_OK;
}

hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err)
{
    hf_lowered l = {.tensor_count = graph->tensor_count};
    int32_t *alias = calloc((size_t)graph->tensor_count + 1, sizeof *alias);
    l.ops = calloc((size_t)graph->node_count + 1, sizeof *l.ops);
    l.tensor_bytes = calloc((size_t)graph->tensor_count + 1, sizeof *l.tensor_bytes);
    hf_status status;
    if (!alias || !l.ops || !l.tensor_bytes)
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory to compile %d nodes", graph->name, graph->node_count);
    else
        status = lower_all(graph, &l, alias, err);
    free(alias);
    if (status) {
        hf_lowered_free(&l);
        return status;
    }
    *out = l;
    return HF_OK;
}

void hf_lowered_free(hf_lowered *lowered)
{
    if (!lowered)
        return;
    free(lowered->ops);
    free(lowered->tensor_bytes);
    *lowered = (hf_lowered){0};
}
