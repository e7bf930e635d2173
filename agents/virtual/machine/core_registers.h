/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_CORE_REGISTERS_H
#define VB_CORE_REGISTERS_H

#include "interface/machine.h"

/**
 * @file core_registers.h
 * The core's registers, and requests to the run loop.
 */

enum { VB_SP = 13, VB_LR = 14, VB_PC = 15 };

#define VB_XPSR_T 0x01000000u

/** Number of the exception that is being handled; 0 = none. */
uint32_t vb_core_exception(const vb_machine *m);

uint32_t vb_uc_get(const vb_machine *m, int reg);
void vb_uc_set(vb_machine *m, int reg, uint32_t value);
/** The emulator takes bit 0 of a PC that is written for the T bit: this keeps T as it is. */
void vb_uc_set_pc(vb_machine *m, uint32_t pc);
/** Asks the block hook to look around before the next block. */
void vb_core_attention(vb_machine *m);
void vb_core_read_registers(vb_machine *m, uint32_t registers[16]);
/** The emulator's number of r0 to r15. */
int vb_core_register_id(uint32_t reg);
/** @return true if CPACR grants access to the FPU */
bool vb_core_fpu_enabled(const vb_machine *m);

#endif
