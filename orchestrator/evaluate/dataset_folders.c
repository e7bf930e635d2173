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

#define MAX_LABELS_BYTES (4u << 20)

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct names {
    char **items; /* owned */
    uint32_t count, capacity;
} names;

static void names_free(names *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (names){0};
}

static hf_status names_add(names *list, const char *text, size_t length, uint32_t max, const char *what,
                           hf_error *err)
{
    if (list->count == max)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%s: more than %u", what, (unsigned)max);
    if (list->count == list->capacity) {
        uint32_t more = list->capacity ? list->capacity * 2 : 64;
        char **grown = reallocarray(list->items, more, sizeof *grown);
        if (!grown)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for %u names", what,
                              (unsigned)more);
        list->items = grown;
        list->capacity = more;
    }
    char *copy = strndup(text, length);
    if (!copy)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for a name", what);
    list->items[list->count++] = copy;
    return HF_OK;
}

/* Lists the entries of that type (following links) in a folder, without hidden ones, sorted by bytes. */
static hf_status list_folder(const char *path, mode_t type, uint32_t max, names *out, hf_error *err)
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
        if (fstatat(dirfd(folder), entry->d_name, &about, 0) == 0 && (about.st_mode & S_IFMT) == type)
            status = names_add(out, entry->d_name, strlen(entry->d_name), max, path, err);
    }
    closedir(folder);
    if (status == HF_OK && out->count)
        qsort(out->items, out->count, sizeof *out->items, by_bytes);
    return status;
}

static uint32_t find(const names *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return i;
    return UINT32_MAX;
}

/* Reads the classes from labels.txt. @return HF_ENOTFOUND, without setting *err, if there is no such file */
static hf_status read_labels(const char *folder, names *out, hf_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/labels.txt", folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct stat about;
    hf_status status = HF_ENOTFOUND;
    if (stat(path, &about) == 0)
        status = hf_file_read(path, MAX_LABELS_BYTES, &bytes, &size, err);
    const char *at = (const char *)bytes, *end = at ? at + size : NULL;
    for (uint32_t line = 1; status == HF_OK && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        const char *last = stop > at && stop[-1] == '\r' ? stop - 1 : stop;
        size_t length = (size_t)(last - at);
        if (memchr(at, '\0', length) || (length == 0 && newline != NULL))
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s:%u: expected the name of a class", path,
                                (unsigned)line);
        else if (length)
            status = names_add(out, at, length, HF_DATASET_MAX_CLASSES, path, err);
        if (status == HF_OK && length && find(out, out->items[out->count - 1]) != out->count - 1)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s:%u: '%s' appears twice", path,
                                (unsigned)line, out->items[out->count - 1]);
        at = newline ? newline + 1 : end;
    }
    free(bytes);
    free(path);
    return status;
}

static bool is_image(const char *name)
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
    names files = {0};
    hf_status status = list_folder(path, S_IFREG, HF_DATASET_MAX_SAMPLES, &files, err);
    for (uint32_t i = 0; status == HF_OK && i < files.count; i++) {
        hf_dataset_sample sample = {.label = label};
        if (!is_image(files.items[i])) {
            out->ignored_files++;
            continue;
        }
        if (asprintf(&sample.path, "%s/%s", path, files.items[i]) < 0)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
        else if ((status = hf_dataset_add(out, capacity, &sample, err)) != HF_OK)
            free(sample.path);
    }
    names_free(&files);
    free(path);
    return status;
}

hf_status hf_dataset_list_folders(const char *folder, hf_dataset *out, hf_error *err)
{
    names folders = {0}, labels = {0};
    uint32_t capacity = 0;
    out->kind = HF_DATASET_IMAGES;
    hf_status status = list_folder(folder, S_IFDIR, HF_DATASET_MAX_CLASSES, &folders, err);
    if (status == HF_OK) {
        status = read_labels(folder, &labels, err);
        if (status == HF_ENOTFOUND) {
            status = HF_OK;
            for (uint32_t i = 0; status == HF_OK && i < folders.count; i++)
                status = names_add(&labels, folders.items[i], strlen(folders.items[i]),
                                   HF_DATASET_MAX_CLASSES, folder, err);
        }
    }
    for (uint32_t i = 0; status == HF_OK && i < folders.count; i++) {
        uint32_t label = find(&labels, folders.items[i]);
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
    names_free(&folders);
    out->classes = labels.items;
    out->class_count = labels.count;
    return status;
}
