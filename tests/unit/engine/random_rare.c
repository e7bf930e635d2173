/* SPDX-License-Identifier: Apache-2.0 */
#include "random_rare.h"

#include <stdlib.h>
#include <string.h>

#include "hf_test.h"

static void random_function(random_source *r, hf_node *node)
{
    node->function = (hf_binary)random_between(r, 0, HF_BINARY_COUNT - 1);
    node->reversed = random_next(r) % 2;
    if (node->function <= HF_BINARY_MUL || node->function == HF_BINARY_DIV)
        node->activation = (hf_activation)random_between(r, 0, 3);
}

static void random_order(random_source *r, hf_node *node, const hf_tensor *in)
{
    int32_t groups = random_between(r, 1, in->channels);
    while (in->channels % groups != 0)
        groups--;
    const int32_t sizes[] = {in->height, in->width, groups, in->channels / groups};
    memcpy(node->dimensions, sizes, sizeof sizes);
    for (int d = 0; d < 4; d++)
        node->order[d] = d;
    for (int d = 3; d > 0; d--) {
        const int other = random_between(r, 0, d);
        const int32_t kept = node->order[d];
        node->order[d] = node->order[other];
        node->order[other] = kept;
    }
    node->kernel_height = node->dimensions[node->order[0]] * node->dimensions[node->order[1]];
    node->kernel_width = node->dimensions[node->order[2]];
}

void random_rare_attributes(random_source *r, hf_node *node, const hf_tensor *in, int32_t *out_channels)
{
    const int64_t bytes = hf_tensor_bytes(in);
    switch (node->op) {
    case HF_OP_LEAKY_RELU:
        node->alpha = (float)random_between(r, 0, 100) / 64.0F;
        break;
    case HF_OP_BINARY_SCALAR:
    case HF_OP_BINARY:
        random_function(r, node);
        break;
    case HF_OP_BINARY_CONST:
        random_function(r, node);
        node->operand_shape[0] = random_next(r) % 2 ? in->height : 1;
        node->operand_shape[1] = random_next(r) % 2 ? in->width : 1;
        node->operand_shape[2] = random_next(r) % 4 ? in->channels : 1;
        break;
    case HF_OP_TRANSPOSE:
        random_order(r, node, in);
        break;
    case HF_OP_TAKE:
    case HF_OP_RESIZE_BILINEAR:
        node->kernel_height = random_between(r, 1, 16);
        node->kernel_width = random_between(r, 1, 16);
        node->align_corners = random_next(r) % 3 == 0;
        node->half_pixel_centers = !node->align_corners && random_next(r) % 2;
        break;
    case HF_OP_ARG:
        node->smallest = random_next(r) % 2;
        break;
    case HF_OP_REDUCE:
        node->reduction = (hf_reduction)random_between(r, HF_REDUCTION_MEAN, HF_REDUCTION_MINIMUM);
        break;
    case HF_OP_LSTM: /* its inputs are made for it */
        node->cell_scale = 1.0F / (float)(1 << random_between(r, 9, 13));
        node->cell_clip = random_next(r) % 2 ? 10.0F : 0.0F;
        break;
    case HF_OP_PART:
        *out_channels = random_between(r, 1, bytes < 70 ? (int32_t)bytes : 70);
        node->part_offset = random_between(r, 0, (int32_t)bytes - *out_channels);
        break;
    default:
        break;
    }
}

static bool is_extreme_of(const hf_node *node)
{
    return node->function == HF_BINARY_MAXIMUM || node->function == HF_BINARY_MINIMUM;
}

bool random_rare_keeps_quantisation(const hf_node *node)
{
    switch (node->op) {
    case HF_OP_TRANSPOSE:
    case HF_OP_TAKE:
    case HF_OP_RESIZE_BILINEAR:
    case HF_OP_PART:
    case HF_OP_JOIN:
        return true;
    case HF_OP_REDUCE:
        return node->reduction >= HF_REDUCTION_MAXIMUM;
    case HF_OP_BINARY:
    case HF_OP_BINARY_CONST:
    case HF_OP_BINARY_SCALAR:
        return is_extreme_of(node);
    default:
        return false;
    }
}

/* 1/1024 .. 1/64. */
static float random_scale(random_source *r)
{
    return (float)random_between(r, 1, 16) / 1024.0F;
}

/* Scales for which the result of a function uses its range, mostly. */
static void scale_binary(hf_graph *graph, const hf_node *node, hf_quant second, random_source *r)
{
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    hf_quant *out = &graph->tensors[node->output].quant;
    const float unit = 0.5F + (float)random_between(r, 0, 100) / 64.0F;
    if (node->function == HF_BINARY_MUL || node->function == HF_BINARY_SQUARED_DIFFERENCE ||
        node->function == HF_BINARY_PRELU)
        out->scale = in.scale * unit;
    if (node->function == HF_BINARY_DIV)
        out->scale = unit * (node->reversed ? second.scale / in.scale : in.scale / second.scale);
}

void random_rare_quantise(random_source *r, hf_graph *graph, hf_node *node, random_kind kind)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    hf_tensor *out = &graph->tensors[node->output];
    switch (node->op) {
    case HF_OP_LOGISTIC:
        out->quant = (hf_quant){1.0F / 256.0F, -128};
        break;
    case HF_OP_LOG_SOFTMAX:
        out->quant = (hf_quant){16.0F / 256.0F, 127};
        break;
    case HF_OP_TANH:
        out->quant = (hf_quant){1.0F / 128.0F, 0};
        break;
    case HF_OP_JOIN: /* as a concatenation in a file requires */
        for (int32_t i = 1; i < node->input_count; i++)
            graph->tensors[node->inputs[i]].quant = in->quant;
        break;
    case HF_OP_BINARY:
        if (is_extreme_of(node))
            graph->tensors[node->inputs[1]].quant = in->quant;
        if (kind != RANDOM_EXTREME)
            scale_binary(graph, node, graph->tensors[node->inputs[1]].quant, r);
        break;
    case HF_OP_BINARY_CONST:
    case HF_OP_BINARY_SCALAR: {
        if (is_extreme_of(node))
            node->constant_quant = in->quant;
        if (kind != RANDOM_EXTREME)
            scale_binary(graph, node, node->constant_quant, r);
        if (node->op == HF_OP_BINARY_SCALAR)
            break;
        const int64_t values =
            (int64_t)node->operand_shape[0] * node->operand_shape[1] * node->operand_shape[2];
        node->operand = random_allocate(values, 1);
        random_input(r, node->operand, (size_t)values);
        break;
    }
    case HF_OP_LSTM: {
        const int64_t weights = hf_node_weight_count(graph, node);
        const bool wide = node->in_bytes == 2;
        out->quant =
            (hf_quant){random_scale(r) / (wide ? 64.0F : 1.0F), wide ? 0 : random_between(r, -20, 20)};
        if (wide) /* the values are a part of the input */
            graph->tensors[node->inputs[0]].quant = (hf_quant){random_scale(r) / 64.0F, 0};
        node->weights = random_allocate(weights, 1);
        random_input(r, node->weights, (size_t)weights);
        if (wide)
            node->long_bias = random_allocate(4 * (int64_t)node->units, sizeof *node->long_bias);
        else if (random_next(r) % 4)
            node->bias = random_allocate(4 * (int64_t)node->units, sizeof *node->bias);
        for (int32_t i = 0; i < 4 * node->units; i++) {
            const int32_t bias = random_between(r, -3000, 3000);
            if (node->long_bias)
                node->long_bias[i] = bias * (int64_t)64;
            if (node->bias)
                node->bias[i] = bias;
        }
        node->weight_scales = random_allocate(8, sizeof(float));
        for (int i = 0; i < 8; i++)
            node->weight_scales[i] = random_scale(r);
        break;
    }
    case HF_OP_TAKE:
        node->positions = random_allocate(node->kernel_height + node->kernel_width, sizeof(int32_t));
        for (int32_t y = 0; y < node->kernel_height; y++)
            node->positions[y] = random_between(r, 0, in->height - 1);
        for (int32_t x = 0; x < node->kernel_width; x++)
            node->positions[node->kernel_height + x] = random_between(r, 0, in->width - 1);
        break;
    default:
        break;
    }
}
