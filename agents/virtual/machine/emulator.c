/* SPDX-License-Identifier: Apache-2.0 */
/* One run of the emulator; turns what stopped it into faults, exceptions and hints. */
#include "machine_state.h"

#define ADDRESS_DHCSR 0xE000EDF0u
#define HINT_YIELD    0xBF10u
#define HINT_WFE      0xBF20u
#define HINT_WFI      0xBF30u

static void bad_access_fault(vb_machine *m)
{
    vb_bad_access bad = m->bad;
    m->bad.pending = false;
    if (bad.type == UC_MEM_FETCH_UNMAPPED || bad.type == UC_MEM_FETCH_PROT) {
        uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_BUS, VB_CFSR_IBUSERR, pc);
        return;
    }
    bool store = bad.type == UC_MEM_WRITE_UNMAPPED || bad.type == UC_MEM_WRITE_PROT;
    uint32_t pc;
    vb_position_find(m, bad.address, bad.bytes, store, &pc);
    vb_position_refund(m, pc);
    const vb_memory *memory = vb_bus_memory(m, bad.address, 1);
    if (store && memory && memory->kind == VB_RAM) {
        m->scs.mmfar = bad.address;
        vb_exception_fault(m, VB_EXC_MEMMANAGE, VB_CFSR_DACCVIOL | VB_CFSR_MMARVALID, pc);
        return;
    }
    if (!memory)
        vb_notice_nothing_there(m, bad.address, store);
    m->scs.bfar = bad.address;
    vb_exception_fault(m, VB_EXC_BUS, VB_CFSR_PRECISERR | VB_CFSR_BFARVALID, pc);
}

static int interrupted(vb_machine *m)
{
    int number = m->interrupt;
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
    m->interrupt = -1;
    switch (number) {
    case 2: /* trap 7: SVC, PC after it */
        vb_exception_svc(m, pc);
        return VB_GO_ON;
    case 7: /* BKPT, PC at it */
        vb_position_refund(m, pc);
        if (m->debug.read(m->debug.user, ADDRESS_DHCSR) & 1) /* C_DEBUGEN */
            return VB_STOP_BREAKPOINT;
        vb_exception_debug(m, pc);
        return VB_GO_ON;
    case 8: /* EXC_RETURN, PC the value without its bit 0 */
        vb_exception_return(m, pc | 1);
        return VB_GO_ON;
    case 3: /* fetch from memory that is not executable */
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_MEMMANAGE, VB_CFSR_IACCVIOL, pc);
        return VB_GO_ON;
    case 4: /* misaligned exclusive access */
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNALIGNED, pc);
        return VB_GO_ON;
    default:
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, pc);
        return VB_GO_ON;
    }
}

static int not_executable(vb_machine *m)
{
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC), hint = 0;
    if (!(vb_uc_get(m, UC_ARM_REG_XPSR) & VB_XPSR_T)) {
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_INVSTATE, pc);
        return VB_GO_ON;
    }
    /* WFE and YIELD end the emulation like UDF, but with the PC after them. */
    bool behind = m->stepping ? pc != m->step_pc
                              : m->current && pc == m->current->block.address + m->current->block.size_bytes;
    if (behind && vb_bus_peek(m, pc - 2, 2, &hint) && (hint == HINT_WFE || hint == HINT_YIELD))
        return hint == HINT_WFE ? VB_STOP_IDLE : VB_GO_ON;
    vb_position_refund(m, pc);
    vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, pc);
    return VB_GO_ON;
}

int vb_emulate(vb_machine *m, uint32_t until)
{
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC) & ~1u;
    bool thumb = vb_uc_get(m, UC_ARM_REG_XPSR) & VB_XPSR_T;
    m->why = VB_WHY_NONE;
    m->step_pc = pc;
    uc_err err = uc_emu_start(m->uc, pc | (thumb ? 1 : 0), until, 0, 0);
    if (m->why != VB_WHY_NONE)
        vb_uc_set_pc(m, m->stop_pc);
    if (m->bad.pending) {
        bad_access_fault(m);
        return VB_GO_ON;
    }
    if (m->interrupt >= 0)
        return interrupted(m);
    if (m->why == VB_WHY_DIVIDE) {
        pc = vb_uc_get(m, UC_ARM_REG_PC);
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_DIVBYZERO, pc);
        return VB_GO_ON;
    }
    if (m->why == VB_WHY_BREAKPOINT) {
        vb_position_refund(m, vb_uc_get(m, UC_ARM_REG_PC));
        return VB_STOP_BREAKPOINT;
    }
    if (err == UC_ERR_INSN_INVALID || err == UC_ERR_EXCEPTION)
        return not_executable(m);
    if (m->why == VB_WHY_NONE && err == UC_ERR_OK) {
        uint32_t hint = 0;
        pc = vb_uc_get(m, UC_ARM_REG_PC);
        if (vb_bus_peek(m, pc - 2, 2, &hint) && hint == HINT_WFI)
            return VB_STOP_IDLE;
        return VB_GO_ON;
    }
    if (err != UC_ERR_OK) /* no other error is known; do not loop on one */
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, vb_uc_get(m, UC_ARM_REG_PC));
    return VB_GO_ON;
}
