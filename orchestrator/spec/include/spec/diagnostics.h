/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_DIAGNOSTICS_H
#define HF_SPEC_DIAGNOSTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file diagnostics.h
 * The mistakes found in a file that a person wrote. All of them are collected, so that one run reports
 * everything that needs fixing; hf_diagnostics_render() formats them for the terminal.
 */

/** Mistakes that are stored; further ones are only counted. */
#define HF_DIAGNOSTICS_MAX 100

typedef struct hf_diagnostic {
    const char *file; /**< as the user named it; owned by the list */
    uint32_t line;    /**< from 1; 0 = the file as a whole */
    uint32_t column;  /**< from 1, in characters; 0 with line 0 */
    const char *text; /**< "what, and what was expected"; one line; owned by the list */
} hf_diagnostic;

typedef struct hf_diagnostics hf_diagnostics;

/** @return an empty list, or NULL when out of memory */
hf_diagnostics *hf_diagnostics_new(void);
void hf_diagnostics_free(hf_diagnostics *list);

/** Appends a mistake. Replaces control characters in the text with '?', so that input cannot control a
 * terminal. */
void hf_diagnostics_add(hf_diagnostics *list, const char *file, uint32_t line, uint32_t column,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Appends that a file cannot be read. The text is the error's, without the path, which the file's name gives
 * already. @param expected "a readable job spec" */
void hf_diagnostics_add_unreadable(hf_diagnostics *list, const char *file, const hf_error *error,
                                   const char *expected);

/** Mistakes stored, at most HF_DIAGNOSTICS_MAX. */
uint32_t hf_diagnostics_count(const hf_diagnostics *list);
/** Mistakes found, including those not stored. 0 = none. */
uint32_t hf_diagnostics_total(const hf_diagnostics *list);
/** True if a mistake could not be stored for lack of memory: the list is incomplete. */
bool hf_diagnostics_failed(const hf_diagnostics *list);

/** @return the i-th stored mistake, in the order found; NULL past the last. Valid until the next add. */
const hf_diagnostic *hf_diagnostics_at(const hf_diagnostics *list, uint32_t index);

/**
 * One line "file:line:column: text" per mistake, sorted by file (in order of first appearance), line and
 * column, and a last line "... and N more" if some were not stored. "" for an empty list.
 * @return freed by the caller; NULL when out of memory
 */
char *hf_diagnostics_render(const hf_diagnostics *list);

#endif
