/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_DATASET_LIST_H
#define HF_EVALUATE_DATASET_LIST_H

#include "evaluate/dataset.h"

/* One reader per layout. The caller frees *out, also on failure. */
hf_status hf_dataset_list_folders(const char *folder, hf_dataset *out, hf_error *err);
hf_status hf_dataset_list_csv(const char *csv, hf_dataset *out, hf_error *err);

/** Appends a sample. @param capacity samples allocated; updated */
hf_status hf_dataset_add(hf_dataset *dataset, uint32_t *capacity, const hf_dataset_sample *sample,
                         hf_error *err);

#endif
