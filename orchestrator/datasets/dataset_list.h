/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DATASETS_DATASET_LIST_H
#define HF_DATASETS_DATASET_LIST_H

#include "datasets/dataset.h"

/* A list of names. */
typedef struct hf_names {
    char **items; /* owned */
    uint32_t count, capacity;
} hf_names;

void hf_names_free(hf_names *list);
/* Appends a copy. @param what names the list in messages */
hf_status hf_names_add(hf_names *list, const char *text, size_t length, uint32_t max, const char *what,
                       hf_error *err);
/* @return UINT32_MAX if it is not in the list */
uint32_t hf_names_find(const hf_names *list, const char *name);
/* Compares two elements of a list, for qsort(). */
int hf_names_by_bytes(const void *a, const void *b);

/* One reader per layout. The caller frees *out, also on failure. */
hf_status hf_dataset_list_folders(const char *folder, hf_dataset *out, hf_error *err);
hf_status hf_dataset_list_csv(const char *csv, hf_dataset *out, hf_error *err);
hf_status hf_dataset_list_image_csv(const char *csv, char *text, hf_dataset *out, hf_error *err);
/* @param has_values false: the images are not read, only their labels */
hf_status hf_dataset_list_array(const char *images, bool has_values, hf_dataset *out, hf_error *err);

/** Reads the names of the classes from a folder's labels.txt. @return HF_ENOTFOUND, without setting *err, if there is none */
hf_status hf_dataset_read_labels(const char *folder, hf_names *out, hf_error *err);
/** Names the classes by their numbers. */
hf_status hf_dataset_number_classes(hf_dataset *out, uint32_t count, hf_error *err);

/** Whether a file is an image by the ending of its name. */
bool hf_dataset_is_image(const char *name);

/** The text of a file without the byte order mark that some programs write before it. */
char *hf_dataset_text(uint8_t *bytes);
/** Ends a text before its last white space. @return it without what it begins with */
char *hf_dataset_trimmed(char *text);
/** Whether a name stays in the folder of the .csv file, or below it. */
bool hf_dataset_is_below(const char *name);

/** Appends a sample. @param capacity samples allocated; updated */
hf_status hf_dataset_add(hf_dataset *dataset, uint32_t *capacity, const hf_dataset_sample *sample,
                         hf_error *err);

#endif
