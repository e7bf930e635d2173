/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoints and checked divides: emulator hooks on single instructions. */
#include "machine_state.h"

static void on_breakpoint(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    (void)size;
    vb_machine *m = user;
    if (!m->stepping && m->why == VB_WHY_NONE)
        vb_run_stop(m, VB_WHY_BREAKPOINT, (uint32_t)address);
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
        vb_run_stop(m, VB_WHY_DIVIDE, (uint32_t)address);
}

/* Puts a code hook on each divide of the block about to run. Hooks affect only later translations, so the
 * present one is dropped (trap 5). @return false if there are too many hooks */
bool vb_breakpoints_hook_divides(vb_machine *m, uint32_t address)
{
    uint32_t size = m->stopped_block_bytes, divisor;
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
    code->divides = false; /* from now on, the hooks check them */
    code->needs_checks = code->in_ram || code->uses_fpu || code->check_alignment;
    uc_ctl_remove_cache(m->uc, (uint64_t)address, (uint64_t)address + size);
    return true;
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
        /* Trap 5 again: the hook affects only later translations. */
        vb_blocks_drop(m, address, 2);
        if (uc_hook_add(m->uc, &m->breakpoint_hooks[n], UC_HOOK_CODE, (void *)on_breakpoint, m,
                        (uint64_t)address, (uint64_t)address) != UC_ERR_OK)
            continue;
        m->breakpoints[n] = address;
        m->breakpoint_count++;
    }
}
