/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_WITH_HEALTH_H
#define HF_CLI_RUN_WITH_HEALTH_H

#include "farm/run.h"

/**
 * @file run_with_health.h
 * A run in this process that knows what the store says about the boards, and records how their health changes.
 */

/**
 * As hf_run(), with options->health: boards that are out of service get no job, those that need attention are checked
 * first, and what happens to the boards is recorded.
 * @param db path of the store
 * @return also a failure to read or record the boards' health
 */
hf_status hf_cli_run_with_health(const hf_run_options *options, const char *db, hf_run_summary *summary,
                                 hf_error *err);

#endif
