/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages of the .tflite reader. */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hf_tflite_fail(hf_tflite *tflite, hf_status status, const char *file, int line, const char *format, ...)
{
    char message[384];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(tflite->reason, sizeof tflite->reason, "%.319s", message);
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

void hf_tflite_note_obstacle(hf_tflite *tflite)
{
    const char *name = tflite->operator_index < 0 ? "" : tflite->operator_name;
    hf_error_clear(tflite->err);
    for (uint32_t i = 0; i < tflite->obstacle_count && i < HF_TFLITE_MAX_OBSTACLES; i++) {
        hf_tflite_obstacle *known = &tflite->obstacles[i];
        if (name[0] != '\0' && strcmp(known->name, name) == 0 && strcmp(known->reason, tflite->reason) == 0) {
            known->count++;
            return;
        }
    }
    if (tflite->obstacle_count < HF_TFLITE_MAX_OBSTACLES) {
        hf_tflite_obstacle *added = &tflite->obstacles[tflite->obstacle_count];
        snprintf(added->name, sizeof added->name, "%s", name);
        snprintf(added->reason, sizeof added->reason, "%s", tflite->reason);
        added->operator_index = tflite->operator_index;
        added->count = 1;
    }
    tflite->obstacle_count++;
}

/* "operator 4 (LOGISTIC) and 2 more: reason" */
static int describe(const hf_tflite_obstacle *obstacle, char *text, size_t size)
{
    char more[24] = "";
    if (obstacle->count > 1)
        snprintf(more, sizeof more, " and %u more", obstacle->count - 1);
    if (obstacle->name[0] == '\0')
        return snprintf(text, size, "%s", obstacle->reason);
    return snprintf(text, size, "operator %d (%s)%s: %s", obstacle->operator_index, obstacle->name, more,
                    obstacle->reason);
}

hf_status hf_tflite_fail_obstacles(hf_tflite *tflite)
{
    const uint32_t count = tflite->obstacle_count;
    if (count == 0)
        return HF_OK;
    char text[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < count && i < HF_TFLITE_MAX_OBSTACLES && used + 1 < sizeof text; i++) {
        const int length = describe(&tflite->obstacles[i], text + used, sizeof text - used);
        used += (size_t)length < sizeof text - used ? (size_t)length : sizeof text - used - 1;
        if (i + 1 < count && i + 1 < HF_TFLITE_MAX_OBSTACLES && used + 3 < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "; ");
    }
    hf_error_clear(tflite->err);
    if (count == 1)
        return HF_FAIL(tflite->err, HF_EUNSUPPORTED, "%.80s: %s", tflite->name, text);
    return HF_FAIL(tflite->err, HF_EUNSUPPORTED, "%.80s: %u obstacles: %s", tflite->name, count, text);
}
