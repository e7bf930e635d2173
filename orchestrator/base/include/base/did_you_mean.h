/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_DID_YOU_MEAN_H
#define HF_BASE_DID_YOU_MEAN_H

#include <stdint.h>

/**
 * @file did_you_mean.h
 * "Did you mean": the nearest of some known words to a misspelt one.
 */

/**
 * Edits between two words: letters inserted, deleted, replaced, and neighbours swapped; case does not count.
 * Words longer than 63 bytes are as far from anything as can be.
 */
uint32_t hf_word_distance(const char *a, const char *b);

/** Keeps the candidate nearest to a word. */
typedef struct hf_suggestion {
    const char *word;
    const char *best; /**< NULL while no candidate was near enough to be meant */
    uint32_t best_distance;
} hf_suggestion;

/**
 * Near enough: at most a third of the word's letters edited; one in words under six letters, two in those of
 * four or five that begin like the candidate; one letter: only its case. The first three or more letters of a
 * candidate are near enough too.
 */
void hf_suggest(hf_suggestion *suggestion, const char *candidate);

#endif
