/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV; and writing of layers of 16-bit values and transposed ones, which only the graph has as one operator. */
#include <stdio.h>

#include "operator.h"

enum { BUILTIN_TRANSPOSE_CONV = 67, OPTIONS_TRANSPOSE_CONV = 49 };
enum { CONV_2D = 3, CONV_OPTIONS = 1 };
enum { SHAPE, WEIGHTS, INPUT, BIAS, INPUTS };
enum { TRANSPOSE_ACTIVATION = 3 }; /* after padding and strides; as in Conv2DOptions */

static hf_status read_transpose_conv(hf_tflite_op *op)
{
    hf_tflite_tensor weights;
    hf_node *node = NULL;
    hf_status status;
    op->data_input = INPUT;
    op->node.transposed = true;
    if ((status = hf_tflite_op_input(op, INPUT)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[WEIGHTS], "weights", &weights)) ||
        (status = hf_tflite_op_window(op)) || (status = hf_tflite_op_activation(op, TRANSPOSE_ACTIVATION)))
        return status;
    if (op->node.activation != HF_ACTIVATION_NONE)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "a fused activation, expected NONE");
    if (weights.rank != 4 || weights.shape[3] * op->value_bytes != hf_tflite_op_in(op)->channels)
        return TENSOR_FAIL(op->tflite, &weights, HF_EFORMAT, "expected 4 dimensions, the last of %d channels",
                           hf_tflite_op_in(op)->channels / op->value_bytes);
    op->node.kernel_height = weights.shape[1];
    op->node.kernel_width = weights.shape[2];
    op->node.operand_shape[0] = op->output_shape.height;
    op->node.operand_shape[1] = op->output_shape.width;
    op->out_channels = weights.shape[0];
    if ((status = hf_tflite_add_layer(op, HF_OP_CONV_GENERAL, &weights, &node)))
        return status;
    return hf_tflite_fill_layer(op, &weights, 0, node);
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_TRANSPOSE_CONV,
     .name = "TRANSPOSE_CONV",
     .options_type = OPTIONS_TRANSPOSE_CONV,
     .options_required = true,
     .more_types = HF_TFLITE_TAKES_INT16,
     .min_inputs = 3,
     .max_inputs = INPUTS,
     .read = read_transpose_conv},
};

HF_TFLITE_READ_ONLY_OPERATOR(transpose_conv);
