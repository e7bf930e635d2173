/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_DID_YOU_MEAN_H
#define HF_BASE_DID_YOU_MEAN_H

#include <stdint.h>

/**
 * @file did_you_mean.h
 * "Did you mean": the known word nearest to a misspelt one, by edit distance.
 */

/**
 * Edit distance between two words: letters inserted, deleted or replaced, and adjacent letters swapped
 * (optimal string alignment). Case is ignored.
 * @return UINT32_MAX if either word is longer than 63 bytes
 */
uint32_t hf_word_distance(const char *a, const char *b);

/** The best candidate for a word so far. */
typedef struct hf_suggestion {
    const char *word;
    const char *best; /**< NULL while no candidate is near enough */
    uint32_t best_distance;
} hf_suggestion;

/**
 * Considers one candidate. It is near enough if at most a third of the word's letters differ. Words under six
 * letters allow one edit, or two if they have four or five letters and start like the candidate; a single
 * letter may differ in case only. A prefix of three or more letters is always near enough.
 */
void hf_suggest(hf_suggestion *suggestion, const char *candidate);

#endif
