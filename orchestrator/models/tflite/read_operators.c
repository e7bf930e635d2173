/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an operator of a .tflite file: its code, options and operands. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "operator.h"

/* What to use instead of operators that are not supported. */
static const struct {
    int32_t builtin;
    const char *advice;
} advices[] = {
    {53, "; full integer quantisation leaves no CAST"},
    {150, "; ELU, HARD_SWISH, LEAKY_RELU and PRELU are supported"},
};

/* ---- Operator code ---- */

static hf_status reject_custom_operator(hf_tflite *tflite, hf_flat_table table)
{
    hf_flat_table code;
    hf_status status = hf_tflite_operator_code(tflite, table, &code);
    if (status)
        return status;
    hf_flat_vector name = hf_flat_subvector(&tflite->file, code, OPERATOR_CODE_CUSTOM, 1);
    char text[25];
    uint32_t length = name.count < sizeof text - 1 ? name.count : (uint32_t)sizeof text - 1;
    for (uint32_t i = 0; i < length; i++) {
        uint8_t c = tflite->file.bytes[name.at + i];
        text[i] = isprint(c) ? (char)c : '?'; /* untrusted text may reach a terminal */
    }
    text[length] = '\0';
    snprintf(tflite->operator_name, sizeof tflite->operator_name, "custom operator \"%s\"", text);
    if ((status = hf_tflite_check(tflite)))
        return status;
    return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "hilfarm does not have this operator");
}

/* Looks up the operator and sets its name for messages. */
static hf_status read_kind(hf_tflite *tflite, hf_flat_table table, const hf_tflite_builtin **out)
{
    int32_t builtin;
    hf_status status = hf_tflite_builtin_code(tflite, table, &builtin);
    if (status)
        return status;
    *out = hf_tflite_find_builtin(builtin);
    if (*out) {
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", (*out)->name);
        return HF_OK;
    }
    if (builtin == BUILTIN_CUSTOM)
        return reject_custom_operator(tflite, table);
    const char *advice = "";
    if (hf_tflite_builtin_name(builtin))
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "%s", hf_tflite_builtin_name(builtin));
    else
        snprintf(tflite->operator_name, sizeof tflite->operator_name, "unknown operator %d", builtin);
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (advices[i].builtin == builtin)
            advice = advices[i].advice;
    return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "hilfarm does not have this operator%s", advice);
}

/* ---- Options and operands ---- */

static hf_status read_options(hf_tflite_op *op, hf_flat_table table, const hf_tflite_builtin *kind)
{
    hf_flat_file *file = &op->tflite->file;
    uint8_t type = hf_flat_u8(file, table, OPERATOR_OPTIONS_TYPE, 0);
    if (type == kind->options_type && type != OPTIONS_NONE)
        op->options = hf_flat_subtable(file, table, OPERATOR_OPTIONS);
    hf_status status = hf_tflite_check(op->tflite);
    if (status)
        return status;
    if (type != OPTIONS_NONE && type != kind->options_type)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its builtin_options have type %u, expected %u", type,
                              kind->options_type);
    if (kind->options_required && op->options.at == 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its builtin_options are missing");
    return HF_OK;
}

static hf_status read_operands(hf_tflite_op *op, hf_flat_table table, const hf_tflite_builtin *kind)
{
    hf_tflite *tflite = op->tflite;
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    op->outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    hf_status status = hf_tflite_check(tflite);
    if (status)
        return status;
    if (kind->min_inputs == kind->max_inputs && inputs.count != kind->min_inputs)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "number of inputs is %u, expected %u", inputs.count,
                              kind->min_inputs);
    if (inputs.count < kind->min_inputs || inputs.count > kind->max_inputs)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "number of inputs is %u, expected %u .. %u", inputs.count,
                              kind->min_inputs, kind->max_inputs);
    op->input_count = inputs.count;
    for (uint32_t i = 0; i < inputs.count; i++)
        op->inputs[i] = hf_flat_i32_at(&tflite->file, inputs, i);
    const bool many = kind->many_outputs;
    if (kind->no_outputs)
        return hf_tflite_check(tflite);
    if (op->outputs.count < 1 || (op->outputs.count > 1 && !many))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "number of outputs is %u, expected one%s", op->outputs.count,
                              many ? " or more" : "");
    return hf_tflite_check(tflite);
}

/* ---- Float operators behind the last DEQUANTIZE, such as a LOG_SOFTMAX: the graph ends before them ---- */

static hf_status reads_float(hf_tflite_op *op, bool *out)
{
    hf_tflite_tensor tensor;
    const int32_t index = op->inputs[0];
    *out = false;
    if (op->input_count < 1 || index < 0 || (uint32_t)index >= op->tflite->tensors.count ||
        op->tflite->tensor_map[index] < 0)
        return HF_OK;
    hf_status status = hf_tflite_tensor_read(op->tflite, index, "input 0", &tensor);
    *out = !status && tensor.type == TYPE_FLOAT32;
    return status;
}

static hf_status leave_out(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    int32_t index = -1;
    hf_status status = hf_tflite_op_raw_output(op, &index);
    if (status)
        return status;
    tflite->tensor_map[index] = tflite->tensor_map[op->inputs[0]];
    tflite->float_tail[index] = op->builtin;
    tflite->value_type[index] = tflite->value_type[op->inputs[0]];
    return HF_OK;
}

hf_status hf_tflite_read_operator(hf_tflite *tflite, hf_flat_table table)
{
    bool is_float = false;
    hf_tflite_op op = {.tflite = tflite};
    const hf_tflite_builtin *kind = NULL;
    hf_status status = read_kind(tflite, table, &kind);
    if (status)
        return status;
    op.kind = kind;
    op.builtin = kind->code;
    op.value_bytes = 1;
    if ((status = read_options(&op, table, kind)) || (status = read_operands(&op, table, kind)) ||
        (status = kind->takes_float ? reads_float(&op, &is_float) : HF_OK) ||
        (status = is_float ? leave_out(&op) : kind->read(&op)))
        return status;
    return hf_tflite_check(tflite);
}

hf_status hf_tflite_check_operator(hf_tflite *tflite, hf_flat_table table)
{
    const hf_tflite_builtin *kind = NULL;
    return read_kind(tflite, table, &kind);
}

/* Real models have a few operands per operator. The limit bounds the time for files in which thousands of
 * operators share a long vector. */
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
                continue; /* absent, or rejected when the operator is read */
            int32_t *consumer = &tflite->consumers[tensor];
            if (*consumer != (int32_t)o)
                *consumer = *consumer == HF_TFLITE_NO_CONSUMER ? (int32_t)o : HF_TFLITE_MANY_CONSUMERS;
        }
    }
    return HF_OK;
}
