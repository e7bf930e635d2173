/* SPDX-License-Identifier: Apache-2.0 */
/* Images listed in a .csv file: "image,label", with or without a line of headings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_list.h"

/* A line's label, as text until all classes are known. */
typedef struct listing {
    const char *csv;
    int folder_length; /* of its path, with the slash */
    hf_names labels;   /* of the samples */
    hf_names classes;
    uint32_t capacity;
    bool started; /* a line with text was read */
} listing;

static hf_status add_line(listing *l, uint32_t number, char *text, hf_dataset *out, hf_error *err)
{
    char *comma = strchr(text, ',');
    if (!comma || strchr(comma + 1, ','))
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s:%u: expected image,label", l->csv,
                          (unsigned)number);
    *comma = '\0';
    const char *file = hf_dataset_trimmed(text), *label = hf_dataset_trimmed(comma + 1);
    const bool first = !l->started;
    l->started = true;
    if (!hf_dataset_is_image(file) && first)
        return HF_OK; /* headings */
    if (!hf_dataset_is_image(file) || !hf_dataset_is_below(file))
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EINVALID,
            "%s:%u: '%.80s': expected the name of an image in or below the folder of the .csv file", l->csv,
            (unsigned)number, file);
    if (!*label)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s:%u: no label", l->csv, (unsigned)number);
    hf_status status = hf_names_add(&l->labels, label, strlen(label), HF_DATASET_MAX_SAMPLES, l->csv, err);
    hf_dataset_sample sample = {0};
    if (status == HF_OK && asprintf(&sample.path, "%.*s%s", l->folder_length, l->csv, file) < 0)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
    else if (status == HF_OK && (status = hf_dataset_add(out, &l->capacity, &sample, err)) != HF_OK)
        free(sample.path);
    return status;
}

/* Number of a label that is a number below the limit of classes; UINT32_MAX if it is not. */
static uint32_t label_number(const char *label)
{
    char *end;
    const unsigned long number = strtoul(label, &end, 10);
    return *label >= '0' && *label <= '9' && !*end && number < HF_DATASET_MAX_CLASSES ? (uint32_t)number
                                                                                      : UINT32_MAX;
}

/* If all labels are numbers, they number the classes. @return false if they are not */
static bool number_samples(const listing *l, hf_dataset *out, uint32_t *classes)
{
    *classes = 0;
    for (uint32_t i = 0; i < out->sample_count; i++) {
        const uint32_t label = label_number(l->labels.items[i]);
        if (label == UINT32_MAX)
            return false;
        out->samples[i].label = label;
        *classes = label + 1 > *classes ? label + 1 : *classes;
    }
    return true;
}

static bool is_number(const char *label)
{
    char *end;
    (void)strtod(label, &end);
    return !*end && strchr("0123456789+-.", *label);
}

/* Labels that are all numbers, but not all numbers of classes: as names they would be in another order than as numbers. */
static hf_status refuse_other_numbers(const listing *l, hf_error *err)
{
    const char *wrong = NULL;
    for (uint32_t i = 0; i < l->labels.count; i++) {
        const char *label = l->labels.items[i];
        if (!is_number(label))
            return HF_OK;
        if (!wrong && label_number(label) == UINT32_MAX)
            wrong = label;
    }
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                      "%s: label '%.40s': expected whole numbers from 0 to %u, or names", l->csv, wrong,
                      (unsigned)HF_DATASET_MAX_CLASSES - 1);
}

static int compare_names(const void *name, const void *item)
{
    return strcmp(name, *(char *const *)item);
}

/* The distinct labels in the order of their bytes. */
static hf_status collect_classes(listing *l, hf_error *err)
{
    hf_names sorted = {.items = calloc(l->labels.count, sizeof *sorted.items)};
    if (!sorted.items)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u labels",
                          (unsigned)l->labels.count);
    memcpy(sorted.items, l->labels.items, l->labels.count * sizeof *sorted.items);
    qsort(sorted.items, l->labels.count, sizeof *sorted.items, hf_names_by_bytes);
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < l->labels.count; i++)
        if (i == 0 || strcmp(sorted.items[i - 1], sorted.items[i]) != 0)
            status = hf_names_add(&l->classes, sorted.items[i], strlen(sorted.items[i]),
                                  HF_DATASET_MAX_CLASSES, l->csv, err);
    free(sorted.items); /* the names are the labels' */
    return status;
}

/* @param sorted whether the classes are in the order of their bytes */
static hf_status label_samples(const listing *l, bool sorted, hf_dataset *out, hf_error *err)
{
    for (uint32_t i = 0; i < out->sample_count; i++) {
        const char *label = l->labels.items[i];
        char **found =
            sorted ? bsearch(label, l->classes.items, l->classes.count, sizeof *found, compare_names) : NULL;
        out->samples[i].label =
            found ? (uint32_t)(found - l->classes.items) : hf_names_find(&l->classes, label);
        if (out->samples[i].label == UINT32_MAX)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                              "%s: labels.txt has no line for the label '%.80s'", l->csv, label);
    }
    return HF_OK;
}

static hf_status find_classes(listing *l, hf_dataset *out, hf_error *err)
{
    char *folder = strndup(l->folder_length ? l->csv : ".", l->folder_length ? (size_t)l->folder_length : 1);
    if (!folder)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for a path");
    uint32_t numbered = 0;
    hf_status status = hf_dataset_read_labels(folder, &l->classes, err);
    free(folder);
    const bool named = status == HF_OK;
    if (status == HF_ENOTFOUND)
        status = HF_OK;
    if (status == HF_OK && number_samples(l, out, &numbered)) {
        if (!named)
            return hf_dataset_number_classes(out, numbered, err);
        if (numbered > l->classes.count)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: class %u, but labels.txt names only %u",
                              l->csv, (unsigned)numbered - 1, (unsigned)l->classes.count);
    } else if (status == HF_OK) {
        if (!named)
            status = refuse_other_numbers(l, err);
        if (status == HF_OK && !named)
            status = collect_classes(l, err);
        if (status == HF_OK)
            status = label_samples(l, !named, out, err);
    }
    out->classes = l->classes.items;
    out->class_count = l->classes.count;
    l->classes = (hf_names){0};
    return status;
}

hf_status hf_dataset_list_image_csv(const char *csv, char *text, hf_dataset *out, hf_error *err)
{
    const char *slash = strrchr(csv, '/');
    listing l = {.csv = csv, .folder_length = slash ? (int)(slash - csv + 1) : 0};
    hf_status status = HF_OK;
    uint32_t number = 0;
    out->kind = HF_DATASET_IMAGES;
    for (char *at = text; status == HF_OK && at;) {
        char *line = at;
        at = strchr(line, '\n');
        if (at)
            *at++ = '\0';
        number++;
        if (*hf_dataset_trimmed(line))
            status = add_line(&l, number, line, out, err);
    }
    if (status == HF_OK && !out->sample_count)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: the file lists no samples", csv);
    if (status == HF_OK)
        status = find_classes(&l, out, err);
    hf_names_free(&l.labels);
    hf_names_free(&l.classes);
    return status;
}
