/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_COST_H
#define VB_TIMING_COST_H

#include "timing/instruction.h"
#include "timing/timing.h"

/**
 * @file cost.h
 * Cycles of straight-line code with every access free of wait states and every branch not taken. One state
 * per block; an all-zero state (vb_cost_begin) is a pipeline with nothing in flight.
 */

enum { VB_REGISTER_COUNT = 64 }; /**< bits of the register masks in vb_instruction */

typedef struct vb_cost {
    uint32_t cycles; /**< so far */
    bool any;        /**< previous is valid */
    vb_instruction previous;

    /* Cortex-M7 alone: the issue stage. */
    uint32_t issue_cycle;                       /**< of the previous instruction */
    uint8_t issued;                             /**< instructions issued in that cycle */
    uint32_t fp_unit_free;                      /**< cycle from which VDIV and VSQRT have left the FPU */
    uint32_t ready[VB_REGISTER_COUNT];          /**< cycle from which a plain operand can be read */
    uint32_t accumulate[VB_REGISTER_COUNT];     /**< the same for the accumulator input of a MAC */
    bool loaded_or_computed[VB_REGISTER_COUNT]; /**< written in this block: ready[] means something */
} vb_cost;

void vb_cost_begin(vb_cost *cost);
/** Cortex-M4, DDI0439 table 3-1 and 3.3.2. */
void vb_cost_m4_step(vb_cost *cost, const vb_instruction *next);
/** Cortex-M7: in-order dual issue by class with result latencies. */
void vb_cost_m7_step(vb_cost *cost, const vb_instruction *next);

/** Extra cycles of one load `off` bytes (1 to 3) off its alignment. */
uint32_t vb_cost_unaligned(vb_core core, uint32_t bytes, uint32_t off);

/** Extra cycles of the pipeline refill when a taken branch on a Cortex-M4 leads to this instruction: 2, or 3
 * for a 32-bit instruction that straddles two words (DDI0439, P = 1 to 3). */
uint32_t vb_cost_m4_refill(uint32_t address, uint32_t width_bytes);

#endif
