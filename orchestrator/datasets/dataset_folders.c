/* SPDX-License-Identifier: Apache-2.0 */
/* The layout with one folder of images per class. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "dataset_list.h"

/* Lists the entries of that type (following links) in a folder, without hidden ones, sorted by bytes. Links to nowhere are listed too,
 * so that they are reported when they are read. */
static hf_status list_folder(const char *path, mode_t type, uint32_t max, hf_names *out, hf_error *err)
{
    DIR *folder = opendir(path);
    if (!folder)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
    hf_status status = HF_OK;
    while (status == HF_OK) {
        errno = 0;
        struct dirent *entry = readdir(folder);
        struct stat about;
        if (!entry) {
            if (errno)
                status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
            break;
        }
        if (entry->d_name[0] == '.')
            continue;
        const bool known = fstatat(dirfd(folder), entry->d_name, &about, 0) == 0;
        if (!known || (about.st_mode & S_IFMT) == type)
            status = hf_names_add(out, entry->d_name, strlen(entry->d_name), max, path, err);
    }
    closedir(folder);
    if (status == HF_OK && out->count)
        qsort(out->items, out->count, sizeof *out->items, hf_names_by_bytes);
    return status;
}

bool hf_dataset_is_image(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pnm"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static hf_status add_class(const char *folder, const char *name, uint32_t label, hf_dataset *out,
                           uint32_t *capacity, hf_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
    hf_names files = {0};
    hf_status status = list_folder(path, S_IFREG, HF_DATASET_MAX_SAMPLES, &files, err);
    for (uint32_t i = 0; status == HF_OK && i < files.count; i++) {
        hf_dataset_sample sample = {.label = label};
        if (!hf_dataset_is_image(files.items[i])) {
            out->ignored_files++;
            continue;
        }
        if (asprintf(&sample.path, "%s/%s", path, files.items[i]) < 0)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
        else if ((status = hf_dataset_add(out, capacity, &sample, err)) != HF_OK)
            free(sample.path);
    }
    hf_names_free(&files);
    free(path);
    return status;
}

hf_status hf_dataset_list_folders(const char *folder, hf_dataset *out, hf_error *err)
{
    hf_names folders = {0}, labels = {0};
    uint32_t capacity = 0;
    out->kind = HF_DATASET_IMAGES;
    hf_status status = list_folder(folder, S_IFDIR, HF_DATASET_MAX_CLASSES, &folders, err);
    if (status == HF_OK) {
        status = hf_dataset_read_labels(folder, &labels, err);
        if (status == HF_ENOTFOUND) {
            status = HF_OK;
            for (uint32_t i = 0; status == HF_OK && i < folders.count; i++)
                status = hf_names_add(&labels, folders.items[i], strlen(folders.items[i]),
                                      HF_DATASET_MAX_CLASSES, folder, err);
        }
    }
    for (uint32_t i = 0; status == HF_OK && i < folders.count; i++) {
        uint32_t label = hf_names_find(&labels, folders.items[i]);
        if (label == UINT32_MAX)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s/labels.txt: no line for the folder '%s'",
                                folder, folders.items[i]);
        else
            status = add_class(folder, folders.items[i], label, out, &capacity, err);
    }
    if (status == HF_OK && !out->sample_count)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                            "%s: expected a folder per class with .png, .jpg, .ppm or .pgm files in it, or "
                            "y_labels.csv; found %u folder%s without images",
                            folder, (unsigned)folders.count, folders.count == 1 ? "" : "s");
    hf_names_free(&folders);
    out->classes = labels.items;
    out->class_count = labels.count;
    return status;
}
