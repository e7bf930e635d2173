/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages of the reader: what is wrong with a .tflite file, and where. */
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
    /* The status is in tflite->err, where every reading function ends up looking. */
    if (tflite->operator_index < 0)
        (void)hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: %s", tflite->name,
                           message);
    else
        (void)hf_error_set(tflite->err, status, HF_FAULT_NONE, file, line, "%.80s: operator %d (%s): %s",
                           tflite->name, tflite->operator_index, tflite->operator_name, message);
}

hf_status hf_tflite_check(hf_tflite *tflite)
{
    if (!tflite->file.problem)
        return HF_OK;
    return TFLITE_FAIL(tflite, HF_EFORMAT, "malformed file: %s (near byte %zu)", tflite->file.problem,
                       tflite->file.problem_at);
}
