/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of a .tflite file: convolutions, dense, pools, mean, softmax. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/quantize.h"
#include "read_operator.h"

static hf_status read_window(hf_tflite_op *op, uint32_t padding, uint32_t stride_w, uint32_t stride_h)
{
    hf_flat_file *file = &op->tflite->file;
    uint8_t value = hf_flat_u8(file, op->options, padding, TFLITE_PADDING_SAME);
    if (value > TFLITE_PADDING_VALID)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "padding %u, expected 0 (SAME) or 1 (VALID)", value);
    op->node.padding = value == TFLITE_PADDING_SAME ? HF_PADDING_SAME : HF_PADDING_VALID;
    op->node.stride_width = hf_flat_i32(file, op->options, stride_w, 0);
    op->node.stride_height = hf_flat_i32(file, op->options, stride_h, 0);
    return HF_OK;
}

static hf_status check_dilation(hf_tflite_op *op, uint32_t width, uint32_t height)
{
    int32_t w = hf_flat_i32(&op->tflite->file, op->options, width, 1);
    int32_t h = hf_flat_i32(&op->tflite->file, op->options, height, 1);
    if (w != 1 || h != 1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "dilation %dx%d, expected 1x1", h, w);
    return HF_OK;
}

/* Input, output and the shape of the weights; their values follow once the graph has taken the node. */
static hf_status read_operands(hf_tflite_op *op, hf_tflite_tensor *weights, uint32_t rank)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[1], weights)))
        return status;
    if (weights->rank != rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "weights (tensor %d) have %u dimensions, expected %u",
                              weights->index, weights->rank, rank);
    if (rank == 4) {
        op->node.kernel_height = weights->shape[1];
        op->node.kernel_width = weights->shape[2];
    }
    return HF_OK;
}

/* @param channel_dimension the weights' dimension of output channels */
static hf_status fill_parameters(hf_tflite_op *op, const hf_tflite_tensor *weights, int32_t channel_dimension,
                                 hf_node *node)
{
    hf_tflite *tflite = op->tflite;
    const hf_quant input = hf_tflite_op_in(op)->quant;
    const hf_quant output = op->output_shape.quant;
    hf_status status = hf_tflite_weights(tflite, weights, op->out_channels, channel_dimension, node);
    if (status)
        return status;
    for (int32_t c = 0; c < op->out_channels; c++)
        if (!((double)input.scale * (double)node->weight_scales[c] / (double)output.scale <
              (double)(1 << (HF_REQUANTIZE_MAX_SHIFT - 1))))
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                  "output scale %g is too small for its input and weights",
                                  (double)output.scale);
    if (op->input_count < 3 || op->inputs[2] == -1)
        return HF_OK;
    hf_tflite_tensor bias;
    if ((status = hf_tflite_tensor_read(tflite, op->inputs[2], &bias)) ||
        (status = hf_tflite_bias(tflite, &bias, op->out_channels, input, output, node)))
        return status;
    node->has_bias = true;
    return HF_OK;
}

hf_status hf_tflite_read_conv(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 4)) ||
        (status = read_window(op, CONV_PADDING, CONV_STRIDE_W, CONV_STRIDE_H)) ||
        (status = hf_tflite_op_activation(op, CONV_ACTIVATION)) ||
        (status = check_dilation(op, CONV_DILATION_W, CONV_DILATION_H)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels;
    op->out_channels = weights.shape[0];
    if (channels % weights.shape[3] != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "weights for %d input channels, the input has %d, expected a multiple",
                              weights.shape[3], channels);
    op->node.groups = channels / weights.shape[3];
    hf_node *node = NULL;
    if ((status = hf_tflite_op_add(op, HF_OP_CONV2D, &node)))
        return status;
    return fill_parameters(op, &weights, 0, node);
}

/* From [KH,KW,O], as a depthwise convolution has them, to [O,KH,KW,1]. */
static hf_status transpose_weights(hf_tflite_op *op, hf_node *node)
{
    const size_t channels = (size_t)op->out_channels;
    const size_t area = (size_t)node->kernel_height * (size_t)node->kernel_width;
    int8_t *turned = malloc(channels * area);
    if (!turned)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %zu weights", channels * area);
    for (size_t position = 0; position < area; position++)
        for (size_t c = 0; c < channels; c++)
            turned[c * area + position] = node->weights[position * channels + c];
    free(node->weights);
    node->weights = turned;
    return HF_OK;
}

hf_status hf_tflite_read_depthwise(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 4)) ||
        (status = read_window(op, DEPTHWISE_PADDING, DEPTHWISE_STRIDE_W, DEPTHWISE_STRIDE_H)) ||
        (status = hf_tflite_op_activation(op, DEPTHWISE_ACTIVATION)) ||
        (status = check_dilation(op, DEPTHWISE_DILATION_W, DEPTHWISE_DILATION_H)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels;
    op->out_channels = weights.shape[3];
    if (weights.shape[0] != 1 || op->out_channels % channels != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%d output channels from %d input channels",
                              op->out_channels, channels);
    /* With a depth multiplier m, every m output channels see one input channel: a grouped convolution. */
    const bool grouped = op->out_channels != channels;
    op->node.groups = grouped ? channels : 1;
    hf_node *node = NULL;
    if ((status = hf_tflite_op_add(op, grouped ? HF_OP_CONV2D : HF_OP_DEPTHWISE, &node)) ||
        (status = fill_parameters(op, &weights, 3, node)))
        return status;
    return grouped ? transpose_weights(op, node) : HF_OK;
}

hf_status hf_tflite_read_dense(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_status status;
    if ((status = read_operands(op, &weights, 2)) || (status = hf_tflite_op_activation(op, DENSE_ACTIVATION)))
        return status;
    if (hf_flat_u8(&op->tflite->file, op->options, DENSE_WEIGHTS_FORMAT, 0) != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "shuffled weights, expected the default format");
    op->out_channels = weights.shape[0];
    int64_t inputs = hf_tensor_bytes(hf_tflite_op_in(op));
    if (weights.shape[1] != inputs)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "weights for %d inputs, the input has %lld values",
                              weights.shape[1], (long long)inputs);
    hf_node *node = NULL;
    if ((status = hf_tflite_op_add(op, HF_OP_DENSE, &node)))
        return status;
    return fill_parameters(op, &weights, 0, node);
}

hf_status hf_tflite_read_pool(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = read_window(op, POOL_PADDING, POOL_STRIDE_W, POOL_STRIDE_H)) ||
        (status = hf_tflite_op_activation(op, POOL_ACTIVATION)) || (status = hf_tflite_op_same_quant(op)))
        return status;
    op->node.kernel_width = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_W, 0);
    op->node.kernel_height = hf_flat_i32(&op->tflite->file, op->options, POOL_FILTER_H, 0);
    return hf_tflite_op_add(op, op->builtin == BUILTIN_MAX_POOL_2D ? HF_OP_MAX_POOL : HF_OP_AVERAGE_POOL,
                            NULL);
}

/* The axes must be every dimension but the first (batch) and the last (channels). */
static hf_status check_mean_axes(hf_tflite_op *op)
{
    hf_tflite_tensor input;
    int32_t axes[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    if ((status = hf_tflite_tensor_read(op->tflite, op->inputs[0], &input)) ||
        (status = hf_tflite_op_ints(op, 1, axes, HF_TFLITE_MAX_RANK, &count)))
        return status;
    const int32_t rank = (int32_t)input.rank;
    uint32_t reduced = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (axes[i] < -rank || axes[i] >= rank)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "mean over axis %d of %d", axes[i], rank);
        reduced |= 1u << (axes[i] < 0 ? axes[i] + rank : axes[i]);
    }
    const uint32_t spatial = (1u << (rank - 1)) - 2; /* bits 1 .. rank - 2 */
    if (rank < 3 || reduced != spatial)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "mean over other axes than height and width");
    return HF_OK;
}

hf_status hf_tflite_read_mean(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = check_mean_axes(op)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const int64_t cells = (int64_t)in->height * in->width;
    if (cells > INT32_MAX / 255)
        return TFLITE_OP_FAIL(op, HF_ELIMIT, "mean over %lld positions", (long long)cells);
    int32_t multiplier, shift;
    hf_mean_multiplier(in->quant, op->output_shape.quant, (int32_t)cells, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "output scale %g is too small for its input's scale %g",
                              (double)op->output_shape.quant.scale, (double)in->quant.scale);
    return hf_tflite_op_add(op, HF_OP_MEAN, NULL);
}

hf_status hf_tflite_read_softmax(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const hf_quant out = op->output_shape.quant;
    op->node.softmax_beta = hf_flat_f32(&op->tflite->file, op->options, SOFTMAX_BETA, 0.0f);
    double beta = op->node.softmax_beta;
    if (!(beta * (double)in->quant.scale * 67108864.0 > 1.0) ||
        !isfinite(beta)) /* its Q5 multiplier, x 2^26 */
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "beta %g with input scale %g is too small", beta,
                              (double)in->quant.scale);
    if (!hf_tflite_same_quant(out, (hf_quant){.scale = 1.0f / 256, .zero_point = -128}))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "output scale %g and zero point %d, expected 1/256 and -128", (double)out.scale,
                              out.zero_point);
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "over %d values, at most %d are supported", in->channels,
                              HF_SOFTMAX_MAX_CHANNELS);
    return hf_tflite_op_add(op, HF_OP_SOFTMAX, NULL);
}
