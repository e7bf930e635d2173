/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SEARCH_SEARCH_H
#define HF_SEARCH_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file search.h
 * Decides what a search for the best variation does next: a pure function of the candidates and of what is known of them. It
 * measures before it trains, because weights do not change the latency, and trains by successive halving (Jamieson & Talwalkar
 * 2016): all a little, the better part longer, the best few to the end. A rung only pauses a whole training, so no epoch is trained
 * twice. Candidates of a rung are compared by their training loss, which tells early how a network will end (Ru et al. 2021, "Speedy
 * performance estimation for neural architecture search"): while the learning rate is high, their accuracy on validation samples
 * jumps by several points from one epoch to the next. Those trained to the end are compared by validation samples. No I/O, no clock;
 * the same input gives the same plan.
 */

typedef enum hf_search_goal {
    HF_SEARCH_ACCURACY, /**< the most accurate candidate within the limits */
    HF_SEARCH_LATENCY,  /**< the fastest that has the accuracy floor */
    HF_SEARCH_FRONT,    /**< those that no other beats in all weighted figures */
} hf_search_goal;

typedef struct hf_search_settings {
    hf_search_goal goal;
    /** Of a front: how much a figure counts; 0 = not. */
    double accuracy_weight, latency_weight, rom_weight, ram_weight;
    double latency_limit_ns;       /**< 0 = none */
    double accuracy_floor_percent; /**< 0 = none */
    uint32_t epochs;               /**< of a whole training, at least first_rung_epochs */
    uint32_t first_rung_epochs;    /**< at least 3: after one epoch, shallow nets look better than they are */
    uint32_t growth;               /**< epochs of a rung by those of the one before, at least 2 */
    uint64_t budget_epochs; /**< of all trainings; 0 = a quarter of training all that can be measured */
    uint32_t max_measured;  /**< candidates that are measured, at least 2 */
    uint32_t winners;       /**< of those trained to the end, the result: at least 1 */
    uint64_t seed;          /**< decides between equals */
} hf_search_settings;

/** What analysis knows of a variation. Strings are borrowed. */
typedef struct hf_search_candidate {
    const char *name, *family;
    const char *cannot_fit; /**< why it exceeds a limit; NULL = it does not */
    int64_t macs, params;
    int64_t rom_bytes, ram_bytes;
    double estimated_ns;  /**< latency; 0 = unknown */
    double error_percent; /**< of the estimate: 95 of 100 models are within it */
    uint32_t depth;       /**< layers with weights */
} hf_search_candidate;

typedef enum hf_search_fact_kind {
    HF_SEARCH_MEASURED, /**< latency on a board, with generated weights: `value` in ns */
    HF_SEARCH_TRAINED, /**< paused after `epochs`: `loss`, and `validation_percent` of the best epoch so far */
    HF_SEARCH_FINISHED, /**< trained to the end: `value` is the accuracy of the int8 model in percent,
                           `validation_percent` that on validation samples, without the luck of a single epoch */
    HF_SEARCH_PROVED, /**< measured with the weights so far, output equal bit for bit: `value` in ns; void once it is trained on */
    HF_SEARCH_FAILED,     /**< it cannot be measured or trained; it is not considered any more */
    HF_SEARCH_OUT_OF_TIME /**< the time is over; of no candidate */
} hf_search_fact_kind;

typedef struct hf_search_fact {
    hf_search_fact_kind kind;
    uint32_t candidate;
    uint32_t epochs;
    double value;
    double validation_percent;
    double loss; /**< mean of the last epoch, on training samples */
} hf_search_fact;

typedef enum hf_search_step {
    HF_SEARCH_ANALYSE, /**< of decisions only: by analysis */
    HF_SEARCH_MEASURE, /**< measure the latency of all in `todo` */
    HF_SEARCH_TRAIN,   /**< train all in `todo` until `epochs` */
    HF_SEARCH_FINISH,  /**< train all in `todo` to the end, and score them as int8 */
    HF_SEARCH_PROVE,   /**< measure all in `todo` with trained weights */
    HF_SEARCH_DONE,
} hf_search_step;

/** A decision, with its reason. */
typedef struct hf_search_decision {
    hf_search_step step;
    uint32_t epochs;   /**< of the rung; 0 = none */
    int64_t candidate; /**< -1 = it concerns all */
    bool kept;         /**< it goes on */
    char *reason;      /**< owned */
} hf_search_decision;

/** What to do next, and all decisions so far. */
typedef struct hf_search_plan {
    hf_search_step step;
    uint32_t epochs; /**< HF_SEARCH_TRAIN */
    uint32_t *todo;  /**< owned; what is missing of the step, in the order of its start */
    uint32_t todo_count;
    uint32_t *
        winners; /**< owned; best first: the best of those trained to the end, or without time of all so far */
    uint32_t winner_count;
    hf_search_decision *decisions; /**< owned; in order */
    size_t decision_count;
    uint64_t epochs_planned; /**< of all trainings from the beginning to the end, as planned now */
    uint32_t entrants;       /**< candidates that are trained at all; 0 = not decided yet */
} hf_search_plan;

/**
 * Decides.
 * @param facts in the order in which they became known; a later fact of a candidate, kind and rung replaces an earlier one
 * @param out hf_search_plan_free()
 * @return HF_OK; HF_ENOMEM
 */
hf_status hf_search_next(const hf_search_settings *settings, const hf_search_candidate *candidates,
                         uint32_t count, const hf_search_fact *facts, size_t fact_count, hf_search_plan *out,
                         hf_error *err);
void hf_search_plan_free(hf_search_plan *plan);

/** Name of a step: "analyse", "measure", "train", "finish", "prove", "done". Static. */
const char *hf_search_step_name(hf_search_step step);

/** The rungs of a search: pauses of trainings, at which only a part of the candidates goes on. */
#define HF_SEARCH_MAX_RUNGS 32
typedef struct hf_search_rungs {
    uint32_t count;                           /**< 0 = all are trained to the end at once */
    uint32_t epochs[HF_SEARCH_MAX_RUNGS];     /**< of each candidate at the end of the rung */
    uint32_t candidates[HF_SEARCH_MAX_RUNGS]; /**< at most */
    uint32_t finalists;                       /**< trained to the end, at most */
    uint64_t total_epochs;                    /**< of all trainings */
} hf_search_rungs;

/**
 * The rungs that fit into the budget: as many candidates as possible in the first one; none if all can be trained to the end.
 * @param available candidates that could be trained
 * @param budget_epochs 0 = a quarter of training all that are available, but enough to compare a few
 */
hf_search_rungs hf_search_plan_rungs(const hf_search_settings *settings, uint32_t available,
                                     uint64_t budget_epochs);

/** Candidates that are trained at all. */
uint32_t hf_search_entrants(const hf_search_rungs *rungs);

#endif
