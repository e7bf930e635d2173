/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator's hooks: they count each block before it runs and stop the emulator where needed. */
#include <string.h>

#include "machine_state.h"

enum { WATCH_INTERVAL_MAX = 1 << 18 };

void vb_run_stop(vb_machine *m, vb_why why, uint32_t pc)
{
    /* Trap 4: the emulator stops before the block and calls the hook again when it resumes, so the block must
     * not be counted yet. Trap 11: while any code hook exists, it does not set its PC to the block where it
     * stopped: chained blocks leave the PC at a block that ran earlier. */
    m->why = why;
    m->stop_pc = pc;
    uc_emu_stop(m->uc);
}

/* Checks that most blocks do not need. @return true if the emulator was stopped */
static bool check_occasionally(vb_machine *m, const vb_code *code)
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
            vb_run_stop(m, why, code->block.address);
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

static bool check_block(vb_machine *m, vb_code *code)
{
    if (code->in_ram && memcmp(code->bytes, code->host, code->block.size_bytes) != 0) {
        vb_run_stop(m, VB_WHY_STALE, code->block.address); /* trap 2 */
        return true;
    }
    if (code->uses_fpu && !vb_core_fpu_enabled(m)) {
        vb_run_stop(m, VB_WHY_STEP_BLOCK, code->block.address);
        return true;
    }
    if (code->divides && (m->scs.ccr & 0x10)) { /* DIV_0_TRP */
        m->stopped_block_bytes = code->block.size_bytes;
        vb_run_stop(m, VB_WHY_HOOK_DIVIDES, code->block.address);
        return true;
    }
    if (code->check_alignment && vb_blocks_check_due(code) && vb_blocks_misaligned(m, code)) {
        vb_run_stop(m, VB_WHY_STEP_BLOCK, code->block.address);
        return true;
    }
    return false;
}

static void on_block(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    vb_machine *m = user;
    if (m->stepping) { /* the first block is the instruction itself, a second one its successor */
        if (m->step_blocks++ > 0)
            vb_run_stop(m, VB_WHY_SLICE, (uint32_t)address);
        return;
    }
    vb_code *code = m->code[vb_code_slot((uint32_t)address)];
    if (!code || code->block.address != (uint32_t)address || code->block.size_bytes != size) {
        code = vb_blocks_find(m, (uint32_t)address, size);
        if (!code)
            code = vb_blocks_decode(m, (uint32_t)address, size);
        if (!code) { /* out of host memory: do not run a block that cannot be counted */
            vb_run_stop(m, VB_WHY_SLICE, (uint32_t)address);
            return;
        }
    }
    if ((code->needs_checks && check_block(m, code)) ||
        (m->instructions >= m->slice_end && check_occasionally(m, code)))
        return;
    m->current = code;
    m->located = 0;
    m->instructions += code->block.instructions;
    if (code->block.input_count != 0)
        uc_reg_read_batch(uc, code->input_ids, m->slot_pointers, code->block.input_count);
    m->current_cycles = vb_timing_enter(m->timing, &code->block, m->slots);
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
            /* next to a guard, on the same page: the emulator leaves the write to this hook */
            memcpy(memory->host + ((uint32_t)address - memory->base), &value, (size_t)size);
            return true;
        }
    }
    m->bad = (vb_bad_access){true, type, (uint32_t)address, (uint32_t)size};
    return false;
}

bool vb_run_add_hooks(vb_machine *m)
{
    uc_hook hook;
    m->interrupt = -1;
    m->watch_interval = VB_WATCH_INTERVAL;
    for (uint32_t i = 0; i < sizeof m->slot_pointers / sizeof m->slot_pointers[0]; i++)
        m->slot_pointers[i] = &m->slots[i];
    return uc_hook_add(m->uc, &hook, UC_HOOK_BLOCK, (void *)on_block, m, 1, 0) == UC_ERR_OK &&
           uc_hook_add(m->uc, &hook, UC_HOOK_INTR, (void *)on_interrupt, m, 1, 0) == UC_ERR_OK &&
           uc_hook_add(m->uc, &hook, UC_HOOK_MEM_INVALID, (void *)on_bad_access, m, 1, 0) == UC_ERR_OK;
}
