/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli.h"
#include "source/source.h"
#include "tflite/tflite.h"

hf_exit hf_cli_export_tflite(const char *name, const char *path)
{
    if (!path) {
        fputs("hilfarm export: tflite needs a file to write to: -o FILE\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    hf_error err = {0};
    hf_source source;
    hf_graph *graph = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = hf_source_parse(name, &source, &err);
    if (status == HF_OK)
        status = hf_source_load(&source, &graph, &err);
    if (status == HF_OK)
        status = hf_tflite_write(graph, &bytes, &size, &err);
    if (status == HF_OK)
        status = hf_file_write(path, bytes, size, &err);
    free(bytes);
    hf_graph_free(graph);
    if (status == HF_OK)
        return HF_EXIT_OK;
    hf_cli_fail(&err);
    return status == HF_ENOMEM || status == HF_EIO ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}
