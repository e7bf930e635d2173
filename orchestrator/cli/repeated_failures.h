/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_REPEATED_FAILURES_H
#define HF_CLI_REPEATED_FAILURES_H

#include <stdint.h>
#include <stdio.h>

#include "farm/run.h"

/**
 * @file repeated_failures.h
 * Causes that people were told already in a run: each is told once, and what shares it is counted.
 */

typedef struct hf_told hf_told;

/** @return NULL when out of memory; then everything counts as new */
hf_told *hf_told_new(void);
void hf_told_free(hf_told *told);

typedef enum hf_told_how {
    HF_TOLD_NEW,    /**< the cause was not told yet */
    HF_TOLD_BEFORE, /**< it was, but of another kind of thing */
    HF_TOLD_AGAIN,  /**< it was, of the same kind of thing: only counted */
} hf_told_how;

/** A failure, a model not run, or a board's failure is about to be told. */
hf_told_how hf_told_see(hf_told *told, const hf_run_event *event);

/** Prints what was only counted: "  3 more models failed for the same cause as NAME". */
void hf_told_print_counts(const hf_told *told, FILE *to);

#endif
