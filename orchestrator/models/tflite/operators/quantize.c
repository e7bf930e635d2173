/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of quantisation. Converters also wrap an int8 model in QUANTIZE and DEQUANTIZE, so that its input and output
 * are floats; these add no node.
 */
#include "operator.h"

enum { BUILTIN_DEQUANTIZE = 6, OPTIONS_DEQUANTIZE = 38, OPTIONS_QUANTIZE = 89 };

/* From or to 16-bit values. */
static hf_status read_wide(hf_tflite_op *op, const hf_tflite_tensor *input)
{
    if (input->type == op->output.type && hf_quant_same(hf_tflite_op_in(op)->quant, op->output_shape.quant))
        return hf_tflite_op_alias(op, op->node.inputs[0]);
    op->node.in_bytes = hf_tflite_value_bytes(input->type);
    op->node.out_bytes = hf_tflite_value_bytes(op->output.type);
    op->node.function16 = HF_FUNCTION16_RESCALE;
    return hf_tflite_op_add_function16(op);
}

static hf_status read_quantize(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor input;
    const int32_t output = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    hf_status status;
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &input)))
        return status;
    if (input.type == TYPE_FLOAT32 && output >= 0 && (uint32_t)output < tflite->tensors.count &&
        tflite->tensor_map[output] >= 0)
        return HF_OK; /* its output is an input of the graph */
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const hf_tensor *out = &op->output_shape;
    if (input.type == TYPE_INT16 || op->output.type == TYPE_INT16)
        return read_wide(op, &input);
    if (in->height != out->height || in->width != out->width || in->channels != out->channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "input is %dx%dx%d, but output is %dx%dx%d", in->height,
                              in->width, in->channels, out->height, out->width, out->channels);
    if (hf_quant_same(in->quant, out->quant))
        return hf_tflite_op_alias(op, op->node.inputs[0]);
    return hf_tflite_op_add_elementwise(op, HF_OP_QUANTIZE);
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
    hf_tflite_tensor input;
    if ((status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &input)))
        return status;
    tflite->value_type[index] = input.type;
    tflite->tensor_map[index] = source; /* an operator that reads it is rejected for its type, float32 */
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_DEQUANTIZE,
     .name = "DEQUANTIZE",
     .more_types = HF_TFLITE_MOVES | HF_TFLITE_CONVERTS,
     .options_type = OPTIONS_DEQUANTIZE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_dequantize},
    {.code = BUILTIN_QUANTIZE,
     .name = "QUANTIZE",
     .more_types = HF_TFLITE_MOVES | HF_TFLITE_CONVERTS,
     .options_type = OPTIONS_QUANTIZE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_quantize},
};

static hf_status plan_quantize(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_QUANTIZE, 2, OPTIONS_QUANTIZE, hf_tflite_put_empty_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static const hf_tflite_writer writers[] = {
    {HF_OP_QUANTIZE, plan_quantize},
};

HF_TFLITE_OPERATOR(quantize);
