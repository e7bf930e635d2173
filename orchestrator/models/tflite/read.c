/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "tflite/tflite.h"

#define MAX_TENSORS 65536

static hf_status single_tensor(hf_tflite *tflite, hf_flat_table subgraph, uint32_t field, const char *role,
                               int32_t *out)
{
    hf_flat_vector tensors = hf_flat_subvector(&tflite->file, subgraph, field, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (tensors.count != 1)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "the model has %u %ss, expected one", tensors.count,
                           role);
    *out = hf_flat_i32_at(&tflite->file, tensors, 0);
    return hf_tflite_check(tflite);
}

/* If an operator quantises the model's float input, its output is the graph's input. */
static hf_status skip_input_quantize(hf_tflite *tflite, int32_t *index)
{
    const int32_t reader = tflite->consumers[*index];
    int32_t builtin = -1;
    hf_status status = HF_OK;
    hf_flat_table table = {0};
    if (reader >= 0) {
        table = hf_flat_table_at(&tflite->file, tflite->operators, (uint32_t)reader);
        status = hf_tflite_builtin_code(tflite, table, &builtin);
    }
    if (status || builtin != BUILTIN_QUANTIZE)
        return status;
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    int32_t quantized = hf_flat_i32_at(&tflite->file, outputs, 0);
    if ((status = hf_tflite_check(tflite)))
        return status;
    tflite->input_quantize = reader;
    *index = quantized;
    return HF_OK;
}

static hf_status read_input(hf_tflite *tflite, hf_flat_table subgraph)
{
    int32_t index = -1;
    hf_tflite_tensor tensor;
    hf_tensor input;
    hf_status status;
    if ((status = single_tensor(tflite, subgraph, SUBGRAPH_INPUTS, "input", &index)) ||
        (status = hf_tflite_tensor_read(tflite, index, "model input", &tensor)))
        return status;
    if (tensor.type == TYPE_FLOAT32 &&
        ((status = skip_input_quantize(tflite, &index)) ||
         (status = hf_tflite_tensor_read(tflite, index, "model input", &tensor))))
        return status;
    if ((status = hf_tflite_activation(tflite, &tensor, &input)) ||
        (status = hf_graph_new(tflite->name, input.height, input.width, input.channels, &tflite->graph,
                               tflite->err)))
        return status;
    tflite->graph->tensors[tflite->graph->input].quant = input.quant;
    tflite->tensor_map[index] = tflite->graph->input;
    return HF_OK;
}

static hf_status read_operators(hf_tflite *tflite)
{
    hf_status status;
    for (uint32_t i = 0; i < tflite->operators.count; i++) {
        tflite->operator_index = (int32_t)i;
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "unknown");
        hf_flat_table operator_table = hf_flat_table_at(&tflite->file, tflite->operators, i);
        if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_read_operator(tflite, operator_table)))
            return status;
    }
    tflite->operator_index = -1;
    return HF_OK;
}

static hf_status read_output(hf_tflite *tflite, hf_flat_table subgraph)
{
    int32_t index = -1;
    hf_status status = single_tensor(tflite, subgraph, SUBGRAPH_OUTPUTS, "output", &index);
    if (status)
        return status;
    if (index < 0 || (uint32_t)index >= tflite->tensors.count || tflite->tensor_map[index] < 0 ||
        tflite->tensor_map[index] == tflite->graph->input)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "model output (tensor %d) is not the output of any operator",
                           index);
    return hf_graph_finish(tflite->graph, tflite->tensor_map[index], tflite->err);
}

/* Allocates the tables with an entry per tensor and fills in the consumers. */
static hf_status prepare_tensors(hf_tflite *tflite, hf_flat_table subgraph)
{
    const uint32_t count = tflite->tensors.count;
    if (count > MAX_TENSORS)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "the model has %u tensors, at most %d are supported", count,
                           MAX_TENSORS);
    if (tflite->operators.count > HF_GRAPH_MAX_NODES)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "the model has %u operators, at most %d are supported",
                           tflite->operators.count, HF_GRAPH_MAX_NODES);
    tflite->tensor_map = malloc((count + 1) * sizeof *tflite->tensor_map);
    tflite->consumers = malloc((count + 1) * sizeof *tflite->consumers);
    tflite->views = calloc(count + 1, sizeof *tflite->views);
    if (!tflite->tensor_map || !tflite->consumers || !tflite->views)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %u tensors", count);
    for (uint32_t i = 0; i < count; i++) {
        tflite->tensor_map[i] = HF_TFLITE_UNKNOWN;
        tflite->consumers[i] = HF_TFLITE_NO_CONSUMER;
    }
    int32_t output = -1;
    hf_status status;
    if ((status = hf_tflite_find_consumers(tflite)) ||
        (status = single_tensor(tflite, subgraph, SUBGRAPH_OUTPUTS, "output", &output)))
        return status;
    if (output >= 0 && (uint32_t)output < count)
        tflite->consumers[output] = HF_TFLITE_MANY_CONSUMERS;
    return HF_OK;
}

static hf_status read_model(hf_tflite *tflite)
{
    hf_flat_file *file = &tflite->file;
    hf_flat_table model = hf_flat_root(file);
    int32_t version = hf_flat_i32(file, model, MODEL_VERSION, 0);
    tflite->operator_codes = hf_flat_subvector(file, model, MODEL_OPERATOR_CODES, 4);
    tflite->buffers = hf_flat_subvector(file, model, MODEL_BUFFERS, 4);
    hf_flat_vector subgraphs = hf_flat_subvector(file, model, MODEL_SUBGRAPHS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (version != TFLITE_SCHEMA_VERSION)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "schema version %d, expected %d", version,
                           TFLITE_SCHEMA_VERSION);
    if (subgraphs.count != 1)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "the model has %u subgraphs, expected one",
                           subgraphs.count);
    hf_flat_table subgraph = hf_flat_table_at(file, subgraphs, 0);
    tflite->tensors = hf_flat_subvector(file, subgraph, SUBGRAPH_TENSORS, 4);
    tflite->operators = hf_flat_subvector(file, subgraph, SUBGRAPH_OPERATORS, 4);
    if ((status = hf_tflite_check(tflite)) || (status = prepare_tensors(tflite, subgraph)) ||
        (status = read_input(tflite, subgraph)) || (status = read_operators(tflite)))
        return status;
    return read_output(tflite, subgraph);
}

hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err)
{
    hf_tflite tflite = {.name = name,
                        .file = {.bytes = bytes, .size = size},
                        .operator_index = -1,
                        .input_quantize = -1,
                        .err = err};
    if (size > HF_TFLITE_MAX_BYTES)
        return TFLITE_FAIL(&tflite, HF_ELIMIT, "the file has %zu bytes, at most %u are supported", size,
                           HF_TFLITE_MAX_BYTES);
    if (size < 8 || memcmp(bytes + 4, "TFL3", 4) != 0)
        return TFLITE_FAIL(&tflite, HF_EFORMAT, "not a TensorFlow Lite file: expected \"TFL3\" at byte 4");
    hf_status status = read_model(&tflite);
    free(tflite.tensor_map);
    free(tflite.consumers);
    free(tflite.views);
    if (status) {
        hf_graph_free(tflite.graph);
        return status;
    }
    *out = tflite.graph;
    return HF_OK;
}
