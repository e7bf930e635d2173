/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tflite_file.h"

#define MAX_TENSORS 65536

void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
{
    char message[384];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (tflite->operator_index < 0)
        hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: %s", tflite->name, message);
    else
        hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: operator %d (%s): %s",
                     tflite->name, tflite->operator_index, tflite->operator_name, message);
}

hf_status hf_tflite_check(hf_tflite *tflite)
{
    if (!tflite->file.problem)
        return HF_OK;
    return TFLITE_FAIL(tflite, HF_EFORMAT, "malformed file: %s (near byte %zu)", tflite->file.problem,
                       tflite->file.problem_at);
}

/* The one input or output of the graph. */
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

static hf_status read_input(hf_tflite *tflite, hf_flat_table subgraph)
{
    int32_t index = -1;
    hf_tflite_tensor tensor;
    hf_tensor input;
    hf_status status;
    if ((status = single_tensor(tflite, subgraph, SUBGRAPH_INPUTS, "input", &index)) ||
        (status = hf_tflite_tensor_read(tflite, index, &tensor)) ||
        (status = hf_tflite_activation(tflite, &tensor, &input)) ||
        (status = hf_graph_new(tflite->name, input.height, input.width, input.channels, &tflite->graph,
                               tflite->err)))
        return status;
    tflite->graph->tensors[tflite->graph->input].quant = input.quant;
    tflite->tensor_map[index] = tflite->graph->input;
    return HF_OK;
}

static hf_status read_operators(hf_tflite *tflite, hf_flat_table subgraph)
{
    hf_flat_vector operators = hf_flat_subvector(&tflite->file, subgraph, SUBGRAPH_OPERATORS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (operators.count > HF_GRAPH_MAX_NODES)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "%u operators, at most %d are supported", operators.count,
                           HF_GRAPH_MAX_NODES);
    for (uint32_t i = 0; i < operators.count; i++) {
        tflite->operator_index = (int32_t)i;
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "unread");
        hf_flat_table operator_table = hf_flat_table_at(&tflite->file, operators, i);
        if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_operator(tflite, operator_table)))
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
        return TFLITE_FAIL(tflite, HF_EFORMAT, "no operator computes the model's output, tensor %d", index);
    return hf_graph_finish(tflite->graph, tflite->tensor_map[index], tflite->err);
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
    if (version != 3)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "schema version %d, expected 3", version);
    if (subgraphs.count != 1)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "%u subgraphs, expected one", subgraphs.count);
    hf_flat_table subgraph = hf_flat_table_at(file, subgraphs, 0);
    tflite->tensors = hf_flat_subvector(file, subgraph, SUBGRAPH_TENSORS, 4);
    if ((status = hf_tflite_check(tflite)))
        return status;
    if (tflite->tensors.count > MAX_TENSORS)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "%u tensors, at most %d are supported", tflite->tensors.count,
                           MAX_TENSORS);
    tflite->tensor_map = malloc((tflite->tensors.count + 1) * sizeof *tflite->tensor_map);
    if (!tflite->tensor_map)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %u tensors", tflite->tensors.count);
    memset(tflite->tensor_map, 0xff, (tflite->tensors.count + 1) * sizeof *tflite->tensor_map); /* all -1 */
    if ((status = read_input(tflite, subgraph)) || (status = read_operators(tflite, subgraph)))
        return status;
    return read_output(tflite, subgraph);
}

hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err)
{
    hf_tflite tflite = {
        .name = name, .file = {.bytes = bytes, .size = size}, .operator_index = -1, .err = err};
    if (size > HF_TFLITE_MAX_BYTES)
        return TFLITE_FAIL(&tflite, HF_ELIMIT, "%zu bytes, at most %u are supported", size,
                           HF_TFLITE_MAX_BYTES);
    if (size < 8 || memcmp(bytes + 4, "TFL3", 4) != 0)
        return TFLITE_FAIL(&tflite, HF_EFORMAT, "not a TensorFlow Lite file (no \"TFL3\" at byte 4)");
    hf_status status = read_model(&tflite);
    free(tflite.tensor_map);
    if (status) {
        hf_graph_free(tflite.graph);
        return status;
    }
    *out = tflite.graph;
    return HF_OK;
}
