/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE use it, and CALL_ONCE runs a subgraph that
 * assigns its initial value, a constant. The graph takes its value from the input tensor and puts the next one into
 * the output tensor.
 */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

enum { VAR_HANDLE_CONTAINER, VAR_HANDLE_SHARED_NAME };
enum { CALL_ONCE_SUBGRAPH };
enum { OPTIONS_CALL_ONCE = 103, OPTIONS_VAR_HANDLE = 111 };

#define MAX_VARIABLES 256

static bool same_text(const hf_tflite *tflite, hf_flat_vector a, hf_flat_vector b)
{
    return a.count == b.count &&
           (a.count == 0 || memcmp(tflite->file.bytes + a.at, tflite->file.bytes + b.at, a.count) == 0);
}

static hf_status add_variable(hf_tflite *tflite, const hf_tflite_variable *variable)
{
    if (tflite->variable_count == MAX_VARIABLES)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "more than %d variables", MAX_VARIABLES);
    if (!tflite->variables && !(tflite->variables = calloc(MAX_VARIABLES, sizeof *tflite->variables)))
        return TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for variables");
    tflite->variables[tflite->variable_count++] = *variable;
    return HF_OK;
}

/* The variable that an operator is a handle of, added if it is new. */
static hf_status handle_of(hf_tflite *tflite, hf_flat_table table, int32_t *variable)
{
    hf_flat_file *file = &tflite->file;
    hf_flat_table options = hf_flat_subtable(file, table, OPERATOR_OPTIONS);
    hf_tflite_variable found = {.container = hf_flat_subvector(file, options, VAR_HANDLE_CONTAINER, 1),
                                .shared_name = hf_flat_subvector(file, options, VAR_HANDLE_SHARED_NAME, 1),
                                .read = -1,
                                .current = -1,
                                .state_tensor = -1};
    const uint8_t type = hf_flat_u8(file, table, OPERATOR_OPTIONS_TYPE, 0);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (type != OPTIONS_VAR_HANDLE)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "its builtin_options have type %u, expected %d", type,
                           OPTIONS_VAR_HANDLE);
    for (uint32_t v = 0; v < tflite->variable_count; v++)
        if (tflite->variables[v].state_tensor < 0 &&
            same_text(tflite, tflite->variables[v].container, found.container) &&
            same_text(tflite, tflite->variables[v].shared_name, found.shared_name)) {
            *variable = (int32_t)v;
            return HF_OK;
        }
    *variable = (int32_t)tflite->variable_count;
    return add_variable(tflite, &found);
}

static hf_status operand(hf_tflite *tflite, hf_flat_table table, uint32_t field, uint32_t i, int32_t *out)
{
    hf_flat_vector tensors = hf_flat_subvector(&tflite->file, table, field, 4);
    *out = hf_flat_i32_at(&tflite->file, tensors, i);
    hf_status status = hf_tflite_check(tflite);
    if (!status && (*out < 0 || (uint32_t)*out >= tflite->tensors.count))
        status =
            TFLITE_FAIL(tflite, HF_EFORMAT, "tensor %d, but the model has %u", *out, tflite->tensors.count);
    return status;
}

/* ---- States that operators keep between inferences: the hidden and cell state of an LSTM, the activations of an SVDF ---- */

enum { LSTM_HIDDEN = 18, SVDF_STATE = 4 }; /* the operators' inputs */

static hf_status find_state(hf_tflite *tflite, hf_flat_table table, int32_t builtin)
{
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    const uint32_t input = builtin == BUILTIN_LSTM ? LSTM_HIDDEN : SVDF_STATE;
    hf_tflite_tensor tensor;
    hf_tflite_variable state = {.current = -1};
    hf_status status = hf_tflite_check(tflite);
    if (status || inputs.count <= input) /* rejected when it is read */
        return status;
    state.state_tensor = state.read = hf_flat_i32_at(&tflite->file, inputs, input);
    if ((status = hf_tflite_tensor_read(tflite, state.read, "state", &tensor)))
        return status;
    int64_t values = 1;
    for (uint32_t d = 0; d < tensor.rank && values <= HF_GRAPH_MAX_DIMENSION; d++)
        values *= tensor.shape[d];
    const bool wide = tensor.type == TYPE_INT16;
    const int64_t bytes = builtin == BUILTIN_LSTM ? (wide ? 4 : 3) * values : 2 * values;
    if (bytes > HF_GRAPH_MAX_DIMENSION)
        return TENSOR_FAIL(tflite, &tensor, HF_ELIMIT, "a state of %lld bytes, at most %d are supported",
                           (long long)bytes, HF_GRAPH_MAX_DIMENSION);
    state.state_bytes = (int32_t)bytes;
    state.state_zeros =
        builtin == BUILTIN_LSTM && !wide ? (int32_t)values : 0; /* of the hidden state; the cell state is 0 */
    return add_variable(tflite, &state);
}

static hf_tflite_variable *state_of(hf_tflite *tflite, int32_t tensor)
{
    for (uint32_t v = 0; v < tflite->variable_count; v++)
        if (tflite->variables[v].state_tensor == tensor && tensor >= 0)
            return &tflite->variables[v];
    return NULL;
}

hf_status hf_tflite_state(hf_tflite *tflite, int32_t state, int64_t bytes, int32_t *tensor)
{
    const hf_tflite_variable *found = state_of(tflite, state);
    if (!found || found->state_bytes != bytes)
        return TFLITE_FAIL(tflite, HF_EFORMAT,
                           "state (tensor %d) does not have the size that the operator needs", state);
    *tensor = found->current;
    return HF_OK;
}

void hf_tflite_state_next(hf_tflite *tflite, int32_t state, int32_t tensor)
{
    state_of(tflite, state)->current = tensor;
}

/* Operators of the main subgraph: handles, and what is read from them. */
static hf_status find_in_main(hf_tflite *tflite, hf_flat_table table, int32_t builtin, int32_t *once)
{
    int32_t tensor = -1;
    int32_t variable = -1;
    hf_status status = HF_OK;
    if (builtin == BUILTIN_LSTM || builtin == BUILTIN_SVDF)
        return find_state(tflite, table, builtin);
    if (builtin == BUILTIN_VAR_HANDLE) {
        if ((status = operand(tflite, table, OPERATOR_OUTPUTS, 0, &tensor)) ||
            (status = handle_of(tflite, table, &variable)))
            return status;
        tflite->handles[tensor] = variable;
    }
    if (builtin == BUILTIN_READ_VARIABLE) {
        int32_t output = -1;
        if ((status = operand(tflite, table, OPERATOR_INPUTS, 0, &tensor)) ||
            (status = operand(tflite, table, OPERATOR_OUTPUTS, 0, &output)))
            return status;
        variable = tflite->handles[tensor];
        if (variable < 0)
            return TFLITE_FAIL(tflite, HF_EUNSUPPORTED,
                               "input 0 (tensor %d) is not the output of a VAR_HANDLE", tensor);
        if (tflite->variables[variable].read < 0)
            tflite->variables[variable].read = output;
    }
    if (builtin == BUILTIN_CALL_ONCE) {
        hf_flat_table options = hf_flat_subtable(&tflite->file, table, OPERATOR_OPTIONS);
        const uint8_t type = hf_flat_u8(&tflite->file, table, OPERATOR_OPTIONS_TYPE, 0);
        *once = type == OPTIONS_CALL_ONCE ? hf_flat_i32(&tflite->file, options, CALL_ONCE_SUBGRAPH, 0) : 0;
        status = hf_tflite_check(tflite);
    }
    return status;
}

typedef hf_status visit(hf_tflite *tflite, hf_flat_table table, int32_t builtin, int32_t *state);

/* Calls `visit` for each operator of the present subgraph. */
static hf_status each_operator(hf_tflite *tflite, visit *visit_operator, int32_t *state)
{
    hf_status status = HF_OK;
    for (uint32_t o = 0; o < tflite->operators.count && !status; o++) {
        int32_t builtin = -1;
        hf_flat_table table = hf_flat_table_at(&tflite->file, tflite->operators, o);
        if ((status = hf_tflite_check(tflite)) || (status = hf_tflite_builtin_code(tflite, table, &builtin)))
            return status;
        status = visit_operator(tflite, table, builtin, state);
    }
    return status;
}

/* Operators of the subgraph that runs once. @param last the variable of the last handle */
static hf_status assign_once(hf_tflite *tflite, hf_flat_table table, int32_t builtin, int32_t *handles)
{
    int32_t handle = -1;
    int32_t value = -1;
    hf_tflite_tensor tensor;
    hf_status status;
    switch (builtin) {
    case BUILTIN_VAR_HANDLE:
        if ((status = operand(tflite, table, OPERATOR_OUTPUTS, 0, &handle)))
            return status;
        return handle_of(tflite, table, &handles[handle]);
    case BUILTIN_ASSIGN_VARIABLE:
        if ((status = operand(tflite, table, OPERATOR_INPUTS, 0, &handle)) ||
            (status = operand(tflite, table, OPERATOR_INPUTS, 1, &value)) ||
            (status = hf_tflite_tensor_read(tflite, value, "initial value of a variable", &tensor)))
            return status;
        if (handles[handle] < 0 || tensor.data.count == 0)
            return TENSOR_FAIL(tflite, &tensor, HF_EUNSUPPORTED,
                               "a subgraph that CALL_ONCE runs assigns it, expected a constant");
        tflite->variables[handles[handle]].initial = tensor.data;
        return HF_OK;
    default:
        return TFLITE_FAIL(
            tflite, HF_EUNSUPPORTED,
            "a subgraph that CALL_ONCE runs has builtin operator %d, expected only VAR_HANDLE and "
            "ASSIGN_VARIABLE of constants",
            builtin);
    }
}

static hf_status run_once(hf_tflite *tflite, uint32_t subgraph)
{
    const hf_flat_vector tensors = tflite->tensors;
    const hf_flat_vector operators = tflite->operators;
    hf_flat_table table = hf_flat_table_at(&tflite->file, tflite->subgraphs, subgraph);
    tflite->tensors = hf_flat_subvector(&tflite->file, table, SUBGRAPH_TENSORS, 4);
    tflite->operators = hf_flat_subvector(&tflite->file, table, SUBGRAPH_OPERATORS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (!status &&
        (tflite->tensors.count > HF_GRAPH_MAX_NODES || tflite->operators.count > HF_GRAPH_MAX_NODES))
        status = TFLITE_FAIL(tflite, HF_ELIMIT,
                             "subgraph %u has %u tensors and %u operators, at most %d each are "
                             "supported",
                             subgraph, tflite->tensors.count, tflite->operators.count, HF_GRAPH_MAX_NODES);
    int32_t *handles = NULL;
    if (!status && !(handles = malloc((tflite->tensors.count + 1) * sizeof *handles)))
        status = TFLITE_FAIL(tflite, HF_ENOMEM, "no memory for %u tensors", tflite->tensors.count);
    for (uint32_t i = 0; i < tflite->tensors.count && !status; i++)
        handles[i] = -1;
    if (!status)
        status = each_operator(tflite, assign_once, handles);
    free(handles);
    tflite->tensors = tensors;
    tflite->operators = operators;
    return status;
}

hf_status hf_tflite_find_variables(hf_tflite *tflite)
{
    int32_t once = 0;
    hf_status status = each_operator(tflite, find_in_main, &once);
    if (status || once == 0)
        return status;
    if (once < 0 || (uint32_t)once >= tflite->subgraphs.count)
        return TFLITE_FAIL(tflite, HF_EFORMAT, "CALL_ONCE runs subgraph %d, but the model has %u", once,
                           tflite->subgraphs.count);
    return run_once(tflite, (uint32_t)once);
}
