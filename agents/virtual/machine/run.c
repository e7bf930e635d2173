/* SPDX-License-Identifier: Apache-2.0 */
/* The run loop around the emulator: counting, stopping in the right place, turning its stops into faults. */
#include <string.h>

#include "machine/machine_internal.h"

/* Never reached: execution from there is impossible on the core. */
#define NOWHERE 0xFFFFFFFEu

enum { WATCH_INTERVAL = 16384, WATCH_INTERVAL_MAX = 1 << 18 };

#define ADDRESS_DHCSR 0xE000EDF0u
#define HINT_YIELD    0xBF10u
#define HINT_WFE      0xBF20u
#define HINT_WFI      0xBF30u

/* ---- hooks ---- */

static void stop(vb_machine *m, vb_why why, uint32_t pc)
{
    /* Trap 4: the emulator stops before the block and calls the hook again when it resumes, so nothing may
     * have been counted yet. Trap 11: while any code hook exists, it does not set its PC to the block where
     * it stopped; blocks are chained without doing so, so the PC would be that of a block run before. */
    m->why = why;
    m->stop_pc = pc;
    uc_emu_stop(m->uc);
}

static bool fpu_enabled(const vb_machine *m)
{
    return (m->scs.cpacr & 0x00F00000) == 0x00F00000;
}

/* Whatever is not needed before most blocks. @return true if the emulator has been told to stop */
static bool look_around(vb_machine *m, const vb_code *code)
{
    vb_why why = VB_WHY_NONE;
    if (m->instructions >= m->slice_end) {
        bool dirty = m->dirty_from < m->dirty_to;
        if (m->reset_requested || m->flush_all || m->mpu_changed || (dirty && code->in_flash))
            why = VB_WHY_SYNC;
        else if (m->clocks.violation && code->in_flash)
            why = VB_WHY_CLOCK;
        else if (m->instructions >= m->run_end)
            why = VB_WHY_SLICE;
        else if (m->watch.active && vb_idle_block(m, code))
            why = VB_WHY_IDLE;
        if (why != VB_WHY_NONE) {
            stop(m, why, code->block.address);
            return true;
        }
        if (!m->watch.active && m->instructions >= m->next_watch) {
            vb_idle_begin(m);
            m->next_watch = m->instructions + m->watch_interval;
            if (m->watch_interval < WATCH_INTERVAL_MAX)
                m->watch_interval *= 2;
        }
        if (m->watch.active || dirty || m->clocks.violation)
            m->slice_end = 0;
        else
            m->slice_end = m->run_end < m->next_watch ? m->run_end : m->next_watch;
    }
    return false;
}

static bool look_at(vb_machine *m, vb_code *code)
{
    if (code->in_ram && memcmp(code->bytes, code->host, code->block.size_bytes) != 0) {
        stop(m, VB_WHY_STALE, code->block.address); /* trap 2 */
        return true;
    }
    if (code->uses_fpu && !fpu_enabled(m)) {
        stop(m, VB_WHY_STEP_BLOCK, code->block.address);
        return true;
    }
    if (code->divides && (m->scs.ccr & 0x10)) { /* DIV_0_TRP */
        m->look_bytes = code->block.size_bytes;
        stop(m, VB_WHY_HOOK_DIVIDES, code->block.address);
        return true;
    }
    if (code->check_alignment && vb_blocks_check_due(code) && vb_blocks_misaligned(m, code)) {
        stop(m, VB_WHY_STEP_BLOCK, code->block.address);
        return true;
    }
    return false;
}

/* The registers that the block's timing depends on. */
static void read_inputs(const vb_machine *m, vb_code *code, uint32_t slots[VB_MAX_SLOTS])
{
    void *values[16];
    uint32_t count = code->block.input_count;
    for (uint32_t i = 0; i < count; i++)
        values[i] = &slots[i];
    if (count != 0)
        uc_reg_read_batch(m->uc, code->input_ids, values, (int)count);
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    vb_machine *m = user;
    if (m->stepping) { /* the first block is the instruction itself; a second one is where it has led */
        if (m->step_blocks++ > 0)
            stop(m, VB_WHY_SLICE, (uint32_t)address);
        return;
    }
    vb_code *code = m->code[vb_code_slot((uint32_t)address)];
    if (!code || code->block.address != (uint32_t)address || code->block.size_bytes != size) {
        code = vb_blocks_find(m, (uint32_t)address, size);
        if (!code)
            code = vb_blocks_decode(m, (uint32_t)address, size);
        if (!code) { /* out of host memory: do not run what cannot be counted */
            stop(m, VB_WHY_SLICE, (uint32_t)address);
            return;
        }
    }
    if ((code->look && look_at(m, code)) || (m->instructions >= m->slice_end && look_around(m, code)))
        return;
    m->current = code;
    m->located = 0;
    m->instructions += code->block.instructions;
    uint32_t slots[VB_MAX_SLOTS];
    read_inputs(m, code, slots);
    m->current_cycles = vb_timing_enter(m->timing, &code->block, slots);
    m->cycles += m->current_cycles;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
    vb_machine *m = user;
    m->interrupt = (int)number;
    uc_emu_stop(uc);
}

static bool on_bad_access(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                          void *user)
{
    (void)uc;
    vb_machine *m = user;
    if (type == UC_MEM_WRITE_PROT) {
        const vb_memory *memory = vb_bus_memory(m, (uint32_t)address, (uint32_t)size);
        if (memory && memory->kind == VB_FLASH && !memory->read_only) {
            m->watch.progress = true;
            m->chip->flash_write(m, (uint32_t)(memory->host - m->flash) + ((uint32_t)address - memory->base),
                                 (uint32_t)size, (uint32_t)value, true);
            return true;
        }
        if (memory && memory->kind == VB_RAM && !vb_mpu_refuses(m, (uint32_t)address)) {
            /* beside a guard, on its page; the emulator leaves the write to us */
            memcpy(memory->host + ((uint32_t)address - memory->base), &value, (size_t)size);
            return true;
        }
    }
    m->bad = (vb_bad_access){true, type, (uint32_t)address, (uint32_t)size};
    return false;
}

static void on_breakpoint(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    (void)size;
    vb_machine *m = user;
    if (!m->stepping && m->why == VB_WHY_NONE)
        stop(m, VB_WHY_BREAKPOINT, (uint32_t)address);
}

static void on_divide(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    vb_machine *m = user;
    uint32_t registers[16], divisor, first;
    if (m->why != VB_WHY_NONE || !(m->scs.ccr & 0x10) || !vb_bus_peek(m, (uint32_t)address, size, &first))
        return;
    vb_thumb insn = {.first = (uint16_t)first, .second = (uint16_t)(first >> 16), .bytes = size};
    vb_core_read_registers(m, registers);
    if (vb_thumb_is_divide(insn, &divisor) && registers[divisor] == 0)
        stop(m, VB_WHY_DIVIDE, (uint32_t)address);
}

bool vb_run_add_hooks(vb_machine *m)
{
    uc_hook hook;
    m->interrupt = -1;
    m->watch_interval = WATCH_INTERVAL;
    return uc_hook_add(m->uc, &hook, UC_HOOK_BLOCK, (void *)on_block, m, 1, 0) == UC_ERR_OK &&
           uc_hook_add(m->uc, &hook, UC_HOOK_INTR, (void *)on_interrupt, m, 1, 0) == UC_ERR_OK &&
           uc_hook_add(m->uc, &hook, UC_HOOK_MEM_INVALID, (void *)on_bad_access, m, 1, 0) == UC_ERR_OK;
}

/* ---- after the emulator has come back ---- */

/* GO_ON is not a vb_stop: run on. */
enum { GO_ON = -1 };

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
        return GO_ON;
    case 7: /* BKPT, PC at it */
        vb_position_refund(m, pc);
        if (m->debug.read(m->debug.user, ADDRESS_DHCSR) & 1) /* C_DEBUGEN */
            return VB_STOP_BREAKPOINT;
        vb_exception_debug(m, pc);
        return GO_ON;
    case 8: /* EXC_RETURN, PC the value without its bit 0 */
        vb_exception_return(m, pc | 1);
        return GO_ON;
    case 3: /* fetch from where nothing may be executed */
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_MEMMANAGE, VB_CFSR_IACCVIOL, pc);
        return GO_ON;
    case 4: /* exclusive access at a wrong alignment */
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNALIGNED, pc);
        return GO_ON;
    default:
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, pc);
        return GO_ON;
    }
}

static int not_executable(vb_machine *m)
{
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC), hint = 0;
    if (!(vb_uc_get(m, UC_ARM_REG_XPSR) & VB_XPSR_T)) {
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_INVSTATE, pc);
        return GO_ON;
    }
    /* WFE and YIELD end the emulation in the same way as UDF, but with the PC behind them. */
    bool behind = m->stepping ? pc != m->step_pc
                              : m->current && pc == m->current->block.address + m->current->block.size_bytes;
    if (behind && vb_bus_peek(m, pc - 2, 2, &hint) && (hint == HINT_WFE || hint == HINT_YIELD))
        return hint == HINT_WFE ? VB_STOP_IDLE : GO_ON;
    vb_position_refund(m, pc);
    vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, pc);
    return GO_ON;
}

static int emulate(vb_machine *m, uint32_t until)
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
        return GO_ON;
    }
    if (m->interrupt >= 0)
        return interrupted(m);
    if (m->why == VB_WHY_DIVIDE) {
        pc = vb_uc_get(m, UC_ARM_REG_PC);
        vb_position_refund(m, pc);
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_DIVBYZERO, pc);
        return GO_ON;
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
        return GO_ON;
    }
    if (err != UC_ERR_OK) /* no other error is known to happen; do not spin on one */
        vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_UNDEFINSTR, vb_uc_get(m, UC_ARM_REG_PC));
    return GO_ON;
}

/* ---- one instruction ---- */

/* What the core would refuse but the emulator does not: trap 8. @return true if it faulted */
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
    if (vb_thumb_is_fpu(insn) && !fpu_enabled(m)) {
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

/* Bytes of the instruction at `pc`, with all of its block if it is an IT: the emulator cannot stop within. */
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
        return GO_ON;
    uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
    uint32_t instructions, bytes = step_bytes(m, pc, &instructions);
    /* Trap 5: the end address does not affect what is already translated. And no instruction count: taking
     * it off again flushes everything, which is trap 1. */
    uc_ctl_remove_cache(m->uc, (uint64_t)pc, (uint64_t)pc + bytes);
    m->step_blocks = 0;
    m->stepping = true;
    m->current = NULL;
    uint32_t faults = m->fault_count;
    int result = emulate(m, pc + bytes);
    m->stepping = false;
    if (result != VB_STOP_BREAKPOINT &&
        m->fault_count == faults) { /* a faulting instruction does not count */
        m->instructions += instructions;
        m->cycles += instructions; /* no timing model for single steps: one cycle each */
    }
    uc_ctl_remove_cache(m->uc, (uint64_t)pc, (uint64_t)pc + 24);
    return result;
}

/* Runs the block at the PC one instruction at a time until something faults or it is over. */
static int step_block(vb_machine *m)
{
    for (uint32_t i = 0; i < 512; i++) {
        uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
        int result = step_one(m);
        uint32_t next = vb_uc_get(m, UC_ARM_REG_PC);
        if (result != GO_ON || next < pc || next > pc + 24 || m->locked_up || m->reset_requested)
            return result;
    }
    return GO_ON;
}

/* Puts a code hook on each divide of the block about to run; only what is translated afterwards has it, so
 * the translation goes (trap 5). @return false if there are too many hooks already */
static bool hook_divides(vb_machine *m, uint32_t address)
{
    uint32_t size = m->look_bytes, divisor;
    const vb_memory *memory = vb_bus_memory(m, address, size);
    vb_code *code = memory ? vb_blocks_find(m, address, size) : NULL;
    if (!code)
        return false;
    for (uint32_t at = 0; at + 2 <= size;) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        uint64_t where = address + at;
        at += insn.bytes;
        if (!vb_thumb_is_divide(insn, &divisor))
            continue;
        bool hooked = false;
        for (uint32_t i = 0; i < m->divide_hook_count; i++)
            hooked |= m->divide_hooks[i].address == where;
        if (hooked)
            continue;
        if (m->divide_hook_count == VB_MAX_DIVIDE_HOOKS)
            return false;
        uc_hook hook;
        if (uc_hook_add(m->uc, &hook, UC_HOOK_CODE, (void *)on_divide, m, where, where) != UC_ERR_OK)
            return false;
        m->divide_hooks[m->divide_hook_count].address = (uint32_t)where;
        m->divide_hooks[m->divide_hook_count++].hook = hook;
    }
    code->divides = false; /* from now on the hooks see to them */
    code->look = code->in_ram || code->uses_fpu || code->check_alignment;
    uc_ctl_remove_cache(m->uc, (uint64_t)address, (uint64_t)address + size);
    return true;
}

/* ---- public ---- */

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
            return VB_STOP_SLICE; /* a fault storm ends too */
        int result = emulate(m, NOWHERE);
        if (result != GO_ON)
            return (vb_stop)result;
        uint32_t pc = vb_uc_get(m, UC_ARM_REG_PC);
        switch (m->why) {
        case VB_WHY_SLICE:
            return VB_STOP_SLICE;
        case VB_WHY_IDLE:
            m->next_watch = m->instructions;
            m->watch_interval = WATCH_INTERVAL;
            return VB_STOP_IDLE;
        case VB_WHY_SYNC:
            vb_blocks_sync(m);
            break;
        case VB_WHY_STALE:
            vb_blocks_drop(m, pc, 512);
            break;
        case VB_WHY_CLOCK:
            vb_exception_fault(m, VB_EXC_BUS, VB_CFSR_IBUSERR, pc);
            m->instructions++; /* so that a storm of these ends */
            break;
        case VB_WHY_HOOK_DIVIDES:
            if (hook_divides(m, pc))
                break;
            /* fall through */
        case VB_WHY_STEP_BLOCK:
            result = step_block(m);
            if (result != GO_ON)
                return (vb_stop)result;
            break;
        default:
            break;
        }
    }
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
    /* A hint that waits is one instruction like any other here. */
    return result == VB_STOP_BREAKPOINT ? VB_STOP_BREAKPOINT : VB_STOP_SLICE;
}

void vb_machine_set_breakpoints(vb_machine *m, const uint32_t *addresses, uint32_t count)
{
    for (uint32_t i = 0; i < m->breakpoint_count; i++) {
        uc_hook_del(m->uc, m->breakpoint_hooks[i]);
        vb_blocks_drop(m, m->breakpoints[i], 2);
    }
    m->breakpoint_count = 0;
    for (uint32_t i = 0; i < count && m->breakpoint_count < VB_MAX_BREAKPOINTS; i++) {
        uint32_t address = addresses[i] & ~1u, n = m->breakpoint_count;
        /* Trap 5 again: the hook reaches only what is translated after it. */
        vb_blocks_drop(m, address, 2);
        if (uc_hook_add(m->uc, &m->breakpoint_hooks[n], UC_HOOK_CODE, (void *)on_breakpoint, m,
                        (uint64_t)address, (uint64_t)address) != UC_ERR_OK)
            continue;
        m->breakpoints[n] = address;
        m->breakpoint_count++;
    }
}
