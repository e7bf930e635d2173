/* SPDX-License-Identifier: Apache-2.0 */
/* Variables (read_variables.c). They add no node: what is read is the graph's tensor with the variable's value. */
#include "operator.h"

enum {
    OPTIONS_CALL_ONCE = 103,
    OPTIONS_VAR_HANDLE = 111,
    OPTIONS_READ_VARIABLE = 112,
    OPTIONS_ASSIGN_VARIABLE = 113
};

static hf_status read_nothing(hf_tflite_op *op)
{
    (void)op;
    return HF_OK; /* found before */
}

static hf_status variable_of(hf_tflite_op *op, hf_tflite_variable **out)
{
    hf_tflite *tflite = op->tflite;
    const int32_t handle = op->inputs[0];
    if (handle < 0 || (uint32_t)handle >= tflite->tensors.count || tflite->handles[handle] < 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "input 0 (tensor %d) is not the output of a VAR_HANDLE",
                              handle);
    *out = &tflite->variables[tflite->handles[handle]];
    return HF_OK;
}

static hf_status check_shape(hf_tflite_op *op, const hf_tensor *value, const hf_tensor *tensor)
{
    if (!hf_quant_same(value->quant, tensor->quant) || hf_tensor_bytes(value) != hf_tensor_bytes(tensor))
        return TFLITE_OP_FAIL(
            op, HF_EUNSUPPORTED,
            "%lld values of scale %g, but the variable has %lld of scale %g, expected the same",
            (long long)hf_tensor_bytes(tensor), (double)tensor->quant.scale,
            (long long)hf_tensor_bytes(value), (double)value->quant.scale);
    return HF_OK;
}

static hf_status read_variable(hf_tflite_op *op)
{
    hf_tflite_variable *variable = NULL;
    hf_status status;
    if ((status = variable_of(op, &variable)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *value = &op->tflite->graph->tensors[variable->current];
    if ((status = check_shape(op, value, &op->output_shape)))
        return status;
    return hf_tflite_op_alias(op, variable->current);
}

static hf_status read_assign(hf_tflite_op *op)
{
    hf_tflite_variable *variable = NULL;
    hf_status status;
    if ((status = variable_of(op, &variable)) || (status = hf_tflite_op_input(op, 1)))
        return status;
    if (variable->read < 0) /* nothing depends on it */
        return HF_OK;
    if ((status = check_shape(op, &op->tflite->graph->tensors[variable->current], hf_tflite_op_in(op))))
        return status;
    variable->current = op->node.inputs[0];
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_CALL_ONCE,
     .name = "CALL_ONCE",
     .options_type = OPTIONS_CALL_ONCE,
     .no_outputs = true,
     .max_inputs = 0,
     .read = read_nothing},
    {.code = BUILTIN_VAR_HANDLE,
     .name = "VAR_HANDLE",
     .options_type = OPTIONS_VAR_HANDLE,
     .read = read_nothing},
    {.code = BUILTIN_READ_VARIABLE,
     .name = "READ_VARIABLE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_READ_VARIABLE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_variable},
    {.code = BUILTIN_ASSIGN_VARIABLE,
     .name = "ASSIGN_VARIABLE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_ASSIGN_VARIABLE,
     .no_outputs = true,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_assign},
};

HF_TFLITE_READ_ONLY_OPERATOR(variable);
