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

/** @return the number of the exception being handled; 0 = none */
uint32_t vb_core_exception(const vb_machine *m);

uint32_t vb_uc_get(const vb_machine *m, int reg);
void vb_uc_set(vb_machine *m, int reg, uint32_t value);
/** Writes the PC without changing the T bit, which the emulator takes from bit 0 of a written PC. */
void vb_uc_set_pc(vb_machine *m, uint32_t pc);
/** Requests the block hook's occasional checks before the next block. */
void vb_core_attention(vb_machine *m);
void vb_core_read_registers(vb_machine *m, uint32_t registers[16]);
/** @return the emulator's number of r0 to r15 */
int vb_core_register_id(uint32_t reg);

#endif
