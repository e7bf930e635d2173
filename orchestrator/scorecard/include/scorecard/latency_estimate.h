/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_LATENCY_ESTIMATE_H
#define HF_SCORECARD_LATENCY_ESTIMATE_H

#include "chips/chips.h"
#include "compile/work.h"

/**
 * @file latency_estimate.h
 * Estimates the cycles of an operator: a weighted sum of the pieces of work that the compiler counted (compile/work.h). The
 * weights of each chip and kernel are fitted to measurements (orchestrator/scorecard/LATENCY.md), so far of virtual boards.
 */

/** One chip's coefficients, cycles per unit of each term, and how good its estimates are. */
typedef struct hf_cost_table {
    const char *chip;
    double error_percent;       /**< 95 of 100 models outside the fit were estimated this well or better */
    double quick_error_percent; /**< the same with quick forecasts, which do not know the final plan */
    double cycles[HF_KERNEL_COUNT][HF_WORK_TERMS];
} hf_cost_table;

/** Fitted, see LATENCY.md; ends with a NULL chip. */
extern const hf_cost_table hf_cost_tables[];

/** NULL if the chip has no coefficients. */
const hf_cost_table *hf_cost_table_of(const hf_chip *chip);
/** Estimated cycles of an operator. */
double hf_cost_cycles(const hf_cost_table *table, const hf_op_work *work);

#endif
