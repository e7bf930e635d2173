/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_PARETO_H
#define HF_SCORECARD_PARETO_H

#include "scorecard/limit_checks.h"
#include "scorecard/scorecard.h"

/**
 * @file pareto.h
 * Many scorecards side by side: order, and which of them no other beats in two metrics at once.
 */

#define HF_METRIC_MAP(X)                                                                                     \
    X(MACS, "macs")                                                                                          \
    X(PARAMS, "params")                                                                                      \
    X(MODEL, "model")                     /* bytes of the image */                                           \
    X(BYTES_PER_PARAM, "bytes_per_param") /* of the training graph */                                        \
    X(PEAK, "peak")                       /* peak memory by the paper's definition */                        \
    X(ARENA, "arena")                                                                                        \
    X(LATENCY, "latency") /* estimated, on the first of the scorecard's chips */

typedef enum hf_metric {
#define HF_METRIC_ENUM(name, text) HF_METRIC_##name,
    HF_METRIC_MAP(HF_METRIC_ENUM)
#undef HF_METRIC_ENUM
        HF_METRIC_COUNT
} hf_metric;

/** Name of a metric ("macs"); static. */
const char *hf_metric_name(hf_metric metric);

/** A metric and which way it is better: "latency", or "-params" where more is better. */
typedef struct hf_goal {
    hf_metric metric;
    bool more_is_better;
} hf_goal;

/** Parses a goal; HF_EINVALID names what there is. @param length of the text that counts */
hf_status hf_goal_parse(const char *text, size_t length, hf_goal *out, hf_error *err);

double hf_metric_value(const hf_scorecard *card, hf_metric metric);

/** One model of a comparison. */
typedef struct hf_candidate {
    hf_scorecard card; /**< owned */
    hf_limits limits;
    hf_firmware_bounds firmware;
    bool on_front; /**< set by hf_candidates_mark_pareto() */
} hf_candidate;

/** Best first; models that are equal keep their order. @return HF_OK or HF_ENOMEM */
hf_status hf_candidates_sort(hf_candidate *models, size_t count, hf_goal goal, hf_error *err);

/**
 * Marks the models that no other one beats: is at least as good in both goals and better in one. Models with
 * the same figures are on the front together. Keeps the order.
 * @return HF_OK or HF_ENOMEM
 */
hf_status hf_candidates_mark_pareto(hf_candidate *models, size_t count, hf_goal a, hf_goal b, hf_error *err);

#endif
