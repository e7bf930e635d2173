/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_SAMPLE_SHIFT_H
#define HF_REPORT_SAMPLE_SHIFT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file sample_shift.h
 * The shift between two sets of samples: the Hodges-Lehmann estimate with the confidence interval that inverts the
 * Mann-Whitney (Wilcoxon rank-sum) test. It assumes no distribution, so outliers from interrupts do not matter.
 * Source: M. Hollander, D. A. Wolfe, E. Chicken, Nonparametric Statistical Methods, chapter 4.
 */

/** More samples than this are thinned to as many evenly spaced order statistics. */
#define HF_SHIFT_MAX_SAMPLES 400

typedef struct hf_shift {
    double estimate;  /**< median of all differences after - before */
    double low, high; /**< 99 % confidence interval; valid if `bounded` */
    bool bounded;     /**< false: too few samples for an interval (5 and 5 are enough) */
} hf_shift;

/**
 * @param before, after samples in any unit, not empty; sorted in place
 * @return false if memory is short
 */
bool hf_sample_shift(double *before, size_t before_count, double *after, size_t after_count, hf_shift *out);

#endif
