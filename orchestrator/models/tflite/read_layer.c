/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of convolutions and dense layers: which operator of the graph can have them, and reading them. */
#include "graph/quantize.h"
#include "operator.h"

#define BEYOND 1000 /* of any zero point that is refused */

/* The zero point of a tensor, as of int8. */
static int64_t zero_point_of(hf_tflite *tflite, const hf_tflite_tensor *tensor)
{
    const int64_t zero_point =
        tensor->zero_points.count ? hf_flat_i64_at(&tflite->file, tensor->zero_points, 0) : 0;
    if (zero_point < -BEYOND || zero_point > BEYOND)
        return BEYOND;
    return tensor->type == TYPE_UINT8 ? zero_point - 128 : zero_point;
}

/* Whether uint8 weights, less their zero point, fit int8. */
static bool fits_int8(hf_tflite_op *op, const hf_tflite_tensor *weights)
{
    const int64_t zero_point = zero_point_of(op->tflite, weights);
    const uint8_t *bytes = op->tflite->file.bytes + weights->data.at;
    for (uint32_t i = 0; i < weights->data.count; i++) {
        const int64_t value = (int64_t)bytes[i] - 128 - zero_point;
        if (value < INT8_MIN || value > INT8_MAX)
            return false;
    }
    return true;
}

bool hf_tflite_is_general(hf_tflite_op *op, const hf_tflite_tensor *weights)
{
    return op->type == TYPE_INT16 || op->node.transposed ||
           (weights->type == TYPE_UINT8 && !fits_int8(op, weights));
}

hf_status hf_tflite_add_layer(hf_tflite_op *op, hf_op kind, const hf_tflite_tensor *weights, hf_node **added)
{
    op->node.dense_scale =
        op->type == TYPE_UINT8; /* input and weight scale are multiplied in single precision */
    if (!hf_tflite_is_general(op, weights))
        return hf_tflite_op_add(op, kind, added);
    const int32_t channels = op->out_channels;
    op->node.in_bytes = op->node.out_bytes = op->value_bytes;
    op->node.long_sums = op->type == TYPE_INT16;
    op->out_channels = channels * op->value_bytes;
    hf_status status = hf_tflite_op_add(op, HF_OP_CONV_GENERAL, added);
    op->out_channels = channels;
    return status;
}

static hf_status check_scales(hf_tflite_op *op, const hf_node *node)
{
    const double in = (double)hf_tflite_op_in(op)->quant.scale;
    const double out = (double)op->output_shape.quant.scale;
    const int32_t most = node->long_sums ? 7 : HF_REQUANTIZE_MAX_SHIFT - 1;
    for (int32_t c = 0; c < op->out_channels; c++)
        if (!(in * (double)node->weight_scales[c] / out < (double)(1 << most)))
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                  "output scale %g is too small for input scale %g and weight scale %g", out,
                                  in, (double)node->weight_scales[c]);
    return HF_OK;
}

/* uint8 weights that fit int8 lose their zero point, others keep it. */
static hf_status convert_weights(hf_tflite_op *op, const hf_tflite_tensor *weights, hf_node *node)
{
    const int64_t zero_point = zero_point_of(op->tflite, weights);
    if (zero_point < INT8_MIN || zero_point > INT8_MAX)
        return TENSOR_FAIL(op->tflite, weights, HF_EFORMAT, "zero point is not 0 .. 255");
    if (node->op == HF_OP_CONV_GENERAL) {
        node->weight_zero_point = (int32_t)zero_point;
        return HF_OK;
    }
    for (uint32_t i = 0; i < weights->data.count; i++)
        node->weights[i] = (int8_t)(node->weights[i] - zero_point);
    return HF_OK;
}

/* Of 16-bit values: sums have 64 bits if the bias has, and always but in CONV_2D. */
static hf_status check_bias_type(hf_tflite_op *op, const hf_tflite_tensor *bias, hf_node *node)
{
    if (!node->long_sums || bias->type == TYPE_INT64)
        return HF_OK;
    if (op->kind->int32_sums && bias->type == TYPE_INT32) {
        node->long_sums = false;
        return HF_OK;
    }
    return TENSOR_FAIL(op->tflite, bias, HF_EUNSUPPORTED, "type %s, expected int64",
                       hf_tflite_type_name(bias->type));
}

hf_status hf_tflite_fill_layer(hf_tflite_op *op, const hf_tflite_tensor *weights, int32_t channel_dimension,
                               hf_node *node)
{
    hf_tflite *tflite = op->tflite;
    const hf_quant input = hf_tflite_op_in(op)->quant;
    const uint32_t bias_input = op->node.transposed ? 3 : 2;
    if (weights->type == TYPE_UINT8 && op->type != TYPE_UINT8)
        return TENSOR_FAIL(tflite, weights, HF_EUNSUPPORTED, "type uint8, expected int8");
    if (weights->type == TYPE_INT8 && op->type == TYPE_UINT8)
        return TENSOR_FAIL(tflite, weights, HF_EUNSUPPORTED, "type int8, expected uint8");
    hf_status status = hf_tflite_weights(tflite, weights, op->out_channels, channel_dimension, node);
    if (status || (status = check_scales(op, node)) ||
        (status = weights->type == TYPE_UINT8 ? convert_weights(op, weights, node) : HF_OK))
        return status;
    if (op->input_count <= bias_input || op->inputs[bias_input] == -1) {
        node->long_sums = node->long_sums && !op->kind->int32_sums;
        return HF_OK;
    }
    hf_tflite_tensor bias;
    if ((status = hf_tflite_tensor_read(tflite, op->inputs[bias_input], "bias", &bias)) ||
        (status = check_bias_type(op, &bias, node)) ||
        (status = hf_tflite_bias(tflite, &bias, op->out_channels, input, op->output_shape.quant, node)))
        return status;
    node->has_bias = true;
    return HF_OK;
}
