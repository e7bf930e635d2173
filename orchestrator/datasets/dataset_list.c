/* SPDX-License-Identifier: Apache-2.0 */
/* The list of samples, for the readers of all layouts. */
#include "dataset_list.h"

#include <stdio.h>
#include <stdlib.h>

hf_status hf_dataset_add(hf_dataset *dataset, uint32_t *capacity, const hf_dataset_sample *sample,
                         hf_error *err)
{
    if (dataset->sample_count == HF_DATASET_MAX_SAMPLES)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "more than %u samples",
                          (unsigned)HF_DATASET_MAX_SAMPLES);
    if (dataset->sample_count == *capacity) {
        uint32_t more = *capacity ? *capacity * 2 : 256;
        hf_dataset_sample *grown = reallocarray(dataset->samples, more, sizeof *grown);
        if (!grown)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u samples", (unsigned)more);
        dataset->samples = grown;
        *capacity = more;
    }
    dataset->samples[dataset->sample_count++] = *sample;
    return HF_OK;
}

void hf_dataset_free(hf_dataset *dataset)
{
    if (!dataset)
        return;
    for (uint32_t i = 0; i < dataset->class_count; i++)
        free(dataset->classes[i]);
    free(dataset->classes);
    for (uint32_t i = 0; i < dataset->sample_count; i++)
        free(dataset->samples[i].path);
    free(dataset->samples);
    free(dataset->array.values);
    free(dataset->array.files[0]);
    free(dataset->array.files[1]);
    *dataset = (hf_dataset){0};
}

hf_status hf_dataset_number_classes(hf_dataset *out, uint32_t count, hf_error *err)
{
    out->class_count = 0;
    out->classes = calloc(count, sizeof *out->classes);
    for (uint32_t i = 0; out->classes && i < count; i++) {
        if (asprintf(&out->classes[i], "%u", (unsigned)i) < 0)
            break;
        out->class_count++;
    }
    return out->class_count == count
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u classes", (unsigned)count);
}
