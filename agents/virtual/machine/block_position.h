/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_BLOCK_POSITION_H
#define VB_BLOCK_POSITION_H

#include "bus.h"

/**
 * @file block_position.h
 * Where inside a block the core is.
 */

/** Instructions and cycles up to the access that a device callback is handling. */
uint64_t vb_position_instructions(vb_machine *m, const vb_request *request, uint32_t address);
uint64_t vb_position_cycles(vb_machine *m, const vb_request *request, uint32_t address);
/** @return index in the current block of the instruction that makes this access; its address in *pc */
uint32_t vb_position_find(vb_machine *m, uint32_t address, uint32_t bytes, bool store, uint32_t *pc);
/** The current block stopped before the instruction at pc: subtracts what was counted for the rest. */
void vb_position_refund(vb_machine *m, uint32_t pc);

#endif
