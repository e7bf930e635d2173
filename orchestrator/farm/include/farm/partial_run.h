/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PARTIAL_RUN_H
#define HF_FARM_PARTIAL_RUN_H

#include "report/rows.h"
#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file partial_run.h
 * Runs of a part of a sweep. A part is a set of jobs, a job being a variation on a chip, and a set of boards.
 * It is recorded as comments at the end of the spec's text in the store, so that the run can be resumed.
 */

typedef struct hf_partial_run {
    bool *jobs; /**< owned; job_count of them, index = variation * chips + chip */
    uint32_t job_count;
    uint32_t selected; /**< jobs that are true */
} hf_partial_run;

/** @param spec, selection of the run. @param out with every job selected; hf_partial_run_free() */
hf_status hf_partial_run_all(const hf_spec *spec, const hf_selection *selection, hf_partial_run *out,
                             hf_error *err);
void hf_partial_run_free(hf_partial_run *part);

/**
 * Keeps only boards with these ids. The chips are then those of the boards that are left.
 * @param ids separated by commas
 * @return HF_OK; HF_EINVALID for an id that no selected board has; HF_ENOMEM
 */
hf_status hf_partial_run_boards(const hf_farm *farm, const char *ids, hf_selection *selection, hf_error *err);

/**
 * Keeps only variations whose name matches one of some patterns.
 * @param patterns as in fnmatch(3), separated by commas
 * @return HF_OK; HF_EINVALID for a pattern that matches no variation
 */
hf_status hf_partial_run_only(hf_partial_run *part, const hf_spec *spec, const char *patterns, hf_error *err);

/**
 * Keeps only jobs that failed or were not run in an earlier run.
 * @param earlier jobs are found by name and chip
 * @return HF_OK; HF_EINVALID if there are none
 */
hf_status hf_partial_run_failed(hf_partial_run *part, const hf_spec *spec, const hf_selection *selection,
                                const hf_report *earlier, hf_error *err);

/**
 * The spec's text with the part in comments.
 * @param boards ids as for hf_partial_run_boards(); NULL = all
 * @param options the options that selected the part, for people
 * @return the caller's to free(); NULL = out of memory
 */
char *hf_partial_run_record(const hf_spec *spec, const hf_partial_run *part, const char *boards,
                            const char *options);

/**
 * Finds the part in the recorded text of a run.
 * @param recorded hf_run_row.spec_text; unchanged unless it begins with the spec's text
 * @param boards set to the ids, the caller's to free(); NULL = all
 * @param jobs set to the jobs as recorded, the caller's to free(); NULL = all: the run was not partial
 * @return HF_OK, or HF_ENOMEM
 */
hf_status hf_partial_run_recorded(const char *recorded, const hf_spec *spec, char **boards, char **jobs,
                                  hf_error *err);

/** Selects exactly the jobs that hf_partial_run_recorded() found. @return HF_EINVALID for a damaged text */
hf_status hf_partial_run_jobs(hf_partial_run *part, const char *jobs, hf_error *err);

#endif
