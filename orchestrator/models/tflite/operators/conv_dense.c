/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers with weights: convolutions, depthwise convolutions, dense layers. The versions written are the first
 * that support int8 and groups (tensorflow/lite/tools/versioning/op_version.cc).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"

enum {
    CONV_PADDING,
    CONV_STRIDE_W,
    CONV_STRIDE_H,
    CONV_ACTIVATION,
    CONV_DILATION_W,
    CONV_DILATION_H,
    CONV_FIELDS
};
enum {
    DEPTHWISE_PADDING,
    DEPTHWISE_STRIDE_W,
    DEPTHWISE_STRIDE_H,
    DEPTHWISE_MULTIPLIER,
    DEPTHWISE_ACTIVATION,
    DEPTHWISE_DILATION_W,
    DEPTHWISE_DILATION_H,
    DEPTHWISE_FIELDS
};
enum { DENSE_ACTIVATION, DENSE_WEIGHTS_FORMAT };
enum { CONV_OPTIONS = 1, DEPTHWISE_OPTIONS = 2, DENSE_OPTIONS = 8 }; /* BuiltinOptions */
enum { CONV_2D = 3, DEPTHWISE_CONV_2D = 4, FULLY_CONNECTED = 9 };    /* BuiltinOperator */

/* ---- Reading ---- */

/* A dilated kernel is a larger kernel with zeros between its weights. */
static hf_status read_dilation(hf_tflite_op *op, uint32_t width, uint32_t height)
{
    const hf_tflite_spread spread = op->tflite->spreads[op->inputs[0]];
    op->dilation_width = hf_flat_i32(&op->tflite->file, op->options, width, 1);
    op->dilation_height = hf_flat_i32(&op->tflite->file, op->options, height, 1);
    if (spread.height > 0 &&
        (op->node.padding != HF_PADDING_VALID || op->node.stride_height != 1 || op->node.stride_width != 1 ||
         op->dilation_height != 1 || op->dilation_width != 1))
        return TFLITE_OP_FAIL(
            op, HF_EUNSUPPORTED,
            "reads the output of SPACE_TO_BATCH_ND, expected VALID padding, stride 1 and no dilation");
    if (spread.height > 0) {
        op->dilation_width = spread.width;
        op->dilation_height = spread.height;
    }
    const int64_t kernel_width = (int64_t)(op->node.kernel_width - 1) * op->dilation_width + 1;
    const int64_t kernel_height = (int64_t)(op->node.kernel_height - 1) * op->dilation_height + 1;
    if (op->dilation_width < 1 || op->dilation_height < 1 || kernel_width > UINT8_MAX ||
        kernel_height > UINT8_MAX)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "dilation %dx%d makes the kernel %lldx%lld, expected at most %dx%d",
                              op->dilation_height, op->dilation_width, (long long)kernel_height,
                              (long long)kernel_width, UINT8_MAX, UINT8_MAX);
    op->node.kernel_width = (int32_t)kernel_width;
    op->node.kernel_height = (int32_t)kernel_height;
    return HF_OK;
}

/* Puts zeros between the weights of a node, [outer, kernel height, kernel width, inner].
 * @param weights as the file declares them */
static hf_status dilate(hf_tflite_op *op, const hf_tflite_tensor *weights, hf_node *node)
{
    if (op->dilation_width == 1 && op->dilation_height == 1)
        return HF_OK;
    const size_t outer = (size_t)weights->shape[0];
    const size_t height = (size_t)weights->shape[1];
    const size_t width = (size_t)weights->shape[2];
    const size_t inner = (size_t)weights->shape[3];
    const size_t area = (size_t)node->kernel_height * (size_t)node->kernel_width;
    hf_status status = hf_tflite_count_parameters(op->tflite, outer * area * inner);
    if (status)
        return status;
    int8_t *spread = calloc(outer * area, inner);
    if (!spread)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %zu weights", outer * area * inner);
    memset(spread, node->weight_zero_point, outer * area * inner);
    for (size_t o = 0; o < outer; o++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++)
                memcpy(spread + ((o * area + y * (size_t)op->dilation_height * (size_t)node->kernel_width) +
                                 x * (size_t)op->dilation_width) *
                                    inner,
                       node->weights + ((o * height + y) * width + x) * inner, inner);
    free(node->weights);
    node->weights = spread;
    return HF_OK;
}

/* Reads input, output and the shape of the weights. hf_tflite_fill_layer() reads their values once the graph has
 * the node. */
static hf_status read_operands(hf_tflite_op *op, hf_tflite_tensor *weights, uint32_t rank)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[1], "weights", weights)))
        return status;
    if (weights->rank != rank)
        return TENSOR_FAIL(op->tflite, weights, HF_EFORMAT, "%u dimensions, expected %u", weights->rank,
                           rank);
    if (rank == 4) {
        op->node.kernel_height = weights->shape[1];
        op->node.kernel_width = weights->shape[2];
    }
    return HF_OK;
}

/* The output of a convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND is one image, not the batches that the file
 * declares. */
static hf_status join_batches(hf_tflite_op *op)
{
    const hf_tflite_spread spread = op->tflite->spreads[op->inputs[0]];
    hf_tensor *out = &op->output_shape;
    if (spread.height == 0)
        return HF_OK;
    if (op->output.rank != 4 || op->output.shape[0] != spread.height * spread.width)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "batch size %d, expected %d",
                              op->output.rank ? op->output.shape[0] : 0, spread.height * spread.width);
    out->height = op->output.shape[1] * spread.height;
    out->width = op->output.shape[2] * spread.width;
    op->tflite->spreads[op->output.index] = spread;
    return HF_OK;
}

static hf_status read_conv(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 4)) || (status = hf_tflite_op_window(op)) ||
        (status = hf_tflite_op_activation(op, CONV_ACTIVATION)) ||
        (status = read_dilation(op, CONV_DILATION_W, CONV_DILATION_H)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels / op->value_bytes;
    op->out_channels = weights.shape[0];
    if ((status = join_batches(op)))
        return status;
    if (channels % weights.shape[3] != 0)
        return TENSOR_FAIL(op->tflite, &weights, HF_EUNSUPPORTED,
                           "%d input channels, expected a divisor of the input's %d channels",
                           weights.shape[3], channels);
    op->node.groups = channels / weights.shape[3];
    hf_node *node = NULL;
    if ((status = hf_tflite_add_layer(op, HF_OP_CONV2D, &weights, &node)) ||
        (status = hf_tflite_fill_layer(op, &weights, 0, node)))
        return status;
    return dilate(op, &weights, node);
}

/* Transposes a depthwise convolution's weights, [KH,KW,O], to a convolution's, [O,KH,KW,1]. */
static hf_status transpose_weights(hf_tflite_op *op, hf_node *node)
{
    const size_t channels = (size_t)op->out_channels;
    const size_t area = (size_t)node->kernel_height * (size_t)node->kernel_width;
    int8_t *transposed = malloc(channels * area);
    if (!transposed)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %zu weights", channels * area);
    for (size_t position = 0; position < area; position++)
        for (size_t c = 0; c < channels; c++)
            transposed[c * area + position] = node->weights[position * channels + c];
    free(node->weights);
    node->weights = transposed;
    return HF_OK;
}

static hf_status read_depthwise(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 4)) || (status = hf_tflite_op_window(op)) ||
        (status = hf_tflite_op_activation(op, DEPTHWISE_ACTIVATION)) ||
        (status = read_dilation(op, DEPTHWISE_DILATION_W, DEPTHWISE_DILATION_H)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels / op->value_bytes;
    op->out_channels = weights.shape[3];
    if ((status = join_batches(op)))
        return status;
    if (weights.shape[0] != 1 || op->out_channels % channels != 0)
        return TENSOR_FAIL(
            op->tflite, &weights, HF_EUNSUPPORTED,
            "dimensions 0 and 3 are %d and %d, expected 1 and a multiple of the input's %d channels",
            weights.shape[0], op->out_channels, channels);
    /* A depth multiplier m gives m output channels per input channel: a grouped convolution. */
    const bool grouped = op->out_channels != channels || hf_tflite_is_general(op, &weights);
    op->node.groups = grouped ? channels : 1;
    hf_node *node = NULL;
    if ((status = hf_tflite_add_layer(op, grouped ? HF_OP_CONV2D : HF_OP_DEPTHWISE, &weights, &node)) ||
        (status = hf_tflite_fill_layer(op, &weights, 3, node)) || (status = dilate(op, &weights, node)))
        return status;
    return grouped ? transpose_weights(op, node) : HF_OK;
}

/* A dense layer of several rows, or of values that a dense layer cannot have, is a 1x1 convolution of as many positions. */
static hf_status read_dense_rows(hf_tflite_op *op, const hf_tflite_tensor *weights)
{
    hf_tflite *tflite = op->tflite;
    const int32_t row_bytes = weights->shape[1] * op->value_bytes;
    const int64_t rows = hf_tensor_bytes(hf_tflite_op_in(op)) / row_bytes;
    const int64_t outputs = rows * op->out_channels * op->value_bytes;
    const hf_tensor declared = op->output_shape;
    const bool general = hf_tflite_is_general(op, weights);
    hf_node node = op->node;
    int32_t tensor = -1;
    hf_status status;
    if (outputs != hf_tensor_bytes(&declared))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "computes %lld values, but output (tensor %d) is %dx%dx%d",
                              (long long)outputs, op->output.index, declared.height, declared.width,
                              declared.channels);
    node.kernel_height = node.kernel_width = node.stride_height = node.stride_width = 1;
    node.padding = HF_PADDING_VALID;
    node.groups = 1;
    node.dense_scale = true;
    node.in_bytes = node.out_bytes = general ? op->value_bytes : 0;
    node.long_sums = op->type == TYPE_INT16;
    if ((status = hf_tflite_reshape(tflite, node.inputs[0], 1, rows, row_bytes, &node.inputs[0])) ||
        (status = hf_tflite_append(tflite, &node, general ? HF_OP_CONV_GENERAL : HF_OP_CONV2D,
                                   op->out_channels * op->value_bytes, &tensor)))
        return status;
    tflite->graph->tensors[tensor].quant = declared.quant;
    if ((status = hf_tflite_fill_layer(op, weights, 0, &tflite->graph->nodes[tflite->graph->node_count - 1])))
        return status;
    return hf_tflite_op_alias(op, tensor);
}

static hf_status read_dense(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 2)) || (status = hf_tflite_op_activation(op, DENSE_ACTIVATION)))
        return status;
    if (hf_flat_u8(&op->tflite->file, op->options, DENSE_WEIGHTS_FORMAT, 0) != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "shuffled weights_format, expected DEFAULT");
    op->out_channels = weights.shape[0];
    const int64_t inputs = hf_tensor_bytes(hf_tflite_op_in(op)) / op->value_bytes;
    if (inputs % weights.shape[1] == 0 && (weights.shape[1] < inputs || hf_tflite_is_general(op, &weights)))
        return read_dense_rows(op, &weights);
    if (weights.shape[1] != inputs)
        return TENSOR_FAIL(op->tflite, &weights, HF_EUNSUPPORTED,
                           "%d inputs, expected the input's %lld values", weights.shape[1],
                           (long long)inputs);
    hf_node *node = NULL;
    if ((status = hf_tflite_op_add(op, HF_OP_DENSE, &node)))
        return status;
    return hf_tflite_fill_layer(op, &weights, 0, node);
}

/* ---- Writing ---- */

static size_t put_conv_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                               const hf_tflite_planned_operator *op)
{
    const hf_node *node = op->node;
    (void)plan;
    size_t at = hf_tflite_put_window(flat, "144144", node);
    hf_flat_set_u8(flat, at, CONV_ACTIVATION, hf_tflite_activation_code(node->activation));
    hf_flat_set_i32(flat, at, CONV_DILATION_W, 1);
    hf_flat_set_i32(flat, at, CONV_DILATION_H, 1);
    return at;
}

static size_t put_depthwise_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                    const hf_tflite_planned_operator *op)
{
    const hf_node *node = op->node;
    (void)plan;
    size_t at = hf_tflite_put_window(flat, "1444144", node);
    hf_flat_set_i32(flat, at, DEPTHWISE_MULTIPLIER, 1);
    hf_flat_set_u8(flat, at, DEPTHWISE_ACTIVATION, hf_tflite_activation_code(node->activation));
    hf_flat_set_i32(flat, at, DEPTHWISE_DILATION_W, 1);
    hf_flat_set_i32(flat, at, DEPTHWISE_DILATION_H, 1);
    return at;
}

static size_t put_dense_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "1-"); /* activation, weights_format */
    (void)plan;
    hf_flat_set_u8(flat, at, DENSE_ACTIVATION, hf_tflite_activation_code(op->node->activation));
    return at;
}

static bool one_scale(const hf_node *node, int32_t channels)
{
    for (int32_t c = 1; c < channels; c++)
        if (node->weight_scales[c] != node->weight_scales[0])
            return false;
    return true;
}

static hf_status add_parameters(hf_tflite_planner *p, hf_tflite_planned_tensor weights, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_graph *graph = p->plan->graph;
    const int32_t channels = hf_node_output_channels(graph, node);
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: it has no weights", node->name);
    /* A dense layer with equal scales counts as quantised per tensor, which its kernels round differently. */
    const int32_t scales = node->op == HF_OP_DENSE && one_scale(node, channels) ? 1 : channels;
    weights.type = TYPE_INT8;
    weights.bytes = node->weights;
    weights.channels = node;
    weights.channel_count = scales;
    weights.channel_factor = 1.0f;
    snprintf(weights.name, sizeof weights.name, "%s/weights", node->name);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_tensor(p->plan, &weights));
    if (!node->bias)
        return HF_OK;
    hf_tflite_planned_tensor bias = {.type = TYPE_INT32,
                                     .rank = 1,
                                     .shape = {channels},
                                     .bias = node->bias,
                                     .channels = node,
                                     .channel_count = scales,
                                     .channel_factor = graph->tensors[node->inputs[0]].quant.scale};
    for (int32_t c = 0; c < scales; c++)
        if (!isfinite(bias.channel_factor * node->weight_scales[c]))
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: bias scale %g x %g (input scale x weight scale) is not finite", node->name,
                           (double)bias.channel_factor, (double)node->weight_scales[c]);
    snprintf(bias.name, sizeof bias.name, "%s/bias", node->name);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_tensor(p->plan, &bias));
    return HF_OK;
}

static hf_status plan_layer(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_tensor *in = &p->plan->graph->tensors[node->inputs[0]];
    const hf_tensor *out = &p->plan->graph->tensors[node->output];
    hf_tflite_planned_tensor weights = {.rank = 4};
    switch (node->op) {
    case HF_OP_CONV2D:
        hf_tflite_planner_set_operator(p, CONV_2D, node->groups > 1 ? 6 : 3, CONV_OPTIONS, put_conv_options);
        weights.shape[0] = out->channels;
        weights.shape[3] = in->channels / node->groups;
        break;
    case HF_OP_DEPTHWISE:
        hf_tflite_planner_set_operator(p, DEPTHWISE_CONV_2D, 3, DEPTHWISE_OPTIONS, put_depthwise_options);
        weights.shape[0] = 1;
        weights.shape[3] = out->channels;
        weights.channel_dimension = 3;
        break;
    default:
        hf_tflite_planner_set_operator(p, FULLY_CONNECTED, node->bias ? 4 : 6, DENSE_OPTIONS,
                                       put_dense_options);
        if (hf_tensor_bytes(in) > HF_GRAPH_MAX_DIMENSION)
            return HF_FAIL(err, HF_ELIMIT, "%s: %lld inputs, at most %d fit in one dimension of the weights",
                           node->name, (long long)hf_tensor_bytes(in), HF_GRAPH_MAX_DIMENSION);
        weights.rank = 2;
        weights.shape[0] = out->channels;
        weights.shape[1] = (int32_t)hf_tensor_bytes(in);
        break;
    }
    if (weights.rank == 4) {
        weights.shape[1] = node->kernel_height;
        weights.shape[2] = node->kernel_width;
    }
    hf_tflite_planner_add_input(p, weights.rank == 4 ? hf_tflite_planner_input_4d(p, 0)
                                                     : hf_tflite_planner_input(p, 0));
    hf_status status = add_parameters(p, weights, err);
    if (!status)
        hf_tflite_planner_finish(p, weights.rank);
    return status;
}

static const hf_tflite_builtin builtins[] = {
    {.code = CONV_2D,
     .name = "CONV_2D",
     .int32_sums = true,
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = CONV_OPTIONS,
     .options_required = true,
     .min_inputs = 2,
     .max_inputs = 3,
     .read = read_conv},
    {.code = DEPTHWISE_CONV_2D,
     .name = "DEPTHWISE_CONV_2D",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = DEPTHWISE_OPTIONS,
     .options_required = true,
     .min_inputs = 2,
     .max_inputs = 3,
     .read = read_depthwise},
    {.code = FULLY_CONNECTED,
     .name = "FULLY_CONNECTED",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = DENSE_OPTIONS,
     .min_inputs = 2,
     .max_inputs = 3,
     .read = read_dense},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_CONV2D, plan_layer},
    {HF_OP_DEPTHWISE, plan_layer},
    {HF_OP_DENSE, plan_layer},
};

HF_TFLITE_OPERATOR(conv_dense);
