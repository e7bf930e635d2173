/* SPDX-License-Identifier: Apache-2.0 */
/* Executes one instruction at a time: for the debugger, and for blocks that fault on silicon but not in the
 * emulator. */
#include "machine_state.h"

/* Checks what faults on the core but not in the emulator: trap 8. @return true if it faulted */
static bool check_instruction(vb_machine *m)
{
    uint32_t registers[16], first = 0, second = 0, divisor;
    vb_core_read_registers(m, registers);
    uint32_t pc = registers[VB_PC];
    if (!vb_bus_peek(m, pc, 2, &first))
        return false;
    vb_thumb insn = {.first = (uint16_t)first, .bytes = vb_thumb_bytes((uint16_t)first)};
    if (insn.bytes == 4 && vb_bus_peek(m, pc + 2, 2, &second))
        insn.second = (uint16_t)second;
    uint32_t fault = 0;
    vb_access access;
    if (vb_thumb_is_fpu(insn) && !vb_core_fpu_enabled(m)) {
        fault = VB_CFSR_NOCP;
    } else if (vb_thumb_access(insn, pc, registers, 0x7FFF, &access)) {
        bool trap_all = m->scs.ccr & 8;
        uint32_t wanted = trap_all && access.unit > access.alignment ? access.unit : access.alignment;
        if (access.address & (wanted - 1))
            fault = VB_CFSR_UNALIGNED;
    } else if ((m->scs.ccr & 0x10) && vb_thumb_is_divide(insn, &divisor) && registers[divisor] == 0) {
        fault = VB_CFSR_DIVBYZERO;
    }
    if (fault)
        vb_exception_fault(m, VB_EXC_USAGE, fault, pc);
    return fault != 0;
}

/* @return bytes of the instruction at `pc`, or of the whole IT block: the emulator cannot stop inside one */
static uint32_t step_bytes(const vb_machine *m, uint32_t pc, uint32_t *instructions)
{
    uint32_t first = 0, bytes = 2;
    *instructions = 1;
    if (!vb_bus_peek(m, pc, 2, &first))
        return bytes;
    if ((first & 0xFF00) != 0xBF00 || !(first & 0xF))
        return vb_thumb_bytes((uint16_t)first);
    uint32_t conditional = 4 - (uint32_t)__builtin_ctz(first & 0xF); /* DDI0403E A7.7.38: the mask's last 1 */
    for (uint32_t i = 0; i < conditional; i++) {
        first = 0;
        if (!vb_bus_peek(m, pc + bytes, 2, &first))
            break;
        bytes += vb_thumb_bytes((uint16_t)first);
        ++*instructions;
    }
    return bytes;
}

static int step_one(vb_machine *m)
{
    if (check_instruction(m))
        return VB_GO_ON;
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
    uint32_t instructions, bytes = step_bytes(m, pc, &instructions);
    /* Trap 5: the end address does not affect translated code. An instruction count does not work either: a
     * later run without one flushes everything, which is trap 1. */
    uc_ctl_remove_cache(m->uc, (uint64_t)pc, (uint64_t)pc + bytes);
    m->step_blocks = 0;
    m->stepping = true;
    m->current = NULL;
    uint32_t faults = m->fault_count;
    int result = vb_emulate(m, pc + bytes);
    m->stepping = false;
    if (result != VB_STOP_BREAKPOINT &&
        m->fault_count == faults) { /* a faulting instruction is not counted */
        m->instructions += instructions;
        m->cycles += instructions; /* single steps have no timing model: one cycle each */
    }
    uc_ctl_remove_cache(m->uc, (uint64_t)pc, (uint64_t)pc + 24);
    return result;
}

/* Runs the block at the PC one instruction at a time until one faults or the block ends. */
int vb_step_block(vb_machine *m)
{
    for (uint32_t i = 0; i < 512; i++) {
        uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
        int result = step_one(m);
        uint32_t next = vb_uc_get(m, UC_ARM_REG_PC);
        if (result != VB_GO_ON || next < pc || next > pc + 24 || m->locked_up || m->reset_requested)
            return result;
    }
    return VB_GO_ON;
}

vb_stop vb_machine_step(vb_machine *m)
{
    vb_blocks_sync(m);
    vb_usart_poll(m);
    if (m->reset_requested)
        return VB_STOP_RESET;
    if (m->locked_up)
        return VB_STOP_LOCKUP;
    int result = step_one(m);
    if (m->reset_requested)
        return VB_STOP_RESET;
    if (m->locked_up)
        return VB_STOP_LOCKUP;
    /* A hint that waits is an instruction like any other here. */
    return result == VB_STOP_BREAKPOINT ? VB_STOP_BREAKPOINT : VB_STOP_SLICE;
}
