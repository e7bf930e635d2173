/* SPDX-License-Identifier: Apache-2.0 */
#include "export_model.h"

#include <stdlib.h>

#include "base/file.h"
#include "compile/compile.h"
#include "source/source.h"
#include "tflite/tflite.h"

/* Anything but a lack of memory or a file that cannot be written is the fault of what the user named. */
static hf_exit fail(hf_status status, const hf_error *err)
{
    hf_cli_fail(err);
    return status == HF_ENOMEM || status == HF_EIO ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}

static hf_status load(const char *model, hf_graph **graph, hf_error *err)
{
    hf_source source;
    hf_status status = hf_source_parse(model, &source, err);
    return status == HF_OK ? hf_source_load(&source, graph, err) : status;
}

hf_exit hf_cli_export_tflite(const char *model, const char *path)
{
    hf_error err = {0};
    hf_graph *graph = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = load(model, &graph, &err);
    if (status == HF_OK)
        status = hf_tflite_write(graph, &bytes, &size, &err);
    if (status == HF_OK)
        status = hf_file_write(path, bytes, size, &err);
    free(bytes);
    hf_graph_free(graph);
    return status == HF_OK ? HF_EXIT_OK : fail(status, &err);
}

hf_exit hf_cli_export_image(const char *model, const char *path)
{
    hf_error err = {0};
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_status status = load(model, &graph, &err);
    if (status == HF_OK)
        status = hf_compile(graph, &image, &err);
    if (status == HF_OK)
        status = hf_file_write(path, image.bytes, image.size, &err);
    hf_image_free(&image);
    hf_graph_free(graph);
    return status == HF_OK ? HF_EXIT_OK : fail(status, &err);
}
