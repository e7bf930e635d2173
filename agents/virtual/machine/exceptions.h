/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_EXCEPTIONS_H
#define VB_EXCEPTIONS_H

#include "interface/machine.h"

/**
 * @file exceptions.h
 * Exception entry and return, faults.
 */

enum {
    VB_EXC_NMI = 2,
    VB_EXC_HARD = 3,
    VB_EXC_MEMMANAGE = 4,
    VB_EXC_BUS = 5,
    VB_EXC_USAGE = 6,
    VB_EXC_SVC = 11,
    VB_EXC_DEBUG = 12,
    VB_EXC_PENDSV = 14,
    VB_EXC_SYSTICK = 15,
};

/* CFSR (DDI0403E B3.2.15) */
enum {
    VB_CFSR_IACCVIOL = 1 << 0,
    VB_CFSR_DACCVIOL = 1 << 1,
    VB_CFSR_MSTKERR = 1 << 4,
    VB_CFSR_MMARVALID = 1 << 7,
    VB_CFSR_IBUSERR = 1 << 8,
    VB_CFSR_PRECISERR = 1 << 9,
    VB_CFSR_UNSTKERR = 1 << 11,
    VB_CFSR_STKERR = 1 << 12,
    VB_CFSR_BFARVALID = 1 << 15,
    VB_CFSR_UNDEFINSTR = 1 << 16,
    VB_CFSR_INVSTATE = 1 << 17,
    VB_CFSR_INVPC = 1 << 18,
    VB_CFSR_NOCP = 1 << 19,
    VB_CFSR_UNALIGNED = 1 << 24,
    VB_CFSR_DIVBYZERO = 1 << 25,
};
#define VB_HFSR_VECTTBL  0x00000002u
#define VB_HFSR_FORCED   0x40000000u
#define VB_HFSR_DEBUGEVT 0x80000000u

void vb_exception_reset(vb_machine *m);
/** A synchronous fault: sets the status bits, escalates by DDI0403E B1.5.14, enters the handler
 * or locks up. */
void vb_exception_fault(vb_machine *m, uint32_t number, uint32_t cfsr, uint32_t return_address);
void vb_exception_svc(vb_machine *m, uint32_t return_address);
/** BKPT or FPB match without halting debug: DebugMonitor or HardFault. */
void vb_exception_debug(vb_machine *m, uint32_t return_address);
void vb_exception_return(vb_machine *m, uint32_t exc_return);

#endif
