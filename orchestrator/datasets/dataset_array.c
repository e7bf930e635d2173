/* SPDX-License-Identifier: Apache-2.0 */
/* Images in one array, with their labels in another: MNIST's IDX files and NumPy's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array_file.h"
#include "dataset_list.h"

static bool ends_with(const char *text, const char *ending)
{
    const size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

bool hf_dataset_is_array(const char *path)
{
    return ends_with(path, ".npy") || ends_with(path, ".npy.gz") || ends_with(path, "-ubyte") ||
           ends_with(path, "-ubyte.gz");
}

char *hf_dataset_labels_file(const char *images)
{
    char *path = strdup(images);
    if (!path)
        return NULL;
    char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    char *word = strstr(name, "images");
    char *kind = strstr(name, "-idx3-");
    kind = kind ? kind : strstr(name, "-idx4-");
    if (word)
        memcpy(word, "labels", sizeof "labels" - 1); /* within the name */
    if (word && kind)
        kind[4] = '1';
    if (!word && (*name == 'x' || *name == 'X')) {
        *name = 'y';
        word = name;
    }
    if (word)
        return path;
    free(path);
    return NULL;
}

/* Takes the images, [count][height][width], or [count][height][width][channels]. */
static hf_status take_images(const char *path, hf_array *images, hf_dataset *out, hf_error *err)
{
    hf_dataset_array *array = &out->array;
    if (images->dimensions < 3 ||
        (images->type != HF_ARRAY_FLOAT && (images->type != HF_ARRAY_UNSIGNED || images->width != 1)))
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EINVALID,
            "%s: expected images as unsigned bytes or float32 with 3 or 4 dimensions: count, height, "
            "width, and channels",
            path);
    array->height = images->shape[1];
    array->width = images->shape[2];
    array->channels = images->dimensions == 4 ? images->shape[3] : 1;
    array->is_float = images->type == HF_ARRAY_FLOAT;
    if (array->height > HF_PICTURE_MAX_SIDE || array->width > HF_PICTURE_MAX_SIDE ||
        (array->channels != 1 && array->channels != 3 && !array->is_float))
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EINVALID,
            "%s: images of %u x %u with %u channels, expected sides up to %d, and 1 or 3 channels", path,
            (unsigned)array->width, (unsigned)array->height, (unsigned)array->channels, HF_PICTURE_MAX_SIDE);
    if (images->shape[0] > HF_DATASET_MAX_SAMPLES)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%s: more than %u samples", path,
                          (unsigned)HF_DATASET_MAX_SAMPLES);
    array->values = images->values;
    images->values = NULL;
    return HF_OK;
}

static hf_status take_labels(const char *path, const hf_array *labels, uint32_t count, hf_dataset *out,
                             uint32_t *classes, hf_error *err)
{
    const size_t found = labels->bytes / labels->width;
    if (found != count)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: %zu labels for %u samples", path, found,
                          (unsigned)count);
    out->samples = calloc(count, sizeof *out->samples);
    if (!out->samples)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u samples", (unsigned)count);
    out->sample_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t label = hf_array_integer(labels, i);
        if (label < 0 || label >= HF_DATASET_MAX_CLASSES)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: label %u is not a number from 0 to %u",
                              path, (unsigned)i, (unsigned)HF_DATASET_MAX_CLASSES - 1);
        out->samples[i].label = (uint32_t)label;
        *classes = (uint32_t)label + 1 > *classes ? (uint32_t)label + 1 : *classes;
    }
    return HF_OK;
}

/* From labels.txt beside the files, or numbers. @param count the largest label and 1 */
static hf_status name_classes(const char *path, uint32_t count, hf_dataset *out, hf_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = strndup(slash ? path : ".", slash ? (size_t)(slash - path + 1) : 1);
    hf_names names = {0};
    hf_status status = folder ? hf_dataset_read_labels(folder, &names, err) : HF_ENOMEM;
    free(folder);
    if (status == HF_ENOTFOUND)
        return hf_dataset_number_classes(out, count < 2 ? 2 : count, err);
    out->classes = names.items;
    out->class_count = names.count;
    if (status == HF_OK && names.count < count)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: class %u, but labels.txt names only %u",
                            path, (unsigned)count - 1, (unsigned)names.count);
    return status;
}

hf_status hf_dataset_list_array(const char *images_path, bool has_values, hf_dataset *out, hf_error *err)
{
    hf_array images = {0}, labels = {0};
    uint32_t classes = 0;
    hf_status status = HF_OK;
    out->kind = HF_DATASET_ARRAY;
    out->array.files[0] = strdup(images_path);
    out->array.files[1] = hf_dataset_labels_file(images_path);
    if (!out->array.files[0] || !out->array.files[1])
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EINVALID,
            "%s: expected a name with \"images\", or one that begins with x, from which the name of the "
            "file with the labels follows",
            images_path);
    if (has_values)
        status = hf_array_read(images_path, &images, err);
    if (status == HF_OK && has_values)
        status = take_images(images_path, &images, out, err);
    if (status == HF_OK)
        status = hf_array_read(out->array.files[1], &labels, err);
    if (status == HF_OK)
        status = take_labels(out->array.files[1], &labels, has_values ? images.shape[0] : labels.shape[0],
                             out, &classes, err);
    if (status == HF_OK)
        status = name_classes(out->array.files[1], classes, out, err);
    free(images.values);
    free(labels.values);
    return status;
}
