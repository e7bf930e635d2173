/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names, labels.txt, and what readers of .csv files share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "dataset_list.h"

#define MAX_LABELS_BYTES (4u << 20)

int hf_names_by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void hf_names_free(hf_names *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (hf_names){0};
}

hf_status hf_names_add(hf_names *list, const char *text, size_t length, uint32_t max, const char *what,
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

uint32_t hf_names_find(const hf_names *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], name) == 0)
            return i;
    return UINT32_MAX;
}

hf_status hf_dataset_read_labels(const char *folder, hf_names *out, hf_error *err)
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
    const char *at = bytes ? hf_dataset_text(bytes) : NULL, *end = bytes ? (const char *)bytes + size : NULL;
    for (uint32_t line = 1; status == HF_OK && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        const char *last = stop > at && stop[-1] == '\r' ? stop - 1 : stop;
        size_t length = (size_t)(last - at);
        if (memchr(at, '\0', length) || (length == 0 && newline != NULL))
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s:%u: expected the name of a class", path,
                                (unsigned)line);
        else if (length)
            status = hf_names_add(out, at, length, HF_DATASET_MAX_CLASSES, path, err);
        if (status == HF_OK && length && hf_names_find(out, out->items[out->count - 1]) != out->count - 1)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s:%u: '%s' appears twice", path,
                                (unsigned)line, out->items[out->count - 1]);
        at = newline ? newline + 1 : end;
    }
    free(bytes);
    free(path);
    return status;
}

char *hf_dataset_text(uint8_t *bytes)
{
    char *text = (char *)bytes;
    return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

char *hf_dataset_trimmed(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t' || text[length - 1] == '\r'))
        text[--length] = '\0';
    return text;
}

bool hf_dataset_is_below(const char *name)
{
    if (!*name || *name == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    }
    return true;
}
