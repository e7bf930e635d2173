/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_FAILURE_H
#define HF_API_FAILURE_H

#include <stdint.h>

#include "api/api.h"

/**
 * @file failure.h
 * What the daemon answers when it cannot do what was asked.
 */

/** A mistake in a spec, as in spec/diagnostics.h. */
typedef struct hf_api_diagnostic {
    char *file;
    uint32_t line, column; /**< from 1; 0 = the file as a whole */
    char *text;
} hf_api_diagnostic;

typedef struct hf_api_failure {
    hf_status status;
    hf_fault fault;
    hf_lasting lasting;
    char *message;
    hf_api_diagnostic *diagnostics;
    size_t diagnostic_count;
    uint32_t diagnostic_total; /**< including those that are left out */
} hf_api_failure;

/** The body of every answer that is not a success: {"error": {...}, "missing": [...]}. */
typedef struct hf_api_refusal {
    hf_api_failure error;
    char **missing; /**< SHA-256 of the files that the daemon needs first, with 409 */
    size_t missing_count;
} hf_api_refusal;

extern const hf_api_type hf_api_failure_type, hf_api_refusal_type;

/** The same failure, to be written. @return borrows from `err`; hf_api_clear() must not be called */
hf_api_failure hf_api_failure_of(const hf_error *err);
/** Records a failure that was read, unless *err already holds one. @return its status */
hf_status hf_api_failure_pass(hf_error *err, const hf_api_failure *failure);

#endif
