/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of reading an operator that the files of operators/ share. */
#include <stdio.h>
#include <string.h>

#include "graph/elementwise.h"
#include "graph/values16.h"
#include "operator.h"

hf_status hf_tflite_operator_code(hf_tflite *tflite, hf_flat_table table, hf_flat_table *code)
{
    uint32_t index = (uint32_t)hf_flat_i32(&tflite->file, table, OPERATOR_CODE_INDEX, 0);
    if (index >= tflite->operator_codes.count)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "opcode_index is %u, but the model has %u operator codes",
                           index, tflite->operator_codes.count);
    *code = hf_flat_table_at(&tflite->file, tflite->operator_codes, index);
    return hf_tflite_check(tflite);
}

hf_status hf_tflite_builtin_code(hf_tflite *tflite, hf_flat_table table, int32_t *builtin)
{
    hf_flat_table code;
    hf_status status = hf_tflite_operator_code(tflite, table, &code);
    if (status)
        return status;
    /* Files older than the 127th operator have only the deprecated one-byte field, later ones have both. The
     * larger value is the code. */
    int32_t value = hf_flat_i32(&tflite->file, code, OPERATOR_CODE_BUILTIN, 0);
    int32_t deprecated = hf_flat_u8(&tflite->file, code, OPERATOR_CODE_DEPRECATED, 0); /* never above 127 */
    *builtin = deprecated > value ? deprecated : value;
    return hf_tflite_check(tflite);
}

/* ---- Inputs and outputs ---- */

/* The role of input i in messages. */
static const char *input_role(uint32_t i)
{
    static const char *const roles[] = {"input 0", "input 1", "input 2", "input 3",
                                        "input 4", "input 5", "input 6", "input 7"};
    return i < sizeof roles / sizeof *roles ? roles[i] : "input";
}

hf_status hf_tflite_op_is_constant(hf_tflite_op *op, uint32_t i, bool *out)
{
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[i], input_role(i), &tensor);
    if (!status)
        *out = tensor.data.count > 0;
    return status;
}

hf_status hf_tflite_op_source(hf_tflite_op *op, uint32_t i, int32_t *tensor)
{
    const int32_t index = op->inputs[i];
    if (index == -1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input %u is absent, expected an activation", i);
    if (index < 0 || (uint32_t)index >= op->tflite->tensors.count || op->tflite->tensor_map[index] < 0)
        return TFLITE_OP_FAIL(
            op, HF_EUNSUPPORTED,
            "input %u (tensor %d) is neither the model's input nor the output of an earlier operator", i,
            index);
    *tensor = op->tflite->tensor_map[index];
    return HF_OK;
}

/* Whether the operator takes tensors of a type, and all of its tensors have it. */
static hf_status check_type(hf_tflite_op *op, const hf_tflite_tensor *tensor)
{
    const uint8_t takes = op->kind->more_types;
    if (tensor->type == TYPE_UINT8 && !(takes & HF_TFLITE_TAKES_UINT8))
        return TENSOR_FAIL(
            op->tflite, tensor, HF_EUNSUPPORTED,
            "type uint8 inside the model, for which this operator has another arithmetic; expected int8: "
            "convert the model with full integer quantisation, which gives int8");
    if (tensor->type == TYPE_INT16 && !(takes & HF_TFLITE_TAKES_INT16))
        return TENSOR_FAIL(op->tflite, tensor, HF_EUNSUPPORTED, "type int16, expected int8");
    if (op->type != 0 && op->type != tensor->type && !(takes & HF_TFLITE_CONVERTS))
        return TENSOR_FAIL(op->tflite, tensor, HF_EUNSUPPORTED,
                           "type %s, expected that of the operator's other tensors, %s",
                           hf_tflite_type_name(tensor->type), hf_tflite_type_name(op->type));
    op->type = tensor->type;
    op->value_bytes = hf_tflite_value_bytes(tensor->type);
    return HF_OK;
}

hf_status hf_tflite_op_input(hf_tflite_op *op, uint32_t i)
{
    hf_tflite *tflite = op->tflite;
    const int32_t index = op->inputs[i];
    if (index >= 0 && (uint32_t)index < tflite->tensors.count && tflite->views[index].groups > 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "input %u (tensor %d) is transposed, expected only the last RESHAPE of a "
                              "channel shuffle to read it",
                              i, index);
    int32_t source = -1;
    hf_tflite_tensor tensor;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_op_source(op, i, &source)) ||
        (status = hf_tflite_tensor_read(tflite, index, input_role(i), &tensor)) ||
        (status = hf_tflite_quant(tflite, &tensor, &quant))) /* the output of a DEQUANTIZE is not int8 */
        return status;
    if ((status = check_type(op, &tensor)))
        return status;
    op->node.inputs[op->node.input_count++] = source;
    return HF_OK;
}

hf_status hf_tflite_op_check_new(hf_tflite_op *op, int32_t index)
{
    const hf_tflite *tflite = op->tflite;
    if (tflite->tensor_map[index] == HF_TFLITE_UNKNOWN && tflite->views[index].groups == 0)
        return HF_OK;
    return TFLITE_OP_FAIL(
        op, HF_EFORMAT,
        "output (tensor %d) is already the model's input or the output of an earlier operator", index);
}

hf_status hf_tflite_op_raw_output(hf_tflite_op *op, int32_t *index)
{
    hf_tflite *tflite = op->tflite;
    hf_status status;
    *index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, *index, "output", &op->output)))
        return status;
    return hf_tflite_op_check_new(op, *index);
}

hf_status hf_tflite_op_output(hf_tflite_op *op, uint32_t i)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, i);
    hf_status status;
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, index, "output", &op->output)) ||
        (status = hf_tflite_activation(tflite, &op->output, &op->output_shape)) ||
        (status = check_type(op, &op->output)))
        return status;
    return hf_tflite_op_check_new(op, index);
}

static const char *activation_name(uint8_t code)
{
    static const char *const names[] = {"NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"};
    return code < sizeof names / sizeof *names ? names[code] : "unknown";
}

hf_status hf_tflite_op_activation(hf_tflite_op *op, uint32_t field)
{
    uint8_t activation = hf_flat_u8(&op->tflite->file, op->options, field, TFLITE_ACTIVATION_NONE);
    switch (activation) {
    case TFLITE_ACTIVATION_NONE:
        op->node.activation = HF_ACTIVATION_NONE;
        return HF_OK;
    case TFLITE_ACTIVATION_RELU:
        op->node.activation = HF_ACTIVATION_RELU;
        return HF_OK;
    case TFLITE_ACTIVATION_RELU6:
        op->node.activation = HF_ACTIVATION_RELU6;
        return HF_OK;
    case TFLITE_ACTIVATION_RELU_N1_TO_1:
        op->node.activation = HF_ACTIVATION_RELU_N1_TO_1;
        return HF_OK;
    default:
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "fused activation %u (%s), expected NONE, RELU, RELU6 or RELU_N1_TO_1",
                              activation, activation_name(activation));
    }
}

hf_status hf_tflite_op_ints(hf_tflite_op *op, uint32_t i, const char *role, int32_t *values,
                            uint32_t capacity, uint32_t *count)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(tflite, op->inputs[i], role, &tensor);
    if (status)
        return status;
    if (tensor.type != TYPE_INT32 || tensor.data.count == 0)
        return TENSOR_FAIL(tflite, &tensor, HF_EUNSUPPORTED, "expected constant int32 values");
    uint64_t product = 1;
    for (uint32_t d = 0; d < tensor.rank; d++)
        product = product > capacity ? product : product * (uint64_t)tensor.shape[d];
    if (product > capacity || tensor.data.count != 4 * product)
        return TENSOR_FAIL(tflite, &tensor, HF_EFORMAT,
                           "%u bytes of data, expected 4 for each element and at most %u", tensor.data.count,
                           4 * capacity);
    hf_flat_vector data = {.at = tensor.data.at, .count = (uint32_t)product, .present = true};
    for (uint32_t v = 0; v < product; v++)
        values[v] = hf_flat_i32_at(&tflite->file, data, v);
    *count = (uint32_t)product;
    return hf_tflite_check(tflite);
}

const hf_tensor *hf_tflite_op_in(const hf_tflite_op *op)
{
    return &op->tflite->graph->tensors[op->node.inputs[0]];
}

hf_status hf_tflite_op_check_quants(hf_tflite_op *op, const char *input_name, hf_quant input, hf_quant output)
{
    if (hf_quant_same(input, output))
        return HF_OK;
    return TFLITE_OP_FAIL(
        op, HF_EUNSUPPORTED,
        "%s and output have different quantisation: scale %.9g, zero point %d and scale %.9g, "
        "zero point %d, expected the same",
        input_name, (double)input.scale, input.zero_point, (double)output.scale, output.zero_point);
}

hf_status hf_tflite_op_same_quant(hf_tflite_op *op)
{
    return hf_tflite_op_check_quants(op, "input", hf_tflite_op_in(op)->quant, op->output_shape.quant);
}

hf_status hf_tflite_op_add(hf_tflite_op *op, hf_op kind, hf_node **added)
{
    hf_tflite *tflite = op->tflite;
    op->node.op = kind;
    snprintf(op->node.name, sizeof op->node.name, "op%d/%s", tflite->operator_index, hf_op_name(kind));
    int32_t tensor;
    hf_error cause;
    hf_error_clear(&cause);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if ((status = hf_graph_add(tflite->graph, &op->node, op->out_channels, &tensor, &cause)))
        return TFLITE_OP_FAIL(op, status, "%.300s", cause.message);
    hf_tensor *out = &tflite->graph->tensors[tensor];
    const hf_tensor *declared = &op->output_shape;
    if (out->height != declared->height || out->width != declared->width ||
        out->channels != declared->channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "computes %dx%dx%d, but output (tensor %d) is %dx%dx%d",
                              out->height, out->width, out->channels, op->output.index, declared->height,
                              declared->width, declared->channels);
    out->quant = declared->quant;
    tflite->tensor_map[op->output.index] = tensor;
    if (added)
        *added = &tflite->graph->nodes[tflite->graph->node_count - 1];
    return HF_OK;
}

/* Positions are the second and third of four dimensions. Batches can be rows of an operator that takes each row by itself. */
static hf_status check_positions(hf_tflite_op *op)
{
    hf_tflite_tensor tensor;
    const int32_t index = op->inputs[op->data_input];
    hf_status status = hf_tflite_tensor_read(op->tflite, index, input_role(op->data_input), &tensor);
    if (status)
        return status;
    const bool by_rows = op->node.kernel_height == 1 && op->node.stride_height == 1 && !op->node.transposed;
    if (tensor.rank != 4 || (tensor.shape[0] != 1 && !by_rows && op->tflite->spreads[index].height == 0))
        return TENSOR_FAIL(
            op->tflite, &tensor, HF_EUNSUPPORTED,
            "%u dimensions and batch size %d, expected 4 dimensions and batch size 1, or a kernel of "
            "one row",
            tensor.rank, tensor.rank ? tensor.shape[0] : 0);
    return HF_OK;
}

hf_status hf_tflite_op_window(hf_tflite_op *op)
{
    hf_flat_file *file = &op->tflite->file;
    uint8_t value = hf_flat_u8(file, op->options, WINDOW_PADDING, TFLITE_PADDING_SAME);
    if (value > TFLITE_PADDING_VALID)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "padding %u, expected 0 (SAME) or 1 (VALID)", value);
    op->node.padding = value == TFLITE_PADDING_SAME ? HF_PADDING_SAME : HF_PADDING_VALID;
    op->node.stride_width = hf_flat_i32(file, op->options, WINDOW_STRIDE_W, 0);
    op->node.stride_height = hf_flat_i32(file, op->options, WINDOW_STRIDE_H, 0);
    return check_positions(op);
}

hf_status hf_tflite_op_rank(hf_tflite_op *op, uint32_t i, int32_t *rank)
{
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[i], input_role(i), &tensor);
    if (!status)
        *rank = (int32_t)tensor.rank;
    return status;
}

hf_status hf_tflite_op_add_elementwise(hf_tflite_op *op, hf_op kind)
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

hf_status hf_tflite_op_add_function16(hf_tflite_op *op)
{
    hf_node *node = NULL;
    hf_function16_rule rule;
    hf_error cause;
    hf_error_clear(&cause);
    if (op->node.in_bytes == 0)
        op->node.in_bytes = op->node.out_bytes = op->value_bytes;
    hf_status status = hf_tflite_op_add(op, HF_OP_FUNCTION16, &node);
    if (!status && (status = hf_function16_rule_init(op->tflite->graph, node, &rule, &cause)))
        status = TFLITE_OP_FAIL(op, status, "%.300s", cause.message);
    return status;
}

hf_status hf_tflite_op_computed_shape(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, 0);
    hf_tflite_tensor output;
    hf_status status;
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, index, "output", &output)))
        return status;
    if (output.type != TYPE_INT32 || output.data.count > 0 || tflite->tensor_map[index] != HF_TFLITE_UNKNOWN)
        return TENSOR_FAIL(tflite, &output, HF_EUNSUPPORTED, "expected an int32 shape for a RESHAPE");
    tflite->tensor_map[index] = HF_TFLITE_COMPUTED_SHAPE;
    return HF_OK;
}
