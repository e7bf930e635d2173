/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_PLAN_H
#define HF_DAEMON_PLAN_H

#include "farm/partial_run.h"
#include "spec/farm_file.h"
#include "store/store.h"
#include "submitted.h"

/**
 * @file plan.h
 * What a submission asks for: spec, boards and part of the sweep, checked. Reads the submission's files; takes
 * seconds for large specs.
 */

typedef struct hf_run_plan {
    hf_spec *spec;
    hf_selection selection;
    hf_partial_run part;
    char *spec_text;     /**< to record; NULL = the spec's own */
    int64_t baseline_id; /**< run to compare with; 0 = none, or none yet */
} hf_run_plan;

/**
 * @param tree folder of the submission's files
 * @param store for the runs that the options name
 * @param diagnostics receives the mistakes of the spec
 * @param recorded text of the run's spec in the store, if the run is there: the part is that of the run; NULL = a
 * new run
 * @param out hf_run_plan_clear(), also after a failure
 * @return HF_OK; HF_EINVALID for mistakes, in the diagnostics or in *err
 */
hf_status hf_run_plan_make(const hf_submitted *submitted, const char *tree, const hf_farm *farm,
                           hf_store *store, const char *recorded, hf_diagnostics *diagnostics,
                           hf_run_plan *out, hf_error *err);
void hf_run_plan_clear(hf_run_plan *plan);

#endif
