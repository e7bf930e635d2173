/* SPDX-License-Identifier: Apache-2.0 */
/* MLPerf Tiny's y_labels.csv: "file,classes,label" or "file,classes,label,window bytes,stride bytes". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dataset_list.h"

#define MAX_FIELDS 5

typedef struct line {
    const char *path; /* of the CSV */
    uint32_t number;
    char *fields[MAX_FIELDS];
    uint32_t count;
} line;

/* Splits a line at its commas. @return false if it has more than MAX_FIELDS fields */
static bool split(char *text, line *out)
{
    out->count = 0;
    for (char *next = text; next;) {
        char *field = next;
        next = strchr(field, ',');
        if (next)
            *next++ = '\0';
        if (out->count == MAX_FIELDS)
            return false;
        out->fields[out->count++] = hf_dataset_trimmed(field);
    }
    return true;
}

static bool read_field(const line *from, uint32_t index, uint32_t min, uint32_t max, const char *what,
                       uint32_t *value, hf_error *err)
{
    const char *text = from->fields[index];
    uint64_t number = 0;
    bool valid = *text != '\0';
    for (const char *at = text; valid && *at; at++) {
        valid = *at >= '0' && *at <= '9' && number < UINT32_MAX;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    if (!valid || number < min || number > max) {
        (void)HF_FAIL(err, HF_EINVALID, "%s:%u: %s '%.40s': expected a number from %u to %u", from->path,
                      (unsigned)from->number, what, text, (unsigned)min, (unsigned)max);
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

static hf_status add_line(const line *from, int folder_length, hf_dataset *out, uint32_t *capacity,
                          hf_error *err)
{
    hf_dataset_sample sample = {0};
    uint32_t classes = 0;
    if (from->count != 3 && from->count != 5)
        return HF_FAIL(err, HF_EINVALID,
                       "%s:%u: expected file,classes,label or file,classes,label,window bytes,stride bytes "
                       "(MLPerf Tiny), or image,label on all lines",
                       from->path, (unsigned)from->number);
    if (!hf_dataset_is_below(from->fields[0]))
        return HF_FAIL(err, HF_EINVALID,
                       "%s:%u: '%.80s': expected the name of a file in or below the folder of the .csv file",
                       from->path, (unsigned)from->number, from->fields[0]);
    if (!read_field(from, 1, 2, HF_DATASET_MAX_CLASSES, "number of classes", &classes, err) ||
        !read_field(from, 2, 0, classes - 1, "label", &sample.label, err))
        return HF_EINVALID;
    if (from->count == 5 &&
        (!read_field(from, 3, 1, HF_PICTURE_MAX_FILE_BYTES, "window", &sample.window_bytes, err) ||
         !read_field(from, 4, 1, HF_PICTURE_MAX_FILE_BYTES, "stride", &sample.stride_bytes, err)))
        return HF_EINVALID;
    if (out->sample_count && classes != out->class_count)
        return HF_FAIL(err, HF_EINVALID, "%s:%u: %u classes, but %u on the lines before", from->path,
                       (unsigned)from->number, (unsigned)classes, (unsigned)out->class_count);
    if (asprintf(&sample.path, "%.*s%s", folder_length, from->path, from->fields[0]) < 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a path");
    hf_status status = hf_dataset_add(out, capacity, &sample, err);
    if (status == HF_OK)
        out->class_count = classes;
    else
        free(sample.path);
    return status;
}

/* Whether the first line with text has two fields: an image and its label. MLPerf Tiny's name is reserved. */
static bool lists_images(const char *csv, const char *text)
{
    const char *slash = strrchr(csv, '/');
    if (strcmp(slash ? slash + 1 : csv, "y_labels.csv") == 0)
        return false;
    const char *at = text + strspn(text, " \t\r\n");
    const size_t length = strcspn(at, "\n");
    uint32_t commas = 0;
    for (size_t i = 0; i < length; i++)
        commas += at[i] == ',';
    return commas == 1;
}

hf_status hf_dataset_list_csv(const char *csv, hf_dataset *out, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint32_t capacity = 0;
    out->kind = HF_DATASET_TENSORS;
    hf_status status = hf_file_read(csv, HF_DATASET_MAX_CSV_BYTES, &bytes, &size, err);
    if (status != HF_OK)
        return status;
    const char *slash = strrchr(csv, '/');
    int folder_length = slash ? (int)(slash - csv + 1) : 0;
    line one = {.path = csv};
    char *text = hf_dataset_text(bytes);
    /* hf_file_read() appends a NUL; a NUL within the bytes would end the text early. */
    if (strlen((char *)bytes) != size)
        status = HF_FAIL(err, HF_EFORMAT, "%s: not a text file", csv);
    else if (lists_images(csv, text)) {
        status = hf_dataset_list_image_csv(csv, text, out, err);
        free(bytes);
        return status;
    }
    for (char *at = text; status == HF_OK && at;) {
        text = at;
        at = strchr(text, '\n');
        if (at)
            *at++ = '\0';
        one.number++;
        if (!*hf_dataset_trimmed(text))
            continue;
        if (!split(text, &one))
            one.count = 0; /* matches no valid number of fields */
        status = add_line(&one, folder_length, out, &capacity, err);
    }
    if (status == HF_OK && !out->sample_count)
        status = HF_FAIL(err, HF_EINVALID, "%s: the file lists no samples", csv);
    hf_status named = HF_OK;
    if (out->sample_count)
        named = hf_dataset_number_classes(out, out->class_count, err);
    else
        out->class_count = 0;
    free(bytes);
    return status == HF_OK ? named : status;
}
