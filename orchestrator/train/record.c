/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define MAX_BYTES ((size_t)16 << 20)

char *hf_training_record_path(const char *tflite_path)
{
    char *path = NULL;
    return asprintf(&path, "%s.json", tflite_path) < 0 ? NULL : path;
}

static double percent_of(const json_t *root, const char *name)
{
    const json_t *value = json_object_get(root, name);
    return json_is_number(value) ? json_number_value(value) : -1;
}

static void copy_text(const json_t *root, const char *name, char *to, size_t size)
{
    const char *text = json_string_value(json_object_get(root, name));
    snprintf(to, size, "%s", text ? text : "");
}

/* Reads a record, if it describes the file beside it. @param out json_decref() */
static hf_status load(const char *tflite_path, json_t **out, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint64_t file_bytes = 0;
    char digest[HF_SHA256_HEX_SIZE] = "", recorded[HF_SHA256_HEX_SIZE];
    char *path = hf_training_record_path(tflite_path);
    if (!path)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    hf_status status =
        access(path, F_OK) == 0 && hf_sha256_file(tflite_path, digest, &file_bytes, NULL) == HF_OK
            ? hf_file_read(path, MAX_BYTES, &bytes, &size, err)
            : HF_ENOTFOUND;
    json_t *root = status == HF_OK ? json_loadb((const char *)bytes, size, 0, NULL) : NULL;
    free(bytes);
    if (status == HF_OK && !json_is_object(root))
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: not a record of a training", path);
    free(path);
    if (status == HF_OK) {
        copy_text(root, "sha256", recorded, sizeof recorded);
        if (strcmp(digest, recorded) != 0)
            status = HF_ENOTFOUND;
    }
    if (status == HF_OK)
        *out = root;
    else
        json_decref(root);
    return status;
}

hf_status hf_training_record_read(const char *tflite_path, hf_training_record *out, hf_error *err)
{
    json_t *root = NULL;
    hf_status status = load(tflite_path, &root, err);
    if (status == HF_OK) {
        *out = (hf_training_record){.complete = json_is_true(json_object_get(root, "complete")),
                                    .epochs = (uint32_t)json_integer_value(json_object_get(root, "epochs")),
                                    .validation_percent = percent_of(root, "validation_percent"),
                                    .float_percent = percent_of(root, "float_percent"),
                                    .int8_percent = percent_of(root, "int8_percent"),
                                    .seconds = json_number_value(json_object_get(root, "seconds"))};
        copy_text(root, "key", out->key, sizeof out->key);
        copy_text(root, "torch", out->torch, sizeof out->torch);
        copy_text(root, "warning", out->warning, sizeof out->warning);
    }
    json_decref(root);
    return status;
}

hf_status hf_training_curve_read(const char *tflite_path, hf_training_epoch **epochs, uint32_t *count,
                                 hf_error *err)
{
    json_t *root = NULL;
    hf_status status = load(tflite_path, &root, err);
    const json_t *history = json_object_get(root, "history");
    const size_t n = json_array_size(history);
    hf_training_epoch *read = status == HF_OK && n ? calloc(n, sizeof *read) : NULL;
    if (status == HF_OK && n && !read)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a curve");
    for (size_t i = 0; read && i < n; i++) {
        const json_t *point = json_array_get(history, i);
        read[i] = (hf_training_epoch){.epoch = (uint32_t)json_integer_value(json_object_get(point, "epoch")),
                                      .loss = json_number_value(json_object_get(point, "loss")),
                                      .training_percent = percent_of(point, "training_percent"),
                                      .validation_percent = percent_of(point, "validation_percent"),
                                      .seconds = json_number_value(json_object_get(point, "seconds"))};
    }
    json_decref(root);
    if (status == HF_OK) {
        *epochs = read;
        *count = (uint32_t)n;
    }
    return status;
}

static json_t *percent_json(double percent)
{
    return percent < 0 ? json_null() : json_real(percent);
}

hf_status hf_training_record_write(const char *tflite_path, const uint8_t *tflite, size_t size,
                                   const hf_training_record *record, const json_t *recipe,
                                   const json_t *history, hf_error *err)
{
    char digest[HF_SHA256_HEX_SIZE];
    hf_sha256_hex(tflite, size, digest);
    json_t *root = json_pack("{s:i, s:s, s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:f, s:s*, s:O, s:O}", "version",
                             1, "sha256", digest, "key", record->key, "torch", record->torch, "complete",
                             (int)record->complete, "epochs", (json_int_t)record->epochs,
                             "validation_percent", percent_json(record->validation_percent), "float_percent",
                             percent_json(record->float_percent), "int8_percent",
                             percent_json(record->int8_percent), "seconds", record->seconds, "warning",
                             *record->warning ? record->warning : NULL, "recipe", recipe, "history", history);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    char *path = hf_training_record_path(tflite_path);
    json_decref(root);
    hf_status status =
        text && path ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a record");
    if (status == HF_OK && unlink(path) != 0 && errno != ENOENT)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
    if (status == HF_OK)
        status = hf_file_write(tflite_path, tflite, size, err);
    if (status == HF_OK)
        status = hf_file_write(path, text, strlen(text), err);
    free(text);
    free(path);
    return status;
}
