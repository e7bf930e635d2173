/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SEARCH_WORK_H
#define HF_SEARCH_WORK_H

#include "search/search.h"

/**
 * @file work.h
 * What the parts of the decision share: a candidate's state, as the facts tell it, and the list of decisions.
 */

/** What is known of a candidate. */
typedef struct hf_search_known {
    bool failed, measured, finished, proved;
    double latency_ns;       /* measured, or proved */
    uint32_t epochs;         /* largest rung with a result; 0 = none */
    double percent;          /* on validation samples: at the end, or of the best epoch so far */
    double finished_percent; /* of the int8 model */
} hf_search_known;

typedef struct hf_search_work {
    const hf_search_settings *settings;
    const hf_search_candidate *candidates;
    const hf_search_fact *facts;
    size_t fact_count;
    uint32_t count;
    hf_search_known *known; /* of each candidate */
    bool out_of_time;
    uint32_t *list; /* candidates that are left, in order */
    uint32_t list_count;
    uint32_t
        deep_from; /* depth from which a candidate belongs to the deepest third of all that entered; 0 = all are about as deep */
    hf_search_plan *plan;
    bool failed; /* out of memory */
} hf_search_work;

/** Adds a decision. @param candidate -1 = of all */
void hf_search_decide(hf_search_work *w, hf_search_step step, uint32_t epochs, int64_t candidate, bool kept,
                      const char *format, ...) __attribute__((format(printf, 6, 7)));

/** The result of a rung. @return NULL = there is none */
const hf_search_fact *hf_search_rung_result(const hf_search_work *w, uint32_t candidate, uint32_t epochs);

/** Fills the list with the candidates that can meet the limits, those to be measured first. */
void hf_search_choose_entrants(hf_search_work *w);

/** Sets deep_from by the list. */
void hf_search_find_deep(hf_search_work *w);

/**
 * Orders the list by the results of a rung, best first, and keeps the first ones. The best of the deepest third is among them.
 * @param keep number of them
 */
void hf_search_promote(hf_search_work *w, uint32_t epochs, uint32_t keep);

/** Orders the list, whose candidates are all trained to the end, by their results: best first. */
void hf_search_rank_finished(hf_search_work *w);

/** A stable pseudo-random number of a candidate, which decides between equals. */
uint64_t hf_search_dice(const hf_search_work *w, uint32_t candidate);

#endif
