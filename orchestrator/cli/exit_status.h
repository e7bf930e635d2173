/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_EXIT_STATUS_H
#define HF_CLI_EXIT_STATUS_H

#include "cli.h"
#include "farm/run.h"

/**
 * @file exit_status.h
 * What a run's exit status says.
 */

/** What makes it HF_EXIT_SOME_FAILED: a set of bits. */
#define HF_FAIL_ON_FAILED (1u << 0) /* a model not measured, a dead board; always in the set */
#define HF_FAIL_ON_MISSED (1u << 1) /* a limit missed */

/**
 * Reads --fail-on's words ("missed", "failed,missed"); prints what is wrong with them.
 * @param text NULL = the default
 * @return false for words that are not known
 */
bool hf_fail_on_parse(const char *text, unsigned *set);

/**
 * @param ended  what hf_run() returned
 * @param missed models that missed a limit
 */
hf_exit hf_run_exit(hf_status ended, const hf_run_summary *summary, unsigned missed, unsigned fail_on);

#endif
