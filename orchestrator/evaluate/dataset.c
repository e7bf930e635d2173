/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a data set by the reader for its layout. */
#include "evaluate/dataset.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataset_list.h"

hf_status hf_dataset_open(const char *path, hf_dataset *out, hf_error *err)
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
        status = dot && strcmp(dot, ".csv") == 0
                     ? hf_dataset_list_csv(path, &dataset, err)
                     : HF_FAIL_AS(
                           err, HF_FAULT_NONE, HF_EINVALID,
                           "%s: expected a folder of images, a folder with y_labels.csv, or such a .csv file",
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

uint32_t hf_dataset_spread(uint32_t i, uint32_t wanted, uint32_t count)
{
    return (uint32_t)((uint64_t)i * count / wanted);
}
