/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_PARETO_H
#define HF_SCORECARD_PARETO_H

#include "scorecard/limit_checks.h"
#include "scorecard/scorecard.h"

/**
 * @file pareto.h
 * Sorts candidate models by a metric, and marks the Pareto front of two metrics: the models that no other one beats in
 * both. (A comparison of two runs is something else: report/run_comparison.h.)
 */

#define HF_METRIC_MAP(X)                                                                                     \
    X(MACS, "macs")                                                                                          \
    X(PARAMS, "params")                                                                                      \
    X(MODEL, "model")                     /* bytes of the image */                                           \
    X(BYTES_PER_PARAM, "bytes_per_param") /* of the training graph */                                        \
    X(PEAK, "peak")                       /* peak memory by the paper's definition */                        \
    X(ARENA, "arena")                                                                                        \
    X(LATENCY, "latency")   /* estimated, on the first of the scorecard's chips */                           \
    X(ACCURACY, "accuracy") /* as given in a spec; more is better */

typedef enum hf_metric {
#define HF_METRIC_ENUM(name, text) HF_METRIC_##name,
    HF_METRIC_MAP(HF_METRIC_ENUM)
#undef HF_METRIC_ENUM
        HF_METRIC_COUNT
} hf_metric;

/** Name of a metric ("macs"); static. */
const char *hf_metric_name(hf_metric metric);

/** A metric and its better direction: "latency", or "-params" if more is better. Of accuracy, more is better without the sign. */
typedef struct hf_goal {
    hf_metric metric;
    bool more_is_better;
} hf_goal;

/** Parses a goal; the error of HF_EINVALID lists the metrics. @param length of the goal in `text` */
hf_status hf_goal_parse(const char *text, size_t length, hf_goal *out, hf_error *err);

double hf_metric_value(const hf_scorecard *card, hf_metric metric);

/** A model that is compared with others. */
typedef struct hf_candidate {
    hf_scorecard card; /**< owned */
    hf_limits limits;
    hf_firmware_bounds firmware;
    bool on_front; /**< set by hf_candidates_mark_pareto() */
} hf_candidate;

/** Sorts, best first; equal models keep their order. @return HF_OK or HF_ENOMEM */
hf_status hf_candidates_sort(hf_candidate *models, size_t count, hf_goal goal, hf_error *err);

/**
 * Marks the models on the Pareto front. A model is off the front if another one is at least as good in both goals and
 * better in one; equal models are on the front together. Keeps the order.
 * @return HF_OK or HF_ENOMEM
 */
hf_status hf_candidates_mark_pareto(hf_candidate *models, size_t count, hf_goal a, hf_goal b, hf_error *err);

#endif
