/* SPDX-License-Identifier: Apache-2.0 */
#include "optimize_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "farm/prepare.h"
#include "output.h"

#define MAX_MODEL_BYTES ((size_t)64 << 20)

static hf_status write_named(const char *folder, const char *name, const char *end, const void *bytes,
                             size_t size, hf_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", folder, name, end) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    hf_status status = hf_file_write(path, bytes, size, err);
    free(path);
    return status;
}

static hf_status write_model(const char *folder, const hf_optimize_point *point, bool is_best, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(point->tflite_path, MAX_MODEL_BYTES, &bytes, &size, err);
    if (status == HF_OK)
        status = write_named(folder, point->variation->name, ".tflite", bytes, size, err);
    if (status == HF_OK && is_best)
        status = write_named(folder, "best", ".tflite", bytes, size, err);
    free(bytes);
    return status;
}

/* The image is made again, by the same steps; its hash must be that of the image on the board. */
static hf_status write_image(const hf_optimize_options *options, const hf_optimize_point *point, bool is_best,
                             hf_error *err)
{
    hf_spec_variation variation = *point->variation;
    hf_prepared prepared = {0};
    variation.weights_path = point->tflite_path;
    variation.data_path = NULL;
    hf_prepare_request request =
        hf_prepare_request_make(options->spec, &variation, options->selection, options->firmwares);
    hf_status status = hf_prepare(&request, &prepared, err);
    const char *folder = options->spec->optimization.folder;
    if (status == HF_OK && strcmp(prepared.image_sha256, point->result.image_sha256) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH, "%s: the image is not the one that was measured",
                            variation.name);
    if (status == HF_OK)
        status = write_named(folder, variation.name, ".img", prepared.image.bytes, prepared.image.size, err);
    if (status == HF_OK && is_best)
        status = write_named(folder, "best", ".img", prepared.image.bytes, prepared.image.size, err);
    hf_prepared_free(&prepared);
    return status;
}

hf_exit hf_cli_write_optimized(const hf_optimizer *optimizer, const hf_optimize_options *options)
{
    hf_error err = {0};
    hf_buffer text = HF_BUFFER_INIT;
    uint32_t count = 0;
    const hf_optimize_point *points = hf_optimizer_points(optimizer, &count);
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < count && status == HF_OK; i++) {
        if (points[i].tflite_path)
            status = write_model(options->spec->optimization.folder, &points[i], i == 0, &err);
        if (status == HF_OK)
            status = write_image(options, &points[i], i == 0, &err);
    }
    hf_optimizer_json(optimizer, &text);
    if (status == HF_OK)
        status = text.failed ? HF_FAIL_AS(&err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the result")
                             : write_named(options->spec->optimization.folder, "optimize", ".json", text.data,
                                           text.size, &err);
    hf_buffer_free(&text);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}
