/* SPDX-License-Identifier: Apache-2.0 */
/* At the edges: converters wrap int8 models in float inputs and outputs. */
#include "operator.h"

enum { BUILTIN_DEQUANTIZE = 6, OPTIONS_DEQUANTIZE = 38, OPTIONS_QUANTIZE = 89 };

/* Whatever an operator reads that the graph knows under another name: an identity has no node. */
static hf_status mapped_input(hf_tflite_op *op, int32_t *tensor)
{
    const int32_t index = op->inputs[0];
    if (index < 0 || (uint32_t)index >= op->tflite->tensors.count || op->tflite->tensor_map[index] < 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "input 0 (tensor %d) is not the output of an earlier operator", index);
    *tensor = op->tflite->tensor_map[index];
    return HF_OK;
}

static hf_status read_quantize(hf_tflite_op *op)
{
    if (op->tflite->operator_index == op->tflite->edge_quantize)
        return HF_OK; /* its output is the graph's input */
    int32_t source = -1;
    hf_status status;
    if ((status = mapped_input(op, &source)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = &op->tflite->graph->tensors[source];
    const hf_tensor *out = &op->output_shape;
    if (!hf_tflite_same_quant(in->quant, out->quant))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "a change of quantisation inside the model, from scale %g and zero point %d to "
                              "%g and %d",
                              (double)in->quant.scale, in->quant.zero_point, (double)out->quant.scale,
                              out->quant.zero_point);
    if (in->height != out->height || in->width != out->width || in->channels != out->channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "input and output have different shapes");
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
    if ((status = hf_tflite_check(tflite)) || (status = mapped_input(op, &source)) ||
        (status = hf_tflite_tensor_read(tflite, index, &output)))
        return status;
    if (output.type != TYPE_FLOAT32 || output.data.count > 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its output, tensor %d, is not a float32 activation", index);
    if (tflite->tensor_map[index] != HF_TFLITE_UNKNOWN)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its output, tensor %d, was computed before", index);
    tflite->tensor_map[index] = source; /* who reads it as int8 is refused by its type */
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_DEQUANTIZE,
     .name = "DEQUANTIZE",
     .options_type = OPTIONS_DEQUANTIZE,
     .least_inputs = 1,
     .most_inputs = 1,
     .read = read_dequantize},
    {.code = BUILTIN_QUANTIZE,
     .name = "QUANTIZE",
     .options_type = OPTIONS_QUANTIZE,
     .least_inputs = 1,
     .most_inputs = 1,
     .read = read_quantize},
};

HF_TFLITE_READ_ONLY_OPERATOR(quantize);
