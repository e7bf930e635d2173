/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SEARCH_PAPER_FACTORS_H
#define HF_SEARCH_PAPER_FACTORS_H

#include "search/paper.h"

/**
 * @file paper_factors.h
 * The factors of each family, as the strategy of the paper uses them.
 */

typedef struct hf_paper_cut {
    const char *family;
    hf_factor factor;
    const char *part; /* "the last two blocks" */
} hf_paper_cut;

/** The number-th factor that is cut if the model is too large; NULL = there are no more. */
const hf_paper_cut *hf_paper_cut_at(const char *family, uint32_t number);

/** A factor's value, also if it has its default. */
double hf_paper_factor(const hf_variation *variation, hf_factor factor);

#endif
