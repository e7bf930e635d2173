/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_CORE_DEBUG_H
#define VB_CORE_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "interface/machine.h"

/**
 * @file core_debug.h
 * Halting debug of the core (Armv7-M ARM, DDI0403E C1.4 to C1.6, C1.11): DHCSR, DCRSR, DCRDR, DEMCR, DFSR and
 * the FPB, resets, and whether the machine runs. All debugger accesses to memory pass through here, because
 * some of them (a halt request, a register transfer, AIRCR) affect the core.
 *
 * Contract with the machine:
 * - It reads DHCSR.C_DEBUGEN and DEMCR through the port at any time; only a debugger's read of DHCSR clears
 *   its sticky bits.
 * - BKPT with C_DEBUGEN set comes back as VB_STOP_BREAKPOINT; without it the machine escalates it to a fault.
 * - Vector catches of faults (DEMCR.VC_*) are breakpoints on the handlers. They share its eight breakpoint
 *   slots with the FPB, whose breakpoints go first.
 */

typedef struct vb_core_debug vb_core_debug;

/** What vb_core_debug_run() did. */
typedef enum vb_run {
    VB_RUN_HALTED, /**< nothing runs until the debugger acts: Debug state, lock-up or held in reset */
    VB_RUN_MORE,   /**< a slice ran; call again */
    VB_RUN_IDLE,   /**< the code waits for I/O; see VB_STOP_IDLE */
} vb_run;

/** @return NULL if out of memory. Until vb_core_debug_attach() the port answers with reset values. */
vb_core_debug *vb_core_debug_new(void);
void vb_core_debug_free(vb_core_debug *core);
/** The interface to pass to vb_machine_new(); valid as long as `core`. */
vb_debug_port vb_core_debug_as_port(vb_core_debug *core);
/** Connects the machine that was created with that port (borrowed) and applies a power-on reset. */
void vb_core_debug_attach(vb_core_debug *core, vb_machine *machine);

/** One bus access of the debugger; sizes and alignment as vb_machine_bus_read(). @return false = bus error */
bool vb_core_debug_bus_read(vb_core_debug *core, uint32_t address, uint32_t size, uint32_t *value);
bool vb_core_debug_bus_write(vb_core_debug *core, uint32_t address, uint32_t size, uint32_t value);

/** The board's NRST line: the core is held in reset while it is asserted. */
void vb_core_debug_set_srst(vb_core_debug *core, bool asserted);

/** Executes about `max_instructions`, unless the machine may not run. */
vb_run vb_core_debug_run(vb_core_debug *core, uint64_t max_instructions);

/** True if the machine could execute now: not in debug state, not locked up, not held in reset. */
bool vb_core_debug_may_run(const vb_core_debug *core);

/**
 * Ends a sequence of writes to memory. While a debugger streams data to a loader, the loader would find a word
 * at a time: an idle machine need not run before the sequence ends with a read, another address or a pause.
 */
void vb_core_debug_end_stream(vb_core_debug *core);
/** True once after a debugger's write, which may have changed what an idle machine waits for; for
 * writes to memory, once the sequence has ended. */
bool vb_core_debug_consume_write(vb_core_debug *core);

#endif
