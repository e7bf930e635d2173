/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPTIMIZE_STATE_H
#define HF_OPTIMIZE_STATE_H

#include "optimize/optimize.h"
#include "scorecard/scorecard.h"
#include "search/paper.h"

/**
 * @file state.h
 * The state of a search under way, shared by the parts of the optimizer.
 */

typedef struct hf_facts {
    hf_search_fact *items; /* owned */
    size_t count;
    hf_optimize_result *results; /* owned; of each variation: the proof, if there is one */
    bool *has_result;            /* owned */
} hf_facts;

/** An analysed variation. */
typedef struct hf_space {
    hf_search_candidate *candidates; /* owned; one per variation of the spec */
    char (*reasons)[256];            /* owned: why each cannot fit */
    uint32_t count;
} hf_space;

struct hf_optimizer {
    hf_optimize_options options;
    hf_search_settings settings;
    hf_space space;
    hf_facts facts;
    hf_search_plan plan;
    hf_paper_path path; /* of the strategy of the paper */
    int journal_fd;
    char *journal_path;        /* owned */
    double seconds_before;     /* of earlier calls, by the journal */
    uint64_t started_ns;       /* of this call */
    hf_optimize_point *points; /* owned */
    uint32_t point_count;
};

/** Analyses every variation of the spec. @param out hf_space_free() */
hf_status hf_space_analyse(const hf_optimize_options *options, hf_space *out, hf_error *err);
void hf_space_free(hf_space *space);
/**
 * Analyses one variation with generated weights.
 * @param chip_count for the first chips of the selection
 * @param out hf_scorecard_free()
 */
hf_status hf_space_score(const hf_optimize_options *options, uint32_t index, uint32_t chip_count,
                         hf_scorecard *out, hf_error *err);

/**
 * Opens the journal of the folder and reads its facts. A line that was cut off by a crash is dropped.
 * @return HF_EINVALID if it is of a search with other trainings or measurements
 */
hf_status hf_journal_open(hf_optimizer *o, hf_error *err);
/** Adds a fact: to the journal, on disk, then to those known. @param result of HF_SEARCH_PROVED, otherwise NULL */
hf_status hf_journal_add(hf_optimizer *o, hf_search_fact fact, const hf_optimize_result *result,
                         hf_error *err);

/** Adds a fact to those known, for this call only; otherwise as above. */
hf_status hf_facts_add(hf_optimizer *o, const hf_search_fact *fact, const hf_optimize_result *result,
                       hf_error *err);

/** Whether something is known of a variation; of HF_SEARCH_OUT_OF_TIME, at all. */
bool hf_facts_have(const hf_optimizer *o, hf_search_fact_kind kind, uint32_t candidate);

/** A line for people. */
void hf_optimizer_say(const hf_optimizer *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * Forgets what is known of trained models whose files are damaged or gone, so that they are trained again.
 * @return HF_EINVALID if the time for that is over
 */
hf_status hf_optimizer_check_models(hf_optimizer *o, hf_error *err);

/** Seconds that the search has taken so far. */
double hf_optimizer_seconds(const hf_optimizer *o);

/** Epochs of all trainings so far. */
uint64_t hf_optimizer_epochs_done(const hf_optimizer *o);

/** What the results of trainings and measurements depend on: a search with another text is another one. The caller's to free(). */
char *hf_search_identity(const hf_optimize_options *options);

/**
 * Trains what the plan says; adds a fact for each that is done.
 * @return HF_ECANCELLED: stopped by a signal; HF_ETIMEOUT: the time of the search is over
 */
hf_status hf_optimizer_train(hf_optimizer *o, hf_error *err);

/** The file of a variation: trained to the end, or paused at a rung. The caller's to free(). */
char *hf_optimizer_weights_path(const hf_optimizer *o, uint32_t variation);

/** Follows the strategy of the paper by analysis. */
hf_status hf_paper_start(hf_optimizer *o, hf_error *err);
/** What is left to do for its results, as the plan: train them if the spec trains, measure them. */
hf_status hf_paper_plan(hf_optimizer *o, hf_error *err);
/** The variations whose accuracy the spec gives, as a table. */
void hf_paper_put_published(const hf_optimizer *o, hf_buffer *out);

/** Begins the line of a decision in a recorded spec; then "STEP | NAME | kept or dropped | REASON". */
#define HF_OPTIMIZE_DECISION_LINE "# hilfarm optimize, decision: "
/** All decisions so far, as such lines. */
void hf_optimizer_put_decisions(const hf_optimizer *o, hf_buffer *out);

/** Fills the points from winners and proofs. */
hf_status hf_optimizer_collect(hf_optimizer *o, hf_error *err);

#endif
