/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "farm/check_spec_classes.h"
#include "farm/select_part.h"

#define LAST_GREEN "last-green"

static hf_status select_new_part(const hf_submitted *submitted, const hf_farm *farm, hf_store *store,
                                 hf_run_plan *plan, hf_error *err)
{
    const hf_api_options *options = &submitted->submission.options;
    hf_report failed = {0};
    hf_status status = HF_OK;
    if (options->failed) {
        int64_t run_id = 0;
        status = hf_store_find_run(store, options->failed, &run_id, err);
        if (status == HF_OK)
            status = hf_store_load_parts(store, run_id, 0, &failed, err);
    }
    const hf_part_options selected = {
        .only = options->only, .boards = options->boards, .failed = options->failed ? &failed : NULL};
    if (status == HF_OK)
        status =
            hf_part_select(&selected, plan->spec, farm, &plan->selection, &plan->part, &plan->spec_text, err);
    hf_report_free(&failed);
    return status;
}

/* The run to compare with is found before the run begins, so that "latest" is an earlier run. */
static hf_status find_baseline(const hf_submitted *submitted, hf_store *store, hf_run_plan *plan,
                               hf_error *err)
{
    const char *text = submitted->submission.options.baseline;
    int64_t run_id = 0, own_id = 0;
    hf_status status = hf_store_find_key(store, submitted->key, &own_id, err);
    if (status != HF_OK || !text)
        return status;
    status = strcmp(text, LAST_GREEN) == 0
                 ? hf_store_find_last_green(store, plan->spec->name, submitted->owner, own_id, &run_id, err)
                 : hf_store_find_run(store, text, &run_id, err);
    if (status == HF_OK && run_id && run_id == own_id)
        status = HF_FAIL(err, HF_EINVALID,
                         "a run cannot be its own baseline: expected another run, or " LAST_GREEN);
    if (status == HF_OK)
        plan->baseline_id = run_id;
    return status;
}

hf_status hf_run_plan_make(const hf_submitted *submitted, const char *tree, const hf_farm *farm,
                           hf_store *store, const char *recorded, hf_diagnostics *diagnostics,
                           hf_run_plan *out, hf_error *err)
{
    const hf_api_spec *spec = &submitted->submission.spec;
    *out = (hf_run_plan){0};
    if (!spec->path || !spec->text)
        return HF_FAIL(err, HF_EINVALID, "the submission has no spec: expected spec.path and spec.text");
    hf_status status =
        hf_spec_parse_in_tree(spec->path, spec->text, strlen(spec->text), tree, &out->spec, diagnostics, err);
    const uint32_t mistakes = hf_diagnostics_total(diagnostics);
    if (status == HF_OK)
        status = hf_check_spec_classes(out->spec, false, diagnostics, err);
    if (status == HF_OK && hf_diagnostics_total(diagnostics) != mistakes)
        status = HF_FAIL(err, HF_EINVALID, "%s: models and data sets have other classes", spec->path);
    if (status == HF_OK)
        status = hf_farm_select(farm, out->spec, &out->selection, diagnostics, err);
    if (status == HF_OK)
        status = recorded ? hf_part_restore(recorded, out->spec, farm, &out->selection, &out->part, err)
                          : select_new_part(submitted, farm, store, out, err);
    if (status == HF_OK)
        status = find_baseline(submitted, store, out, err);
    return status;
}

void hf_run_plan_clear(hf_run_plan *plan)
{
    hf_partial_run_free(&plan->part);
    hf_selection_free(&plan->selection);
    hf_spec_free(plan->spec);
    free(plan->spec_text);
    *plan = (hf_run_plan){0};
}
