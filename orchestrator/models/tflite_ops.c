/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a .tflite file, each refused unless every attribute is one the engine computes exactly. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reference_ops.h"
#include "tflite_file.h"

/* Field numbers of the options tables, schema.fbs. */
enum { CONV_PADDING, CONV_STRIDE_W, CONV_STRIDE_H, CONV_ACTIVATION, CONV_DILATION_W, CONV_DILATION_H };
enum {
    DEPTHWISE_PADDING,
    DEPTHWISE_STRIDE_W,
    DEPTHWISE_STRIDE_H,
    DEPTHWISE_MULTIPLIER,
    DEPTHWISE_ACTIVATION,
    DEPTHWISE_DILATION_W,
    DEPTHWISE_DILATION_H
};
enum { POOL_PADDING, POOL_STRIDE_W, POOL_STRIDE_H, POOL_FILTER_W, POOL_FILTER_H, POOL_ACTIVATION };
enum { DENSE_ACTIVATION, DENSE_WEIGHTS_FORMAT };
enum { SOFTMAX_BETA };
enum { ADD_ACTIVATION };

/* BuiltinOperator and the BuiltinOptions union's type of each, schema.fbs. */
typedef struct operator_kind {
    int32_t builtin;
    uint8_t options_type;
    bool options_required;
    hf_op op;
    const char *name;
} operator_kind;

static const operator_kind kinds[] = {
    {0, 11, false, HF_OP_ADD, "ADD"},
    {1, 5, true, HF_OP_AVERAGE_POOL, "AVERAGE_POOL_2D"},
    {3, 1, true, HF_OP_CONV2D, "CONV_2D"},
    {4, 2, true, HF_OP_DEPTHWISE, "DEPTHWISE_CONV_2D"},
    {9, 8, false, HF_OP_DENSE, "FULLY_CONNECTED"},
    {17, 5, true, HF_OP_MAX_POOL, "MAX_POOL_2D"},
    {22, 17, false, HF_OP_RESHAPE, "RESHAPE"},
    {25, 9, true, HF_OP_SOFTMAX, "SOFTMAX"},
};

/* Operators people are likely to meet, so that a refusal can name them. */
static const struct {
    int32_t builtin;
    const char *name;
} unsupported[] = {{2, "CONCATENATION"}, {6, "DEQUANTIZE"}, {14, "LOGISTIC"}, {18, "MUL"},
                   {19, "RELU"},         {21, "RELU6"},     {34, "PAD"},      {39, "TRANSPOSE"},
                   {40, "MEAN"},         {41, "SUB"},       {43, "SQUEEZE"},  {45, "STRIDED_SLICE"},
                   {49, "SPLIT"},        {77, "SHAPE"},     {83, "PACK"},     {114, "QUANTIZE"},
                   {117, "HARD_SWISH"}};

#define MAX_OPERATOR_INPUTS 3

/* One operator being read. */
typedef struct operator_reader {
    hf_tflite *tflite;
    hf_flat_table options;
    int32_t inputs[MAX_OPERATOR_INPUTS]; /* file tensors, -1 where absent */
    uint32_t input_count;
    hf_tflite_tensor output;
    hf_tensor output_shape;
    hf_node node;
    hf_tflite_tensor weights; /* convolutions and dense layers */
    int32_t out_channels;
} operator_reader;

static const operator_kind *find_kind(int32_t builtin)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].builtin == builtin)
            return &kinds[i];
    return NULL;
}

static void name_custom_operator(hf_tflite *tflite, hf_flat_table code)
{
    hf_flat_vector name = hf_flat_subvector(&tflite->file, code, OPERATOR_CODE_CUSTOM, 1);
    char text[25];
    uint32_t length = name.count < sizeof text - 1 ? name.count : (uint32_t)sizeof text - 1;
    for (uint32_t i = 0; i < length; i++) {
        uint8_t c = tflite->file.bytes[name.at + i];
        text[i] = isprint(c) ? (char)c : '?'; /* untrusted text on its way to a terminal */
    }
    text[length] = '\0';
    snprintf(tflite->operator_name, sizeof tflite->operator_name, "custom operator \"%s\"", text);
}

/* Finds out which operator this is and names it for messages. */
static hf_status read_kind(hf_tflite *tflite, hf_flat_table table, const operator_kind **out)
{
    hf_flat_file *file = &tflite->file;
    uint32_t index = (uint32_t)hf_flat_i32(file, table, OPERATOR_CODE_INDEX, 0);
    if (index >= tflite->operator_codes.count)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "its code is number %u, but there are %u", index,
                           tflite->operator_codes.count);
    hf_flat_table code = hf_flat_table_at(file, tflite->operator_codes, index);
    /* Files from before the 127th operator have only the old one-byte field, later ones both: the larger
     * counts. */
    int32_t builtin = hf_flat_i32(file, code, OPERATOR_CODE_BUILTIN, 0);
    int32_t deprecated = hf_flat_u8(file, code, OPERATOR_CODE_DEPRECATED, 0); /* never above 127 */
    if (deprecated > builtin)
        builtin = deprecated;
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    *out = find_kind(builtin);
    if (*out) {
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", (*out)->name);
        return HF_OK;
    }
    snprintf(tflite->operator_name, sizeof tflite->operator_name, "builtin operator %d", builtin);
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++)
        if (unsupported[i].builtin == builtin)
            snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", unsupported[i].name);
    if (builtin == 32)
        name_custom_operator(tflite, code);
    if ((status = hf_tflite_check(tflite)))
        return status;
    return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "this operator is not supported");
}

/* ---- Attributes ---- */

static hf_status read_activation(operator_reader *reader, uint32_t field)
{
    uint8_t activation = hf_flat_u8(&reader->tflite->file, reader->options, field, 0);
    switch (activation) { /* ActivationFunctionType */
    case 0:
        reader->node.activation = HF_ACTIVATION_NONE;
        return HF_OK;
    case 1:
        reader->node.activation = HF_ACTIVATION_RELU;
        return HF_OK;
    case 3:
        reader->node.activation = HF_ACTIVATION_RELU6;
        return HF_OK;
    default:
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED,
                           "fused activation %u, expected none, RELU or RELU6", activation);
    }
}

static hf_status read_window(operator_reader *reader, uint32_t padding, uint32_t stride_w, uint32_t stride_h)
{
    hf_flat_file *file = &reader->tflite->file;
    uint8_t value = hf_flat_u8(file, reader->options, padding, 0);
    if (value > 1)
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "padding %u, expected 0 (SAME) or 1 (VALID)", value);
    reader->node.padding = value == 0 ? HF_PADDING_SAME : HF_PADDING_VALID;
    reader->node.stride_width = hf_flat_i32(file, reader->options, stride_w, 0);
    reader->node.stride_height = hf_flat_i32(file, reader->options, stride_h, 0);
    return HF_OK;
}

static hf_status check_dilation(operator_reader *reader, uint32_t width, uint32_t height)
{
    int32_t w = hf_flat_i32(&reader->tflite->file, reader->options, width, 1);
    int32_t h = hf_flat_i32(&reader->tflite->file, reader->options, height, 1);
    if (w != 1 || h != 1)
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED, "dilation %dx%d, expected 1x1", h, w);
    return HF_OK;
}

static const hf_tensor *graph_input(const operator_reader *reader)
{
    return &reader->tflite->graph->tensors[reader->node.inputs[0]];
}

/* The weights' shape, before their values: the graph needs the kernel and the output channels first. */
static hf_status read_weight_shape(operator_reader *reader, uint32_t rank)
{
    if (reader->input_count < 2)
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "it has no weights");
    hf_status status = hf_tflite_tensor_read(reader->tflite, reader->inputs[1], &reader->weights);
    if (status)
        return status;
    if (reader->weights.rank != rank)
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "weights (tensor %d) have %u dimensions, expected %u",
                           reader->weights.index, reader->weights.rank, rank);
    if (rank == 4) {
        reader->node.kernel_height = reader->weights.shape[1];
        reader->node.kernel_width = reader->weights.shape[2];
    }
    return HF_OK;
}

/* ---- One function per kind of operator ---- */

static hf_status read_conv(operator_reader *reader)
{
    hf_status status;
    if ((status = read_weight_shape(reader, 4)) ||
        (status = read_window(reader, CONV_PADDING, CONV_STRIDE_W, CONV_STRIDE_H)) ||
        (status = read_activation(reader, CONV_ACTIVATION)) ||
        (status = check_dilation(reader, CONV_DILATION_W, CONV_DILATION_H)))
        return status;
    reader->out_channels = reader->weights.shape[0];
    if (reader->weights.shape[3] != graph_input(reader)->channels)
        return TFLITE_FAIL(
            reader->tflite, HF_EUNSUPPORTED,
            "weights for %d input channels, the input has %d (grouped convolution is not supported)",
            reader->weights.shape[3], graph_input(reader)->channels);
    return HF_OK;
}

static hf_status read_depthwise(operator_reader *reader)
{
    hf_status status;
    if ((status = read_weight_shape(reader, 4)) ||
        (status = read_window(reader, DEPTHWISE_PADDING, DEPTHWISE_STRIDE_W, DEPTHWISE_STRIDE_H)) ||
        (status = read_activation(reader, DEPTHWISE_ACTIVATION)) ||
        (status = check_dilation(reader, DEPTHWISE_DILATION_W, DEPTHWISE_DILATION_H)))
        return status;
    reader->out_channels = reader->weights.shape[3];
    if (reader->weights.shape[0] != 1 || reader->out_channels != graph_input(reader)->channels)
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED,
                           "%d output channels from %d input channels, expected a depth multiplier of 1",
                           reader->out_channels, graph_input(reader)->channels);
    return HF_OK;
}

static hf_status read_dense(operator_reader *reader)
{
    hf_status status;
    if ((status = read_weight_shape(reader, 2)) || (status = read_activation(reader, DENSE_ACTIVATION)))
        return status;
    if (hf_flat_u8(&reader->tflite->file, reader->options, DENSE_WEIGHTS_FORMAT, 0) != 0)
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED, "shuffled weights, expected the default format");
    reader->out_channels = reader->weights.shape[0];
    int64_t inputs = hf_tensor_bytes(graph_input(reader));
    if (reader->weights.shape[1] != inputs)
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED,
                           "weights for %d inputs, the input has %lld values", reader->weights.shape[1],
                           (long long)inputs);
    return HF_OK;
}

static bool same_quant(hf_quant a, hf_quant b)
{
    return a.scale == b.scale && a.zero_point == b.zero_point;
}

static hf_status require_same_quant(operator_reader *reader)
{
    if (same_quant(graph_input(reader)->quant, reader->output_shape.quant))
        return HF_OK;
    return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED, "input and output have different quantisation");
}

static hf_status read_pool(operator_reader *reader)
{
    hf_status status;
    if ((status = read_window(reader, POOL_PADDING, POOL_STRIDE_W, POOL_STRIDE_H)) ||
        (status = read_activation(reader, POOL_ACTIVATION)))
        return status;
    reader->node.kernel_width = hf_flat_i32(&reader->tflite->file, reader->options, POOL_FILTER_W, 0);
    reader->node.kernel_height = hf_flat_i32(&reader->tflite->file, reader->options, POOL_FILTER_H, 0);
    return require_same_quant(reader);
}

static hf_status read_add(operator_reader *reader)
{
    hf_status status = read_activation(reader, ADD_ACTIVATION);
    if (status)
        return status;
    double a = graph_input(reader)->quant.scale;
    double b = reader->tflite->graph->tensors[reader->node.inputs[1]].quant.scale;
    double ratio = 2.0 * fmax(a, b) / (double)reader->output_shape.quant.scale;
    if (!(ratio < 1 << 20)) /* the fixed-point output multiplier must be below 1 */
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED,
                           "output scale %g is too small for its inputs' scales",
                           (double)reader->output_shape.quant.scale);
    return HF_OK;
}

static hf_status read_reshape(operator_reader *reader)
{
    const hf_tensor *to = &reader->output_shape;
    const hf_tensor *from = graph_input(reader);
    if (hf_tensor_bytes(to) != hf_tensor_bytes(from))
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "reshapes %dx%dx%d to %dx%dx%d", from->height,
                           from->width, from->channels, to->height, to->width, to->channels);
    reader->node.kernel_height = to->height;
    reader->node.kernel_width = to->width;
    return require_same_quant(reader);
}

static hf_status read_softmax(operator_reader *reader)
{
    const hf_tensor *in = graph_input(reader);
    reader->node.softmax_beta = hf_flat_f32(&reader->tflite->file, reader->options, SOFTMAX_BETA, 0.0f);
    double beta = reader->node.softmax_beta;
    if (!(beta * (double)in->quant.scale * 67108864.0 > 1.0) ||
        !isfinite(beta)) /* its Q5 multiplier, x 2^26 */
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED, "beta %g with input scale %g is too small", beta,
                           (double)in->quant.scale);
    if (!same_quant(reader->output_shape.quant, (hf_quant){.scale = 1.0f / 256, .zero_point = -128}))
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED,
                           "output scale %g and zero point %d, expected 1/256 and -128",
                           (double)reader->output_shape.quant.scale, reader->output_shape.quant.zero_point);
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return TFLITE_FAIL(reader->tflite, HF_EUNSUPPORTED, "over %d values, at most %d are supported",
                           in->channels, HF_SOFTMAX_MAX_CHANNELS);
    return HF_OK;
}

static hf_status read_attributes(operator_reader *reader)
{
    switch (reader->node.op) {
    case HF_OP_CONV2D:
        return read_conv(reader);
    case HF_OP_DEPTHWISE:
        return read_depthwise(reader);
    case HF_OP_DENSE:
        return read_dense(reader);
    case HF_OP_AVERAGE_POOL:
    case HF_OP_MAX_POOL:
        return read_pool(reader);
    case HF_OP_ADD:
        return read_add(reader);
    case HF_OP_RESHAPE:
        return read_reshape(reader);
    default:
        return read_softmax(reader);
    }
}

/* ---- Inputs and outputs ---- */

static hf_status read_options(operator_reader *reader, hf_flat_table table, const operator_kind *kind)
{
    hf_flat_file *file = &reader->tflite->file;
    uint8_t type = hf_flat_u8(file, table, OPERATOR_OPTIONS_TYPE, 0);
    if (type == kind->options_type)
        reader->options = hf_flat_subtable(file, table, OPERATOR_OPTIONS);
    hf_status status = hf_tflite_check(reader->tflite);
    if (status)
        return status;
    if (type != 0 && type != kind->options_type)
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "options of type %u, expected %u", type,
                           kind->options_type);
    if (kind->options_required && reader->options.at == 0)
        return TFLITE_FAIL(reader->tflite, HF_EFORMAT, "it has no options");
    return HF_OK;
}

/* The tensors computed before this operator that it reads; the others are constants read with the weights. */
static hf_status read_inputs(operator_reader *reader, hf_flat_table table)
{
    hf_tflite *tflite = reader->tflite;
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (inputs.count < 1 || inputs.count > MAX_OPERATOR_INPUTS)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "%u inputs, expected 1 to %d", inputs.count,
                           MAX_OPERATOR_INPUTS);
    reader->input_count = inputs.count;
    for (uint32_t i = 0; i < inputs.count; i++)
        reader->inputs[i] = hf_flat_i32_at(&tflite->file, inputs, i);
    reader->node.input_count = reader->node.op == HF_OP_ADD ? 2 : 1;
    for (int32_t i = 0; i < reader->node.input_count; i++) {
        int32_t index = (uint32_t)i < inputs.count ? reader->inputs[i] : -1;
        if (index < 0 || (uint32_t)index >= tflite->tensors.count || tflite->tensor_map[index] < 0)
            return TFLITE_FAIL(tflite, HF_EUNSUPPORTED,
                               "input %d (tensor %d) is not the output of an earlier operator", i, index);
        reader->node.inputs[i] = tflite->tensor_map[index];
    }
    return HF_OK;
}

static hf_status read_output(operator_reader *reader, hf_flat_table table)
{
    hf_tflite *tflite = reader->tflite;
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (outputs.count != 1)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "%u outputs, expected one", outputs.count);
    int32_t index = hf_flat_i32_at(&tflite->file, outputs, 0);
    if ((status = hf_tflite_check(tflite)) ||
        (status = hf_tflite_tensor_read(tflite, index, &reader->output)) ||
        (status = hf_tflite_activation(tflite, &reader->output, &reader->output_shape)))
        return status;
    if (tflite->tensor_map[index] >= 0)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "its output, tensor %d, was computed before", index);
    return HF_OK;
}

static hf_status fill_parameters(operator_reader *reader, hf_node *node)
{
    hf_tflite *tflite = reader->tflite;
    const hf_quant input = graph_input(reader)->quant;
    const hf_quant output = reader->output_shape.quant;
    hf_status status = hf_tflite_weights(tflite, &reader->weights, reader->out_channels,
                                         node->op == HF_OP_DEPTHWISE ? 3 : 0, node);
    if (status)
        return status;
    for (int32_t c = 0; c < reader->out_channels; c++)
        if (!((double)input.scale * (double)node->weight_scales[c] / (double)output.scale <
              (double)(1 << (HF_REFERENCE_MAX_SHIFT - 1))))
            return TFLITE_FAIL(tflite, HF_EUNSUPPORTED,
                               "output scale %g is too small for its input and weights",
                               (double)output.scale);
    if (reader->input_count < 3 || reader->inputs[2] == -1)
        return HF_OK;
    hf_tflite_tensor bias;
    if ((status = hf_tflite_tensor_read(tflite, reader->inputs[2], &bias)) ||
        (status = hf_tflite_bias(tflite, &bias, reader->out_channels, input, output, node)))
        return status;
    node->has_bias = true;
    return HF_OK;
}

hf_status hf_tflite_operator(hf_tflite *tflite, hf_flat_table table)
{
    operator_reader reader = {.tflite = tflite};
    const operator_kind *kind = NULL;
    hf_status status = read_kind(tflite, table, &kind);
    if (status)
        return status;
    reader.node.op = kind->op;
    snprintf(reader.node.name, sizeof reader.node.name, "op%d/%s", tflite->operator_index,
             hf_op_name(kind->op));
    if ((status = read_options(&reader, table, kind)) || (status = read_inputs(&reader, table)) ||
        (status = read_output(&reader, table)) || (status = read_attributes(&reader)) ||
        (status = hf_tflite_check(tflite)))
        return status;

    int32_t added;
    hf_error cause;
    hf_error_clear(&cause);
    if ((status = hf_graph_add(tflite->graph, &reader.node, reader.out_channels, &added, &cause)))
        return TFLITE_FAIL(tflite, status, "%.300s", cause.message);
    hf_tensor *out = &tflite->graph->tensors[added];
    const hf_tensor *stated = &reader.output_shape;
    if (hf_tensor_bytes(out) != hf_tensor_bytes(stated) || out->channels != stated->channels ||
        out->height != stated->height)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "computes %dx%dx%d, but tensor %d is %dx%dx%d", out->height,
                           out->width, out->channels, reader.output.index, stated->height, stated->width,
                           stated->channels);
    out->quant = stated->quant;
    tflite->tensor_map[reader.output.index] = added;
    hf_node *node = &tflite->graph->nodes[tflite->graph->node_count - 1];
    if (kind->op == HF_OP_CONV2D || kind->op == HF_OP_DEPTHWISE || kind->op == HF_OP_DENSE)
        return fill_parameters(&reader, node);
    return HF_OK;
}
