/* SPDX-License-Identifier: Apache-2.0 */
#include "train/spec_trainings.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a name matches one of some patterns with commas between. */
static bool matches(const char *patterns, const char *name)
{
    char pattern[256];
    for (const char *at = patterns; at;) {
        const size_t length = strcspn(at, ",");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, at);
        if (fnmatch(pattern, name, 0) == 0)
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

hf_status hf_trainings_of_spec(const hf_spec *spec, const char *only, hf_training_item **items,
                               uint32_t *count, hf_error *err)
{
    hf_training_item *list = calloc(spec->variation_count, sizeof *list);
    uint32_t listed = 0;
    if (!list)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a list of trainings");
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        if (v->training && (!only || matches(only, v->name)))
            list[listed++] = (hf_training_item){.name = v->name,
                                                .variation = &v->variation,
                                                .recipe = v->training,
                                                .tflite_path = v->weights_path};
    }
    if (!listed) {
        free(list);
        list = NULL;
    }
    *items = list;
    *count = listed;
    return HF_OK;
}
