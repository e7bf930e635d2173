/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages of the .tflite reader. */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>

void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
{
    char message[384];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    /* The caller returns the status: see TFLITE_FAIL. */
    if (tflite->operator_index < 0)
        (void)hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: %s", tflite->name,
                           message);
    else
        (void)hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: operator %d (%s): %s",
                           tflite->name, tflite->operator_index, tflite->operator_name, message);
}

void hf_tflite_tensor_fail(hf_tflite *tflite, const hf_tflite_tensor *tensor, hf_status status,
                           const char *file, int line, const char *format, ...)
{
    char message[320];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    hf_tflite_fail(tflite, status, file, line, "%s (tensor %d): %s", tensor->role, tensor->index, message);
}

hf_status hf_tflite_check(hf_tflite *tflite)
{
    if (!tflite->file.problem)
        return HF_OK;
    return TFLITE_FAIL(tflite, HF_EFORMAT, "malformed file: %s (near byte %zu)", tflite->file.problem,
                       tflite->file.problem_at);
}
