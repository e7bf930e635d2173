/* SPDX-License-Identifier: Apache-2.0 */
#include "converter_model.h"

#include "flatbuffer_write.h"
#include "hf_test.h"

int32_t model_add_tensor(converter_model *m, model_tensor tensor)
{
    assert_in_range(m->tensor_count, 0, MODEL_MAX - 1);
    m->tensors[m->tensor_count] = tensor;
    return (int32_t)m->tensor_count++;
}

int32_t model_add_activation(converter_model *m, int32_t height, int32_t width, int32_t channels)
{
    return model_add_tensor(m, (model_tensor){.shape = {1, height, width, channels},
                                              .rank = 4,
                                              .type = TYPE_INT8,
                                              .scale = 1.0f / 16,
                                              .zero_point = 3});
}

int32_t model_add_vector(converter_model *m, int32_t channels)
{
    return model_add_tensor(
        m, (model_tensor){
               .shape = {1, channels}, .rank = 2, .type = TYPE_INT8, .scale = 1.0f / 16, .zero_point = 3});
}

int32_t model_add_ints(converter_model *m, uint32_t count, const int32_t *values)
{
    model_tensor tensor = {.shape = {(int32_t)count}, .rank = 1, .type = TYPE_INT32, .int_count = count};
    memcpy(tensor.ints, values, count * sizeof *values);
    return model_add_tensor(m, tensor);
}

void model_add_operator(converter_model *m, model_operator op)
{
    assert_in_range(m->operator_count, 0, MODEL_MAX - 1);
    m->operators[m->operator_count++] = op;
}

static size_t write_tensor(hf_flat_writer *flat, const model_tensor *tensor, uint32_t buffer)
{
    const bool quantised = tensor->scale > 0;
    size_t at = hf_flat_put_table(flat, quantised ? "414-4" : "414");
    hf_flat_set_u8(flat, at, TENSOR_TYPE, tensor->type);
    hf_flat_set_i32(flat, at, TENSOR_BUFFER, (int32_t)buffer);
    hf_flat_link(flat, at, TENSOR_SHAPE, hf_flat_put_ints(flat, tensor->shape, tensor->rank));
    if (quantised) {
        size_t quant = hf_flat_put_table(flat, "--44--4");
        hf_flat_link(flat, at, TENSOR_QUANTIZATION, quant);
        hf_flat_link(flat, quant, QUANT_SCALE, hf_flat_put_floats(flat, &tensor->scale, 1));
        hf_flat_link(flat, quant, QUANT_ZERO_POINT, hf_flat_put_longs(flat, tensor->zero_point, 1));
        hf_flat_set_i32(flat, quant, QUANT_DIMENSION, tensor->quantized_dimension);
    }
    return at;
}

static size_t write_operator(hf_flat_writer *flat, const model_operator *op, uint32_t index)
{
    size_t at = hf_flat_put_table(flat, op->layout ? "44414" : "444");
    hf_flat_set_i32(flat, at, OPERATOR_CODE_INDEX, (int32_t)index);
    hf_flat_link(flat, at, OPERATOR_INPUTS, hf_flat_put_ints(flat, op->inputs, op->input_count));
    hf_flat_link(flat, at, OPERATOR_OUTPUTS, hf_flat_put_ints(flat, op->outputs, op->output_count));
    if (!op->layout)
        return at;
    hf_flat_set_u8(flat, at, OPERATOR_OPTIONS_TYPE, op->options_type);
    size_t options = hf_flat_put_table(flat, op->layout);
    hf_flat_link(flat, at, OPERATOR_OPTIONS, options);
    for (uint32_t field = 0; op->layout[field]; field++)
        if (op->layout[field] == '4')
            hf_flat_set_i32(flat, options, field, op->options[field]);
        else if (op->layout[field] == '1')
            hf_flat_set_u8(flat, options, field, (uint8_t)op->options[field]);
    return at;
}

static size_t write_buffer(hf_flat_writer *flat, const model_tensor *tensor)
{
    if (tensor->int_count == 0 && tensor->byte_count == 0)
        return hf_flat_put_table(flat, "");
    size_t at = hf_flat_put_table(flat, "4");
    hf_flat_link(flat, at, BUFFER_DATA,
                 tensor->int_count ? hf_flat_put_int_bytes(flat, tensor->ints, tensor->int_count, 16)
                                   : hf_flat_put_bytes(flat, tensor->bytes, tensor->byte_count, 16));
    return at;
}

static void write_subgraph(hf_flat_writer *flat, const converter_model *m, size_t subgraph)
{
    hf_flat_link(flat, subgraph, SUBGRAPH_INPUTS, hf_flat_put_ints(flat, &m->input, 1));
    hf_flat_link(flat, subgraph, SUBGRAPH_OUTPUTS, hf_flat_put_ints(flat, &m->output, 1));
    size_t list = hf_flat_put_vector(flat, m->tensor_count);
    hf_flat_link(flat, subgraph, SUBGRAPH_TENSORS, list);
    for (uint32_t t = 0; t < m->tensor_count; t++)
        hf_flat_link_element(flat, list, t, write_tensor(flat, &m->tensors[t], t + 1));
    list = hf_flat_put_vector(flat, m->operator_count);
    hf_flat_link(flat, subgraph, SUBGRAPH_OPERATORS, list);
    for (uint32_t o = 0; o < m->operator_count; o++)
        hf_flat_link_element(flat, list, o, write_operator(flat, &m->operators[o], o));
}

uint8_t *model_write(const converter_model *m, size_t *size)
{
    hf_flat_writer flat = {.bytes = HF_BUFFER_INIT};
    hf_flat_begin(&flat, "TFL3");
    size_t model = hf_flat_put_table(&flat, "444-4");
    hf_flat_link_root(&flat, model);
    hf_flat_set_i32(&flat, model, MODEL_VERSION, TFLITE_SCHEMA_VERSION);
    size_t list = hf_flat_put_vector(&flat, m->operator_count);
    hf_flat_link(&flat, model, MODEL_OPERATOR_CODES, list);
    for (uint32_t o = 0; o < m->operator_count; o++) {
        size_t code = hf_flat_put_table(&flat, "---4");
        hf_flat_set_i32(&flat, code, OPERATOR_CODE_BUILTIN, m->operators[o].builtin);
        hf_flat_link_element(&flat, list, o, code);
    }
    list = hf_flat_put_vector(&flat, 1);
    hf_flat_link(&flat, model, MODEL_SUBGRAPHS, list);
    size_t subgraph = hf_flat_put_table(&flat, "4444");
    hf_flat_link_element(&flat, list, 0, subgraph);
    write_subgraph(&flat, m, subgraph);
    list = hf_flat_put_vector(&flat, m->tensor_count + 1);
    hf_flat_link(&flat, model, MODEL_BUFFERS, list);
    hf_flat_link_element(&flat, list, 0, hf_flat_put_table(&flat, ""));
    for (uint32_t t = 0; t < m->tensor_count; t++)
        hf_flat_link_element(&flat, list, t + 1, write_buffer(&flat, &m->tensors[t]));
    *size = flat.bytes.size;
    uint8_t *bytes = (uint8_t *)hf_buffer_take(&flat.bytes);
    assert_non_null(bytes);
    return bytes;
}
