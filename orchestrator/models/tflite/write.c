/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a planned .tflite file. */
#include <stdlib.h>
#include <string.h>

#include "flatbuffer_write.h"
#include "graph/graph.h"
#include "tflite/tflite.h"
#include "write_plan.h"

/* Alignment of Buffer.data (force_align in the schema): kernels read weights in place. */
#define BUFFER_ALIGNMENT 16

/* More than the combinations of operator and version that exist. */
#define MAX_CODES 96

typedef struct file_writer {
    hf_flat_writer flat;
    const hf_tflite_plan *plan;
    const hf_tflite_planned_operator *codes[MAX_CODES]; /* the first with each combination */
    uint32_t code_count;
} file_writer;

static uint32_t operator_count(const hf_tflite_plan *plan)
{
    return (uint32_t)(plan->operators.size / sizeof(hf_tflite_planned_operator));
}

static const hf_tflite_planned_operator *operator_at(const hf_tflite_plan *plan, uint32_t i)
{
    return (const hf_tflite_planned_operator *)(const void *)plan->operators.data + i;
}

static const int32_t *operands_at(const hf_tflite_plan *plan, uint32_t at)
{
    return (const int32_t *)(const void *)plan->operands.data + at;
}

static bool is_constant(const hf_tflite_planned_tensor *tensor)
{
    return tensor->bytes || tensor->bias || tensor->int_count > 0;
}

/* ---- Tables ---- */

/* @param code index of the operator's code in the list of codes */
static size_t write_operator(hf_flat_writer *flat, const hf_tflite_plan *plan,
                             const hf_tflite_planned_operator *op, int32_t code)
{
    const bool options = op->put_options != NULL;
    size_t at = hf_flat_put_table(flat, options ? "44414" : "444--");
    hf_flat_set_i32(flat, at, OPERATOR_CODE_INDEX, code);
    hf_flat_link(flat, at, OPERATOR_INPUTS,
                 hf_flat_put_ints(flat, operands_at(plan, op->input_at), op->input_count));
    hf_flat_link(flat, at, OPERATOR_OUTPUTS,
                 hf_flat_put_ints(flat, operands_at(plan, op->output_at), op->output_count));
    if (options) {
        hf_flat_set_u8(flat, at, OPERATOR_OPTIONS_TYPE, op->options_type);
        hf_flat_link(flat, at, OPERATOR_OPTIONS, op->put_options(flat, plan, op));
    }
    return at;
}

static size_t write_channel_scales(hf_flat_writer *flat, const hf_tflite_planned_tensor *tensor)
{
    size_t at = hf_flat_put_floats(flat, tensor->channels->weight_scales, (uint32_t)tensor->channel_count);
    if (tensor->channel_factor != 1.0f && !flat->bytes.failed)
        for (int32_t c = 0; c < tensor->channel_count; c++) {
            float scale = tensor->channel_factor * tensor->channels->weight_scales[c];
            hf_flat_set_float_element(flat, at, (uint32_t)c, scale);
        }
    return at;
}

static size_t write_quantization(hf_flat_writer *flat, const hf_tflite_planned_tensor *tensor)
{
    const uint32_t count = tensor->channels ? (uint32_t)tensor->channel_count : 1;
    size_t at = hf_flat_put_table(flat, tensor->channels ? "--44--4" : "--44");
    hf_flat_link(flat, at, QUANT_SCALE,
                 tensor->channels ? write_channel_scales(flat, tensor)
                                  : hf_flat_put_floats(flat, &tensor->quant.scale, 1));
    hf_flat_link(flat, at, QUANT_ZERO_POINT, hf_flat_put_longs(flat, tensor->quant.zero_point, count));
    if (tensor->channels)
        hf_flat_set_i32(flat, at, QUANT_DIMENSION, tensor->channel_dimension);
    return at;
}

/* @param buffer 0 for activations: the empty buffer */
static size_t write_tensor(hf_flat_writer *flat, const hf_tflite_planned_tensor *tensor, uint32_t buffer)
{
    const bool quantised = tensor->channels || tensor->quant.scale > 0.0f;
    const char *layout = tensor->variable ? "414441" : quantised ? "41444" : "4144-";
    size_t at = hf_flat_put_table(flat, layout);
    if (tensor->variable)
        hf_flat_set_u8(flat, at, TENSOR_IS_VARIABLE, 1);
    hf_flat_set_u8(flat, at, TENSOR_TYPE, tensor->type);
    hf_flat_set_i32(flat, at, TENSOR_BUFFER, (int32_t)buffer);
    hf_flat_link(flat, at, TENSOR_SHAPE, hf_flat_put_ints(flat, tensor->shape, tensor->rank));
    hf_flat_link(flat, at, TENSOR_NAME, hf_flat_put_string(flat, tensor->name));
    if (quantised)
        hf_flat_link(flat, at, TENSOR_QUANTIZATION, write_quantization(flat, tensor));
    return at;
}

static uint32_t value_bytes(uint8_t type)
{
    return type == TYPE_INT64 ? 8 : type == TYPE_INT16 ? 2 : 1;
}

static size_t write_buffer(hf_flat_writer *flat, const hf_tflite_planned_tensor *tensor)
{
    size_t at = hf_flat_put_table(flat, "4");
    uint64_t count = 1;
    for (uint32_t d = 0; d < tensor->rank; d++)
        count *= (uint64_t)tensor->shape[d];
    size_t data;
    if (count > HF_TFLITE_MAX_BYTES) { /* would exceed the limit of the buffer, which reports it */
        flat->bytes.failed = true;
        return at;
    }
    if (tensor->bytes)
        data = hf_flat_put_bytes(flat, tensor->bytes, (uint32_t)count * value_bytes(tensor->type),
                                 BUFFER_ALIGNMENT);
    else
        data = hf_flat_put_int_bytes(flat, tensor->bias ? tensor->bias : tensor->ints, (uint32_t)count,
                                     BUFFER_ALIGNMENT);
    hf_flat_link(flat, at, BUFFER_DATA, data);
    return at;
}

/* The constants of the main subgraph come first, then those of the one that runs once. */
static void write_buffers(file_writer *writer, size_t model)
{
    hf_flat_writer *flat = &writer->flat;
    uint32_t count = 1; /* buffer 0 is empty by convention */
    for (const hf_tflite_plan *plan = writer->plan; plan; plan = plan->once)
        for (uint32_t t = 0; t < hf_tflite_plan_tensor_count(plan); t++)
            count += is_constant(hf_tflite_plan_tensor(plan, (int32_t)t));
    size_t list = hf_flat_put_vector(flat, count);
    hf_flat_link(flat, model, MODEL_BUFFERS, list);
    hf_flat_link_element(flat, list, 0, hf_flat_put_table(flat, ""));
    uint32_t buffer = 1;
    for (const hf_tflite_plan *plan = writer->plan; plan; plan = plan->once)
        for (uint32_t t = 0; t < hf_tflite_plan_tensor_count(plan); t++) {
            const hf_tflite_planned_tensor *tensor = hf_tflite_plan_tensor(plan, (int32_t)t);
            if (is_constant(tensor))
                hf_flat_link_element(flat, list, buffer++, write_buffer(flat, tensor));
        }
}

/* Index of an operator's code in the list, which has an entry for each combination of builtin and version. */
static int32_t operator_code_index(file_writer *writer, const hf_tflite_planned_operator *op)
{
    for (uint32_t c = 0; c < writer->code_count; c++)
        if (writer->codes[c]->builtin == op->builtin && writer->codes[c]->version == op->version)
            return (int32_t)c;
    writer->codes[writer->code_count] = op;
    return (int32_t)writer->code_count++;
}

static void write_codes(file_writer *writer, size_t model)
{
    hf_flat_writer *flat = &writer->flat;
    size_t list = hf_flat_put_vector(flat, writer->code_count);
    hf_flat_link(flat, model, MODEL_OPERATOR_CODES, list);
    for (uint32_t c = 0; c < writer->code_count; c++) {
        const hf_tflite_planned_operator *op = writer->codes[c];
        size_t at = hf_flat_put_table(flat, "1-44");
        hf_flat_set_u8(flat, at, OPERATOR_CODE_DEPRECATED,
                       (uint8_t)(op->builtin > INT8_MAX ? INT8_MAX : op->builtin));
        hf_flat_set_i32(flat, at, OPERATOR_CODE_VERSION, op->version);
        hf_flat_set_i32(flat, at, OPERATOR_CODE_BUILTIN, op->builtin);
        hf_flat_link_element(flat, list, c, at);
    }
}

/* @param buffer of its first constant; changed to that of the next subgraph's */
static size_t write_subgraph(file_writer *writer, const hf_tflite_plan *plan, const char *name,
                             uint32_t *buffer)
{
    hf_flat_writer *flat = &writer->flat;
    size_t at = hf_flat_put_table(flat, "44444");
    hf_flat_link(flat, at, SUBGRAPH_INPUTS, hf_flat_put_ints(flat, plan->inputs, plan->input_count));
    hf_flat_link(flat, at, SUBGRAPH_OUTPUTS, hf_flat_put_ints(flat, plan->outputs, plan->output_count));
    hf_flat_link(flat, at, SUBGRAPH_NAME, hf_flat_put_string(flat, name));
    const uint32_t tensors = hf_tflite_plan_tensor_count(plan);
    size_t list = hf_flat_put_vector(flat, tensors);
    hf_flat_link(flat, at, SUBGRAPH_TENSORS, list);
    for (uint32_t t = 0; t < tensors; t++) {
        const hf_tflite_planned_tensor *tensor = hf_tflite_plan_tensor(plan, (int32_t)t);
        hf_flat_link_element(flat, list, t,
                             write_tensor(flat, tensor, is_constant(tensor) ? (*buffer)++ : 0));
    }
    list = hf_flat_put_vector(flat, operator_count(plan));
    hf_flat_link(flat, at, SUBGRAPH_OPERATORS, list);
    for (uint32_t o = 0; o < operator_count(plan); o++) {
        const hf_tflite_planned_operator *op = operator_at(plan, o);
        const int32_t code = operator_code_index(writer, op);
        hf_flat_link_element(flat, list, o, write_operator(flat, plan, op, code));
    }
    return at;
}

static void write_subgraphs(file_writer *writer, size_t model)
{
    hf_flat_writer *flat = &writer->flat;
    uint32_t buffer = 1;
    const hf_tflite_plan *once = writer->plan->once;
    size_t list = hf_flat_put_vector(flat, once ? 2 : 1);
    hf_flat_link(flat, model, MODEL_SUBGRAPHS, list);
    hf_flat_link_element(flat, list, 0, write_subgraph(writer, writer->plan, "main", &buffer));
    if (once)
        hf_flat_link_element(flat, list, 1, write_subgraph(writer, once, "initial", &buffer));
}

static void write_model(file_writer *writer)
{
    hf_flat_writer *flat = &writer->flat;
    hf_flat_begin(flat, "TFL3");
    size_t model = hf_flat_put_table(flat, "44444");
    hf_flat_link_root(flat, model);
    hf_flat_set_i32(flat, model, MODEL_VERSION, TFLITE_SCHEMA_VERSION);
    hf_flat_link(flat, model, MODEL_DESCRIPTION, hf_flat_put_string(flat, writer->plan->graph->name));
    write_subgraphs(writer, model);
    write_codes(writer, model);
    write_buffers(writer, model);
}

hf_status hf_tflite_write(const hf_graph *graph, uint8_t **bytes, size_t *size, hf_error *err)
{
    hf_tflite_plan plan;
    hf_status status = hf_tflite_plan_make(graph, &plan, err);
    if (status)
        return status;
    file_writer writer = {.plan = &plan, .flat = {.bytes = {.limit = HF_TFLITE_MAX_BYTES}}};
    write_model(&writer);
    hf_tflite_plan_free(&plan);
    const size_t written = writer.flat.bytes.size;
    char *data = hf_buffer_take(&writer.flat.bytes);
    if (!data) {
        hf_buffer_free(&writer.flat.bytes);
        return HF_FAIL(err, HF_ELIMIT,
                       "%s: the .tflite file needs more than %u bytes, or memory is exhausted", graph->name,
                       HF_TFLITE_MAX_BYTES);
    }
    *bytes = (uint8_t *)data;
    *size = written;
    return HF_OK;
}
