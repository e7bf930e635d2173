/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "machine_state.h"

/* How often the addresses of a block's multiple transfers are checked: always at first, then at intervals.
 * The interval is an odd prime, so that it does not run in step with unrolled loops. */
enum { ALWAYS_CHECKED = 64, CHECK_INTERVAL = 61 };

/* The emulator ends a block at the end of its page at the latest. */
enum { MAX_BLOCK_BYTES = 1024 };

vb_code *vb_blocks_find(vb_machine *m, uint32_t address, uint32_t bytes)
{
    vb_code **first = &m->code[vb_code_slot(address)];
    for (vb_code **at = first; *at; at = &(*at)->next) {
        vb_code *code = *at;
        if (code->block.address != address || code->block.size_bytes != bytes)
            continue;
        *at = code->next; /* to the front, which is where the block hook looks */
        code->next = *first;
        *first = code;
        return code;
    }
    return NULL;
}

static bool read_for_follow(void *user, uint32_t address, uint32_t bytes, uint32_t *value)
{
    return vb_bus_peek(user, address, bytes, value);
}

static void classify(vb_code *code)
{
    uint32_t size = code->block.size_bytes;
    for (uint32_t at = 0; at + 2 <= size;) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        uint32_t divisor;
        code->divides |= vb_thumb_is_divide(insn, &divisor);
        if (vb_thumb_is_fpu(insn))
            code->uses_fpu = true;
        /* With UNALIGN_TRP set, any access may fault except PUSH and POP: SP is always aligned. */
        bool on_stack =
            insn.bytes == 2 && ((insn.first & 0xF600) == 0xB400 || (insn.first & 0xF000) == 0x9000);
        if (vb_thumb_is_memory(insn) && !on_stack)
            code->check_alignment = true;
        at += insn.bytes;
    }
}

/* Whether a block has accesses that must be aligned with CCR.UNALIGN_TRP clear. */
static bool has_multiple_transfers(const vb_code *code)
{
    static const uint32_t zeros[16];
    uint32_t size = code->block.size_bytes;
    for (uint32_t at = 0; at + 2 <= size;) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        vb_access access;
        bool on_stack = insn.bytes == 4 ? (insn.first & 15) == VB_SP : (insn.first & 0xF600) == 0xB400;
        if (!on_stack && vb_thumb_access(insn, 0, zeros, 0xFFFF, &access) && access.alignment > 1)
            return true;
        at += insn.bytes;
    }
    return false;
}

static void free_code(vb_code *code)
{
    vb_timing_release(&code->block);
    free(code->bytes);
    free(code);
}

vb_code *vb_blocks_decode(vb_machine *m, uint32_t address, uint32_t bytes)
{
    const vb_memory *memory = vb_bus_memory(m, address, bytes);
    vb_code *code = memory ? calloc(1, sizeof *code) : NULL;
    if (!code)
        return NULL;
    code->host = memory->host + (address - memory->base);
    code->bytes = malloc(bytes);
    if (!code->bytes) {
        free(code);
        return NULL;
    }
    memcpy(code->bytes, code->host, bytes);
    code->in_ram = memory->kind == VB_RAM;
    code->in_flash = memory->kind == VB_FLASH;
    if (!vb_timing_decode(m->timing, address, code->bytes, bytes, &code->block)) {
        free_code(code);
        return NULL;
    }
    for (uint32_t i = 0; i < code->block.input_count; i++)
        code->input_ids[i] = vb_core_register_id(code->block.inputs[i]);
    code->block.address = address;
    code->block.size_bytes = bytes;
    classify(code);
    if (!(m->scs.ccr & 8)) /* UNALIGN_TRP */
        code->check_alignment = code->check_alignment && has_multiple_transfers(code);
    code->needs_checks =
        code->in_ram || code->uses_fpu || code->check_alignment || (code->divides && (m->scs.ccr & 0x10));
    uint32_t slot = vb_code_slot(address);
    code->next = m->code[slot];
    m->code[slot] = code;
    return code;
}

void vb_blocks_flush(vb_machine *m)
{
    for (uint32_t i = 0; i < VB_CODE_SLOTS; i++) {
        for (vb_code *code = m->code[i], *next; code; code = next) {
            next = code->next;
            free_code(code);
        }
        m->code[i] = NULL;
    }
    m->current = NULL;
    /* Trap 1: never uc_ctl_flush_tlb; removing each range costs microseconds. */
    for (uint32_t i = 0; i < m->memory_count; i++)
        uc_ctl_remove_cache(m->uc, (uint64_t)m->memories[i].base,
                            (uint64_t)m->memories[i].base + m->memories[i].bytes);
}

static bool overlaps(const vb_code *code, uint32_t address, uint32_t bytes)
{
    return code->block.address < address + bytes && address < code->block.address + code->block.size_bytes;
}

static void drop_from_slot(vb_machine *m, uint32_t slot, uint32_t address, uint32_t bytes)
{
    for (vb_code **at = &m->code[slot]; *at;) {
        vb_code *code = *at;
        if (!overlaps(code, address, bytes)) {
            at = &code->next;
            continue;
        }
        *at = code->next;
        if (m->current == code)
            m->current = NULL;
        free_code(code);
    }
}

void vb_blocks_drop(vb_machine *m, uint32_t address, uint32_t bytes)
{
    /* Few addresses: search where blocks that overlap them can begin. Many: search everywhere. */
    if (bytes < VB_CODE_SLOTS)
        for (uint32_t back = 0; back < MAX_BLOCK_BYTES + bytes; back += 2)
            drop_from_slot(m, vb_code_slot(address + bytes - 2 - back), address, bytes);
    else
        for (uint32_t slot = 0; slot < VB_CODE_SLOTS; slot++)
            drop_from_slot(m, slot, address, bytes);
    uc_ctl_remove_cache(m->uc, (uint64_t)address, (uint64_t)address + bytes);
}

void vb_blocks_memory_changed(vb_machine *m, uint32_t offset, uint32_t bytes)
{
    /* Flash changes while a loader in RAM runs, inside a memory hook: deferred until code in flash runs
     * again. */
    if (m->dirty_from >= m->dirty_to) {
        m->dirty_from = offset;
        m->dirty_to = offset + bytes;
    } else {
        m->dirty_from = offset < m->dirty_from ? offset : m->dirty_from;
        m->dirty_to = offset + bytes > m->dirty_to ? offset + bytes : m->dirty_to;
    }
    vb_core_attention(m);
}

void vb_blocks_sync(vb_machine *m)
{
    if (m->mpu_changed)
        vb_mpu_apply(m);
    if (m->flush_all)
        vb_blocks_flush(m);
    m->flush_all = false;
    if (m->dirty_from >= m->dirty_to)
        return;
    for (uint32_t i = 0; i < m->memory_count; i++) {
        const vb_memory *memory = &m->memories[i];
        if (memory->kind != VB_FLASH)
            continue;
        uint32_t first = (uint32_t)(memory->host - m->flash); /* the alias may show a part only */
        uint32_t from = m->dirty_from > first ? m->dirty_from - first : 0;
        uint32_t to = m->dirty_to > first ? m->dirty_to - first : 0;
        to = to < memory->bytes ? to : memory->bytes;
        if (from < to)
            vb_blocks_drop(m, memory->base + from, to - from);
    }
    m->dirty_from = m->dirty_to = 0;
}

static bool is_it(vb_thumb insn)
{
    return insn.bytes == 2 && (insn.first & 0xFF00) == 0xBF00 && (insn.first & 0xF);
}

bool vb_blocks_misaligned(vb_machine *m, const vb_code *code)
{
    uint32_t registers[16], known = 0x7FFF;
    vb_core_read_registers(m, registers);
    uint32_t address = code->block.address, size = code->block.size_bytes;
    bool trap_all = m->scs.ccr & 8;
    for (uint32_t at = 0; at + 2 <= size;) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        vb_access access;
        if (is_it(insn))
            return false; /* what follows may not execute */
        if (vb_thumb_access(insn, address + at, registers, known, &access)) {
            uint32_t wanted = trap_all && access.unit > access.alignment ? access.unit : access.alignment;
            if (access.address & (wanted - 1))
                return true;
        }
        vb_thumb_follow(insn, address + at, registers, &known, read_for_follow, m);
        at += insn.bytes;
    }
    return false;
}

bool vb_blocks_check_due(vb_code *code)
{
    if (code->checks < ALWAYS_CHECKED) {
        code->checks++;
        return true;
    }
    if (code->executions_to_check-- > 0)
        return false;
    code->executions_to_check = CHECK_INTERVAL - 1;
    return true;
}
