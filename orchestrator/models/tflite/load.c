/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a model from a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tflite/tflite.h"

#define ENDING ".tflite"

bool hf_tflite_is_path(const char *argument)
{
    const size_t length = strlen(argument), ending = strlen(ENDING);
    return length > ending && strcmp(argument + length - ending, ENDING) == 0;
}

void hf_tflite_name(const char *path, char name[HF_TFLITE_NAME_SIZE])
{
    const char *slash = strrchr(path, '/');
    snprintf(name, HF_TFLITE_NAME_SIZE, "%s", slash ? slash + 1 : path);
    if (hf_tflite_is_path(name))
        name[strlen(name) - strlen(ENDING)] = '\0';
}

hf_status hf_tflite_load(const char *name, const char *path, hf_graph **out, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(path, HF_TFLITE_MAX_BYTES, &bytes, &size, err);
    if (status == HF_OK)
        status = hf_tflite_read(name, bytes, size, out, err);
    free(bytes);
    return status;
}
