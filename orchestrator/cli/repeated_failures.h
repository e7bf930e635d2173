/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPEATED_FAILURES_H
#define HF_CLI_REPEATED_FAILURES_H

#include <stdint.h>
#include <stdio.h>

#include "run_view/run_view.h"

/**
 * @file repeated_failures.h
 * Prints each cause of failure once in a run: failures with the same cause are only counted.
 */

typedef struct hf_repeated_failures hf_repeated_failures;

/** @return NULL when out of memory; then every failure counts as new */
hf_repeated_failures *hf_repeated_failures_new(void);
void hf_repeated_failures_free(hf_repeated_failures *failures);

typedef enum hf_repetition {
    HF_REPETITION_NEW,        /**< a new cause */
    HF_REPETITION_OTHER_KIND, /**< a known cause, so far of events of another kind */
    HF_REPETITION_SAME_KIND,  /**< a known cause of such an event: only counted */
} hf_repetition;

/** Notes a failure that is about to be printed. */
hf_repetition hf_repeated_failures_note(hf_repeated_failures *failures, const hf_run_event *event);

/** Prints the counts: "  3 more models failed for the same reason as NAME". */
void hf_repeated_failures_print(const hf_repeated_failures *failures, FILE *to);

#endif
