/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a slice: restarts the emulator after each stop that the machine handles itself. */
#include "machine_state.h"

/* Never reached: the core cannot execute from there. */
#define NOWHERE 0xFFFFFFFEu

vb_stop vb_machine_run(vb_machine *m, uint64_t max_instructions)
{
    m->run_end = m->instructions + max_instructions;
    m->slice_end = 0;
    m->watch.active = false; /* memory or ports may have changed since */
    if (vb_time_part_due(m))
        m->chip->update_clocks(m);
    vb_usart_poll(m);
    if (m->mpu_changed)
        vb_mpu_apply(m);
    for (;;) {
        if (m->reset_requested)
            return VB_STOP_RESET;
        if (m->locked_up)
            return VB_STOP_LOCKUP;
        if (m->instructions >= m->run_end)
            return VB_STOP_SLICE; /* endless faults end too */
        int result = vb_emulate(m, NOWHERE);
        if (result != VB_GO_ON)
            return (vb_stop)result;
        uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
        switch (m->why) {
        case VB_WHY_SLICE:
            return VB_STOP_SLICE;
        case VB_WHY_IDLE:
            m->next_watch = m->instructions;
            m->watch_interval = VB_WATCH_INTERVAL;
            return VB_STOP_IDLE;
        case VB_WHY_SYNC:
            vb_blocks_sync(m);
            break;
        case VB_WHY_STALE:
            vb_blocks_drop(m, pc, 512);
            break;
        case VB_WHY_CLOCK:
            vb_exception_fault(m, VB_EXC_BUS, VB_CFSR_IBUSERR, pc);
            m->instructions++; /* so that endless faults of this kind end */
            break;
        case VB_WHY_HOOK_DIVIDES:
            if (vb_breakpoints_hook_divides(m, pc))
                break;
            /* fall through */
        case VB_WHY_STEP_BLOCK:
            result = vb_step_block(m);
            if (result != VB_GO_ON)
                return (vb_stop)result;
            break;
        default:
            break;
        }
    }
}
