/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "tflite/tflite.h"

#define MAX_TENSORS 65536

/* Whether an operator reads the output of one that was refused. */
static bool depends_on_refused(hf_tflite *tflite, hf_flat_table table)
{
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    for (uint32_t i = 0; i < inputs.count; i++) {
        const int32_t tensor = hf_flat_i32_at(&tflite->file, inputs, i);
        if (tensor >= 0 && (uint32_t)tensor < tflite->tensors.count &&
            tflite->tensor_map[tensor] == HF_TFLITE_REFUSED)
            return true;
    }
    return false;
}

static void refuse_outputs(hf_tflite *tflite, hf_flat_table table)
{
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    for (uint32_t i = 0; i < outputs.count; i++) {
        const int32_t tensor = hf_flat_i32_at(&tflite->file, outputs, i);
        if (tensor >= 0 && (uint32_t)tensor < tflite->tensors.count)
            tflite->tensor_map[tensor] = HF_TFLITE_REFUSED;
    }
}

/* Reads all operators, also behind one that is refused, so that the message can name all obstacles.
 * @param readable whether the graph has its input */
static hf_status read_operators(hf_tflite *tflite, bool readable)
{
    hf_status status;
    for (uint32_t i = 0; i < tflite->operators.count; i++) {
        tflite->operator_index = (int32_t)i;
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "unknown");
        hf_flat_table table = hf_flat_table_at(&tflite->file, tflite->operators, i);
        if ((status = hf_tflite_check(tflite)))
            return status;
        const bool refused = !readable || depends_on_refused(tflite, table);
        status = refused ? hf_tflite_check_operator(tflite, table) : hf_tflite_read_operator(tflite, table);
        if (status == HF_EUNSUPPORTED)
            hf_tflite_note_obstacle(tflite);
        else if (status)
            return status;
        if (refused || status == HF_EUNSUPPORTED)
            refuse_outputs(tflite, table);
    }
    tflite->operator_index = -1;
    return hf_tflite_check(tflite);
}

/* Allocates the tables with an entry per tensor and fills in the consumers. */
static hf_status prepare_tensors(hf_tflite *tflite, hf_flat_table subgraph)
{
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, subgraph, SUBGRAPH_OUTPUTS, 4);
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
    tflite->spreads = calloc(count + 1, sizeof *tflite->spreads);
    tflite->float_tail = malloc((count + 1) * sizeof *tflite->float_tail);
    tflite->handles = malloc((count + 1) * sizeof *tflite->handles);
    tflite->value_type = calloc(count + 1, 1);
    if (!tflite->tensor_map || !tflite->consumers || !tflite->views || !tflite->spreads ||
        !tflite->float_tail || !tflite->handles || !tflite->value_type)
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %u tensors", count);
    for (uint32_t i = 0; i < count; i++) {
        tflite->tensor_map[i] = HF_TFLITE_UNKNOWN;
        tflite->consumers[i] = HF_TFLITE_NO_CONSUMER;
        tflite->float_tail[i] = -1;
        tflite->handles[i] = -1;
    }
    hf_status status;
    if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_find_consumers(tflite)))
        return status;
    for (uint32_t i = 0; i < outputs.count && i < HF_TFLITE_MAX_PORTS; i++) {
        const int32_t output = hf_flat_i32_at(&tflite->file, outputs, i);
        if (output >= 0 && (uint32_t)output < count)
            tflite->consumers[output] = HF_TFLITE_MANY_CONSUMERS;
    }
    return hf_tflite_check(tflite);
}

static hf_status read_model(hf_tflite *tflite)
{
    hf_flat_file *file = &tflite->file;
    hf_flat_table model = hf_flat_root(file);
    int32_t version = hf_flat_i32(file, model, MODEL_VERSION, 0);
    tflite->operator_codes = hf_flat_subvector(file, model, MODEL_OPERATOR_CODES, 4);
    tflite->buffers = hf_flat_subvector(file, model, MODEL_BUFFERS, 4);
    tflite->subgraphs = hf_flat_subvector(file, model, MODEL_SUBGRAPHS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (version != TFLITE_SCHEMA_VERSION)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "schema version %d, expected %d", version,
                           TFLITE_SCHEMA_VERSION);
    if (tflite->subgraphs.count < 1)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "the model has no subgraph, expected at least one");
    hf_flat_table subgraph = hf_flat_table_at(file, tflite->subgraphs, 0); /* others only set variables */
    tflite->tensors = hf_flat_subvector(file, subgraph, SUBGRAPH_TENSORS, 4);
    tflite->operators = hf_flat_subvector(file, subgraph, SUBGRAPH_OPERATORS, 4);
    if ((status = hf_tflite_check(tflite)) || (status = prepare_tensors(tflite, subgraph)) ||
        (status = hf_tflite_find_variables(tflite)))
        return status;
    status = hf_tflite_read_inputs(tflite, subgraph);
    if (status && status != HF_EUNSUPPORTED)
        return status;
    const bool readable = status == HF_OK;
    if (!readable)
        hf_tflite_note_obstacle(tflite);
    if ((status = read_operators(tflite, readable)) || (status = hf_tflite_fail_obstacles(tflite)))
        return status;
    return hf_tflite_read_outputs(tflite, subgraph);
}

hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err)
{
    hf_error own; /* cleared after each obstacle */
    hf_error_clear(&own);
    hf_tflite tflite = {
        .name = name, .file = {.bytes = bytes, .size = size}, .operator_index = -1, .err = &own};
    if (size > HF_TFLITE_MAX_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "%.80s: the file has %zu bytes, at most %u are supported", name, size,
                       HF_TFLITE_MAX_BYTES);
    if (size < 8 || memcmp(bytes + 4, "TFL3", 4) != 0)
        return HF_FAIL(err, HF_EFORMAT, "%.80s: not a TensorFlow Lite file: expected \"TFL3\" at byte 4",
                       name);
    hf_status status = read_model(&tflite);
    if (status)
        (void)hf_error_pass(err, &own); /* status: the same */
    free(tflite.tensor_map);
    free(tflite.consumers);
    free(tflite.views);
    free(tflite.spreads);
    free(tflite.float_tail);
    free(tflite.handles);
    free(tflite.value_type);
    free(tflite.variables);
    for (uint32_t i = 0; i < tflite.port_count; i++)
        free(tflite.ports[i].port.initial);
    if (status) {
        hf_graph_free(tflite.graph);
        return status;
    }
    *out = tflite.graph;
    return HF_OK;
}
