/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_DATASET_LIST_H
#define HF_EVALUATE_DATASET_LIST_H

#include "evaluate/dataset.h"

/* One reader a layout; the caller frees what they leave in *out, whatever comes back. */
hf_status hf_dataset_list_folders(const char *folder, hf_dataset *out, hf_error *err);
hf_status hf_dataset_list_csv(const char *csv, hf_dataset *out, hf_error *err);

/** Appends a sample. @param reserve samples that there is room for; updated */
hf_status hf_dataset_add(hf_dataset *dataset, uint32_t *reserve, const hf_dataset_sample *sample,
                         hf_error *err);

#endif
