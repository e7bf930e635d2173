/* SPDX-License-Identifier: Apache-2.0 */
#include "tflite_writer.h"

#include <stdlib.h>
#include <string.h>

/* Objects are appended front to back: a parent first, with zero offsets that link() sets later. */
typedef struct writer {
    uint8_t bytes[16384];
    size_t size;
    const tiny_options *options;
} writer;

static void put(writer *w, size_t at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        w->bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static void align(writer *w, size_t to)
{
    w->size = (w->size + to - 1) / to * to;
    if (w->size > sizeof w->bytes - 2048)
        abort();
}

static uint64_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A table with `fields` fields; those with a bit in `present` are stored, in four bytes each. */
static size_t table(writer *w, uint32_t fields, uint32_t present)
{
    align(w, 4);
    size_t vtable = w->size;
    size_t at = (vtable + 4 + 2 * (size_t)fields + 3) / 4 * 4;
    size_t size = 4;
    for (uint32_t f = 0; f < fields; f++) {
        bool stored = (present >> f) & 1;
        put(w, vtable + 4 + 2 * (size_t)f, stored ? size : 0, 2);
        size += stored ? 4 : 0;
    }
    put(w, vtable, 4 + 2 * fields, 2);
    put(w, vtable + 2, size, 2);
    put(w, at, at - vtable, 4);
    w->size = at + size;
    return at;
}

static size_t load_u16(const writer *w, size_t at)
{
    return w->bytes[at] | (size_t)w->bytes[at + 1] << 8;
}

static size_t field(const writer *w, size_t table_at, uint32_t f)
{
    size_t vtable = table_at - load_u16(w, table_at);
    return table_at + load_u16(w, vtable + 4 + 2 * (size_t)f);
}

static void set(writer *w, size_t table_at, uint32_t f, uint64_t value)
{
    put(w, field(w, table_at, f), value, 4);
}

static void link_at(writer *w, size_t at, size_t target)
{
    put(w, at, target - at, 4);
}

static void link(writer *w, size_t table_at, uint32_t f, size_t target)
{
    link_at(w, field(w, table_at, f), target);
}

static size_t vector(writer *w, uint32_t count, uint32_t element_bytes)
{
    align(w, element_bytes > 4 ? element_bytes : 4);
    if (element_bytes == 8 && w->size % 8 == 0)
        w->size += 4; /* aligns the elements, not their count */
    size_t at = w->size;
    put(w, at, count, 4);
    w->size = at + 4 + (size_t)count * element_bytes;
    align(w, 4);
    return at;
}

static size_t element(size_t vector_at, size_t index)
{
    return vector_at + 4 + 4 * index;
}

static size_t ints(writer *w, const int32_t *values, uint32_t count)
{
    size_t at = vector(w, count, 4);
    for (uint32_t i = 0; i < count; i++)
        put(w, element(at, i), (uint32_t)values[i], 4);
    return at;
}

int8_t tiny_weight(size_t i)
{
    return (int8_t)((int)(i * 37 % 201) - 100);
}

int32_t tiny_bias(size_t i)
{
    return (int32_t)i * 300 - 200;
}

typedef struct tensor_spec {
    int32_t shape[4];
    uint32_t rank;
    uint32_t type;
    uint32_t scales;
    float scale;
    int64_t zero_point;
    int32_t dimension;
    uint32_t data_bytes; /* 0 = activation */
    bool sparse;
    uint32_t zero_points; /* number; 0 = as many as scales */
} tensor_spec;

static void describe_tensors(const tiny_options *o, tensor_spec t[TINY_TENSORS])
{
    const float conv_bias = o->bias_scale > 0 ? o->bias_scale : 0.02f * o->weight_scale;
    const uint32_t conv_weights = 4 * 3 * 3 * (uint32_t)o->conv_kernel_inputs;
    const tensor_spec specs[TINY_TENSORS] = {
        [TINY_INPUT] =
            {{o->batch, 6, 6, 2}, 4, o->activation_type, 1, 0.02f, o->activation_zero_point, 0, 0, false, 0},
        [TINY_CONV_WEIGHTS] = {{4, 3, 3, o->conv_kernel_inputs},
                               4,
                               o->weight_type,
                               o->conv_scales,
                               o->weight_scale,
                               o->weight_zero_point,
                               o->weight_dimension,
                               conv_weights,
                               o->sparse_weights,
                               o->weight_zero_points},
        [TINY_CONV_BIAS] =
            {{o->bias_count}, 1, 2, o->conv_scales, conv_bias, 0, 0, 4 * (uint32_t)o->bias_count, false, 0},
        [TINY_CONV] = {{1, o->conv_output_height, 3, 4}, 4, 9, 1, 0.05f, -128, 0, 0, false, 0},
        [TINY_DEPTHWISE_WEIGHTS] = {{1, 3, 3, 4}, 4, 9, 4, 0.01f, 0, 3, 36, false, 0},
        [TINY_DEPTHWISE_BIAS] = {{4}, 1, 2, 1, 0.05f * 0.01f, 0, 0, 16, false, 0},
        [TINY_DEPTHWISE] = {{1, 3, 3, 4}, 4, 9, 1, 0.05f, 0, 0, 0, false, 0},
        [TINY_ADD] = {{1, 3, 3, 4}, 4, 9, 1, 0.05f, -20, 0, 0, false, 0},
        [TINY_MAX_POOL] = {{1, 2, 2, 4}, 4, 9, 1, 0.05f, -20, 0, 0, false, 0},
        [TINY_AVERAGE_POOL] = {{1, 1, 1, 4}, 4, 9, 1, o->pool_output_scale, -20, 0, 0, false, 0},
        [TINY_RESHAPE] = {{1, 4}, 2, 9, 1, o->pool_output_scale, -20, 0, 0, false, 0},
        [TINY_DENSE_WEIGHTS] = {{3, 4}, 2, 9, 1, 0.01f, 0, 0, 12, false, 0},
        [TINY_DENSE_BIAS] = {{3}, 1, 2, 0, 0, 0, 0, 12, false, 0},
        [TINY_DENSE] = {{1, 3}, 2, 9, 1, 0.1f, 3, 0, 0, false, 0},
        [TINY_SOFTMAX] = {{1, 3}, 2, 9, 1, o->softmax_output_scale, -128, 0, 0, false, 0},
    };
    memcpy(t, specs, sizeof specs);
}

static size_t write_quantization(writer *w, const tensor_spec *spec)
{
    size_t quant = table(w, 7, 1u << 2 | 1u << 3 | 1u << 6);
    set(w, quant, 6, (uint32_t)spec->dimension);
    size_t scales = vector(w, spec->scales, 4);
    for (uint32_t i = 0; i < spec->scales; i++)
        put(w, element(scales, i), float_bits(spec->scale), 4);
    link(w, quant, 2, scales);
    const uint32_t zero_point_count = spec->zero_points ? spec->zero_points : spec->scales;
    size_t zero_points = vector(w, zero_point_count, 8);
    for (uint32_t i = 0; i < zero_point_count; i++)
        put(w, zero_points + 4 + 8 * (size_t)i, (uint64_t)spec->zero_point, 8);
    link(w, quant, 3, zero_points);
    return quant;
}

static size_t write_tensor(writer *w, const tensor_spec *spec, uint32_t buffer)
{
    size_t at = table(w, 7, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | (spec->sparse ? 1u << 6 : 0));
    set(w, at, 1, spec->type);
    set(w, at, 2, buffer);
    link(w, at, 0, ints(w, spec->shape, spec->rank));
    link(w, at, 4, write_quantization(w, spec));
    if (spec->sparse)
        link(w, at, 6, table(w, 1, 0));
    return at;
}

static size_t write_buffer(writer *w, const tensor_spec *spec)
{
    if (!spec || spec->data_bytes == 0)
        return table(w, 1, 0);
    size_t at = table(w, 1, 1);
    size_t data = vector(w, spec->data_bytes, 1);
    for (uint32_t i = 0; i < spec->data_bytes; i++)
        w->bytes[data + 4 + i] = (uint8_t)tiny_weight(i);
    for (uint32_t i = 0; spec->type == 2 && i < spec->data_bytes / 4; i++)
        put(w, element(data, i), (uint32_t)tiny_bias(i), 4);
    link(w, at, 0, data);
    return at;
}

typedef struct operator_spec {
    int32_t code;
    int32_t inputs[3];
    uint32_t input_count;
    int32_t output;
    uint8_t options_type;
} operator_spec;

static size_t write_options(writer *w, int32_t code)
{
    const tiny_options *o = w->options;
    size_t at;
    switch (code) {
    case 3: /* Conv2DOptions: padding, stride_w, stride_h, activation, dilation_w, dilation_h */
        at = table(w, 6, 0x3f);
        set(w, at, 0, o->conv_padding);
        set(w, at, 1, (uint32_t)o->conv_stride);
        set(w, at, 2, (uint32_t)o->conv_stride);
        set(w, at, 3, o->conv_activation);
        set(w, at, 4, (uint32_t)o->conv_dilation);
        set(w, at, 5, (uint32_t)o->conv_dilation);
        return at;
    case 4: /* DepthwiseConv2DOptions: padding, stride_w, stride_h, multiplier, activation; dilation by
               default */
        at = table(w, 7, 0x1f);
        set(w, at, 1, 1);
        set(w, at, 2, 1);
        set(w, at, 3, 1);
        set(w, at, 4, 0);
        return at;
    case 17: /* Pool2DOptions: padding, stride_w, stride_h, filter_width, filter_height, activation */
    case 1:
        at = table(w, 6, 0x3f);
        set(w, at, 0, 1);
        set(w, at, 1, code == 17 ? 1 : 2);
        set(w, at, 2, code == 17 ? 1 : 2);
        set(w, at, 3, 2);
        set(w, at, 4, 2);
        return at;
    case 25: /* SoftmaxOptions: beta */
        at = table(w, 1, 1);
        set(w, at, 0, float_bits(o->softmax_beta));
        return at;
    default: /* all defaults */
        return table(w, 1, 0);
    }
}

static size_t write_operator(writer *w, const operator_spec *spec, uint32_t code_index)
{
    size_t at = table(w, 5, 0x1f);
    set(w, at, 0, code_index);
    set(w, at, 3, spec->options_type);
    link(w, at, 1, ints(w, spec->inputs, spec->input_count));
    link(w, at, 2, ints(w, &spec->output, 1));
    link(w, at, 4, write_options(w, spec->code));
    return at;
}

enum { OPERATORS = 8 };

static void describe_operators(const tiny_options *o, operator_spec ops[OPERATORS])
{
    const int32_t add_second = o->add_second_input == -2 ? TINY_CONV : o->add_second_input;
    const operator_spec specs[OPERATORS] = {
        {3,
         {TINY_INPUT, TINY_CONV_WEIGHTS, o->bias_absent ? -1 : TINY_CONV_BIAS},
         3,
         TINY_CONV,
         o->conv_options_type},
        {4, {TINY_CONV, TINY_DEPTHWISE_WEIGHTS, TINY_DEPTHWISE_BIAS}, 3, TINY_DEPTHWISE, 2},
        {0, {TINY_DEPTHWISE, add_second}, 2, TINY_ADD, 11},
        {17, {TINY_ADD}, 1, TINY_MAX_POOL, 5},
        {1, {TINY_MAX_POOL}, 1, TINY_AVERAGE_POOL, 5},
        {o->replace_reshape_builtin, {TINY_AVERAGE_POOL}, 1, TINY_RESHAPE, 17},
        {9, {TINY_RESHAPE, TINY_DENSE_WEIGHTS, TINY_DENSE_BIAS}, 3, TINY_DENSE, 8},
        {25, {TINY_DENSE}, 1, TINY_SOFTMAX, 9},
    };
    memcpy(ops, specs, sizeof specs);
}

static size_t write_code(writer *w, int32_t code)
{
    const bool deprecated = !w->options->codes_new_only;
    const bool modern = !w->options->codes_deprecated_only;
    size_t at = table(w, 4, (deprecated ? 1u : 0) | (modern ? 8u : 0));
    if (deprecated)
        set(w, at, 0, (uint8_t)(code > 127 ? 127 : code));
    if (modern)
        set(w, at, 3, (uint32_t)code);
    return at;
}

static size_t write_subgraph(writer *w, const tensor_spec *tensors, const operator_spec *ops)
{
    const int32_t input = TINY_INPUT;
    const int32_t output = w->options->graph_output == -2 ? TINY_SOFTMAX : w->options->graph_output;
    size_t at = table(w, 4, 0xf);
    link(w, at, 1, ints(w, &input, 1));
    link(w, at, 2, ints(w, &output, 1));
    size_t list = vector(w, TINY_TENSORS, 4);
    link(w, at, 0, list);
    for (uint32_t i = 0; i < TINY_TENSORS; i++)
        link_at(w, element(list, i), write_tensor(w, &tensors[i], i + 1));
    list = vector(w, OPERATORS, 4);
    link(w, at, 3, list);
    for (uint32_t i = 0; i < OPERATORS; i++)
        link_at(w, element(list, i), write_operator(w, &ops[i], i));
    return at;
}

tiny_options tiny_defaults(void)
{
    return (tiny_options){.schema_version = 3,
                          .subgraphs = 1,
                          .conv_dilation = 1,
                          .conv_stride = 2,
                          .conv_kernel_inputs = 2,
                          .conv_output_height = 3,
                          .conv_activation = 1,
                          .conv_options_type = 1,
                          .conv_scales = 4,
                          .weight_scale = 0.01f,
                          .weight_type = 9,
                          .activation_type = 9,
                          .activation_zero_point = -128,
                          .bias_count = 4,
                          .softmax_output_scale = 1.0f / 256,
                          .softmax_beta = 1,
                          .pool_output_scale = 0.05f,
                          .replace_reshape_builtin = 22,
                          .batch = 1,
                          .add_second_input = -2,
                          .graph_output = -2};
}

uint8_t *tiny_write(const tiny_options *options, size_t *size)
{
    writer *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    tensor_spec tensors[TINY_TENSORS];
    operator_spec ops[OPERATORS];
    w->options = options;
    describe_tensors(options, tensors);
    describe_operators(options, ops);
    put(w, 4, UINT32_C(0x334c4654), 4); /* "TFL3" */
    w->size = 8;
    size_t model = table(w, 5, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4);
    link_at(w, 0, model);
    set(w, model, 0, (uint32_t)options->schema_version);
    size_t list = vector(w, OPERATORS, 4);
    link(w, model, 1, list);
    for (uint32_t i = 0; i < OPERATORS; i++)
        link_at(w, element(list, i), write_code(w, ops[i].code));
    list = vector(w, (uint32_t)options->subgraphs, 4);
    link(w, model, 2, list);
    for (uint32_t i = 0; i < (uint32_t)options->subgraphs; i++)
        link_at(w, element(list, i), write_subgraph(w, tensors, ops));
    list = vector(w, TINY_TENSORS + 1, 4);
    link(w, model, 4, list);
    for (uint32_t i = 0; i < TINY_TENSORS + 1; i++)
        link_at(w, element(list, i), write_buffer(w, i ? &tensors[i - 1] : NULL));
    *size = w->size;
    uint8_t *bytes = malloc(w->size);
    if (!bytes)
        abort();
    memcpy(bytes, w->bytes, w->size);
    free(w);
    return bytes;
}
