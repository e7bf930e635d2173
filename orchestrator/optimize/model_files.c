/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the models of a search are still those that were trained: files can be damaged or removed between two calls. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/* @return HF_OK: the file is that of its record, and trained to the end if it is said to be */
static hf_status check_file(const hf_optimizer *o, uint32_t candidate, bool *good, hf_error *err)
{
    char *path = hf_optimizer_weights_path(o, candidate);
    hf_training_record record = {0};
    if (!path)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    *good = hf_training_record_read(path, &record, NULL) == HF_OK &&
            (record.complete || !hf_facts_have(o, HF_SEARCH_FINISHED, candidate));
    free(path);
    return HF_OK;
}

/* What is not known any more without the file: trainings are done again, and so is the proof. */
static void forget(hf_optimizer *o, uint32_t candidate)
{
    size_t left = 0;
    for (size_t i = 0; i < o->facts.count; i++) {
        const hf_search_fact *f = &o->facts.items[i];
        if (f->kind == HF_SEARCH_OUT_OF_TIME || f->candidate != candidate ||
            (f->kind != HF_SEARCH_FINISHED && f->kind != HF_SEARCH_PROVED))
            o->facts.items[left++] = *f;
    }
    o->facts.count = left;
    o->facts.has_result[candidate] = false;
}

hf_status hf_optimizer_check_models(hf_optimizer *o, hf_error *err)
{
    for (uint32_t c = 0; o->options.spec->training.data_path && c < o->space.count; c++) {
        bool good = true;
        if (!hf_facts_have(o, HF_SEARCH_FINISHED, c) && !hf_facts_have(o, HF_SEARCH_PROVED, c))
            continue;
        const hf_status status = check_file(o, c, &good, err);
        if (status != HF_OK)
            return status;
        if (good)
            continue;
        const char *folder = o->options.spec->optimization.folder, *name = o->space.candidates[c].name;
        if (hf_facts_have(o, HF_SEARCH_OUT_OF_TIME, 0))
            return HF_FAIL_AS(
                err, HF_FAULT_NONE, HF_EINVALID,
                "%s/models/%s.tflite is not the file that was trained, and the time of the search is over: "
                "expected a larger \"budget\" in \"optimize\", with which it is trained again",
                folder, name);
        hf_optimizer_say(o, "%s/models/%s.tflite is not the file that was trained: it is trained again",
                         folder, name);
        forget(o, c);
    }
    return HF_OK;
}
