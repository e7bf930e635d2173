/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_INSTRUCTION_TABLE_H
#define VB_TIMING_INSTRUCTION_TABLE_H

#include "instruction.h"

/**
 * @file instruction_table.h
 * Properties of an instruction that follow from its name alone.
 */

enum {
    VB_TRAIT_LIST = 1,  /**< transfers a register list through a base register: LDM, STM, VLDM, VSTM */
    VB_TRAIT_STACK = 2, /**< transfers a register list through SP: PUSH, POP, VPUSH, VPOP */
    VB_TRAIT_DOWN = 4,  /**< of these: the addresses lie below the base register */
    VB_TRAIT_SIGNED = 8 /**< a load that extends the sign */
};

typedef struct vb_traits {
    uint8_t class;        /**< vb_class; operands may refine it */
    uint8_t access_bytes; /**< of one memory access: 1, 2 or 4; 0 = none */
    uint8_t flags;        /**< VB_TRAIT_* */
} vb_traits;

/** @param id capstone's number of the instruction, ARM_INS_* */
vb_traits vb_traits_of(unsigned id);

#endif
