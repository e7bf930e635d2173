/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/list_files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datasets/dataset.h"

static hf_status append(hf_spec_file_list *list, const char *path, hf_error *err)
{
    /* Grown by doubling: at the powers of two it is full. */
    const bool is_full = (list->count & (list->count - 1)) == 0;
    if (list->count >= HF_SPEC_MAX_FILES)
        return HF_FAIL(err, HF_ELIMIT, "the spec needs more than the %d files allowed", HF_SPEC_MAX_FILES);
    if (is_full) {
        const size_t capacity = list->count ? 2 * (size_t)list->count : 1;
        char **grown = reallocarray(list->paths, capacity, sizeof *grown);
        if (!grown)
            return HF_FAIL(err, HF_ENOMEM, "no memory for the names of %zu files", capacity);
        list->paths = grown;
    }
    char *copy = strdup(path);
    if (!copy)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the name of a file");
    list->paths[list->count++] = copy;
    return HF_OK;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Appends what fts_read() found, if it is a file. */
static hf_status visit(FTS *walk, FTSENT *found, hf_spec_file_list *list, hf_error *err)
{
    const bool is_hidden = found->fts_level > 0 && found->fts_name[0] == '.';
    switch (found->fts_info) {
    case FTS_D:
        if (is_hidden)
            (void)fts_set(walk, found, FTS_SKIP); /* fails for an invalid instruction only */
        return HF_OK;
    case FTS_F:
        return is_hidden ? HF_OK : append(list, found->fts_path, err);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return HF_FAIL(err, HF_EIO, "cannot read %s: %s", found->fts_path, strerror(found->fts_errno));
    case FTS_DC:
        return HF_FAIL(err, HF_EIO, "%s is a link to a folder above it", found->fts_path);
    default: /* leaving a folder; dangling links, devices and the like are no samples */
        return HF_OK;
    }
}

/* Appends a file, or all files in a folder. */
static hf_status append_tree(hf_spec_file_list *list, const char *path, hf_error *err)
{
    char *copy = strdup(path);
    char *const roots[] = {copy, NULL};
    FTS *walk = copy ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) : NULL;
    hf_status status = HF_OK;
    if (!walk)
        status = HF_FAIL(err, copy ? HF_EIO : HF_ENOMEM, "cannot read %s: %s", path, strerror(errno));
    for (FTSENT *found; status == HF_OK && (found = fts_read(walk));)
        status = visit(walk, found, list, err);
    if (walk)
        fts_close(walk);
    free(copy);
    return status;
}

/* Appends labels.txt beside a file, if there is one. */
static hf_status append_class_names(hf_spec_file_list *list, const char *path, hf_error *err)
{
    const char *slash = strrchr(path, '/');
    char *names = NULL;
    if (asprintf(&names, "%.*slabels.txt", slash ? (int)(slash - path + 1) : 0, path) < 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a path");
    hf_status status = access(names, F_OK) == 0 ? append(list, names, err) : HF_OK;
    free(names);
    return status;
}

/* Appends what belongs to a data set that is named by a file: its labels, or the samples that it lists. */
static hf_status append_samples(hf_spec_file_list *list, const char *path, hf_error *err)
{
    hf_status status = append_class_names(list, path, err);
    if (hf_dataset_is_array(path)) {
        char *labels = hf_dataset_labels_file(path);
        if (status == HF_OK && labels)
            status = append(list, labels, err);
        free(labels);
        return status;
    }
    hf_dataset dataset = {0};
    if (status == HF_OK)
        status = hf_dataset_open(path, &dataset, err);
    for (uint32_t i = 0; status == HF_OK && i < dataset.sample_count; i++)
        status = append(list, dataset.samples[i].path, err);
    hf_dataset_free(&dataset);
    return status;
}

/* Appends the record beside a file with trained weights, if there is one. */
static hf_status append_record(hf_spec_file_list *list, const char *path, hf_error *err)
{
    char *record = NULL;
    if (asprintf(&record, "%s.json", path) < 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a path");
    hf_status status = access(record, F_OK) == 0 ? append(list, record, err) : HF_OK;
    free(record);
    return status;
}

/* Whether a file gives a variation its weights. */
static bool is_weights_file(const hf_spec *spec, const char *path)
{
    bool is_weights = false;
    for (uint32_t i = 0; i < spec->variation_count && !is_weights; i++)
        is_weights = spec->variations[i].weights_path && strcmp(spec->variations[i].weights_path, path) == 0;
    return is_weights;
}

/* Whether a variation's data set is this file. */
static bool is_dataset_file(const hf_spec *spec, const char *path)
{
    struct stat about;
    bool is_data = false;
    for (uint32_t i = 0; i < spec->variation_count && !is_data; i++)
        is_data = spec->variations[i].data_path && strcmp(spec->variations[i].data_path, path) == 0;
    return is_data && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The number of paths that a spec names. */
static size_t count_named(const hf_spec *spec)
{
    size_t count = 3 * (size_t)spec->variation_count;
    for (uint32_t i = 0; i < spec->measure.input_count; i++)
        count += spec->measure.inputs[i].path_count;
    return count;
}

/* Sorts a list and removes repeated files. */
static void make_unique(hf_spec_file_list *list)
{
    uint32_t unique = 0;
    if (list->count)
        qsort(list->paths, list->count, sizeof *list->paths, by_path);
    for (uint32_t i = 0; i < list->count; i++)
        if (unique && strcmp(list->paths[unique - 1], list->paths[i]) == 0)
            free(list->paths[i]);
        else
            list->paths[unique++] = list->paths[i];
    list->count = unique;
}

/* The paths that a spec names, each once, sorted, without models that were not trained, as they cannot fit. @param paths count_named() */
static uint32_t list_named(const hf_spec *spec, const char **paths)
{
    uint32_t count = 0, unique = 0;
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        if (spec->variations[i].path)
            paths[count++] = spec->variations[i].path;
        if (spec->variations[i].weights_path &&
            (!spec->variations[i].training || access(spec->variations[i].weights_path, F_OK) == 0))
            paths[count++] = spec->variations[i].weights_path;
        if (spec->variations[i].data_path)
            paths[count++] = spec->variations[i].data_path;
    }
    for (uint32_t i = 0; i < spec->measure.input_count; i++)
        for (uint32_t k = 0; k < spec->measure.inputs[i].path_count; k++)
            paths[count++] = spec->measure.inputs[i].paths[k];
    qsort(paths, count, sizeof *paths, by_path);
    for (uint32_t i = 0; i < count; i++)
        if (!unique || strcmp(paths[unique - 1], paths[i]) != 0)
            paths[unique++] = paths[i];
    return unique;
}

hf_status hf_spec_list_files(const hf_spec *spec, hf_spec_file_list *out, hf_error *err)
{
    hf_spec_file_list list = {0};
    const char **named = calloc(count_named(spec) + 1, sizeof *named);
    hf_status status = named ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory for the files of the spec");
    const uint32_t count = named ? list_named(spec, named) : 0;
    for (uint32_t i = 0; status == HF_OK && i < count; i++) {
        status = append_tree(&list, named[i], err);
        if (status == HF_OK && is_dataset_file(spec, named[i]))
            status = append_samples(&list, named[i], err);
        if (status == HF_OK && is_weights_file(spec, named[i]))
            status = append_record(&list, named[i], err);
    }
    free(named);
    make_unique(&list);
    if (status == HF_OK)
        *out = list;
    else
        hf_spec_file_list_free(&list);
    return status;
}

void hf_spec_file_list_free(hf_spec_file_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (hf_spec_file_list){0};
}
