/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a data set by the reader for its layout. */
#include "datasets/dataset.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataset_list.h"

static hf_status open_layout(const char *path, bool has_values, hf_dataset *out, hf_error *err)
{
    struct stat about;
    char csv[PATH_MAX];
    if (stat(path, &about) != 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, errno == ENOENT ? HF_ENOTFOUND : HF_EIO, "%s: %s", path,
                          strerror(errno));
    hf_dataset dataset = {0};
    hf_status status = HF_OK;
    if (!S_ISDIR(about.st_mode)) {
        const char *dot = strrchr(path, '.');
        if (dot && strcmp(dot, ".csv") == 0)
            status = hf_dataset_list_csv(path, &dataset, err);
        else if (hf_dataset_is_array(path))
            status = hf_dataset_list_array(path, has_values, &dataset, err);
        else
            status =
                HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                           "%s: expected a folder of images, a folder with y_labels.csv, a .csv file, or an "
                           "array of images (.npy, -ubyte, -ubyte.gz)",
                           path);
    } else if (snprintf(csv, sizeof csv, "%s/y_labels.csv", path) >= (int)sizeof csv) {
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: the path is too long", path);
    } else if (access(csv, F_OK) == 0) {
        status = hf_dataset_list_csv(csv, &dataset, err);
    } else {
        status = hf_dataset_list_folders(path, &dataset, err);
    }
    if (status == HF_OK)
        *out = dataset;
    else
        hf_dataset_free(&dataset);
    return status;
}

hf_status hf_dataset_open(const char *path, hf_dataset *out, hf_error *err)
{
    return open_layout(path, true, out, err);
}

hf_status hf_dataset_open_labels(const char *path, hf_dataset *out, hf_error *err)
{
    return open_layout(path, false, out, err);
}

const char *hf_dataset_sample_name(const hf_dataset *dataset, uint32_t sample, char *text, size_t size)
{
    if (dataset->kind == HF_DATASET_ARRAY)
        snprintf(text, size, "%s#%u", dataset->array.files[0], (unsigned)sample);
    else
        snprintf(text, size, "%s", dataset->samples[sample].path);
    return text;
}

uint32_t *hf_dataset_by_class(const hf_dataset *dataset)
{
    uint32_t *order = calloc(dataset->sample_count, sizeof *order);
    uint32_t *starts = calloc((size_t)dataset->class_count + 1, sizeof *starts);
    if (order && starts) {
        for (uint32_t i = 0; i < dataset->sample_count; i++)
            starts[dataset->samples[i].label + 1]++;
        for (uint32_t c = 0; c < dataset->class_count; c++)
            starts[c + 1] += starts[c];
        for (uint32_t i = 0; i < dataset->sample_count; i++)
            order[starts[dataset->samples[i].label]++] = i;
    } else {
        free(order);
        order = NULL;
    }
    free(starts);
    return order;
}

uint32_t hf_dataset_spread(uint32_t i, uint32_t wanted, uint32_t count)
{
    return (uint32_t)((uint64_t)i * count / wanted);
}
