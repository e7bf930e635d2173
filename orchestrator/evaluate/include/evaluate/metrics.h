/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_METRICS_H
#define HF_EVALUATE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file metrics.h
 * Accuracy metrics of a classifier, each with a 95 % confidence interval. No I/O.
 */

/** A proportion or an area, 0 .. 1. */
typedef struct hf_estimate {
    double value;
    double low, high;  /**< 95 % confidence interval; undefined without has_interval */
    bool has_value;    /**< false: undefined for these samples */
    bool has_interval; /**< false: too few samples, or no variance (perfect separation) */
} hf_estimate;

/**
 * The proportion hits / count with Wilson's score interval (1927): the proportions p for which `hits` is
 * within 1.96 standard errors of p x count. The interval stays within 0 .. 1 and holds for small counts too.
 * @param hits 0 .. count
 */
hf_estimate hf_wilson(uint64_t hits, uint64_t count);

/**
 * Area under the ROC curve: the probability that a positive sample scores higher than a negative one, with
 * ties counted as one half (the Mann-Whitney statistic with midranks), and the interval of DeLong, DeLong and
 * Clarke-Pearson (Biometrics 44, 1988). Undefined without positives or without negatives; no interval with
 * fewer than two of either, or if the two sets are perfectly separated.
 * @param scores   count finite numbers, higher = more likely positive
 * @param positive count flags
 */
hf_status hf_auc(const double *scores, const bool *positive, size_t count, hf_estimate *out, hf_error *err);

/**
 * Mean over the classes of the one-versus-rest AUC. The interval accounts for the fact that all of them come
 * from the same samples: DeLong's structural components of a sample are averaged over the classes before they
 * are squared. For two classes with mirrored scores this equals hf_auc().
 * @param scores  [count][class_count]
 * @param labels  count, each 0 .. class_count - 1
 * @param used    receives the number of classes averaged: those with both positives and negatives
 */
hf_status hf_auc_macro(const int8_t *scores, const uint32_t *labels, size_t count, uint32_t class_count,
                       hf_estimate *out, uint32_t *used, hf_error *err);

/** The class with the highest score; of equal scores the first. @param class_count >= 1 */
uint32_t hf_top_class(const int8_t *scores, uint32_t class_count);

/** Whether `label` is among the k highest scores; of equal scores the lower class number ranks first. */
bool hf_in_top(const int8_t *scores, uint32_t class_count, uint32_t label, uint32_t k);

#endif
