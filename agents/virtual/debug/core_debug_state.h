/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_CORE_DEBUG_STATE_H
#define VB_CORE_DEBUG_STATE_H

#include "debug/core_debug.h"
#include "fpb.h"

/**
 * @file core_debug_state.h
 * The debug registers (Armv7-M ARM DDI0403E, C1.6) and the unit's state.
 */

#define VTOR  0xE000ED08u
#define AIRCR 0xE000ED0Cu
#define CPUID 0xE000ED00u
#define DFSR  0xE000ED30u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu

/* C1.6.1 */
#define DFSR_HALTED (1u << 0)
#define DFSR_BKPT   (1u << 1)
#define DFSR_VCATCH (1u << 3)
#define DFSR_ALL    0x1Fu

/* C1.6.2 */
#define DBGKEY       0xA05F0000u
#define C_DEBUGEN    (1u << 0)
#define C_HALT       (1u << 1)
#define C_STEP       (1u << 2)
#define C_MASKINTS   (1u << 3)
#define C_SNAPSTALL  (1u << 5)
#define S_REGRDY     (1u << 16)
#define S_HALT       (1u << 17)
#define S_SLEEP      (1u << 18)
#define S_LOCKUP     (1u << 19)
#define S_RETIRE_ST  (1u << 24)
#define S_RESET_ST   (1u << 25)
#define DHCSR_STORED (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS | C_SNAPSTALL)

/* C1.6.3 */
#define DCRSR_WRITE  (1u << 16)
#define DCRSR_REGSEL 0x7Fu

/* C1.6.5 */
#define VC_CORERESET  (1u << 0)
#define VC_MMERR      (1u << 4)
#define VC_NOCPERR    (1u << 5)
#define VC_CHKERR     (1u << 6)
#define VC_STATERR    (1u << 7)
#define VC_BUSERR     (1u << 8)
#define VC_INTERR     (1u << 9)
#define VC_HARDERR    (1u << 10)
#define MON_BITS      (0xFu << 16)
#define TRCENA        (1u << 24)
#define DEMCR_STORED  (0x7F1u | MON_BITS | TRCENA)
#define VC_USAGE_MASK (VC_NOCPERR | VC_CHKERR | VC_STATERR)

/* B3.2.6, AIRCR */
#define AIRCR_VECTKEY_MASK 0xFFFF0000u
#define AIRCR_VECTKEY      0x05FA0000u
#define AIRCR_SYSRESETREQ  (1u << 2)
#define AIRCR_VECTRESET    (1u << 0)

#define MAX_BREAKPOINTS 8 /* vb_machine_set_breakpoints() */
#define REGSEL_PC       15
#define REGSEL_XPSR     16

/* A register transfer or control change requested by a bus access, applied after that access returns. */
enum request {
    REQUEST_TRANSFER = 1,
    REQUEST_CONTROL = 2,
};

struct vb_core_debug {
    vb_machine *machine;
    vb_fpb fpb;
    uint32_t dhcsr; /* control bits */
    uint32_t dcrsr, dcrdr, demcr, dfsr;
    bool halted, locked_up, sleeping, in_reset;
    bool reset_seen;         /* S_RESET_ST */
    uint64_t retired_before; /* instruction count at the last read of DHCSR, for S_RETIRE_ST */
    bool debugger_access;    /* the current access is the debugger's */
    bool debugger_wrote;     /* an idle machine has to run */
    bool streamed_writes;    /* memory was written since, in a sequence that may continue */
    unsigned requests;
    uint32_t requested_control;
    bool leave_catch; /* resuming: the vector catch at the current PC has already been reported */
    bool breakpoints_changed;
    uint32_t points[MAX_BREAKPOINTS]; /* those set in the machine: the FPB's, then the handlers to catch */
    uint32_t fpb_points, point_count;
};

/* ---- vector_catch.c ---- */

/**
 * Gives the machine the breakpoints of the FPB and one on each handler that is to be caught. Firmware can move
 * or rewrite its vector table, so this is done before every slice while a catch is set.
 */
void vb_vector_catch_refresh(vb_core_debug *core);
/** @return true if `pc` is a handler whose entry is to be caught, and that exception is active */
bool vb_vector_catch_hit(vb_core_debug *core, uint32_t pc);
/** @return true if the machine stopped at `pc` for a vector catch alone: neither the FPB nor a BKPT */
bool vb_vector_catch_is_only_cause(vb_core_debug *core, uint32_t pc);

#endif
