/* SPDX-License-Identifier: Apache-2.0 */
/* Detects code that only waits. A loop is idle if it returns to the same block with the same registers,
 * writes no device, reads nothing that time or reading changes, uses no FPU instruction, and all its stores
 * are known and do not change memory over one more iteration: then all further iterations are the same. */
#include <string.h>

#include "machine_state.h"

static void read_state(vb_machine *m, uint32_t state[17])
{
    vb_core_read_registers(m, state);
    state[VB_PC] = 0;
    state[16] = vb_uc_get(m, UC_ARM_REG_XPSR);
}

void vb_idle_begin(vb_machine *m)
{
    m->watch.active = true;
    m->watch.started = m->watch.full_loop = m->watch.progress = false;
    m->watch.store_count = 0;
    m->watch.blocks_left = VB_WATCH_BLOCKS;
}

static bool give_up(vb_machine *m)
{
    m->watch.active = false;
    return false;
}

static bool read_for_follow(void *user, uint32_t address, uint32_t bytes, uint32_t *value)
{
    return vb_bus_peek(user, address, bytes, value);
}

static bool is_it(vb_thumb insn)
{
    return insn.bytes == 2 && (insn.first & 0xFF00) == 0xBF00 && (insn.first & 0xF) != 0;
}

/* @return the number of instructions that the IT instruction makes conditional (ARM DDI 0403E.e, A7.7.38). */
static uint32_t it_length(vb_thumb insn)
{
    return 4 - (uint32_t)__builtin_ctz(insn.first & 0xF);
}

/* Follows an instruction that may not execute: what it would change becomes unknown. */
static void follow_perhaps(vb_machine *m, vb_thumb insn, uint32_t pc, uint32_t registers[16], uint32_t *known)
{
    uint32_t after[16], known_after = *known;
    memcpy(after, registers, sizeof after);
    vb_thumb_follow(insn, pc, after, &known_after, read_for_follow, m);
    for (uint32_t r = 0; r < 16; r++)
        if (!(known_after >> r & 1) || after[r] != registers[r])
            *known &= ~(1U << r);
}

/* Records where a block stores. A conditional store to a device is not recorded: if it executes, the device
 * reports it. @return false if an address is not known in advance */
static bool note_stores(vb_machine *m, const vb_code *code)
{
    uint32_t registers[16], known = 0x7FFF, size = code->block.size_bytes, conditional = 0;
    bool registers_read = false;
    for (uint32_t at = 0; at + 2 <= size;) {
        vb_thumb insn = vb_thumb_fetch(code->bytes + at, size - at);
        uint32_t pc = code->block.address + at;
        at += insn.bytes;
        if (!registers_read) {
            vb_core_read_registers(m, registers);
            registers_read = true;
        }
        if (vb_thumb_is_store(insn)) {
            vb_access access;
            uint32_t n = m->watch.store_count;
            if (n == VB_WATCH_STORES || !vb_thumb_access(insn, pc, registers, known, &access) ||
                access.bytes > sizeof m->watch.stores[0].before)
                return false;
            const bool memory = vb_bus_memory(m, access.address, access.bytes);
            if (!memory && conditional == 0)
                return false;
            if (memory) {
                m->watch.stores[n].address = access.address;
                m->watch.stores[n].bytes = access.bytes;
                m->watch.store_count++;
            }
        }
        if (is_it(insn)) {
            conditional = it_length(insn);
        } else if (conditional > 0) {
            conditional--;
            follow_perhaps(m, insn, pc, registers, &known);
        } else {
            vb_thumb_follow(insn, pc, registers, &known, read_for_follow, m);
        }
    }
    return true;
}

static const uint8_t *store_target(vb_machine *m, uint32_t i)
{
    uint32_t address = m->watch.stores[i].address;
    const vb_memory *memory = vb_bus_memory(m, address, m->watch.stores[i].bytes);
    return memory->host + (address - memory->base);
}

static void copy_stores(vb_machine *m)
{
    for (uint32_t i = 0; i < m->watch.store_count; i++)
        memcpy(m->watch.stores[i].before, store_target(m, i), m->watch.stores[i].bytes);
}

static bool stores_changed(vb_machine *m)
{
    for (uint32_t i = 0; i < m->watch.store_count; i++)
        if (memcmp(m->watch.stores[i].before, store_target(m, i), m->watch.stores[i].bytes) != 0)
            return true;
    return false;
}

bool vb_idle_block(vb_machine *m, const vb_code *code)
{
    vb_watch *watch = &m->watch;
    if (watch->progress || code->uses_fpu || watch->blocks_left-- == 0)
        return give_up(m);
    if (!watch->started) {
        watch->started = true;
        watch->address = code->block.address;
        read_state(m, watch->registers);
    } else if (code->block.address == watch->address) {
        uint32_t state[17];
        read_state(m, state);
        if (memcmp(state, watch->registers, sizeof state) != 0)
            return give_up(m);
        if (watch->store_count == 0)
            return true;
        if (watch->full_loop)
            return stores_changed(m) ? give_up(m) : true;
        copy_stores(m);
        watch->full_loop = true;
        watch->blocks_left = VB_WATCH_BLOCKS;
    }
    if (!watch->full_loop && !note_stores(m, code))
        return give_up(m);
    return false;
}
