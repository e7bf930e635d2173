/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include "interface/machine.h"

/**
 * @file fake_machine.h
 * A fake machine for the tests of debug/, linked instead of the real one: 64 KiB of RAM at 0x20000000, 4 KiB
 * of ROM at 0 with the vector table, the debug registers through the port, and a CPU of a few "instructions":
 *
 *   0xBExx BKPT   0xE7FE branch to itself (idle)   0xBF30 WFI   0xDE00 lock-up   0xDE0n takes exception n
 *   0xDEFF writes AIRCR.SYSRESETREQ   anything else: r0 = r0 + 1
 */
#define FAKE_RAM   0x20000000u
#define FAKE_SP    0x20001000u
#define FAKE_ENTRY 0x00000100u
/* Handlers in the vector table: HardFault (3) alone, exceptions 5 and 11 share one. */
#define FAKE_HARDFAULT 0x00000200u
#define FAKE_SHARED    0x00000300u

typedef struct fake_state {
    uint32_t resets;          /* system resets so far */
    uint32_t breakpoint_sets; /* calls of vb_machine_set_breakpoints() */
    uint32_t breakpoint_count;
    uint32_t breakpoints[8];
} fake_state;

/** @param is_m7 gives it a Cortex-M7's CPUID and IDCODE */
vb_machine *fake_machine_new(bool is_m7, const vb_debug_port *debug);
fake_state *fake_machine_state(vb_machine *machine);
/** Writes an instruction without the debugger. */
void fake_machine_poke(vb_machine *machine, uint32_t address, uint16_t code);

#endif
