/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_HERE_H
#define HF_CLI_RUN_HERE_H

#include "exit_status.h"
#include "run_options.h"

/**
 * @file run_here.h
 * `hilfarm run` without a daemon: this process uses the boards itself.
 */

/** Runs a spec, or the part of it that the options select; with --dry-run prints the plan. */
hf_exit hf_cli_run_here(const char *spec_path, const hf_cli_run_options *v);

/** Continues a run. @param text number, key or name; "latest" */
hf_exit hf_cli_resume_here(const char *text, const hf_cli_run_options *v);

#endif
