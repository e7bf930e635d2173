/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a .tflite file: which there are, and the steps that reading each of them takes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "read_operator.h"

typedef struct operator_kind {
    int32_t builtin;
    uint8_t options_type;
    bool options_required; /* their defaults would make no sense */
    uint32_t least_inputs, most_inputs;
    hf_status (*read)(hf_tflite_op *op);
    const char *name;
} operator_kind;

#define KIND(name, options, required, least, most, read)                                                     \
    {                                                                                                        \
        BUILTIN_##name, OPTIONS_##options, required, least, most, hf_tflite_read_##read, #name               \
    }

static const operator_kind kinds[] = {
    KIND(ADD, ADD, false, 2, 2, pair),
    KIND(AVERAGE_POOL_2D, POOL_2D, true, 1, 1, pool),
    KIND(CONCATENATION, CONCATENATION, true, 1, HF_TFLITE_MAX_INPUTS, concat),
    KIND(CONV_2D, CONV_2D, true, 2, 3, conv),
    KIND(DEPTHWISE_CONV_2D, DEPTHWISE_CONV_2D, true, 2, 3, depthwise),
    KIND(DEQUANTIZE, DEQUANTIZE, false, 1, 1, dequantize),
    KIND(FULLY_CONNECTED, FULLY_CONNECTED, false, 2, 3, dense),
    KIND(MAX_POOL_2D, POOL_2D, true, 1, 1, pool),
    KIND(MUL, MUL, false, 2, 2, pair),
    KIND(RELU, NONE, false, 1, 1, relu),
    KIND(RELU6, NONE, false, 1, 1, relu),
    KIND(RESHAPE, RESHAPE, false, 1, 2, reshape),
    KIND(SOFTMAX, SOFTMAX, true, 1, 1, softmax),
    KIND(PAD, PAD, false, 2, 2, pad),
    KIND(TRANSPOSE, TRANSPOSE, false, 2, 2, transpose),
    KIND(MEAN, REDUCER, false, 2, 2, mean),
    KIND(SQUEEZE, SQUEEZE, false, 1, 1, reshape),
    KIND(STRIDED_SLICE, STRIDED_SLICE, false, 4, 4, strided_slice),
    KIND(SPLIT, SPLIT, false, 2, 2, split),
    KIND(SLICE, SLICE, false, 3, 3, slice),
    KIND(EXPAND_DIMS, EXPAND_DIMS, false, 2, 2, reshape),
    KIND(SHAPE, SHAPE, false, 1, 1, shape_value),
    KIND(PACK, PACK, false, 1, HF_TFLITE_MAX_INPUTS, shape_value),
    KIND(SPLIT_V, SPLIT_V, false, 3, 3, split),
    KIND(QUANTIZE, QUANTIZE, false, 1, 1, quantize),
    KIND(HARD_SWISH, HARD_SWISH, false, 1, 1, hard_swish),
};

/* Operators people are likely to meet, so that a refusal can name them and say what helps. */
static const struct {
    int32_t builtin;
    const char *name;
    const char *advice;
} unsupported[] = {
    {14, "LOGISTIC", "; the engine has no int8 sigmoid, a hard sigmoid is ADD and MUL with constants"},
    {20, "RELU_N1_TO_1", ""},
    {28, "TANH", ""},
    {41, "SUB", ""},
    {42, "DIV", ""},
    {54, "PRELU", ""},
    {60, "PADV2", "; PAD, which pads with zero, is"},
    {67, "TRANSPOSE_CONV", ""},
    {74, "SUM", "; MEAN is"},
    {97, "RESIZE_NEAREST_NEIGHBOR", ""},
    {98, "LEAKY_RELU", ""},
};

/* ---- Which operator it is ---- */

static const operator_kind *find_kind(int32_t builtin)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].builtin == builtin)
            return &kinds[i];
    return NULL;
}

static hf_status read_code(hf_tflite *tflite, hf_flat_table table, hf_flat_table *code)
{
    uint32_t index = (uint32_t)hf_flat_i32(&tflite->file, table, OPERATOR_CODE_INDEX, 0);
    if (index >= tflite->operator_codes.count)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "its code is number %u, but there are %u", index,
                           tflite->operator_codes.count);
    *code = hf_flat_table_at(&tflite->file, tflite->operator_codes, index);
    return hf_tflite_check(tflite);
}

hf_status hf_tflite_builtin(hf_tflite *tflite, hf_flat_table table, int32_t *builtin)
{
    hf_flat_table code;
    hf_status status = read_code(tflite, table, &code);
    if (status)
        return status;
    /* Files from before the 127th operator have only the old one-byte field, later ones both: the larger
     * counts. */
    int32_t value = hf_flat_i32(&tflite->file, code, OPERATOR_CODE_BUILTIN, 0);
    int32_t deprecated = hf_flat_u8(&tflite->file, code, OPERATOR_CODE_DEPRECATED, 0); /* never above 127 */
    *builtin = deprecated > value ? deprecated : value;
    return hf_tflite_check(tflite);
}

static hf_status refuse_custom_operator(hf_tflite *tflite, hf_flat_table table)
{
    hf_flat_table code;
    hf_status status = read_code(tflite, table, &code);
    if (status)
        return status;
    hf_flat_vector name = hf_flat_subvector(&tflite->file, code, OPERATOR_CODE_CUSTOM, 1);
    char text[25];
    uint32_t length = name.count < sizeof text - 1 ? name.count : (uint32_t)sizeof text - 1;
    for (uint32_t i = 0; i < length; i++) {
        uint8_t c = tflite->file.bytes[name.at + i];
        text[i] = isprint(c) ? (char)c : '?'; /* untrusted text on its way to a terminal */
    }
    text[length] = '\0';
    snprintf(tflite->operator_name, sizeof tflite->operator_name, "custom operator \"%s\"", text);
    if ((status = hf_tflite_check(tflite)))
        return status;
    return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "this operator is not supported");
}

/* Finds out which operator this is and names it for messages. */
static hf_status read_kind(hf_tflite *tflite, hf_flat_table table, const operator_kind **out)
{
    int32_t builtin;
    hf_status status = hf_tflite_builtin(tflite, table, &builtin);
    if (status)
        return status;
    *out = find_kind(builtin);
    if (*out) {
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", (*out)->name);
        return HF_OK;
    }
    if (builtin == BUILTIN_CUSTOM)
        return refuse_custom_operator(tflite, table);
    snprintf(tflite->operator_name, sizeof tflite->operator_name, "builtin operator %d", builtin);
    const char *advice = "";
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
        if (unsupported[i].builtin == builtin) {
            snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", unsupported[i].name);
            advice = unsupported[i].advice;
        }
    return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "this operator is not supported%s", advice);
}

/* ---- Its parts ---- */

static hf_status read_options(hf_tflite_op *op, hf_flat_table table, const operator_kind *kind)
{
    hf_flat_file *file = &op->tflite->file;
    uint8_t type = hf_flat_u8(file, table, OPERATOR_OPTIONS_TYPE, 0);
    if (type == kind->options_type && type != OPTIONS_NONE)
        op->options = hf_flat_subtable(file, table, OPERATOR_OPTIONS);
    hf_status status = hf_tflite_check(op->tflite);
    if (status)
        return status;
    if (type != OPTIONS_NONE && type != kind->options_type)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "options of type %u, expected %u", type, kind->options_type);
    if (kind->options_required && op->options.at == 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "it has no options");
    return HF_OK;
}

static hf_status read_operands(hf_tflite_op *op, hf_flat_table table, const operator_kind *kind)
{
    hf_tflite *tflite = op->tflite;
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    op->outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (inputs.count < kind->least_inputs || inputs.count > kind->most_inputs)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%u inputs, expected %u to %u", inputs.count,
                              kind->least_inputs, kind->most_inputs);
    op->input_count = inputs.count;
    for (uint32_t i = 0; i < inputs.count; i++)
        op->inputs[i] = hf_flat_i32_at(&tflite->file, inputs, i);
    const bool splits = kind->read == hf_tflite_read_split;
    if (op->outputs.count < 1 || (op->outputs.count > 1 && !splits))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%u outputs, expected one%s", op->outputs.count,
                              splits ? " or more" : "");
    return hf_tflite_check(tflite);
}

hf_status hf_tflite_operator(hf_tflite *tflite, hf_flat_table table)
{
    hf_tflite_op op = {.tflite = tflite};
    const operator_kind *kind = NULL;
    hf_status status = read_kind(tflite, table, &kind);
    if (status)
        return status;
    op.builtin = kind->builtin;
    if ((status = read_options(&op, table, kind)) || (status = read_operands(&op, table, kind)) ||
        (status = kind->read(&op)))
        return status;
    return hf_tflite_check(tflite);
}

/* Operators of files that people make have a handful of operands. The limit keeps vectors that thousands of
 * operators share from being read thousands of times over. */
#define MAX_SCANNED_INPUTS 64

hf_status hf_tflite_find_consumers(hf_tflite *tflite)
{
    for (uint32_t o = 0; o < tflite->operators.count; o++) {
        hf_flat_table table = hf_flat_table_at(&tflite->file, tflite->operators, o);
        hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
        hf_status status = hf_tflite_check(tflite);
        if (status)
            return status;
        if (inputs.count > MAX_SCANNED_INPUTS)
            return TFLITE_FAIL(tflite, HF_ELIMIT, "operator %u has %u inputs, at most %d are supported", o,
                               inputs.count, MAX_SCANNED_INPUTS);
        for (uint32_t i = 0; i < inputs.count; i++) {
            int32_t tensor = hf_flat_i32_at(&tflite->file, inputs, i);
            if (tensor < 0 || (uint32_t)tensor >= tflite->tensors.count)
                continue; /* absent, or refused when the operator is read */
            int32_t *consumer = &tflite->consumers[tensor];
            if (*consumer != (int32_t)o)
                *consumer = *consumer == HF_TFLITE_UNREAD ? (int32_t)o : HF_TFLITE_SEVERAL;
        }
    }
    return HF_OK;
}

/* ---- Steps that reading functions share ---- */

hf_status hf_tflite_op_is_constant(hf_tflite_op *op, uint32_t i, bool *out)
{
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[i], &tensor);
    if (!status)
        *out = tensor.data.count > 0;
    return status;
}

hf_status hf_tflite_op_input(hf_tflite_op *op, uint32_t i)
{
    hf_tflite *tflite = op->tflite;
    const int32_t index = op->inputs[i];
    if (index >= 0 && (uint32_t)index < tflite->tensors.count && tflite->views[index].groups > 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "input %u (tensor %d) is a transposed tensor, which only the last RESHAPE of a "
                              "channel shuffle may read",
                              i, index);
    if (index < 0 || (uint32_t)index >= tflite->tensors.count || tflite->tensor_map[index] < 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "input %u (tensor %d) is not the output of an earlier operator", i, index);
    hf_tflite_tensor tensor;
    hf_quant quant;
    hf_status status;
    if ((status = hf_tflite_tensor_read(tflite, index, &tensor)) ||
        (status = hf_tflite_quant(tflite, &tensor, &quant))) /* not one that was dequantised */
        return status;
    op->node.inputs[op->node.input_count++] = tflite->tensor_map[index];
    return HF_OK;
}

hf_status hf_tflite_op_output(hf_tflite_op *op, uint32_t i)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = hf_flat_i32_at(&tflite->file, op->outputs, i);
    hf_status status;
    if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_tensor_read(tflite, index, &op->output)) ||
        (status = hf_tflite_activation(tflite, &op->output, &op->output_shape)))
        return status;
    if (tflite->tensor_map[index] != HF_TFLITE_UNKNOWN || tflite->views[index].groups > 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its output, tensor %d, was computed before", index);
    return HF_OK;
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
    default:
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "fused activation %u, expected none, RELU or RELU6",
                              activation);
    }
}

hf_status hf_tflite_op_ints(hf_tflite_op *op, uint32_t i, int32_t *values, uint32_t room, uint32_t *count)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor tensor;
    hf_status status = hf_tflite_tensor_read(tflite, op->inputs[i], &tensor);
    if (status)
        return status;
    if (tensor.type != TYPE_INT32 || tensor.data.count == 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input %u (tensor %d) is not a constant of int32 values",
                              i, tensor.index);
    uint64_t product = 1;
    for (uint32_t d = 0; d < tensor.rank; d++)
        product = product > room ? product : product * (uint64_t)tensor.shape[d];
    if (product > room || tensor.data.count != 4 * product)
        return TFLITE_OP_FAIL(op, HF_EFORMAT,
                              "input %u (tensor %d) has %u bytes of values, expected up to %u", i,
                              tensor.index, tensor.data.count, 4 * room);
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

bool hf_tflite_same_quant(hf_quant a, hf_quant b)
{
    return a.scale == b.scale && a.zero_point == b.zero_point;
}

hf_status hf_tflite_op_same_quant(hf_tflite_op *op)
{
    if (hf_tflite_same_quant(hf_tflite_op_in(op)->quant, op->output_shape.quant))
        return HF_OK;
    return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input and output have different quantisation");
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
    const hf_tensor *stated = &op->output_shape;
    if (out->height != stated->height || out->width != stated->width || out->channels != stated->channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "computes %dx%dx%d, but tensor %d is %dx%dx%d", out->height,
                              out->width, out->channels, op->output.index, stated->height, stated->width,
                              stated->channels);
    out->quant = stated->quant;
    tflite->tensor_map[op->output.index] = tensor;
    if (added)
        *added = &tflite->graph->nodes[tflite->graph->node_count - 1];
    return HF_OK;
}
