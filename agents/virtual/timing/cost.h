/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_COST_H
#define VB_TIMING_COST_H

#include "instruction.h"
#include "timing/timing.h"

/**
 * @file cost.h
 * Cycles of straight-line code with every access free of wait states and every branch not taken. One state
 * per block; an all-zero state (vb_cost_begin) is a pipeline with nothing in flight.
 */

enum { VB_REGISTER_COUNT = 64 }; /**< bits of the register masks in vb_instruction */

/** Whether two consecutive loads access different banks of the Cortex-M7's memories. */
typedef enum vb_banks {
    VB_BANKS_UNKNOWN,     /**< addresses are not followed */
    VB_BANKS_AT_RUN_TIME, /**< depends on the addresses of each execution */
    VB_BANKS_SAME,
    VB_BANKS_DIFFERENT
} vb_banks;

/** First cycle at which an instruction that uses a register can issue on a Cortex-M7, by kind of use. */
typedef struct vb_ready {
    uint32_t late;       /**< plain operands */
    uint32_t early;      /**< addresses and shifted operands */
    uint32_t factor;     /**< factors of a multiplication */
    uint32_t accumulate; /**< addend of a multiplication */
    uint32_t stored;     /**< value that a store writes; 0 = even in the same cycle */
} vb_ready;

typedef struct vb_cost {
    uint32_t cycles; /**< so far */
    bool any;        /**< previous is valid */
    vb_instruction previous;
    bool overlapped; /**< the last step was a load or store that shares a cycle with the load before it */

    /* Cortex-M4 alone. */
    uint32_t run; /**< 32-bit instructions across two words, up to the last one */

    /* Cortex-M7 alone. */
    uint32_t issue_cycle; /**< of the previous instruction */
    uint8_t issued;       /**< instructions issued in that cycle */
    uint32_t half_cycles; /**< beyond `cycles` */
    uint32_t fp_mac_end;  /**< cycle from which the FPU's adder is free again */
    uint32_t flags_cycle; /**< when flags were last set */
    bool flags_set;       /**< in this block at all */
    vb_ready ready[VB_REGISTER_COUNT];
} vb_cost;

void vb_cost_begin(vb_cost *cost);
/** Cortex-M4, DDI0439 table 3-1 and 3.3.2. @param address of the instruction */
void vb_cost_m4_step(vb_cost *cost, const vb_instruction *next, uint32_t address);
/** Begins behind a branch that has the first half of a cycle, which is not counted. */
void vb_cost_m7_begin_behind_branch(vb_cost *cost);
/** Cortex-M7: in-order dual issue by class with result latencies.
 * @param banks of the instruction, if it and the one before are loads */
void vb_cost_m7_step(vb_cost *cost, const vb_instruction *next, vb_banks banks);
/** @return true if the last instruction is a branch with half of its cycle to spare */
bool vb_cost_m7_is_open(const vb_cost *cost);
/** Cycles lost if the branch that ends the block is mispredicted. */
uint32_t vb_cost_m7_mispredict(const vb_cost *cost);

/** Extra cycles of one load `off` bytes (1 to 3) off its alignment. */
uint32_t vb_cost_unaligned(vb_core core, uint32_t bytes, uint32_t off);

/** Cycles of the pipeline refill when a taken branch on a Cortex-M4 leads to this instruction (DDI0439: P = 1
 * to 3 by alignment and width of the target, and whether it is known early).
 * @param indirect the branch takes its target from a register or memory */
uint32_t vb_cost_m4_refill(uint32_t address, uint32_t width_bytes, bool indirect);

#endif
