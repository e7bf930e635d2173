/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_EXIT_STATUS_H
#define HF_CLI_EXIT_STATUS_H

#include "base/error.h"
#include "run_view/run_view.h"

/**
 * @file exit_status.h
 * The exit statuses of `hilfarm`, and which one a failure or a run gets.
 */

typedef enum hf_exit {
    HF_EXIT_OK = 0, /**< everything asked for was done; for `run`: all measured */
    HF_EXIT_SOME_FAILED =
        1, /**< `run`: a model was not measured, a board was dead, or --fail-on applies; `compare`: nothing
                                  can be compared */
    HF_EXIT_BAD_INPUT = 2,   /**< arguments, spec or farm file */
    HF_EXIT_FARM = 3,        /**< the farm or its store cannot work */
    HF_EXIT_INTERRUPTED = 4, /**< stopped by SIGINT (Ctrl-C), SIGTERM or SIGHUP */
    HF_EXIT_REGRESSED = 5,   /**< `compare`, or --baseline: a model regressed; for `run`, nothing failed */
} hf_exit;

/** Prints "hilfarm: message" on stderr. @return the exit status for the failure */
hf_exit hf_cli_fail(const hf_error *err);

/** What makes the exit status of a run HF_EXIT_SOME_FAILED: a set of bits. */
#define HF_FAIL_ON_FAILED (1u << 0) /* a model not measured, a dead board; always in the set */
#define HF_FAIL_ON_MISSED (1u << 1) /* a model misses a limit, or cannot fit */

/** Parses the words of --fail-on: "missed", "failed,missed". @param set written on HF_OK */
hf_status hf_fail_on_parse(const char *text, unsigned *set, hf_error *err);

/**
 * A failure counts more than a regression: without a result there is nothing to compare.
 * @param ended  what hf_run() returned
 * @param missed models that missed a limit
 * @param regressed models that are worse than in the baseline
 */
hf_exit hf_run_exit(hf_status ended, const hf_run_summary *summary, unsigned missed, size_t regressed,
                    unsigned fail_on);

#endif
