/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operators, collected from the files of operators/. */
#include "operator.h"

/* CMake writes operators.inc: OPERATOR(name) for each file. */
#define OPERATOR(name) extern const hf_tflite_operator hf_tflite_operator_##name;
#include "operators.inc"
#undef OPERATOR

static const hf_tflite_operator *const operators[] = {
#define OPERATOR(name) &hf_tflite_operator_##name,
#include "operators.inc"
#undef OPERATOR
    NULL,
};

const hf_tflite_builtin *hf_tflite_find_builtin(int32_t code)
{
    for (size_t i = 0; operators[i]; i++)
        for (uint32_t b = 0; b < operators[i]->builtin_count; b++)
            if (operators[i]->builtins[b].code == code)
                return &operators[i]->builtins[b];
    return NULL;
}

const hf_tflite_writer *hf_tflite_find_writer(hf_op op)
{
    for (size_t i = 0; operators[i]; i++)
        for (uint32_t w = 0; w < operators[i]->writer_count; w++)
            if (operators[i]->writers[w].op == op)
                return &operators[i]->writers[w];
    return NULL;
}
