/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_STEPS_H
#define HF_COMPILE_STEPS_H

#include "plan.h"

/**
 * @file steps.h
 * What a plan must satisfy: lifetimes of buffers, overlaps, and the lower bound of each step.
 */

/** A tensor that a step reads for the last time, and one that it makes. */
typedef struct hf_handover {
    int32_t input, output;
    hf_overlap overlap;
} hf_handover;

/** What is alive in a step. */
typedef struct hf_step_sum {
    int64_t shared; /**< by the output and what is handed over to it */
    int64_t others;
    int64_t slack; /**< what rounding up adds to the one that could be last */
    int64_t total;
} hf_step_sum;

/** What a plan must keep, whatever it looks like. */
typedef struct hf_steps {
    const hf_lowered *lowered;
    const hf_plan *plan;
    hf_handover *handovers; /**< owned, by step */
    int32_t *handovers_of;  /**< owned, per operator, the first of a step: where its handovers begin */
    hf_step_sum *sums;      /**< owned, per operator that begins a step */
} hf_steps;

/** Also fills in the plan's buffers, except their offsets, and its least_bytes. @param out to be freed even
 * on errors */
hf_status hf_steps_find(const hf_lowered *lowered, hf_plan *plan, hf_steps *out, hf_error *err);
void hf_steps_free(hf_steps *steps);

/** What the placing of `input` and `output` must keep if the one dies in the step that makes the other; else
 * NULL. */
const hf_overlap *hf_steps_overlap(const hf_steps *steps, int32_t input, int32_t output);

#endif
