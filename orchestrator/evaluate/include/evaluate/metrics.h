/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_METRICS_H
#define HF_EVALUATE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file metrics.h
 * The numbers that say how good a classifier is, each with a 95 % confidence interval. No I/O.
 */

/** A proportion or an area, 0 .. 1. */
typedef struct hf_estimate {
    double value;
    double low, high;  /**< 95 % confidence interval; meaningless without has_interval */
    bool has_value;    /**< false: the samples do not define it */
    bool has_interval; /**< false: too few samples, or nothing varies (a perfect separation) */
} hf_estimate;

/**
 * `hits` of `count` as a proportion, with the interval of Wilson (1927): the proportions p for which `hits`
 * is within 1.96 standard errors of p x count. It stays within 0 .. 1 and is right for small counts too.
 * @param hits 0 .. count
 */
hf_estimate hf_wilson(uint64_t hits, uint64_t count);

/**
 * Area under the ROC curve: the chance that a positive sample scores higher than a negative one, ties
 * counting half (so it equals the Mann-Whitney statistic with midranks), with the interval of DeLong, DeLong
 * and Clarke-Pearson (Biometrics 44, 1988). No value without positives or without negatives; no interval with
 * fewer than two of either, or when the two sets are fully separated.
 * @param scores   count finite numbers, higher = more likely positive
 * @param positive count flags
 */
hf_status hf_auc(const double *scores, const bool *positive, size_t count, hf_estimate *out, hf_error *err);

/**
 * Mean over the classes of each class's AUC against all others. The interval takes into account that all of
 * them come from the same samples: DeLong's structural components of a sample are averaged over the classes
 * before they are squared. With two classes whose scores mirror each other it is hf_auc().
 * @param scores  count x class_count, a sample's scores together
 * @param labels  count, each 0 .. class_count - 1
 * @param used    receives how many classes have both positives and negatives, which are those averaged
 */
hf_status hf_auc_macro(const int8_t *scores, const uint32_t *labels, size_t count, uint32_t class_count,
                       hf_estimate *out, uint32_t *used, hf_error *err);

/** Class of the highest score; the first of several. @param class_count >= 1 */
uint32_t hf_top_class(const int8_t *scores, uint32_t class_count);

/** Whether fewer than k classes come before `label` in order of falling score, equal scores in order of their
 * number. */
bool hf_in_top(const int8_t *scores, uint32_t class_count, uint32_t label, uint32_t k);

#endif
