/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_REQUESTED_BASELINE_H
#define HF_DAEMON_REQUESTED_BASELINE_H

#include "dispatch.h"
#include "report/rows.h"

/**
 * @file requested_baseline.h
 * What a report is compared with: the run that the query names (`baseline`), or else the one that it was compared with when it ended.
 */

/** @param run_id set to 0 if there is none */
hf_status hf_find_requested_baseline(const hf_dispatched *task, const hf_run_row *run, int64_t *run_id,
                                     hf_error *err);

#endif
