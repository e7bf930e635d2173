/* SPDX-License-Identifier: Apache-2.0 */
/* Converters wrap an int8 model in QUANTIZE and DEQUANTIZE, so that its input and output are floats. */
#include "operator.h"

enum { BUILTIN_DEQUANTIZE = 6, OPTIONS_DEQUANTIZE = 38, OPTIONS_QUANTIZE = 89 };

/* Neither adds a node: the output is another name for a tensor of the graph. */

static hf_status read_quantize(hf_tflite_op *op)
{
    if (op->tflite->operator_index == op->tflite->input_quantize)
        return HF_OK; /* its output is the graph's input */
    int32_t source = -1;
    hf_status status;
    if ((status = hf_tflite_op_source(op, 0, &source)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = &op->tflite->graph->tensors[source];
    const hf_tensor *out = &op->output_shape;
    if (!hf_tflite_same_quant(in->quant, out->quant))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "changes the quantisation inside the model, from scale %g, zero point %d to "
                              "scale %g, zero point %d",
                              (double)in->quant.scale, in->quant.zero_point, (double)out->quant.scale,
                              out->quant.zero_point);
    if (in->height != out->height || in->width != out->width || in->channels != out->channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "input is %dx%dx%d, but output is %dx%dx%d", in->height,
                              in->width, in->channels, out->height, out->width, out->channels);
    op->tflite->tensor_map[op->output.index] = source;
    return HF_OK;
}

static hf_status read_dequantize(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    int32_t source = -1;
    hf_tflite_tensor output;
    hf_status status;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_op_source(op, 0, &source)) ||
        (status = hf_tflite_tensor_read(tflite, index, "output", &output)))
        return status;
    if (output.type != TYPE_FLOAT32 || output.data.count > 0)
        return TENSOR_FAIL(tflite, &output, HF_EFORMAT, "expected a float32 activation");
    if ((status = hf_tflite_op_check_new(op, index)))
        return status;
    tflite->tensor_map[index] = source; /* an operator that reads it is rejected for its type, float32 */
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_DEQUANTIZE,
     .name = "DEQUANTIZE",
     .options_type = OPTIONS_DEQUANTIZE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_dequantize},
    {.code = BUILTIN_QUANTIZE,
     .name = "QUANTIZE",
     .options_type = OPTIONS_QUANTIZE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_quantize},
};

HF_TFLITE_READ_ONLY_OPERATOR(quantize);
