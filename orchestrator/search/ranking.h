/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SEARCH_RANKING_H
#define HF_SEARCH_RANKING_H

#include "work.h"

/**
 * @file ranking.h
 * Candidates in the order in which they suit the goal of a search.
 */

typedef struct hf_search_entry {
    uint32_t candidate;
    double percent;       /**< on validation samples */
    double loss;          /**< on training samples; of no importance at the end */
    double quality;       /**< how accurate it is or will be: more is better, only the order counts */
    double floor_percent; /**< what it has, or can still reach, towards the accuracy that is required */
    uint32_t rank;        /**< 0 = the best */
    double score;         /**< of equals in rank, more is better */
    uint32_t place;       /**< from 1, set by hf_search_rank() */
} hf_search_entry;

/**
 * Sorts entries, best first, and sets their places.
 * @param is_final their accuracies are known; otherwise, of a search for the fastest, the fastest that may have the accuracy required
 * and the most accurate take turns
 */
void hf_search_rank(const hf_search_work *w, hf_search_entry *entries, uint32_t count, bool is_final);

#endif
