/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train.h"

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

hf_status hf_train(const hf_spec *spec, const hf_training_options *options, hf_training_summary *out,
                   hf_error *err)
{
    hf_training_item *items = calloc(spec->variation_count, sizeof *items);
    uint32_t count = 0;
    if (!items)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a list of trainings");
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        if (v->training && (!options->only || matches(options->only, v->name)) &&
            (!options->is_wanted || options->is_wanted(options->user, v)))
            items[count++] = (hf_training_item){.name = v->name,
                                                .variation = &v->variation,
                                                .recipe = v->training,
                                                .tflite_path = v->weights_path,
                                                .until_epoch = options->until_epoch};
    }
    const hf_status status = hf_train_items(items, count, options, out, err);
    free(items);
    return status;
}
