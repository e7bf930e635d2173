/* SPDX-License-Identifier: Apache-2.0 */
#include "training_sets.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static hf_status digest_or_explain(const char *what, const char *path, char digest[HF_SHA256_HEX_SIZE],
                                   hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_dataset_digest(path, digest, &cause);
    if (status != HF_OK)
        (void)HF_FAIL_AS(err, HF_FAULT_NONE, status, "train: %s: %s", what, cause.message);
    return status;
}

static hf_status digest(hf_training_set *set, hf_error *err)
{
    const hf_spec_training *recipe = set->recipe;
    hf_status status = digest_or_explain("data", recipe->data_path, set->data_digest, err);
    if (status == HF_OK && recipe->test_path)
        status = digest_or_explain("test", recipe->test_path, set->test_digest, err);
    if (status == HF_OK && recipe->pixels)
        status = hf_pixels_parse(recipe->pixels, &set->pixels, err);
    return status;
}

hf_status hf_training_sets_get(hf_training_sets *sets, const hf_spec_training *recipe, hf_training_set **out,
                               hf_error *err)
{
    for (uint32_t i = 0; i < sets->count; i++) {
        const hf_spec_training *known = sets->sets[i]->recipe;
        if (same_text(known->data_path, recipe->data_path) &&
            same_text(known->test_path, recipe->test_path) && same_text(known->pixels, recipe->pixels)) {
            *out = sets->sets[i];
            return HF_OK;
        }
    }
    hf_training_set *set = calloc(1, sizeof *set);
    hf_training_set **grown = reallocarray(sets->sets, sets->count + 1, sizeof(hf_training_set *));
    if (grown)
        sets->sets = grown;
    if (!set || !grown) {
        free(set);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a data set");
    }
    set->recipe = recipe;
    set->pixels = hf_pixels_default();
    const hf_status status = digest(set, err);
    if (status != HF_OK) {
        free(set);
        return status;
    }
    sets->sets[sets->count++] = *out = set;
    return HF_OK;
}

void hf_training_sets_free(hf_training_sets *sets)
{
    for (uint32_t i = 0; i < sets->count; i++) {
        hf_dataset_free(&sets->sets[i]->data);
        hf_dataset_free(&sets->sets[i]->test);
        free(sets->sets[i]);
    }
    free(sets->sets);
    *sets = (hf_training_sets){0};
}

hf_status hf_training_set_open(hf_training_set *set, hf_error *err)
{
    if (set->is_open)
        return HF_OK;
    hf_status status = hf_dataset_open(set->recipe->data_path, &set->data, err);
    if (status == HF_OK && set->recipe->test_path)
        status = hf_dataset_open(set->recipe->test_path, &set->test, err);
    set->is_open = status == HF_OK;
    return status;
}
