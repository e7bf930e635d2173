/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RESUME_H
#define HF_FARM_RESUME_H

#include "report/rows.h"
#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file resume.h
 * Whether a run that ended before its time can be gone on with. What it measured stays, so what is measured
 * now must be of the same spec, the same chips, the same firmware and images made the same way.
 */

/**
 * Compares a run with what a new one would be.
 * @param earlier the run, as it was read from the store
 * @return HF_OK; HF_EINVALID with what differs; other failures of reading or compiling
 */
hf_status hf_resume_check(const hf_report *earlier, const hf_spec *spec, const hf_selection *selection,
                          const char *firmware_dir, hf_error *err);

#endif
