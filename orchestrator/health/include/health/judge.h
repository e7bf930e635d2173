/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HEALTH_JUDGE_H
#define HF_HEALTH_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figures/figures.h"

/**
 * @file judge.h
 * Whether the cycles of a health check have drifted from those of earlier ones. Pure: no I/O.
 */

/** What is known of a board with this firmware and this golden image. */
typedef struct hf_health_history {
    int64_t reference_cycles; /**< of the check that became the reference; 0 = there is none yet */
    const int64_t *cycles;    /**< of later checks that passed without drift, in any order; borrowed */
    size_t count;
} hf_health_history;

typedef struct hf_health_drift {
    int64_t cycles;           /**< median of the check */
    int64_t reference_cycles; /**< 0 = there was none */
    double drift;             /**< (cycles - reference) / reference; 0 without a reference */
    double allowed;           /**< how far it may be from 0 */
    bool drifted;
} hf_health_drift;

/**
 * On a virtual board every change is a drift: its cycles are exact. On silicon three things limit what is allowed, and the
 * largest counts:
 * - three standard deviations of the earlier checks, as in a control chart. The deviation is estimated robustly, as
 *   1.4826 times the median absolute deviation (1.4826 = 1 / 0.6745, the upper quartile of the normal distribution), so that a
 *   single outlier does not widen it;
 * - the range of this check's own samples;
 * - HF_HEALTH_DRIFT_MIN, so that a few equal checks do not make a difference of a single cycle a drift.
 * The reference stays that of the first good check, so that slow changes add up until they are seen.
 * @param samples of the check, at least one
 */
hf_health_drift hf_health_judge(const hf_health_history *history, const hf_sample *samples, size_t count,
                                bool modelled);

/** hilfarm's own choice: well below the effect of one more wait state of the flash, which costs per cents. */
#define HF_HEALTH_DRIFT_MIN 0.001
/** Samples and earlier checks that are looked at, at most. */
#define HF_HEALTH_VALUES_MAX 64u

#endif
