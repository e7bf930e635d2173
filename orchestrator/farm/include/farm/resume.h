/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RESUME_H
#define HF_FARM_RESUME_H

#include "farm/prepare_cache.h"
#include "report/rows.h"
#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file resume.h
 * Whether a run that ended early can be continued. Its results stay, so spec, chips, firmware and images must
 * be the same as then.
 */

/**
 * Compares a run with what a new run of the spec would be.
 * @param earlier the run, from the store
 * @param cache where its images may be found, so that they need not be compiled again; NULL = none
 * @return HF_OK; HF_EINVALID with the difference; other failures of reading or compiling
 */
hf_status hf_resume_check(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                          const char *firmware_dir, hf_prepare_cache *cache, hf_error *err);

#endif
