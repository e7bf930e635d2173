/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a .tflite file on single values: sums and products, activations, changes of quantisation. */
#include <math.h>

#include "graph/elementwise.h"
#include "graph/quantize.h"
#include "read_operator.h"

/* A product of two differences to zero points has 17 bits; a left shift by more than 14 would lose some. */
#define PRODUCT_MAX_SHIFT 14

/* A node whose arithmetic works out, as a table of its 256 possible inputs. */
static hf_status add_elementwise(hf_tflite_op *op, hf_op kind)
{
    hf_node *node = NULL;
    hf_status status = hf_tflite_op_add(op, kind, &node);
    if (status)
        return status;
    int8_t table[256];
    hf_error cause;
    hf_error_clear(&cause);
    if ((status = hf_elementwise_table(op->tflite->graph, node, table, &cause)))
        return TFLITE_OP_FAIL(op, status, "%.300s", cause.message);
    return HF_OK;
}

static hf_status read_constant(hf_tflite_op *op, uint32_t i)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor tensor;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_tensor_read(tflite, op->inputs[i], &tensor)))
        return status;
    if (tensor.data.count != 1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "input %u (tensor %d) is a constant of %u values, expected a single one", i,
                              tensor.index, tensor.data.count);
    if ((status = hf_tflite_quant(tflite, &tensor, &quant)))
        return status;
    for (uint32_t d = 0; d < tensor.rank; d++)
        if (tensor.shape[d] != 1)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "input %u (tensor %d) has one value, its shape needs more",
                                  i, tensor.index);
    op->node.constant = (int8_t)tflite->file.bytes[tensor.data.at];
    op->node.constant_quant = quant;
    return HF_OK;
}

static hf_status read_with_constant(hf_tflite_op *op, uint32_t constant)
{
    hf_status status;
    if ((status = read_constant(op, constant)) || (status = hf_tflite_op_input(op, 1 - constant)) ||
        (status = hf_tflite_op_output(op, 0)) || (status = hf_tflite_op_activation(op, PAIR_ACTIVATION)))
        return status;
    return add_elementwise(op, op->builtin == BUILTIN_MUL ? HF_OP_MUL_CONST : HF_OP_ADD_CONST);
}

static hf_status check_pair_scales(hf_tflite_op *op, hf_quant a, hf_quant b)
{
    const hf_quant out = op->output_shape.quant;
    bool fits;
    if (op->builtin == BUILTIN_MUL) {
        int32_t multiplier, shift;
        hf_quantize_multiplier((double)a.scale * (double)b.scale / (double)out.scale, &multiplier, &shift);
        fits = shift <= PRODUCT_MAX_SHIFT;
    } else { /* the fixed-point output multiplier must be below 1 */
        fits = 2.0 * fmax((double)a.scale, (double)b.scale) / (double)out.scale < 1 << 20;
    }
    if (fits)
        return HF_OK;
    return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "output scale %g is too small for its inputs' scales",
                          (double)out.scale);
}

/* A product may have its 1 x 1 x C factor on either side, the graph has it second. */
static void order_factors(hf_tflite_op *op)
{
    const hf_tensor *a = &op->tflite->graph->tensors[op->node.inputs[0]];
    const hf_tensor *b = &op->tflite->graph->tensors[op->node.inputs[1]];
    if (op->builtin != BUILTIN_MUL || hf_tensor_bytes(a) >= hf_tensor_bytes(b))
        return;
    int32_t first = op->node.inputs[0];
    op->node.inputs[0] = op->node.inputs[1];
    op->node.inputs[1] = first;
}

hf_status hf_tflite_read_pair(hf_tflite_op *op)
{
    bool constant[2] = {false, false};
    hf_status status;
    for (uint32_t i = 0; i < 2; i++)
        if (op->inputs[i] >= 0 && (uint32_t)op->inputs[i] < op->tflite->tensors.count &&
            (status = hf_tflite_op_is_constant(op, i, &constant[i])))
            return status;
    if (constant[0] != constant[1])
        return read_with_constant(op, constant[0] ? 0 : 1);
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_input(op, 1)) ||
        (status = hf_tflite_op_output(op, 0)) || (status = hf_tflite_op_activation(op, PAIR_ACTIVATION)))
        return status;
    order_factors(op);
    const hf_tensor *tensors = op->tflite->graph->tensors;
    if ((status =
             check_pair_scales(op, tensors[op->node.inputs[0]].quant, tensors[op->node.inputs[1]].quant)))
        return status;
    return hf_tflite_op_add(op, op->builtin == BUILTIN_MUL ? HF_OP_MUL : HF_OP_ADD, NULL);
}

hf_status hf_tflite_read_relu(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    op->node.activation = op->builtin == BUILTIN_RELU ? HF_ACTIVATION_RELU : HF_ACTIVATION_RELU6;
    return add_elementwise(op, HF_OP_RELU);
}

hf_status hf_tflite_read_hard_swish(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    return add_elementwise(op, HF_OP_HARD_SWISH);
}

/* ---- At the edges: converters wrap int8 models in float inputs and outputs ---- */

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

hf_status hf_tflite_read_quantize(hf_tflite_op *op)
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

hf_status hf_tflite_read_dequantize(hf_tflite_op *op)
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
