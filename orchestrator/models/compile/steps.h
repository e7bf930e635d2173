/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_STEPS_H
#define HF_COMPILE_STEPS_H

#include "plan.h"

/**
 * @file steps.h
 * The constraints of a plan: lifetimes of buffers, allowed overlaps, and a lower bound of the arena.
 */

/** An input that dies in a step and the output that the step creates, which may overlap. */
typedef struct hf_overlap_pair {
    int32_t input, output;
    hf_overlap overlap;
} hf_overlap_pair;

/** Bytes that are live in a step. */
typedef struct hf_step_memory {
    int64_t shared; /**< by the output and the inputs that it may overlap */
    int64_t others; /**< of all other buffers, each rounded up */
    int64_t slack;  /**< rounding of one buffer, which is not needed if that buffer is placed last */
    int64_t total;
} hf_step_memory;

/** The constraints that every plan must satisfy. */
typedef struct hf_steps {
    const hf_lowered *lowered; /**< borrowed */
    const hf_plan *plan;       /**< borrowed */
    hf_overlap_pair *pairs;    /**< owned, sorted by step */
    int32_t *first_pair;       /**< owned, per operator: index of the first pair of the step that it begins */
    hf_step_memory *memory;    /**< owned, per operator that begins a step */
} hf_steps;

/**
 * Finds the constraints. Also fills in the plan's min_bytes and its buffers, except their offsets.
 * @param lowered, plan must outlive *out
 * @param out to be released with hf_steps_free(), also after an error
 * Errors: HF_ENOMEM.
 */
hf_status hf_steps_find(const hf_lowered *lowered, hf_plan *plan, hf_steps *out, hf_error *err);
void hf_steps_free(hf_steps *steps);

/** The overlap allowed between two buffers if `input` dies in the step that creates `output`; else NULL: they
 * must not overlap while both are live. */
const hf_overlap *hf_steps_overlap(const hf_steps *steps, int32_t input, int32_t output);

#endif
